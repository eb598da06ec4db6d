"""Which publication times are believed: one rule for the reader and for the archive."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from presswatch.model import Moment

# No news site dates a page of its own before the Web.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks of publishers and ours differ; what is dated further ahead of its first sight is not believed.
CLOCK_SKEW = timedelta(minutes=15)
# A page that says no zone, or the wrong one, is up to 26 hours ahead of the instant that it means.
ZONE_SKEW = timedelta(days=2)
# Where so many entries at least, and nearly all of them, are said to be of one minute, the machine that wrote
# the list tells its own time.
_MANY, _NEARLY_ALL, _AT_ONCE = 5, 0.9, timedelta(minutes=1)


def is_possible(stated: datetime, fetched: datetime) -> bool:
    """Whether a page fetched then can state this time, its zone perhaps unknown."""
    return EARLIEST < stated <= fetched + ZONE_SKEW


def believed(published: Moment | None, first_seen: datetime) -> datetime | None:
    """The stated publication if it is believed: not before the Web, not after we saw it; else None."""
    if published is None or not EARLIEST <= published.instant <= first_seen + CLOCK_SKEW:
        return None
    return published.instant


def are_one_time(told: Collection[datetime]) -> bool:
    """Whether a list tells one time for nearly all of its entries: that of its writing, not theirs."""
    times = sorted(told)
    many = int(len(times) * _NEARLY_ALL)
    return len(times) >= _MANY and any(
        last - first <= _AT_ONCE for first, last in zip(times, times[many - 1 :], strict=False)
    )
