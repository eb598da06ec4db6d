"""Until when somebody wants a source paused, as they write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from presswatch.config_values import duration

LONGEST = timedelta(days=366 * 3)


def pause_end(written: str, zone: str, now: datetime) -> datetime:
    """`2026-12-24` (its beginning), `2026-12-24T08:00` in this zone, or `3d` from now, in UTC.

    Raises ValueError for what is neither, or not in the next three years.
    """
    try:
        told = datetime.fromisoformat(written.strip())
    except ValueError:
        try:
            end = now + duration(written)
        except ValueError:
            raise ValueError("expected a day like 2026-12-24, a time like 2026-12-24T08:00, or 3d") from None
    else:
        end = told if told.tzinfo else told.replace(tzinfo=ZoneInfo(zone))
    if not now < end <= now + LONGEST:
        raise ValueError("expected a time that is to come, within three years")
    return end.astimezone(UTC)
