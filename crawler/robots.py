"""robots.txt as RFC 9309 has it: what an answer means, and what it allows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol

from protego import Protego
from scrapy.exceptions import IgnoreRequest

# Section 2.5: at least 500 KiB are parsed.
MAX_SIZE = 500 * 1024
# Section 2.4: not used for longer than a day.
LIFETIME = timedelta(hours=24)
# An unreachable file is asked for again sooner, so that one bad minute does not cost a day.
RETRY = timedelta(minutes=10)
# Section 2.2.1: the product token by which rules name us.
TOKEN = "presswatch"  # noqa: S105  # not a secret


class Refused(IgnoreRequest):
    """robots.txt forbids this page; the message says so for people."""


class Rules(Protocol):
    """What a robots.txt allows, and the sitemaps that it names."""

    @property
    def sitemaps(self) -> Iterator[str]: ...

    def can_fetch(self, url: str, user_agent: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a host's robots.txt. `rules` None: all or nothing, as `reason` (empty: all) says."""

    rules: Rules | None
    reason: str
    until: datetime

    def refusal(self, url: str) -> str:
        """Why this URL may not be fetched; empty when it may."""
        if self.rules is None:
            return self.reason
        return "" if self.rules.can_fetch(url, TOKEN) else "robots.txt disallows it"


def is_answer(status: int) -> bool:
    """Whether a status says something about the rules, and not about a server in trouble.

    429 is no "unavailable" in spirit (section 2.3.1.3): the server asks us to stay away for a while.
    """
    return status != HTTPStatus.TOO_MANY_REQUESTS and status < HTTPStatus.INTERNAL_SERVER_ERROR


def answered(status: int, body: bytes, fetched: datetime) -> Verdict:
    """What an answer to the request for robots.txt means (sections 2.3.1.1 to 2.3.1.4)."""
    if not is_answer(status):
        return unreachable(f"it answered {status}", fetched)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        text = body[:MAX_SIZE].decode("utf-8-sig", "replace")
        return Verdict(Protego.parse(text), "", fetched + LIFETIME)
    return Verdict(None, "", fetched + LIFETIME)


def unreachable(why: str, now: datetime) -> Verdict:
    """No answer at all, or a server's error: everything is disallowed (section 2.3.1.4)."""
    return Verdict(None, f"robots.txt could not be read ({why}), so nothing may be fetched", now + RETRY)
