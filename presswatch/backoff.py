"""How long to wait before something that failed is tried again: one rule for every retry of presswatch."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with bounds and jitter.

    The delay is `first` after the first failure and `factor` times as long after each further one, up to
    `longest`. It is multiplied by a number between the two of `jitter`, so that what failed together is not
    tried again together.
    """

    first: timedelta
    longest: timedelta
    factor: int = 2
    jitter: tuple[float, float] = (1.0, 1.0)

    def delay(self, failures: int, chance: float = 0.5) -> timedelta:
        """The delay after so many failures in a row (at least 1). `chance`, 0 to 1, chooses the jitter."""
        # Compared as numbers, and the exponent bounded: neither a float nor a timedelta holds any power.
        growth = float(self.factor) ** min(failures - 1, 64)
        full = self.longest if growth >= self.longest / self.first else self.first * growth
        low, high = self.jitter
        return full * (low + (high - low) * chance)

    def delay_by_age(self, failing_for: timedelta) -> timedelta:
        """The delay where failures are not counted: as long as it has been failing, within the bounds.

        Each delay doubles that time, so this grows as `delay` does with the factor 2. It has no jitter.
        """
        return max(self.first, min(failing_for, self.longest))


@dataclass
class Retry:
    """When something that fails is tried again: its failures in a row, and until when it waits."""

    backoff: Backoff
    failures: int = 0
    until: datetime | None = None

    def waits(self, now: datetime) -> bool:
        return self.until is not None and now < self.until

    def failed(self, now: datetime, chance: float) -> None:
        self.failures += 1
        self.until = now + self.backoff.delay(self.failures, chance)

    def worked(self) -> None:
        self.failures, self.until = 0, None
