"""When something recurs: intervals and cron expressions, as pure functions of an instant.

Cron is cron(8)'s: 0 and 7 are Sunday, names are understood, and when both a day of the month and a day of the
week are given, either suffices. From Quartz it has `L` as the last day of the month, `friL` as the last
Friday, `mon#1` as the first Monday, and ranges that go on at the beginning: `22-2`, `fri-mon`. It is said in
the wall clock of a time zone. A time that the change to summer time leaves out fires once, as much later as
the clock jumps (RFC 5545 3.3.5: 02:30 becomes 03:30). A time that the change back repeats fires once, at its
first; but where the hour is `*` or `*/n`, it fires in each of the two hours.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from presswatch.translatable import Translatable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# fmt: off
_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
           "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}
_WEEKDAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
# fmt: on
_ITEM = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?")
# A weekday that is counted in its month: mon#1, 5L.
_COUNTED = re.compile(r"(\w+?)(?:#([1-5])|[lL])")
# 29 February on a given weekday comes once in 28 years, across 2100 in 40.
_HORIZON_DAYS = 366 * 41


@dataclass(frozen=True, slots=True)
class Interval:
    """Every `every`, counted from the epoch and `phase`, so that a restart shifts nothing."""

    every: timedelta
    phase: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of the wall clock to another, in the night or by day; the end is no longer quiet."""

    start: time
    end: time

    def has(self, wall: time) -> bool:
        """Whether this time of the wall clock is within them."""
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


@dataclass(frozen=True, slots=True)
class CronTimes:
    """A cron expression in a zone. Sunday is 0. `either_day`: a day of the month or of the week suffices."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    every_hour: bool
    zone: str = "UTC"
    # The last day of the month; weekdays that are counted in it, the first as 1, the last as -1.
    last_day: bool = False
    counted_weekdays: frozenset[tuple[int, int]] = frozenset()


Timing = Interval | CronTimes


def interval(every: timedelta, key: str) -> Interval:
    """An interval with a phase of its own for each key, so that sources do not all begin at once."""
    spread = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
    return Interval(every, timedelta(microseconds=spread % (every // timedelta(microseconds=1))))


# The fields of a cron expression, as faults name them.
_FIELDS = {
    "minute": Translatable("minute"),
    "hour": Translatable("hour"),
    "day": Translatable("day"),
    "month": Translatable("month"),
    "weekday": Translatable("weekday"),
}


# Asked for each of thousands of watches at every tick.
@lru_cache(256)
def parse_cron(text: str, zone: str = "UTC") -> CronTimes:
    """The times of a cron expression of five fields or an alias like `@daily`. Raises ValueError."""
    fields = _ALIASES.get(text.strip().lower(), text).split()
    if len(fields) != 5:
        raise ValueError(
            Translatable(
                "expected five fields, minute hour day month weekday, like `0 8 * * 1-5`, "
                "or @hourly or @daily"
            )
        )
    minute, hour, day, month, weekday = fields
    days = [item for item in day.split(",") if item.upper() != "L"]
    weekdays = [item for item in weekday.split(",") if not _COUNTED.fullmatch(item)]
    counted = [_COUNTED.fullmatch(item) for item in weekday.split(",")]
    times = CronTimes(
        minutes=tuple(sorted(_values(minute, "minute", 0, 59, {}))),
        hours=tuple(sorted(_values(hour, "hour", 0, 23, {}))),
        days=frozenset(_several(days, "day", 1, 31, {})),
        months=frozenset(_values(month, "month", 1, 12, _MONTHS)),
        weekdays=frozenset(_several(weekdays, "weekday", 0, 7, _WEEKDAYS)),
        either_day=not day.startswith("*") and not weekday.startswith("*"),
        every_hour=hour.startswith("*"),
        zone=zone,
        last_day="L" in day.upper().split(","),
        counted_weekdays=frozenset(_counted(item) for item in counted if item),
    )
    is_some_day = times.either_day or times.last_day
    if not is_some_day and min(times.days) > max(_longest(month) for month in times.months):
        said = Translatable(
            "there is no day %(day)s in that month, so it would never fire", day=min(times.days)
        )
        raise ValueError(said)
    return times


def next_slot(timing: Timing, after: datetime) -> datetime:
    """The first slot after this instant, in UTC."""
    if isinstance(timing, Interval):
        done = (after - _EPOCH - timing.phase) // timing.every
        return _EPOCH + timing.phase + (done + 1) * timing.every
    day = after.astimezone(ZoneInfo(timing.zone)).date() - timedelta(days=1)
    for _ in range(_HORIZON_DAYS):
        for slot in _slots_of(timing, day):
            if slot > after:
                return slot
        day += timedelta(days=1)
    raise ValueError("this cron expression never fires")


def latest_slot(timing: Timing, now: datetime) -> datetime:
    """The last slot that is not after this instant, in UTC."""
    if isinstance(timing, Interval):
        done = (now - _EPOCH - timing.phase) // timing.every
        return _EPOCH + timing.phase + done * timing.every
    return _latest_of(timing, now)


# Thousands of watches whose mails are due at eight ask the same at each tick.
@lru_cache(64)
def _latest_of(timing: CronTimes, now: datetime) -> datetime:
    day = now.astimezone(ZoneInfo(timing.zone)).date() + timedelta(days=1)
    for _ in range(_HORIZON_DAYS):
        past = [slot for slot in _slots_of(timing, day) if slot <= now]
        if past:
            return max(past)
        day -= timedelta(days=1)
    raise ValueError("this cron expression never fires")


# A schedule is asked again at every tick of the daemon, and asks for the days around.
@lru_cache(64)
def _slots_of(times: CronTimes, day: date) -> tuple[datetime, ...]:
    """The slots of one day of the wall clock, ascending, in UTC."""
    if not _fires_on(times, day):
        return ()
    zone = ZoneInfo(times.zone)
    slots = set()
    for hour in times.hours:
        for minute in times.minutes:
            wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
            slots.add(wall.astimezone(UTC))
            # A time that is left out has two readings as well: the second lies before the change.
            if times.every_hour and _exists(wall):
                slots.add(wall.replace(fold=1).astimezone(UTC))
    return tuple(sorted(slots))


def _exists(wall: datetime) -> bool:
    back = wall.astimezone(UTC).astimezone(wall.tzinfo)
    return back.replace(tzinfo=None) == wall.replace(tzinfo=None)


def _fires_on(times: CronTimes, day: date) -> bool:
    if day.month not in times.months:
        return False
    is_last = (day + timedelta(days=1)).month != day.month
    by_day = day.day in times.days or (times.last_day and is_last)
    weekday = day.isoweekday() % 7
    in_month = {(day.day + 6) // 7} | ({-1} if (day + timedelta(days=7)).month != day.month else set())
    by_weekday = weekday in times.weekdays or any(
        (weekday, count) in times.counted_weekdays for count in in_month
    )
    return by_day or by_weekday if times.either_day else by_day and by_weekday


def _longest(month: int) -> int:
    return 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31


def _values(field: str, name: str, low: int, high: int, names: dict[str, int]) -> Iterator[int]:
    return _several(field.split(","), name, low, high, names)


def _several(items: list[str], name: str, low: int, high: int, names: dict[str, int]) -> Iterator[int]:
    for item in items:
        found = _ITEM.fullmatch(item)
        if found is None:
            raise ValueError(
                Translatable(
                    "%(item)s is no %(field)s; expected a number, *, a range 1-5 or a step */15",
                    item=repr(item),
                    field=_FIELDS[name],
                )
            )
        anything, first, last, step = found.groups()
        start = low if anything else _number(first, name, low, high, names)
        # A lone number with a step, 5/10, counts on to the end, as cron(8) has it.
        end = high if anything or (step and not last) else start
        end = _number(last, name, low, high, names) if last else end
        if step == "0":
            raise ValueError(Translatable("%(item)s has a step of 0", item=repr(item)))
        span = 7 if names is _WEEKDAYS else high - low + 1
        last_of_range = end if end >= start else end + span
        yield from ((value - low) % span + low for value in range(start, last_of_range + 1, int(step or 1)))


def _counted(item: re.Match[str]) -> tuple[int, int]:
    """Of `1#2` the second Monday, of `friL` the last Friday."""
    name, count = item.groups()
    return _number(name, "weekday", 0, 7, _WEEKDAYS) % 7, int(count or -1)


def _number(text: str, name: str, low: int, high: int, names: dict[str, int]) -> int:
    value = names.get(text.lower(), int(text) if text.isascii() and text.isdigit() else -1)
    if not low <= value <= high:
        raise ValueError(
            Translatable(
                "%(item)s is no %(field)s; expected %(low)s to %(high)s",
                item=repr(text),
                field=_FIELDS[name],
                low=low,
                high=high,
            )
        )
    return value
