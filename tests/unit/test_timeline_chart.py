"""The timeline as a chart: where its bars stand, and what time each narrows to."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from presswatch.query import parse, resolve
from presswatch.query.filters import Filters
from presswatch.query.tree import And, Range
from presswatch.search.timeline import Bar, Timeline, Unit, edges
from presswatch.watches.wording import Wording
from presswatch.web.search import timeline_chart
from presswatch.web.search.timeline_chart import HEIGHT, WIDTH, columns, span

ENGLISH = Wording("en", is_html=True)
DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize(
    ("unit", "first", "last"),
    [
        # Both changes of the clocks of Berlin and of New York.
        (Unit.HOUR, datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)),
        (Unit.HOUR, datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)),
        (Unit.HOUR, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, 9, tzinfo=UTC)),
        (Unit.DAY, datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)),
        (Unit.WEEK, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)),
        (Unit.MONTH, datetime(2025, 1, 31, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)),
        (Unit.YEAR, datetime(1999, 1, 31, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)),
    ],
)
def test_a_bar_narrows_to_its_own_time_and_no_other(
    unit: Unit, first: datetime, last: datetime, zone: str
) -> None:
    starts = edges(first, last, unit, zone)
    for start, end in pairwise(starts):
        asked = Filters(*span(start, unit, zone)).narrow(parse("ferry"))
        tree = resolve(asked.tree, last, zone)
        assert isinstance(tree, And)
        [found] = [part for part in tree.children if isinstance(part, Range)]
        assert (found.low, found.high) == (start, end)


def test_the_highest_bar_is_as_high_as_the_chart_and_the_lowest_is_seen() -> None:
    starts = edges(DAY, DAY.replace(day=24), Unit.DAY, "UTC")
    bars = tuple(Bar(start, count) for start, count in zip(starts, (1, 0, 5000, 2500), strict=False))
    drawn = columns(Timeline(Unit.DAY, bars), "UTC", ENGLISH)
    assert [one.height for one in drawn] == [timeline_chart._LOWEST, 0, HEIGHT, HEIGHT / 2]
    assert all(one.x >= 0 and one.x + one.width <= WIDTH for one in drawn)
    assert all(first.x + first.width < second.x for first, second in pairwise(drawn))
    assert drawn[0].name == "Fri, 20 Nov 2026"


def test_nothing_has_no_bars() -> None:
    assert columns(Timeline(Unit.HOUR, ()), "UTC", ENGLISH) == []
