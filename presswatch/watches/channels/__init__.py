"""The notification channels that a configuration can choose: a new one is a field of `MailConfig`."""

from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from presswatch.config_parts import Part
from presswatch.config_values import MailAddress, Text
from presswatch.watches.channels.folder import FolderChannel
from presswatch.watches.channels.smtp import SmtpConfig


class Channel(Protocol):
    """Delivers one mail to one recipient. Called by `presswatch.watches.outbox.send_step` alone."""

    def send(self, message: EmailMessage, recipient: str) -> str:
        """Deliver; returns the path of the file that was written, "" when a server took it.

        May be called again with the same message after a crash. Raises DeliveryError when it was not
        accepted: `permanent` when trying again is useless, `channel` when the channel itself is at fault and
        the other mails have to wait too.
        """

    def probe(self) -> str:
        """What the channel is, for people. Called by `presswatch check`. Raises DeliveryError if unusable."""


class ChannelConfig(Protocol):
    """The configuration of one channel: a `Part` that can open it."""

    def open(self, sender: str, data: Path) -> Channel:
        """The channel, nothing connected yet. `sender` is a mail address, `data` the data folder."""


class MailConfig(Part):
    """The section `mail` of presswatch.yaml. The first channel that is given is used, else the folder."""

    sender: MailAddress = "presswatch@localhost"
    folder: Text = "mail"
    smtp: SmtpConfig | None = None


_CHANNELS = tuple(name for name in MailConfig.model_fields if name not in ("sender", "folder"))


def channel_for(config: MailConfig, data: Path) -> Channel:
    """The channel that the configuration names; `data` is the data folder."""
    for name in _CHANNELS:
        chosen: ChannelConfig | None = getattr(config, name)
        if chosen is not None:
            return chosen.open(config.sender, data)
    return FolderChannel(data / config.folder)
