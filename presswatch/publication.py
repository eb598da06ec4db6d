"""Which publication times are believed: one rule for the reader and for the archive."""

from datetime import UTC, datetime, timedelta

from presswatch.model import Moment

# No news site dates a page of its own before the Web.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks of publishers and ours differ; what is dated further ahead of its first sight is not believed.
CLOCK_SKEW = timedelta(minutes=15)
# A page that says no zone, or the wrong one, is up to 26 hours ahead of the instant that it means.
ZONE_SKEW = timedelta(days=2)


def is_possible(stated: datetime, fetched: datetime) -> bool:
    """Whether a page fetched then can state this time, its zone perhaps unknown."""
    return EARLIEST < stated <= fetched + ZONE_SKEW


def believed(published: Moment | None, first_seen: datetime) -> datetime | None:
    """The stated publication if it is believed: not before the Web, not after we saw it; else None."""
    if published is None or not EARLIEST <= published.instant <= first_seen + CLOCK_SKEW:
        return None
    return published.instant
