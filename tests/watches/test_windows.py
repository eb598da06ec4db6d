"""Windows: when they end, across downtime, changes of the clock and both changes of summer time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch.schedule import latest_slot, next_slot, parse_cron
from presswatch.watches.copies import message_id
from presswatch.watches.windows import window_end

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MORNING = parse_cron("0 8 * * *")


def walk(cron: str, zone: str, start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    """The ends of the windows that a daemon closes which looks at every step."""
    timing, closed, ends, now = parse_cron(cron, zone), start, [], start
    while now <= end:
        ended = window_end(timing, closed, now)
        if ended is not None:
            ends.append(ended)
            closed = ended
        now += step
    return ends


def test_without_a_timing_a_window_ends_now() -> None:
    assert window_end(None, NOW - DAY, NOW) == NOW


@pytest.mark.parametrize("ahead", [timedelta(), MINUTE, 365 * DAY])
def test_a_clock_that_was_ahead_does_not_silence_an_instant_watch(ahead: timedelta) -> None:
    ended = window_end(None, NOW + ahead, NOW)
    assert ended is not None
    assert ended > NOW + ahead


def test_a_digest_waits_for_its_slot() -> None:
    eight = NOW.replace(hour=8)
    assert window_end(MORNING, eight - DAY, eight - MINUTE) is None
    assert window_end(MORNING, eight - DAY, eight) == eight
    assert window_end(MORNING, eight, eight + HOUR) is None


def test_three_missed_windows_are_closed_as_one() -> None:
    eight = NOW.replace(hour=8)
    assert window_end(MORNING, eight - 3 * DAY, NOW) == eight


def test_a_clock_set_back_a_little_closes_no_window_twice() -> None:
    eight = NOW.replace(hour=8)
    assert window_end(MORNING, eight, eight - timedelta(seconds=1)) is None
    assert window_end(MORNING, eight, eight) is None
    assert window_end(MORNING, eight, eight + DAY) == eight + DAY


def test_a_clock_that_was_a_year_ahead_and_is_put_right_silences_no_digest() -> None:
    eight = NOW.replace(hour=8)
    assert window_end(MORNING, eight + 365 * DAY, NOW) == eight


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
@pytest.mark.parametrize("cron", ["30 2 * * *", "0 3 * * *", "0 8 * * *", "59 23 * * *"])
def test_one_window_a_day_over_both_changes_of_summer_time(change: datetime, cron: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    ends = walk(cron, "Europe/Berlin", change - 2 * DAY, change + 3 * DAY, timedelta(minutes=7))
    days = [end.astimezone(berlin).date() for end in ends]
    assert [second - first for first, second in pairwise(days)] == [DAY] * (len(days) - 1)
    assert len(days) == 5


def test_an_hourly_digest_has_a_window_in_each_hour_that_passes() -> None:
    start = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    ends = walk("0 * * * *", "Europe/Berlin", start, start + DAY, MINUTE)
    assert {second - first for first, second in pairwise(ends)} == {HOUR}
    assert len(ends) == 24


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo"])
CRONS = st.sampled_from(
    ["30 2 * * *", "0 8 * * 1-5", "*/20 * * * *", "15 1,2,3 * * *", "0 0 1 * *", "0 */2 * * *"]
)


@settings(deadline=None, max_examples=60)
@given(
    CRONS,
    ZONES,
    st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 10), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
    st.lists(st.integers(1, 4000), min_size=1, max_size=40),
)
def test_no_window_is_skipped_or_closed_twice(cron: str, zone: str, start: datetime, naps: list[int]) -> None:
    """Whatever the daemon sleeps, each look closes exactly what has ended since the look before."""
    timing, closed, now = parse_cron(cron, zone), start, start
    for minutes in naps:
        before, now = now, now + minutes * MINUTE
        ended = window_end(timing, closed, now)
        passed = latest_slot(timing, now) > before
        assert (ended is not None) == passed
        if ended is not None:
            assert closed < ended <= now < next_slot(timing, ended)
            closed = ended


def test_message_ids_differ_by_watch_window_and_recipient_and_are_always_the_same() -> None:
    def made(watch: str = "w", end: datetime = NOW, to: str = "a@example.org") -> str:
        return message_id(watch, end, to, "alerts@example.org")

    assert made() == made()
    assert len({made(), made(watch="v"), made(end=NOW + HOUR), made(to="b@example.org")}) == 4
    assert made().endswith("@example.org>")
