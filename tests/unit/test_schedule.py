"""Slots of intervals and cron expressions, across both changes of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch import schedule
from presswatch.schedule import Interval, latest_slot, next_slot, parse_cron

INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
CRONS = st.sampled_from(
    [
        "*/15 * * * *",
        "0 8 * * 1-5",
        "30 2 * * *",
        "0 0 1 * *",
        "5 4 * * sun",
        "0 12 13 * 5",
        "@daily",
        "7 3-9/2 * 3,10 *",
    ]
)
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",  # changes by half an hour
        "Antarctica/Troll",  # by two hours
        "Asia/Beirut",  # at midnight
        "America/Nuuk",  # an hour before midnight
        "Pacific/Apia",  # left out the whole of 30 December 2011
    ]
)
# Days around a change of the clock in one of these zones, and one of no change.
CHANGES = st.sampled_from(
    [
        "2026-03-29",
        "2026-10-25",
        "2026-03-08",
        "2026-11-01",
        "2026-04-05",
        "2026-10-04",
        "2011-12-30",
        "2026-06-10",
    ]
)


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def slots(cron: str, start: str, end: str, zone: str = "Europe/Berlin") -> list[str]:
    """The slots after `start` up to `end`, both wall times, as wall times with their offset."""
    found, now = [], local(start, zone).astimezone(UTC)
    while (now := next_slot(parse_cron(cron, zone), now)) <= local(end, zone):
        found.append(now.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M %z"))
    return found


@pytest.mark.parametrize(
    ("cron", "start", "first"),
    [
        ("0 8 * * 1-5", "2026-11-20 09:00", "Mon 23 08:00 +0100"),
        ("0 8 * * 7", "2026-11-20 09:00", "Sun 22 08:00 +0100"),
        ("0 8 * * 0", "2026-11-20 09:00", "Sun 22 08:00 +0100"),
        ("0 8 * * sat", "2026-11-20 09:00", "Sat 21 08:00 +0100"),
        ("*/20 * * * *", "2026-11-20 09:00", "Fri 20 09:20 +0100"),
        ("5/25 9 * * *", "2026-11-20 09:10", "Fri 20 09:30 +0100"),
        ("0 0 24 * 6", "2026-11-20 09:00", "Sat 21 00:00 +0100"),
        ("0 0 */2 * 1", "2026-11-20 09:00", "Mon 23 00:00 +0100"),
        ("@hourly", "2026-11-20 09:00", "Fri 20 10:00 +0100"),
        ("0 6 29 feb *", "2026-11-20 09:00", "Tue 29 06:00 +0100"),
        ("0 6 29 feb */7", "2026-11-20 09:00", "Sun 29 06:00 +0100"),
        ("0 9 * * fri-sun", "2026-11-20 09:00", "Sat 21 09:00 +0100"),
        ("0 9 * * 6-7", "2026-11-21 09:00", "Sun 22 09:00 +0100"),
        ("0 9 * * fri-mon", "2026-11-22 09:00", "Mon 23 09:00 +0100"),
        ("0 9 * * fri-mon", "2026-11-23 09:00", "Fri 27 09:00 +0100"),
        ("0 9 * * 7-1", "2026-11-22 09:00", "Mon 23 09:00 +0100"),
        ("0 22-2 * * *", "2026-11-20 23:30", "Sat 21 00:00 +0100"),
        ("0 22-2/2 * * *", "2026-11-21 02:00", "Sat 21 22:00 +0100"),
        ("0 9 30-2 * *", "2026-11-30 09:00", "Tue 01 09:00 +0100"),
        ("0 9 1 nov-jan *", "2027-01-01 09:00", "Mon 01 09:00 +0100"),
        ("0 9 * * sun-tue", "2026-11-20 09:00", "Sun 22 09:00 +0100"),
        ("0 9 * JAN-mar MON", "2026-11-20 09:00", "Mon 04 09:00 +0100"),
        ("0,30 8-18/5 * * *", "2026-11-20 09:00", "Fri 20 13:00 +0100"),
        ("@weekly", "2026-11-20 09:00", "Sun 22 00:00 +0100"),
        ("@monthly", "2026-11-20 09:00", "Tue 01 00:00 +0100"),
        ("@yearly", "2026-11-20 09:00", "Fri 01 00:00 +0100"),
        ("0 0 13 * 5", "2026-11-06 00:00", "Fri 13 00:00 +0100"),
    ],
)
def test_cron_means_what_cron_means(cron: str, start: str, first: str) -> None:
    slot = next_slot(parse_cron(cron, "Europe/Berlin"), local(start).astimezone(UTC))
    assert slot.astimezone(ZoneInfo("Europe/Berlin")).strftime("%a %d %H:%M %z") == first


def test_a_time_that_summer_time_leaves_out_fires_once_just_after() -> None:
    assert slots("30 2 * * *", "2026-03-28 00:00", "2026-03-30 23:00") == [
        "Sat 28 02:30 +0100",
        "Sun 29 03:30 +0200",
        "Mon 30 02:30 +0200",
    ]


def test_a_time_that_winter_time_repeats_fires_once() -> None:
    assert slots("30 2 * * *", "2026-10-24 00:00", "2026-10-26 23:00") == [
        "Sat 24 02:30 +0200",
        "Sun 25 02:30 +0200",
        "Mon 26 02:30 +0100",
    ]


def test_every_hour_is_every_hour_on_every_day() -> None:
    for start, end in (("2026-03-29 00:30", "2026-03-29 05:30"), ("2026-10-25 00:30", "2026-10-25 05:30")):
        expected = (local(end).astimezone(UTC) - local(start).astimezone(UTC)) // timedelta(hours=1)
        assert len(slots("0 * * * *", start, end)) == expected


@given(CRONS, ZONES, INSTANTS)
def test_slots_go_forward_and_the_latest_is_the_one_before_the_next(
    cron: str, zone: str, now: datetime
) -> None:
    times = parse_cron(cron, zone)
    following = next_slot(times, now)
    assert following > now
    assert latest_slot(times, following) == following
    assert latest_slot(times, now) <= now
    assert next_slot(times, latest_slot(times, now)) == following


def by_the_clock(cron: str, zone: str, start: datetime, end: datetime) -> set[datetime]:
    """The slots in [start, end), found by looking at the wall clock every minute."""
    times, clock = parse_cron(cron, zone), ZoneInfo(zone)
    found: set[datetime] = set()
    seen: set[datetime] = set()
    now, before = start - timedelta(days=1), timedelta()
    while now < end:
        wall = now.astimezone(clock)
        offset = wall.utcoffset() or timedelta()
        walls = [wall.replace(tzinfo=None)]
        if now > start - timedelta(days=1) and offset > before:
            # The clock has jumped: what was left out is due as much later.
            jump = (offset - before) // timedelta(minutes=1)
            left_out = [walls[0] - timedelta(minutes=back) for back in range(1, jump + 1)]
            found |= {
                now + timedelta(minutes=jump) - (walls[0] - one) for one in left_out if fires(times, one)
            }
        if fires(times, walls[0]) and (times.every_hour or walls[0] not in seen):
            found.add(now)
        seen.add(walls[0])
        before, now = offset, now + timedelta(minutes=1)
    return {slot for slot in found if start <= slot < end}


def fires(times: schedule.CronTimes, wall: datetime) -> bool:
    weekday = wall.isoweekday() % 7 in times.weekdays
    day = wall.day in times.days
    right_day = day or weekday if times.either_day else day and weekday
    return (
        right_day and wall.month in times.months and wall.hour in times.hours and wall.minute in times.minutes
    )


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["30", "0,15", "*/20", "*", "7-9"]),
    st.sampled_from(["*", "2", "0,23", "1-3", "*/2", "22-2"]),
    st.sampled_from(["*", "29", "1,30"]),
    st.sampled_from(["*", "sun", "1-5", "sat-sun"]),
    ZONES,
    CHANGES,
)
def test_slots_are_those_that_a_clock_on_the_wall_shows(
    minute: str, hour: str, day: str, weekday: str, zone: str, change: str
) -> None:
    cron = f"{minute} {hour} {day} * {weekday}"
    start = datetime.fromisoformat(change).replace(tzinfo=UTC) - timedelta(days=1)
    end = start + timedelta(days=3)
    found, now = set(), start - timedelta(seconds=1)
    while (now := next_slot(parse_cron(cron, zone), now)) < end:
        found.add(now)
    assert found == by_the_clock(cron, zone, start, end)


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=30)), st.text(max_size=5), INSTANTS)
def test_intervals_keep_their_phase(every: timedelta, key: str, now: datetime) -> None:
    timing = schedule.interval(every, key)
    chain = [latest_slot(timing, now)]
    for _ in range(3):
        chain.append(next_slot(timing, chain[-1]))
    assert chain[0] <= now < chain[1]
    assert {after - before for before, after in pairwise(chain)} == {every}


def test_sources_with_the_same_interval_begin_at_different_times() -> None:
    phases = {schedule.interval(timedelta(hours=1), key).phase for key in "abcdef"}
    assert len(phases) == 6
    assert next_slot(Interval(timedelta(hours=1)), datetime(2026, 1, 1, tzinfo=UTC)).hour == 1


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("0 8 L * *", ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]),
        ("0 8 * * friL", ["2027-12-31", "2028-01-28", "2028-02-25", "2028-03-31"]),
        ("0 8 * * 5l", ["2027-12-31", "2028-01-28", "2028-02-25", "2028-03-31"]),
        ("0 8 * * mon#1", ["2027-12-06", "2028-01-03", "2028-02-07", "2028-03-06"]),
        ("0 8 * * 0#5", ["2028-01-30", "2028-04-30", "2028-07-30", "2028-10-29"]),
        ("0 8 15,L * *", ["2027-12-15", "2027-12-31", "2028-01-15", "2028-01-31"]),
        ("0 8 15 * mon#1,friL", ["2027-12-06", "2027-12-15", "2027-12-31", "2028-01-03"]),
    ],
)
def test_days_may_be_counted_in_their_month(cron: str, days: list[str]) -> None:
    times, at, found = parse_cron(cron), datetime(2027, 12, 1, tzinfo=UTC), []
    for _ in days:
        at = next_slot(times, at)
        found.append(at.date().isoformat())
    assert found == days


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("8 o'clock", "five fields"),
        ("0 25 * * *", "'25' is no hour"),
        ("0 8 * * mo", "'mo' is no weekday"),
        ("*/0 * * * *", "step of 0"),
        ("0 0 31 feb *", "no day 31"),
        ("0,, * * * *", "'' is no minute"),
        ("@reboot", "five fields"),
        ("* * * * * *", "five fields"),
        ("0 24 * * *", "'24' is no hour"),
        ("0 8 0 * *", "'0' is no day"),
        ("0 8 L-3 * *", "'L' is no day"),
        ("0 8 * * 1#6", "'1#6' is no weekday"),
        ("0 8 * * L", "'L' is no weekday"),
        ("0 8 * * 8L", "'8' is no weekday"),
        ("-5 8 * * *", "'-5' is no minute"),
        ("0 0 30 2 *", "no day 30"),
    ],
)
def test_what_is_no_cron_expression_is_said(cron: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_cron(cron)
