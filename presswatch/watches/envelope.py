"""The mail as it goes out: headers that nothing on a page can bend, and both bodies."""

import re
import unicodedata
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from presswatch.archive.alerts import Mail

# RFC 5322 section 2.1.1 wants lines of 78 characters; a longer subject is cut where people stop reading.
_SUBJECT_LENGTH = 180
_ENCODED_WORD = re.compile(r"=\?")


def envelope(mail: Mail, sender: str) -> EmailMessage:
    """The message of one delivery: the same bytes each time it is made."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = clean(mail.subject)
    message["From"] = Address("presswatch", addr_spec=sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Date"] = format_datetime(mail.closed)
    message["Message-ID"] = mail.message_id
    # RFC 2919, for filters; RFC 3834 and its Microsoft twin keep robots from answering.
    message["List-Id"] = f"<{mail.watch}.presswatch.{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_encodable(mail.text), cte="quoted-printable")
    message.add_alternative(_encodable(mail.html), subtype="html", cte="quoted-printable")
    boundary = mail.message_id.strip("<>").split("@")[0]
    message.set_boundary(f"=_{boundary}")
    return message


def clean(text: str) -> str:
    """A header's value of any text: one line, no control or direction characters, no encoded words."""
    visible = "".join(
        " " if character.isspace() else character
        for character in _encodable(text)
        if character.isspace()
        or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    line = _ENCODED_WORD.sub("= ?", " ".join(visible.split()))
    return line if len(line) <= _SUBJECT_LENGTH else line[: _SUBJECT_LENGTH - 1].rstrip() + "…"


def _encodable(text: str) -> str:
    """Lone surrogates, which no mail can carry, become replacement characters."""
    return text.encode("utf-8", "replace").decode("utf-8") if not _is_encodable(text) else text


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
