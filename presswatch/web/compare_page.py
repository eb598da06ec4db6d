"""Compare: up to five searches or watches on one timeline, and their share of voice."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from presswatch.errors import QueryError, UnavailableError
from presswatch.languages import country_name
from presswatch.outlet_facts import CHOSEN_FACTS
from presswatch.query.filters import Filters
from presswatch.search.outlet_facets import outlet_facets, reach_of
from presswatch.search.timeline import Timeline, Unit, edges, unit_for
from presswatch.web.asking import Asked
from presswatch.web.outlet_words import kind_name
from presswatch.web.page import index_is_away
from presswatch.web.search.search_address import SearchAddress

MOST = 5
# What is counted of each, and how many of the commonest are told.
_COUNTED = ("source", "language")
_TOP = 6
RANGES = {"7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90)}
# The chart's own units.
WIDTH, HEIGHT = 600, 160


@dataclass(frozen=True, slots=True)
class Compared:
    """A search beside others: what it counts in all, in each bar, and by what of its outlets; their reach."""

    name: str
    query: str
    total: int
    by_bar: tuple[int, ...]
    sources: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    countries: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    reach: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """A query that cannot be understood, and why."""

    query: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A search as a line of the chart: its points as SVG takes them, and its share of all that was found."""

    compared: Compared
    points: str
    share: float


def compare(asked: Asked) -> Response:
    """The searches of the parameters `q` and the watches of the parameters `watch`, over the time `range`."""
    given = asked.request.query_params
    typed = [one.strip() for one in given.getlist("q") if one.strip()]
    chosen = [one for id_ in given.getlist("watch") if (one := asked.config.watch(id_))]
    queries = [(one.name, one.query) for one in chosen] + [(one, one) for one in typed]
    span = given.get("range", "30d")
    span = span if span in RANGES else "30d"
    now = asked.service.now()
    try:
        found, wrong = _ask(asked, queries[:MOST], now - RANGES[span], now)
    except UnavailableError:
        return asked.message(503, index_is_away(asked.words))
    starts = _starts([one[2] for one in found], asked.config.time_zone)
    compared = [_compared(*one, starts) for one in found]
    return asked.page(
        "compare",
        lines=lines(compared),
        starts=starts[:-1],
        wrong=wrong,
        typed=typed,
        chosen={one.id for one in chosen},
        watches=asked.config.watches,
        span=span,
        ranges=list(RANGES),
        room=max(1, min(2, MOST - len(queries))) if len(queries) < MOST else 0,
        left_out=len(queries[MOST:]),
        names={source.id: source.name for source in asked.config.sources},
        countries=_names(compared, "countries", lambda one: country_name(one, asked.words.language)),
        kinds=_names(compared, "kinds", lambda one: kind_name(one, asked.words)),
        zone=asked.config.time_zone,
        size=(WIDTH, HEIGHT),
    )


def _names(compared: Sequence[Compared], part: str, name: Callable[[str], str]) -> dict[str, str]:
    """What the values of a part are called."""
    return {value: name(value) for one in compared for value, _articles in getattr(one, part)}


Counts = Mapping[str, Sequence[tuple[str, int]]]
Found = tuple[str, str, Timeline, Counts, int]


def _ask(
    asked: Asked, queries: Sequence[tuple[str, str]], since: datetime, until: datetime
) -> tuple[list[Found], list[Wrong]]:
    found, wrong = [], []
    for name, query in queries:
        try:
            found.append((name, query, *_counted(asked, query, Filters(_date(since), _date(until)))))
        except QueryError as error:
            wrong.append(Wrong(query, error.said))
    return found, wrong


def _date(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _counted(asked: Asked, query: str, within: Filters) -> tuple[Timeline, Counts, int]:
    index, config = asked.service.index, asked.config
    tree = SearchAddress(query, within).tree(config, asked.service.archive, asked.service.now())
    commonest = index.facets(tree, _TOP, _COUNTED) | outlet_facets(index, tree, config.outlets, _TOP)
    told = {
        name: [(one.value, one.articles) for one in commonest.get(name, ())]
        for name in (*_COUNTED, *CHOSEN_FACTS)
    }
    return index.timeline(tree, config.time_zone), told, reach_of(index, tree, config.outlets)


def _starts(timelines: Sequence[Timeline], zone: str) -> list[datetime]:
    """The beginnings of bars that all of these fit into, and the end of the last; none when all are empty."""
    bars = [bar.start for timeline in timelines for bar in timeline.bars]
    if not bars:
        return []
    first, last = min(bars), max(bars)
    units = [unit_for(first, last), *(one.unit for one in timelines if one.bars)]
    return edges(first, last, max(units, key=list(Unit).index), zone)


def _compared(
    name: str, query: str, timeline: Timeline, facets: Counts, reach: int, starts: Sequence[datetime]
) -> Compared:
    by_bar = [0] * max(0, len(starts) - 1)
    for bar in timeline.bars:
        by_bar[bisect_right(starts, bar.start) - 1] += bar.articles
    total = sum(bar.articles for bar in timeline.bars)
    return Compared(
        name,
        query,
        total,
        tuple(by_bar),
        tuple(facets["source"]),
        tuple(facets["language"]),
        tuple(facets["country"]),
        tuple(facets["kind"]),
        reach,
    )


def lines(compared: Sequence[Compared]) -> list[Line]:
    """The searches as lines of one chart: the highest bar of all reaches its top."""
    most = max((count for one in compared for count in one.by_bar), default=0) or 1
    in_all = sum(one.total for one in compared) or 1
    return [Line(one, _points(one.by_bar, most), one.total / in_all) for one in compared]


def _points(by_bar: Sequence[int], most: int) -> str:
    step = WIDTH / max(1, len(by_bar) - 1)
    # A single bar is a line, too.
    counts = [*by_bar, *by_bar] if len(by_bar) == 1 else by_bar
    return " ".join(
        f"{place * step:.1f},{HEIGHT - 4 - (HEIGHT - 8) * count / most:.1f}"
        for place, count in enumerate(counts)
    )
