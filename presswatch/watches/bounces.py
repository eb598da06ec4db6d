"""Delivery status notifications: what mail servers send back when a mail did not arrive after all (RFC 3464).

What Exim of before 4.85, qmail and gateways write has no part for programs; there the recipient is taken from
`X-Failed-Recipients` or the text, and the Message-ID from the copy of the mail that is in it.
"""

import hashlib
import mailbox
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from presswatch.errors import UsageError
from presswatch.watches.safe_text import single_line, truncate

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# A header of the returned mail, also one that is quoted or folded behind its name.
_MESSAGE_ID = re.compile(r"^[> \t]*Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_SAID_IT_FAILED = re.compile(
    r"could not be delivered|couldn't be delivered|undeliver|delivery (?:has )?failed|failed permanently"
    r"|returned to sender|wasn't able to deliver|permanent error",
    re.IGNORECASE,
)
_REPLY = re.compile(r"\b[45]\d\d[ -]|\b[45]\.\d+\.\d+")
# Where the returned mail begins.
_COPY = re.compile(
    r"^.{0,40}(?:copy of (?:the|your) message|Original message|Message header)", re.IGNORECASE | re.MULTILINE
)
_LONGEST_SAID = 300
# What is looked at of a text without structure: the reason comes first, the mail's headers soon after.
_LOOKED_AT = 256 << 10


@dataclass(frozen=True, slots=True)
class Bounce:
    """That a mail did not reach its recipient, with status and reason in `said`.

    `id` is of the notification: the same when it is read again. `message_ids` are those that the mail may
    have had, the likeliest first.
    """

    id: str
    message_ids: tuple[str, ...]
    said: str


def read_bounces(place: str) -> Iterator[Bounce | None]:
    """What each message tells, None when it tells of no failure: an mbox file, a Maildir, one message.

    `-` is standard input. Raises UsageError when nothing can be read there.
    """
    if place == "-":
        with tempfile.NamedTemporaryFile() as copy:
            while piece := sys.stdin.buffer.read(1 << 20):
                copy.write(piece)
            copy.flush()
            yield from read_bounces(copy.name)
        return
    try:
        for message in _messages(Path(place)):
            yield bounce(message)
    except OSError as error:
        raise UsageError(f"{place}: cannot be read: {error.strerror or error}") from error


def bounce(raw: bytes) -> Bounce | None:
    """What one message tells, however broken its form is; None: of no failure."""
    message = message_from_bytes(raw)
    id_ = hashlib.sha256(raw.replace(b"\r\n", b"\n").strip()).hexdigest()[:32]
    reports = [part for part in message.walk() if _type(part) in _REPORTS]
    if reports:
        said = _failure(reports)
    else:
        said = _failure_in_words(message, raw[:_LOOKED_AT].decode(errors="replace"))
    if not said:
        return None
    return Bounce(id_, tuple(dict.fromkeys(_message_ids(message, raw))), said)


_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")


def _messages(path: Path) -> Iterator[bytes]:
    if path.is_dir():
        if not (path / "cur").is_dir() or not (path / "new").is_dir():
            raise UsageError(
                f"{path}: is no Maildir, as it has no folders cur and new; name a file or a Maildir"
            )
        for folder in ("new", "cur"):
            for file in sorted((path / folder).iterdir()):
                if not file.name.startswith("."):
                    yield file.read_bytes()
        return
    with path.open("rb") as opened:
        first = opened.read(5)
    if first != b"From ":
        if first:
            yield path.read_bytes()
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key)
    finally:
        box.close()


def _type(part: "Message[Any, Any]") -> str:
    return part.get_content_type()


def _failure(reports: "list[Message[Any, Any]]") -> str:
    """Status and reason of the first recipient who was not reached; "" when all were, or still may be."""
    for report in reports:
        for fields in _blocks(report):
            action = _field(fields, "Action").lower()
            status = _field(fields, "Status")
            if action == "failed" or (not action and status.startswith("5")):
                whom = _address(_field(fields, "Original-Recipient") or _field(fields, "Final-Recipient"))
                why = _field(fields, "Diagnostic-Code").partition(";")[2] or _field(fields, "Diagnostic-Code")
                known = _STATUS.search(status)
                return _said(known[1] if known else "", whom, why)
    return ""


def _blocks(report: "Message[Any, Any]") -> "list[Message[Any, Any]]":
    """The groups of fields, the first of which is of the notification itself."""
    payload = report.get_payload()
    if isinstance(payload, list) and len(payload) > 1:
        return [one for one in payload if isinstance(one, Message)]
    # Encoded as base64, or with blank lines gone astray: the parser has left it as text.
    body = report.get_payload(decode=True)
    if not isinstance(body, bytes) or not body:
        inner = payload[0] if isinstance(payload, list) and payload else None
        body = inner.as_bytes() if isinstance(inner, Message) else b""
        if isinstance(inner, Message) and report.get("Content-Transfer-Encoding", "").lower() == "base64":
            from binascii import Error, a2b_base64

            try:
                body = a2b_base64(str(inner.get_payload()).encode())
            except Error:
                body = b""
    pieces = re.split(rb"\r?\n[ \t]*\r?\n", body.strip())
    return [message_from_bytes(piece.strip() + b"\n\n") for piece in pieces]


def _failure_in_words(message: "Message[Any, Any]", text: str) -> str:
    """The same where there is no part for programs; "" where nothing says that something failed."""
    failed = str(message.get("X-Failed-Recipients", ""))
    returned = str(message.get("Return-Path", "")).strip() == "<>" or _is_daemon(message)
    if not failed and not (returned and _SAID_IT_FAILED.search(text)):
        return ""
    body = text.partition("\n\n")[2] or text.partition("\r\n\r\n")[2]
    before = _COPY.split(body, maxsplit=1)[0]
    status = _STATUS.search(before)
    line = next(filter(_REPLY.search, before.splitlines()), "")
    return _said(status[1] if status else "", failed, line)


def _is_daemon(message: "Message[Any, Any]") -> bool:
    return bool(re.search(r"mailer-daemon|postmaster", str(message.get("From", "")), re.IGNORECASE))


def _message_ids(message: "Message[Any, Any]", raw: bytes) -> list[str]:
    """The Message-IDs that the mail may have had: of what came back of it, then of what is answered."""
    found: list[str] = []
    for part in message.walk():
        if part is message:
            continue
        if part.get("Original-Message-ID"):
            found.append(_field(part, "Original-Message-ID"))
        if _type(part) in _RETURNED:
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else None
            if isinstance(inner, Message):
                found.append(_field(inner, "Message-ID"))
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                found += _MESSAGE_ID.findall(body.decode(errors="replace"))
    found.append(_field(message, "Original-Message-ID"))
    _head, _blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    found += _MESSAGE_ID.findall(body[:_LOOKED_AT].decode(errors="replace"))
    found += re.findall(r"<[^<>\s]+>", _field(message, "In-Reply-To"))
    return [one.strip() for one in found if one.strip()]


def _field(fields: "Message[Any, Any]", name: str) -> str:
    return single_line(str(fields.get(name, "")))


def _address(field: str) -> str:
    """`rfc822; someone@example.org` and what some write instead."""
    return field.rpartition(";")[2].strip(" <>")


def _said(status: str, whom: str, why: str) -> str:
    pieces = [piece for piece in (status, single_line(whom), single_line(why)) if piece]
    return truncate(f"came back: {' '.join(pieces)}".rstrip(": "), _LONGEST_SAID)
