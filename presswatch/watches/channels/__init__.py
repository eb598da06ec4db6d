"""The ways a mail can leave."""

from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from presswatch.config import Config


class Channel(Protocol):
    """Takes one mail to one recipient; called by the send step alone."""

    def send(self, message: EmailMessage, recipient: str) -> str:
        """Where the mail was written, "" when it was handed to a server.

        Raises DeliveryError when it was not accepted; see there for whose fault it is.
        """

    def probe(self) -> str:
        """What the channel is, for people, after trying that it can be used; raises DeliveryError."""


def channel_for(config: Config, data: Path) -> Channel:
    """The channel that the configuration names: an SMTP server, else a folder."""
    if config.mail.smtp is not None:
        from presswatch.watches.channels.smtp import SmtpChannel

        return SmtpChannel(config.mail.smtp, config.mail.sender)
    from presswatch.watches.channels.folder import FolderChannel

    return FolderChannel(data / config.mail.folder)
