"""When a source is looked at next by its own rhythm: a function of its postings, what it asks, and a look."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.polling import (
    LATEST,
    MOST_FRESH,
    NOTHING_ASKED,
    PRICE,
    SOONEST,
    UNKNOWN,
    Asks,
    Why,
    demand,
    guess,
    next_look,
    price_for,
    unknown,
)
from presswatch.posting_rate import WEEK, Arrival, Postings, observed

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def busy(*busy_hours: int, an_hour: int = 20, days: int = 28) -> Postings:
    """So many articles in each of these hours of the day, for some weeks."""
    known = Postings("UTC", MONDAY - days * DAY, MONDAY - days * DAY, 0.1)
    for day in range(days):
        begin = known.since + day * DAY
        came = [begin + hour * HOUR + one * HOUR / an_hour for hour in busy_hours for one in range(an_hour)]
        known = observed(known, [Arrival(one, one) for one in came], begin + DAY)
    return known


def looks(known: Postings, begin: datetime, long: timedelta, asks: Asks = NOTHING_ASKED) -> list[datetime]:
    found, at = [], begin
    while (at := next_look(known, asks, at).at) < begin + long:
        found.append(at)
    return found


def test_a_source_that_nobody_knows_is_looked_at_every_half_an_hour() -> None:
    look = next_look(unknown("UTC", NOTHING_ASKED, MONDAY), NOTHING_ASKED, MONDAY)
    assert (look.at - MONDAY) / MINUTE == pytest.approx(UNKNOWN / MINUTE, rel=0.1)


@pytest.mark.parametrize(
    ("proposed", "every"), [(60, 60), (10, 10), (1, 5), (240, 240), (10_080, 360), (525_600, 360)]
)
def test_what_a_feed_proposes_is_the_first_guess_within_bounds(proposed: int, every: int) -> None:
    asks = Asks(propose=timedelta(minutes=proposed))
    look = next_look(unknown("UTC", asks, MONDAY), asks, MONDAY)
    assert (look.at - MONDAY) / MINUTE == pytest.approx(every, rel=0.1)


def test_what_a_feed_proposes_counts_for_nothing_once_its_rhythm_is_known() -> None:
    hourly = Asks(propose=HOUR)
    known = busy(*range(24), days=7)
    assert next_look(known, hourly, known.counted) == next_look(known, NOTHING_ASKED, known.counted)


def test_looks_are_dense_while_much_appears_and_rare_otherwise() -> None:
    known = busy(6, 7)
    day = looks(known, MONDAY, DAY)
    morning = [one for one in day if 6 <= one.hour < 8]
    night = [one for one in day if one.hour >= 12]
    assert len(morning) >= 10
    assert len(night) <= 4
    # Soon after the busy hours began, and once soon after they ended.
    assert min(one for one in day if one.hour >= 6) < MONDAY + 6 * HOUR + 25 * MINUTE
    assert any(MONDAY + 8 * HOUR <= one < MONDAY + 8.5 * HOUR for one in day)


def test_an_interval_falls_with_the_root_of_the_rate() -> None:
    gaps = []
    for rate in (1, 4, 16):
        known = busy(*range(24), an_hour=rate)
        gaps.append((next_look(known, NOTHING_ASKED, known.counted).at - known.counted) / MINUTE)
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.1)
    assert gaps[1] / gaps[2] == pytest.approx(2, rel=0.1)


def test_a_source_that_died_is_looked_at_once_a_day_and_not_given_up() -> None:
    known = busy(*range(8, 20))
    dead = observed(known, [], known.counted + 120 * DAY)
    look = next_look(dead, NOTHING_ASKED, dead.counted)
    assert look.at - dead.counted > 8 * HOUR
    older = observed(dead, [], dead.counted + 3 * 365 * DAY)
    last = next_look(older, NOTHING_ASKED, older.counted)
    assert (last.at, last.why) == (older.counted + LATEST, Why.LATEST)
    assert last.articles < 0.1


def test_news_that_breaks_is_looked_at_sooner() -> None:
    known = busy(*range(24), an_hour=2)
    ten = known.counted + 10 * HOUR
    calm = observed(known, [Arrival(ten + MINUTE, ten + MINUTE)], ten + HOUR)
    news = observed(
        known, [Arrival(ten + one * MINUTE, ten + one * MINUTE) for one in range(20, 50)], ten + HOUR
    )
    after = ten + HOUR
    quiet, hasty = (next_look(one, NOTHING_ASKED, after).at - after for one in (calm, news))
    assert hasty < 0.7 * quiet


def test_what_a_run_had_no_room_for_is_gone_on_with_at_once() -> None:
    known = busy(6, an_hour=2)
    noon = known.counted + 12 * HOUR
    full = observed(known, [], noon)
    assert next_look(full, NOTHING_ASKED, noon).at > noon + HOUR
    for left, minutes in ((200, 5), (1, 15)):
        look = next_look(replace(full, left=left), NOTHING_ASKED, noon)
        assert (look.at - noon) / MINUTE == pytest.approx(minutes, abs=0.5)


def test_an_answer_that_holds_is_not_asked_for_again_for_ten_minutes_at_most() -> None:
    known = busy(*range(24), an_hour=60)
    now = known.counted
    assert next_look(known, NOTHING_ASKED, now).at - now < 6 * MINUTE
    for minutes, waits in ((8, 8), (10, 10)):
        look = next_look(known, Asks(fresh_until=now + minutes * MINUTE), now)
        assert (look.at, look.why) == (now + waits * MINUTE, Why.FRESH)
    # A server whose clock is a year ahead of ours, or that says so.
    far = next_look(known, Asks(fresh_until=now + 365 * DAY), now)
    assert far.at <= now + 6 * MINUTE + MOST_FRESH


def test_hours_and_days_that_a_feed_names_are_left_out_in_gmt() -> None:
    known = busy(*range(24))
    asks = Asks(skip_hours=frozenset(range(6)), skip_days=frozenset({5, 6}))
    week = looks(known, MONDAY, 7 * DAY, asks)
    assert week
    assert all(one.hour >= 6 and one.weekday() < 5 for one in week)
    friday = MONDAY + 4 * DAY + 23 * HOUR + 58 * MINUTE
    look = next_look(known, asks, friday)
    assert (look.at, look.why) == (MONDAY + 7 * DAY + 6 * HOUR, Why.SKIPPED)


@pytest.mark.parametrize("asks", [Asks(skip_hours=frozenset(range(24))), Asks(skip_days=frozenset(range(7)))])
def test_a_feed_that_names_all_hours_or_days_means_nothing_by_it(asks: Asks) -> None:
    known = busy(*range(24))
    assert next_look(known, asks, known.counted) == next_look(known, NOTHING_ASKED, known.counted)


def test_what_is_short_is_shared_and_no_two_sources_keep_step() -> None:
    plenty, short = price_for(100, 16, "a"), price_for(16 * 120 * 2, 16, "a")
    assert short / plenty == pytest.approx(4)
    prices = {price_for(100, 16, f"source-{number}") for number in range(50)}
    assert len(prices) == 50
    assert all(0.7 * PRICE < price < 1.3 * PRICE for price in prices)


def test_demand_is_the_number_of_looks_at_the_usual_price() -> None:
    for rate in (0.5, 2.0, 20.0):
        by_hour = [rate] * WEEK
        assert demand(by_hour) == pytest.approx((rate / (2 * 0.25)) ** 0.5)
    assert demand([1e-9] * WEEK) == pytest.approx(1 / 24)
    assert demand([1e9] * WEEK) == pytest.approx(12)
    assert demand([guess(NOTHING_ASKED)] * WEEK) == pytest.approx(2)


# hypothesis wants them without a zone.
BEGIN, END = datetime(2026, 1, 1), datetime(2026, 12, 31)  # noqa: DTZ001
instants = st.datetimes(BEGIN, END, timezones=st.just(UTC), allow_imaginary=False)
rhythms = st.builds(
    lambda zone, guessed, arrivals, until: observed(
        Postings(zone, MONDAY, MONDAY, guessed),
        [Arrival(min(two), max(two)) for two in arrivals],
        until,
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
    st.floats(0.01, 50),
    st.lists(st.tuples(instants, instants), max_size=40),
    instants,
)
askings = st.builds(
    Asks,
    st.frozensets(st.integers(0, 23), max_size=24),
    st.frozensets(st.integers(0, 6), max_size=7),
    st.none() | st.timedeltas(MINUTE, 400 * DAY),
    st.none() | instants,
)


@given(rhythms, instants, st.timedeltas(MINUTE, 10 * HOUR))
def test_the_next_look_is_within_its_bounds(known: Postings, after: datetime, price: timedelta) -> None:
    look = next_look(known, NOTHING_ASKED, after, price)
    assert after + SOONEST <= look.at <= after + LATEST
    assert look.articles >= 0


@given(rhythms, askings, instants)
def test_whatever_is_asked_the_next_look_is_ahead_and_comes(
    known: Postings, asks: Asks, after: datetime
) -> None:
    look = next_look(known, asks, after)
    assert after + SOONEST <= look.at <= after + LATEST + MOST_FRESH + 8 * DAY
    if look.why is Why.SKIPPED:
        assert look.at.hour not in asks.skip_hours
        assert look.at.weekday() not in asks.skip_days


@given(rhythms, instants, st.timedeltas(timedelta(), 3 * HOUR))
def test_who_looks_later_looks_again_no_sooner(known: Postings, after: datetime, later: timedelta) -> None:
    # A second counts for floats that are rounded.
    one, other = (next_look(known, NOTHING_ASKED, at).at for at in (after, after + later))
    assert other >= one - timedelta(seconds=1)


@given(rhythms, instants)
def test_a_look_that_costs_more_is_later(known: Postings, after: datetime) -> None:
    cheap, dear = (next_look(known, NOTHING_ASKED, after, price).at for price in (PRICE, 2 * PRICE))
    assert dear >= cheap
