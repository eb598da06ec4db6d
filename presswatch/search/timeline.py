"""Articles over time: how long a bar is and where each begins, the same for every engine."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)


class Unit(StrEnum):
    """What one bar stands for, by the calendar of the asker's zone; a week begins on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


# The longest time that is shown in bars of a unit: never more than about a hundred of them.
_LONGEST = (
    (Unit.HOUR, timedelta(days=3)),
    (Unit.DAY, timedelta(days=93)),
    (Unit.WEEK, timedelta(days=730)),
    (Unit.MONTH, timedelta(days=3650)),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many articles have their `time` from `start` (UTC) until the next bar's."""

    start: datetime
    articles: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every bar from the first article's to the last one's, empty ones too; none when nothing matches."""

    unit: Unit
    bars: tuple[Bar, ...]


def unit_for(first: datetime, last: datetime) -> Unit:
    """The shortest unit that shows the time between the two in the width of a chart."""
    return next((unit for unit, longest in _LONGEST if last - first <= longest), Unit.YEAR)


def edges(first: datetime, last: datetime, unit: Unit, zone: str) -> list[datetime]:
    """The beginnings (UTC) of the bars that hold the two and all between, and the end of the last one."""
    if unit is Unit.HOUR:
        # Elapsed hours, as a day has 23 or 25 of them when the clocks change.
        local = first.astimezone(ZoneInfo(zone))
        begun = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        starts = [first.astimezone(UTC) - begun]
        while starts[-1] <= last:
            starts.append(starts[-1] + _HOUR)
        return starts
    day = _floor(first.astimezone(ZoneInfo(zone)).replace(tzinfo=None), unit)
    starts = [_in_zone(day, zone)]
    while starts[-1] <= last:
        day = _after(day, unit)
        starts.append(_in_zone(day, zone))
    return starts


def _in_zone(day: datetime, zone: str) -> datetime:
    return day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _floor(local: datetime, unit: Unit) -> datetime:
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    if unit is Unit.MONTH:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit is Unit.YEAR else day


def _after(day: datetime, unit: Unit) -> datetime:
    if unit is Unit.YEAR:
        return day.replace(year=day.year + 1)
    if unit is Unit.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if unit is Unit.WEEK else 1)
