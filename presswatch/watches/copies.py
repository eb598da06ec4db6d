"""What each recipient is sent of one mail: its words are written once for all who read the same."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from presswatch.archive.alerts import Body, Copy
from presswatch.config import Recipient
from presswatch.watches.audience import Audience
from presswatch.watches.mail_address import domain


class Reader(NamedTuple):
    """A recipient, how it reads, and why its copy is never sent, "" if it is."""

    recipient: Recipient | str
    audience: Audience
    withheld: str = ""


def written_copies(
    readers: Iterable[Reader], write: Callable[[Audience], Body], watch_id: str, end: datetime, sender: str
) -> list[Copy]:
    """A copy for each reader of the mail of a watch's window that ends then (UTC), in their order."""
    bodies: dict[Audience, Body] = {}
    copies = []
    for recipient, audience, withheld in readers:
        if audience not in bodies:
            bodies[audience] = write(audience)
        format_ = "html" if isinstance(recipient, str) else recipient.format or "html"
        known = message_id(watch_id, end, str(recipient), sender)
        copies.append(Copy(str(recipient), known, bodies[audience], format_, withheld))
    return copies


def message_id(watch_id: str, end: datetime, recipient: str, sender: str) -> str:
    """The Message-ID of a window's mail to one recipient: the same whenever it is computed."""
    key = "\x1f".join((watch_id, end.isoformat(), recipient))
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain(sender)}>"
