"""Until when somebody wants a source paused, as they write it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from presswatch.config_values import duration
from presswatch.translatable import Translatable

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
            raise ValueError(
                Translatable(
                    "%(written)s is no time: expected a day like 2026-12-24, "
                    "a time like 2026-12-24T08:00, or 3d",
                    written=written,
                )
            ) from None
    else:
        end = told if told.tzinfo else told.replace(tzinfo=ZoneInfo(zone))
    if end <= now:
        raise ValueError(
            Translatable("%(written)s is over: expected a time that is to come", written=written)
        )
    if end > now + LONGEST:
        latest = f"{now + LONGEST:%Y-%m-%d}"
        raise ValueError(
            Translatable(
                "%(written)s is too far away: a pause lasts three years at most, now until %(latest)s",
                written=written,
                latest=latest,
            )
        )
    return end.astimezone(UTC)
