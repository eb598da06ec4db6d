"""Mails written to a folder as .eml files."""

import os
import re
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from presswatch.errors import DeliveryError
from presswatch.files import make_private_folder, why, write_atomically
from presswatch.watches.channels.message import message_of
from presswatch.watches.mail_address import name_and_address
from presswatch.watches.notification import Notification


class FolderChannel:
    """One file a mail, named by its time, watch and recipient; a mail that is sent again is the same file."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, notification: Notification) -> str:
        message = message_of(notification, self._sender)
        path = self._folder / _name(message, name_and_address(notification.mail.recipient)[1])
        try:
            write_atomically(path, message.as_bytes(), private=True)
        except OSError as error:
            raise DeliveryError(f"{path}: cannot be written: {why(error)}", channel=True) from error
        return str(path)

    def probe(self) -> str:
        try:
            make_private_folder(self._folder)
        except OSError as error:
            raise DeliveryError(f"{self._folder}: cannot be made: {why(error)}", channel=True) from error
        if not os.access(self._folder, os.W_OK):
            raise DeliveryError(f"{self._folder}: cannot be written to", channel=True)
        return f"mails are written to {self._folder}"

    def close(self) -> None:
        """Nothing is kept."""


def _name(message: EmailMessage, recipient: str) -> str:
    written = parsedate_to_datetime(message["Date"])
    watch = str(message["List-Id"]).strip("<>").partition(".")[0]
    known = str(message["Message-ID"]).strip("<>")[:8]
    whom = recipient.partition("@")[0]
    return re.sub(r"[^\w.-]", "_", f"{written:%Y-%m-%d-%H%M%S}-{watch}-{whom[:40]}-{known}.eml")
