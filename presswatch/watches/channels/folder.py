"""Mails written to a folder as .eml files."""

import os
import re
from email.message import EmailMessage
from pathlib import Path

from presswatch.errors import DeliveryError


class FolderChannel:
    """One file a mail, named after its Message-ID, so that a mail written twice is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage, recipient: str) -> str:
        name = re.sub(r"[^A-Za-z0-9.@-]", "", str(message["Message-ID"]).split("@")[0])
        watch = re.sub(r"[^a-z0-9-]", "", str(message["List-Id"]).partition("<")[2].split(".")[0])
        path = self._folder / f"{watch}-{recipient.split('@')[0]}-{name[:12]}.eml".replace("/", "")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".part")
            with partial.open("wb") as file:
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            raise DeliveryError(f"{path}: cannot be written: {error.strerror}", channel=True) from error
        return str(path)

    def probe(self) -> str:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeliveryError(f"{self._folder}: cannot be made: {error.strerror}", channel=True) from error
        if not os.access(self._folder, os.W_OK):
            raise DeliveryError(f"{self._folder}: cannot be written to", channel=True)
        return f"mails are written to {self._folder}"
