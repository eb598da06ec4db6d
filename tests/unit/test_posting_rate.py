"""A source's rhythm is learnt from what its runs found, however that came."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.posting_rate import (
    WEEK,
    Arrival,
    Postings,
    excitement,
    expected,
    habit,
    hours,
    observed,
    rates,
    silence,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, WEEKS = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
# An article an hour is expected of a source that nobody knows.
NEW = Postings("UTC", MONDAY, MONDAY, 1.0)


def at(*instants: datetime) -> list[Arrival]:
    return [Arrival(instant, instant) for instant in instants]


def mornings(weeks: int, zone: str = "UTC", begin: datetime = MONDAY) -> Postings:
    """Twelve articles from seven to eight of each morning's wall clock, found hourly."""
    known, clock = Postings(zone, begin, begin, 1.0), ZoneInfo(zone)
    now = begin
    while now < begin + weeks * WEEKS:
        now += HOUR
        came = [now - timedelta(minutes=5 * one + 1) for one in range(12)]
        known = observed(known, at(*(one for one in came if one.astimezone(clock).hour == 7)), now)
    return known


def test_of_a_source_that_nobody_knows_the_guess_is_told() -> None:
    assert rates(NEW) == pytest.approx([1.0] * WEEK)


def test_after_weeks_the_hours_of_the_morning_are_known() -> None:
    by_hour = rates(mornings(6))
    assert min(by_hour[24 * day + 7] for day in range(7)) > 9
    assert max(by_hour[24 * day + 15] for day in range(7)) < 0.4


def test_few_days_tell_the_hour_for_days_that_were_not_seen() -> None:
    known = NEW
    for day in range(3):
        came = [MONDAY + day * DAY + timedelta(hours=7, minutes=4 * one) for one in range(12)]
        known = observed(known, at(*came), MONDAY + (day + 1) * DAY)
    by_hour = rates(known)
    friday = by_hour[4 * 24 : 5 * 24]
    assert friday[7] == max(friday) > 5 * friday[15]


def test_a_weekly_is_known_by_its_day() -> None:
    known = NEW
    for week in range(4):
        issue = MONDAY + week * WEEKS + 3 * DAY + 6 * HOUR
        known = observed(known, at(*(issue + timedelta(minutes=one) for one in range(30))), issue + HOUR)
        known = observed(known, [], MONDAY + (week + 1) * WEEKS)
    by_hour = rates(known)
    assert by_hour[3 * 24 + 6] > 8
    assert sum(by_hour) - by_hour[3 * 24 + 6] < 20


def test_what_was_long_ago_counts_less() -> None:
    known = mornings(8)
    before = rates(known)
    now = known.counted
    for day in range(56):
        # It moved to the evening.
        came = [now + day * DAY + timedelta(hours=19, minutes=4 * one) for one in range(12)]
        known = observed(known, at(*came), now + (day + 1) * DAY)
    after = rates(known)
    assert before[7] > 9 > 4 > after[7]
    assert after[19] > 6


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_a_rhythm_follows_the_wall_clock_through_the_change_to_summer_time(zone: str) -> None:
    # Three weeks of winter time and three of summer time, or the other way round in the south.
    by_hour = rates(mornings(6, zone, datetime(2026, 3, 9, tzinfo=UTC)))
    for day in range(7):
        assert by_hour[24 * day + 7] > 8, day
        assert by_hour[24 * day + 6] < 1.5 > by_hour[24 * day + 8], day


def test_a_day_of_a_change_of_the_clock_has_23_or_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for day, long in ((29, 23), (30, 24)):
        begin = datetime(2026, 3, day, tzinfo=berlin).astimezone(UTC)
        end = datetime(2026, 3, day + 1, tzinfo=berlin).astimezone(UTC)
        parts = list(hours(begin, end, "Europe/Berlin"))
        assert sum((stop - start) / HOUR for start, stop, _ in parts) == pytest.approx(long)
        assert [hour % 24 for *_, hour in parts] == [hour for hour in range(24) if long == 24 or hour != 2]


def test_what_appeared_at_some_time_of_the_night_is_of_no_hour_of_it() -> None:
    night, morning = MONDAY + 22 * HOUR, MONDAY + 30 * HOUR
    known = observed(NEW, [], night)
    known = observed(known, [Arrival(night, morning)] * 16, morning)
    by_hour = [known.counts[(22 + one) % WEEK] for one in range(8)]
    assert by_hour == pytest.approx([2.0] * 8, rel=0.02)


def test_an_archive_put_online_in_one_night_is_no_rhythm() -> None:
    known = mornings(4)
    imported = known.counted + HOUR
    flooded = observed(known, at(*[imported - timedelta(minutes=1)] * 5_000), imported)
    assert sum(flooded.counts) < sum(known.counts) + 61
    assert max(rates(flooded)) < 30


def test_what_is_dated_ahead_counts_as_of_now() -> None:
    ahead = MONDAY + 90 * DAY
    known = observed(NEW, at(ahead), MONDAY + HOUR)
    assert known.latest == MONDAY + HOUR
    assert sum(known.counts) == pytest.approx(1.0, rel=0.01)


def test_a_look_of_before_changes_nothing() -> None:
    known = mornings(1)
    assert observed(known, at(MONDAY), MONDAY + DAY) is known


def test_a_source_that_died_is_believed_less_and_less_and_at_once_again() -> None:
    known = mornings(4)
    told = [sum(rates(known))]
    for days in (1, 2, 4, 7, 14, 28, 60, 120, 400):
        dead = observed(known, [], known.counted + days * DAY)
        told.append(silence(dead, rates(dead)) * sum(rates(dead)))
    assert told == sorted(told, reverse=True)
    parts = [one / told[0] for one in told]
    assert parts[1] > 0.3 > 0.1 > parts[5] > 0.001 > parts[-1] > 0
    back = observed(dead, at(dead.counted + HOUR), dead.counted + HOUR)
    assert silence(back, rates(back)) > 0.9


def test_more_than_usual_excites_and_what_is_usual_does_not() -> None:
    known = mornings(4)
    seven = known.counted + 7 * HOUR
    usual = observed(known, at(*(seven + timedelta(minutes=5 * one) for one in range(12))), seven + HOUR)
    assert excitement(usual, rates(usual)) < 1.2
    three = known.counted + 15 * HOUR
    news = observed(known, at(*(three + timedelta(minutes=5 * one) for one in range(12))), three + HOUR)
    assert excitement(news, rates(news)) > 1.8
    calm = observed(news, [], news.counted + 6 * HOUR)
    assert excitement(calm, rates(calm)) < 1.05


def test_a_habit_tells_days_and_hours() -> None:
    by_hour = [9.0 if day < 5 and 5 <= hour < 8 else 0.1 for day in range(7) for hour in range(24)]
    told = habit(by_hour)
    assert (told.days, told.hours) == ((0, 1, 2, 3, 4), ((5, 8),))
    assert told.a_day == pytest.approx(sum(by_hour) / 7)
    assert habit([0.5] * WEEK) == habit([1.0] * WEEK).__class__(12.0, tuple(range(7)), ())
    late = [5.0 if hour in (0, 1, 22, 23) else 0.1 for _day in range(7) for hour in range(24)]
    assert habit(late).hours == ((0, 2), (22, 24))


# hypothesis wants them without a zone.
BEGIN, END = datetime(2026, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001
instants = st.datetimes(BEGIN, END, timezones=st.just(UTC), allow_imaginary=False)
windows = st.tuples(instants, instants).map(lambda two: Arrival(min(two), max(two)))


@given(
    looks=st.lists(st.tuples(instants, st.lists(windows, max_size=20)), max_size=8),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]),
    guess=st.floats(0.005, 60),
)
def test_whatever_comes_rates_are_positive_and_bounded(
    looks: list[tuple[datetime, list[Arrival]]], zone: str, guess: float
) -> None:
    known = Postings(zone, MONDAY, MONDAY, guess)
    for until, arrivals in looks:
        known = observed(known, arrivals, until)
    by_hour = rates(known)
    assert len(by_hour) == WEEK
    assert all(0 < rate < 10_000 for rate in by_hour)
    assert 0 < silence(known, by_hour) <= 1 <= excitement(known, by_hour) < 100
    assert expected(by_hour, zone, MONDAY, MONDAY + WEEKS) > 0


@given(
    instants,
    st.timedeltas(timedelta(), timedelta(days=9)),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
)
def test_hours_cover_the_time_between_without_gaps(begin: datetime, long: timedelta, zone: str) -> None:
    parts = list(hours(begin, begin + long, zone))
    assert (parts[0][0], parts[-1][1]) == (begin, begin + long)
    assert all(one[1] == other[0] for one, other in itertools.pairwise(parts))
    assert all(start <= stop <= start + HOUR for start, stop, _ in parts)
