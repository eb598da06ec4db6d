"""A mail as its reader sees it, for the terminal."""

import textwrap
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

_SHOWN = ("From", "To", "Date", "Subject")


def mail_text(path: Path, width: int = 80) -> str:
    """The headers that a reader sees and the plain text, its lines broken at `width` columns.

    Raises OSError for a file that cannot be read.
    """
    message = _read(path)
    headers = [f"{name}: {message[name]}" for name in _SHOWN]
    body = message.get_body(("plain",))
    text = "" if body is None else body.get_content()
    return "\n".join([*headers, "", *(_wrapped(line, width) for line in text.splitlines())])


def _read(path: Path) -> EmailMessage:
    """The mail in an .eml file. Raises OSError for a file that cannot be read."""
    with path.open("rb") as file:
        # The parser's type names the old message class; the policy decides, and makes the new one.
        message = BytesParser(policy=policy.default).parse(file)
    assert isinstance(message, EmailMessage)
    return message


def _wrapped(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
