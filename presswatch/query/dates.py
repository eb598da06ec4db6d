"""Dates as a query writes them, and what they mean once it is known when and where they are asked.

Date mathematics and units are Elasticsearch's (`now-7d/d`), except that days and longer are counted on the
calendar of the asker's zone, as people count them.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from presswatch.query.normal_form import conjunction, disjunction, of_sources
from presswatch.query.tree import And, Dates, Node, Not, OfOutlets, Or, Range, When

_ABSOLUTE = re.compile(
    r"(?P<y>\d{4})(?:-(?P<M>\d\d)(?:-(?P<d>\d\d)(?:[T ](?P<h>\d\d)(?::(?P<m>\d\d)(?::(?P<s>\d\d))?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_RELATIVE = re.compile(r"now(?P<steps>(?:[+-]\d{1,6}[yMwdhms])*)(?:/(?P<unit>[yMwdhms]))?")
_STEP = re.compile(r"([+-]\d+)([yMwdhms])")
_LAST = re.compile(r"last (?P<amount>\d{1,6}) ?(?P<unit>[A-Za-z]+)")
_UNITS = {
    "y": "y",
    "year": "y",
    "M": "M",
    "month": "M",
    "w": "w",
    "week": "w",
    "d": "d",
    "day": "d",
    "h": "h",
    "hour": "h",
    "m": "m",
    "min": "m",
    "minute": "m",
    "s": "s",
    "second": "s",
}
_EXACT = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1)} | {
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_MAX_YEARS = 200
EXAMPLES = '2026-11-01, 2026-11, 2026-11-01T12:30, now-7d, now/d, today, yesterday, "last 24h"'


def span(text: str) -> tuple[When, When] | None:
    """The first and the last date that `text` stands for, None if it is no date."""
    last = _LAST.fullmatch(text)
    if last:
        unit = _UNITS.get(last["unit"]) or _UNITS.get(last["unit"].lower().removesuffix("s"))
        low = _checked(When(None, "s", ((-int(last["amount"]), unit),))) if unit else None
        return (low, When(None, "s")) if low else None
    when = date(text)
    return (when, when) if when else None


def date(text: str) -> When | None:
    """The date that `text` writes, None if it is none or lies more than 200 years from now."""
    if text in {"today", "yesterday"}:
        return When(None, "d", ((-1, "d"),) if text == "yesterday" else ())
    relative = _RELATIVE.fullmatch(text)
    if relative:
        steps = tuple((int(amount), unit) for amount, unit in _STEP.findall(relative["steps"]))
        return _checked(When(None, relative["unit"] or "s", steps))
    absolute = _ABSOLUTE.fullmatch(text)
    return _absolute(absolute) if absolute else None


def _checked(when: When) -> When | None:
    years = {
        "y": 1.0,
        "M": 1 / 12,
        "w": 1 / 52,
        "d": 1 / 365,
        "h": 1 / 8760,
        "m": 1 / 525_600,
        "s": 1 / 31_536_000,
    }
    return when if sum(abs(amount) * years[unit] for amount, unit in when.steps) <= _MAX_YEARS else None


def _absolute(fields: re.Match[str]) -> When | None:
    given = [unit for unit in "yMdhms" if fields[unit]]
    year, month, day, hour, minute, second = (int(fields[unit] or unit in "Md") for unit in "yMdhms")
    zone = _offset(fields["zone"]) if fields["zone"] else None
    try:
        base = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return When(base, given[-1]) if 1000 <= year <= 3000 else None


def _offset(text: str) -> tzinfo:
    fields = datetime.strptime("+0000" if text == "Z" else text, "%z").tzinfo
    assert fields is not None
    return fields


def resolve(tree: Node, now: datetime, zone: str) -> Node:
    """The tree with every date made an instant, as asked at `now` (aware) in the IANA `zone`.

    Facts of outlets become the sources that have them.

    A search asks with its own time. A watch asks with the article's `first_seen`, so that its answer about
    an article never changes. `zone` must exist; configuration and command line check it.
    """
    if isinstance(tree, And):
        return conjunction(resolve(child, now, zone) for child in tree.children)
    if isinstance(tree, Or):
        return disjunction(resolve(child, now, zone) for child in tree.children)
    if isinstance(tree, Not):
        return Not(resolve(tree.child, now, zone))
    if isinstance(tree, Dates):
        return resolve_dates(tree, now, ZoneInfo(zone))
    return of_sources(tree) if isinstance(tree, OfOutlets) else tree


def resolve_dates(dates: Dates, now: datetime, zone: tzinfo) -> Range:
    """One date range, as instants. An excluded bound excludes the whole day, year… that it stands for."""
    low = _edges(dates.low, now, zone)[0 if dates.include_low else 1] if dates.low else None
    high = _edges(dates.high, now, zone)[1 if dates.include_high else 0] if dates.high else None
    return Range(dates.field, low, high)


def _edges(when: When, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Where the unit that holds `when` begins, and where the next one does."""
    own = (when.base.tzinfo if when.base else None) or zone
    moment = (when.base or now).replace(tzinfo=own) if when.base else now.astimezone(own)
    for amount, unit in when.steps:
        moment = _moved(moment, amount, unit, own)
    begin = _floored(moment, when.unit)
    return begin.astimezone(UTC), _moved(begin, 1, when.unit, own).astimezone(UTC)


def _moved(moment: datetime, amount: int, unit: str, zone: tzinfo) -> datetime:
    """Days and longer move the calendar and keep the clock; hours and shorter are elapsed time."""
    if unit in "hms":
        return (moment.astimezone(UTC) + amount * _EXACT[unit]).astimezone(zone)
    if unit in "wd":
        return moment + amount * _EXACT[unit]
    months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _floored(moment: datetime, unit: str) -> datetime:
    moment = moment.replace(microsecond=0)
    if unit == "s":
        return moment
    if unit == "m":
        return moment.replace(second=0)
    if unit == "h":
        return moment.replace(minute=0, second=0)
    midnight = moment.replace(hour=0, minute=0, second=0, fold=0)
    if unit == "w":
        return midnight - timedelta(days=midnight.weekday())
    return midnight.replace(
        day=1 if unit in "My" else midnight.day, month=1 if unit == "y" else midnight.month
    )
