"""Cron expressions as cronsim, an implementation of Debian's cron by others, understands them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch.schedule import next_slot, parse_cron

BERLIN = ZoneInfo("Europe/Berlin")
STARTS = st.datetimes(datetime(2001, 1, 1), datetime(2060, 1, 1))  # noqa: DTZ001  # each test adds its zone


def field(low: int, high: int, *names: str) -> st.SearchStrategy[str]:
    """A field of a cron expression: stars, steps, ranges and lists of numbers or names."""
    value = st.integers(low, high).map(str)
    # Two ends that differ: cronsim takes 3-3/2 for 3/2, which counts on to the end.
    span = st.lists(st.integers(low, high), min_size=2, max_size=2, unique=True).map(sorted)
    ranges = span.map(lambda ends: f"{ends[0]}-{ends[1]}")
    steps = st.integers(1, high).map(str)
    item = st.one_of(value, ranges, st.tuples(ranges, steps).map("/".join), *map(st.just, names))
    lists = st.lists(item, min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), steps.map("*/{}".format), lists)


CRONS = st.tuples(
    field(0, 59),
    field(0, 23),
    # 29 at most, so that each expression fires.
    field(1, 29),
    field(1, 12, "jan", "dec"),
    field(0, 7, "sun", "mon-fri"),
).map(" ".join)


def ours(cron: str, start: datetime, count: int) -> list[datetime]:
    times, now, found = parse_cron(cron, str(start.tzinfo)), start.astimezone(UTC), []
    for _ in range(count):
        now = next_slot(times, now)
        found.append(now)
    return found


def theirs(cron: str, start: datetime, count: int) -> list[datetime]:
    simulation = CronSim(cron, start)
    return [next(simulation).astimezone(UTC) for _ in range(count)]


def changes_the_clock(slot: datetime) -> bool:
    day = slot.astimezone(BERLIN).replace(hour=0, minute=0)
    return day.utcoffset() != (day + timedelta(days=1)).utcoffset()


@settings(max_examples=300, deadline=None)
@given(CRONS, STARTS)
def test_a_second_implementation_finds_the_same_slots(cron: str, start: datetime) -> None:
    start = start.replace(second=0, microsecond=0, tzinfo=UTC)
    assert ours(cron, start, 5) == theirs(cron, start, 5)


@settings(max_examples=100, deadline=None)
@given(CRONS, STARTS)
def test_it_finds_the_same_in_a_zone_but_on_the_days_of_a_change(cron: str, start: datetime) -> None:
    # cronsim follows Debian's cron there, see the test below; what happens on these days is held by the wall
    # clock of test_schedule.py.
    start = start.replace(second=0, microsecond=0, tzinfo=BERLIN)
    if changes_the_clock(start):
        start += timedelta(days=2)
    found, expected = ours(cron, start, 5), theirs(cron, start, 5)
    changed = [place for place, slot in enumerate(found) if changes_the_clock(slot)]
    comparable = changed[0] if changed else len(found)
    assert found[:comparable] == expected[:comparable]


def test_at_the_spring_change_it_answers_otherwise() -> None:
    # docs/configuration.md: "A time that the change to summer time leaves out comes an hour later", as
    # RFC 5545 3.3.5 has it. cronsim runs what was left out at the moment of the change instead.
    start = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    assert ours("30 2 * * *", start, 1) == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC)]
    assert theirs("30 2 * * *", start, 1) == [datetime(2026, 3, 29, 1, 0, tzinfo=UTC)]
