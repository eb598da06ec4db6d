"""The notification channels that a configuration can choose: a new one is a field of `ChannelConfig`."""

from pathlib import Path
from typing import Protocol

from pydantic import model_validator

from presswatch.config_parts import Part
from presswatch.config_values import MailAddress, MailAddressOrNone, Text
from presswatch.watches.channels.apprise import AppriseConfig
from presswatch.watches.channels.folder import FolderChannel
from presswatch.watches.channels.smtp import SmtpConfig
from presswatch.watches.channels.webhook import WebhookConfig
from presswatch.watches.notification import Notification


class Channel(Protocol):
    """Delivers a notification to its recipient. Called by `presswatch.watches.outbox.send_step` alone."""

    def send(self, notification: Notification) -> str:
        """Deliver; returns the path of the file that was written, "" when a server took it.

        May be called again with the same notification after a crash. Returns within the channel's time limit.
        Raises DeliveryError when it was not accepted: `permanent` when trying again is useless, `channel`
        when the channel itself is at fault and what else leaves by it has to wait too.
        """

    def probe(self) -> str:
        """What the channel is, for people; sends nothing. Called by `presswatch check`.

        Raises DeliveryError if it is unusable.
        """

    def close(self) -> None:
        """Let go of what was kept for further notifications. It may be used again after that."""


class ChannelKind(Protocol):
    """The configuration of one kind of channel: a `Part` that can open it."""

    def open(self, id_: str) -> Channel:
        """The channel, nothing connected yet. `id_` is its id in the configuration."""


class ChannelConfig(Part):
    """One of `channels` in presswatch.yaml, of exactly one kind."""

    webhook: WebhookConfig | None = None
    apprise: AppriseConfig | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "ChannelConfig":
        if len(self._kinds()) != 1:
            raise ValueError(f"expected one of {', '.join(type(self).model_fields)}")
        return self

    def open(self, id_: str) -> Channel:
        """The channel, nothing connected yet. `id_` is its id in the configuration."""
        return self._kinds()[0].open(id_)

    def _kinds(self) -> list[ChannelKind]:
        given = (getattr(self, name) for name in type(self).model_fields)
        return [kind for kind in given if kind is not None]


class MailConfig(Part):
    """The section `mail` of presswatch.yaml. With `smtp` mails go to a server, else to the folder."""

    sender: MailAddress = "presswatch@localhost"
    bounces: MailAddressOrNone = ""
    folder: Text = "mail"
    smtp: SmtpConfig | None = None


def channel_for(config: MailConfig, data: Path) -> Channel:
    """The channel of everybody who is named by an address; `data` is the data folder."""
    if config.smtp is not None:
        return config.smtp.open(config.sender, config.bounces)
    return FolderChannel(data / config.folder, config.sender)
