"""How long a step that fails rests before it is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_FIRST = timedelta(seconds=1)
_LONGEST = timedelta(minutes=1)
# Of a rest, so much more or less, so that what failed together does not come back together.
_JITTER = 0.25


@dataclass(frozen=True, slots=True)
class Rest:
    """After how many failures in a row, and until when."""

    failures: int = 0
    until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.until is None or now >= self.until

    def after_failure(self, now: datetime, chance: float) -> "Rest":
        """Twice as long as the one before, up to a minute. `chance` lies from 0 to 1."""
        longest = min(_FIRST * 2 ** min(self.failures, 20), _LONGEST)
        return Rest(self.failures + 1, now + longest * (1 - _JITTER + 2 * _JITTER * chance))
