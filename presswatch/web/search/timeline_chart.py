"""The timeline of a search as a chart (SVG), each bar a link to what was found in its time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from presswatch import languages
from presswatch.search.timeline import Bar, Timeline, Unit
from presswatch.watches.wording import Wording

# In units of the chart's own.
WIDTH, HEIGHT = 600, 120
_GAP = 0.2
_WIDEST = 60
# A bar of one article beside one of thousands is still seen.
_LOWEST = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A bar with its place in the chart, what it stands for in words, and the dates that a filter takes."""

    x: float
    y: float
    width: float
    height: float
    name: str
    articles: int
    since: str
    until: str


def columns(timeline: Timeline, zone: str, words: Wording) -> list[Column]:
    """The bars from left to right."""
    if not timeline.bars:
        return []
    most = max(bar.articles for bar in timeline.bars)
    each = min(WIDTH / len(timeline.bars), _WIDEST)
    return [
        _column(bar, number * each, each, most, timeline.unit, zone, words)
        for number, bar in enumerate(timeline.bars)
    ]


def _column(bar: Bar, x: float, each: float, most: int, unit: Unit, zone: str, words: Wording) -> Column:
    height = max(HEIGHT * bar.articles / most, _LOWEST) if bar.articles else 0
    since, until = span(bar.start, unit, zone)
    return Column(
        x=round(x + each * _GAP / 2, 2),
        y=round(HEIGHT - height, 2),
        width=round(each * (1 - _GAP), 2),
        height=round(height, 2),
        name=_name(bar.start, unit, zone, words),
        articles=bar.articles,
        since=since,
        until=until,
    )


def span(start: datetime, unit: Unit, zone: str) -> tuple[str, str]:
    """The first and the last date of a bar, as a query writes them."""
    local = start.astimezone(ZoneInfo(zone))
    match unit:
        case Unit.HOUR:
            hour = local.isoformat()[:13] + (local.strftime("%z") if _is_twice(local) else "")
            return hour, hour
        case Unit.WEEK:
            return local.date().isoformat(), (local.date() + timedelta(days=6)).isoformat()
        case _:
            length = {Unit.DAY: 10, Unit.MONTH: 7, Unit.YEAR: 4}[unit]
            date = local.isoformat()[:length]
            return date, date


def _is_twice(local: datetime) -> bool:
    """Whether the clock shows this hour twice, as it is put back."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _name(start: datetime, unit: Unit, zone: str, words: Wording) -> str:
    local = start.astimezone(ZoneInfo(zone))
    match unit:
        case Unit.HOUR:
            return languages.clock(start, words.language, zone)
        case Unit.DAY:
            return languages.day(local.date(), words.language)
        case Unit.WEEK:
            return words.gettext("the week of %(day)s", day=languages.day(local.date(), words.language))
        case Unit.MONTH:
            return languages.month(local.date(), words.language)
        case Unit.YEAR:
            return f"{local.year}"
