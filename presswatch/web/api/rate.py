"""How often each may ask: so many requests in a minute, counted in this process."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIMIT = 600
_WINDOW = timedelta(minutes=1)
# Askers that are remembered; of more of them the oldest windows are forgotten.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a window, and how many seconds until the next; `granted`: this request may pass."""

    granted: bool
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-03 names them, and Retry-After where nothing is left."""
        told = {
            "ratelimit-limit": str(LIMIT),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset),
        }
        return told if self.granted else told | {"retry-after": str(self.reset)}


@dataclass(slots=True)
class Windows:
    """The windows of all askers: when each began, and the requests in it."""

    _begun: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def ask(self, who: str, now: datetime) -> Allowance:
        """Count a request."""
        start, count = self._begun.get(who, (now, 0))
        if not start <= now < start + _WINDOW:
            start, count = now, 0
        if len(self._begun) >= _MOST and who not in self._begun:
            del self._begun[next(iter(self._begun))]
        self._begun[who] = (start, count + 1)
        reset = max(1, -int((now - start - _WINDOW) // timedelta(seconds=1)))
        return Allowance(count < LIMIT, max(0, LIMIT - count - 1), reset)
