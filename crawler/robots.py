"""robots.txt as RFC 9309 has it: what an answer means, and what it allows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from protego import Protego

# Section 2.5: at least 500 KiB are parsed.
MAX_SIZE = 500 * 1024
# Section 2.4: not used for longer than a day.
LIFETIME = timedelta(hours=24)
# An unreachable file is asked for again sooner, so that one bad minute does not cost a day.
RETRY = timedelta(minutes=10)
# Section 2.2.1: the product token by which rules name us.
TOKEN = "presswatch"  # noqa: S105  # not a secret


class Rules(Protocol):
    """What a robots.txt allows."""

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


def answered(status: int, body: bytes, now: datetime) -> Verdict:
    """What an answer to the request for robots.txt means (sections 2.3.1.1 to 2.3.1.4).

    429 is no "unavailable" in spirit: the server asks us to stay away for a while.
    """
    if status == 429 or status >= 500:
        return unreachable(f"it answered {status}", now)
    if 200 <= status < 300:
        text = body[:MAX_SIZE].decode("utf-8-sig", "replace")
        return Verdict(Protego.parse(text), "", now + LIFETIME)
    return Verdict(None, "", now + LIFETIME)


def unreachable(why: str, now: datetime) -> Verdict:
    """No answer at all, or a server's error: everything is disallowed (section 2.3.1.4)."""
    return Verdict(None, f"robots.txt could not be read ({why}), so nothing may be fetched", now + RETRY)
