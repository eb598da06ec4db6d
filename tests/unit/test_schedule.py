"""Slots of intervals and cron expressions, across both changes of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
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
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])


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
    ("cron", "said"),
    [
        ("8 o'clock", "five fields"),
        ("0 25 * * *", "'25' is no hour"),
        ("0 8 * * mo", "'mo' is no weekday"),
        ("0 8 5-1 * *", "backwards"),
        ("*/0 * * * *", "step of 0"),
        ("0 0 31 feb *", "no day 31"),
        ("0,, * * * *", "'' is no minute"),
        ("@reboot", "five fields"),
    ],
)
def test_what_is_no_cron_expression_is_said(cron: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_cron(cron)
