"""Sources that are well raise no alarm, redesigned ones soon do, and an alarm ends when it is well again."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from presswatch.model import from_json, to_json
from presswatch.sources.health import ALLOWED, Look, Outcome, Sight, Sign, State, faults, judge
from support.press_years import BEGIN, REDESIGNS, Outlet, Year, outlets, redesigned

DAY = timedelta(days=1)
DAILY = Outlet(
    daily=16,
    weekend=0.3,
    dispersion=5,
    every=timedelta(hours=6),
    starts=("listing",),
    stops_for_christmas=True,
    summer=0.35,
    rejected=0.005,
    textless=0.001,
    undated=0,
    unsigned=0.3,
    late=0.01,
    failing=0.01,
    in_form=True,
    rejected_in_form=0,
)
LISTING = "https://press.example/listing"


def after(days: int, outlet: Outlet = DAILY, seed: int = 1) -> State:
    state = State()
    for outcome, _due in Year(outlet, Random(seed)).runs(days):
        state = judge(state, outcome)
    return state


def look(number: int, *looks: Look, **keys: object) -> Outcome:
    now = BEGIN + 90 * DAY + number * timedelta(hours=6)
    return replace(Outcome(now, now.date(), looks, 0, {}), **keys)  # type: ignore[arg-type]


def signs(state: State) -> set[Sign]:
    return {fault.sign for fault in faults(state)}


def test_a_press_that_is_well_raises_no_alarm_in_a_year() -> None:
    alarms, years = [], 0.0
    random = Random(11)
    for drawn in outlets(random, 12):
        outlet = replace(drawn, every=max(drawn.every, timedelta(hours=3)))
        state = State()
        for outcome, _due in Year(outlet, Random(random.random())).runs(400):
            before, state = signs(state), judge(state, outcome)
            alarms += [(outlet, outcome.ended, sign) for sign in signs(state) - before]
        years += 400 / 365
    assert len(alarms) <= sum(ALLOWED.values()) * years, alarms


@pytest.mark.parametrize("how", REDESIGNS)
def test_a_redesign_is_noticed_within_two_runs_in_which_links_were_due(how: str) -> None:
    begun, due = BEGIN + 90 * DAY, 0
    state = State()
    for outcome, links in Year(DAILY, Random(5)).runs(120):
        if outcome.ended < begun:
            state = judge(state, outcome)
            continue
        assert due or not faults(state)
        due += links > 0
        state = judge(state, redesigned(outcome, how))
        if faults(state):
            break
    assert faults(state)
    assert due <= 2
    assert state == from_json(State, to_json(state)), "it is kept as JSON"


def test_a_paper_that_stops_for_christmas_is_well_and_one_that_never_comes_back_is_not() -> None:
    state = after(350)
    for number in range(1, 90):
        quiet = look(1040 + number, Look(LISTING, Sight.UNCHANGED))
        state = judge(state, quiet)
        if number == 40:
            assert not faults(state)
    assert signs(state) == {Sign.SILENT}


def test_the_alarm_ends_when_it_is_well_again_and_what_was_broken_is_not_learnt() -> None:
    state = after(90)
    known = state.starts[LISTING]
    for number in range(3):
        state = judge(state, look(number, Look(LISTING, Sight.NOTHING, reason="no link")))
    [fault] = faults(state)
    assert (fault.sign, fault.url, fault.since) == (Sign.NO_LINKS, LISTING, BEGIN + 90 * DAY)
    assert "(no link); it showed 31" in fault.said
    state = judge(state, look(4, Look(LISTING, Sight.LINKS, 31)))
    assert faults(state), "once may be by chance"
    state = judge(state, look(5, Look(LISTING, Sight.LINKS, 31)))
    assert not faults(state)
    assert state.starts[LISTING].empty == pytest.approx(known.empty)


def test_a_broken_page_that_stays_as_it_is_goes_on_being_broken() -> None:
    state = judge(after(90), look(0, Look(LISTING, Sight.NOTHING)))
    assert not faults(state)
    assert signs(judge(state, look(1, Look(LISTING, Sight.UNCHANGED)))) == {Sign.NO_LINKS}


def test_one_of_two_start_pages_breaks() -> None:
    feed = "https://press.example/feed"
    state = after(90, replace(DAILY, starts=("listing", "feed")))
    for number in range(2):
        state = judge(state, look(number, Look(LISTING, Sight.LINKS, 30), Look(feed, Sight.NOTHING)))
    assert [fault.url for fault in faults(state)] == [feed]
    assert not faults(judge(state, look(3, Look(LISTING, Sight.LINKS, 30)))), "it is no start page any more"


def test_a_sitemap_of_the_news_that_is_empty_is_no_fault() -> None:
    sitemap = "https://press.example/sitemap"
    state = after(90, replace(DAILY, starts=("sitemap",)))
    for number in range(12):
        state = judge(state, look(number, Look(sitemap, Sight.LINKS, 0, may_empty=True)))
    assert not faults(state)


def test_an_outage_of_a_day_is_no_alarm_and_one_of_a_week_is() -> None:
    state = after(90)
    for number in range(29):
        state = judge(state, look(number, Look(LISTING, Sight.AWAY, reason="no answer")))
        assert number > 4 or not faults(state)
    [fault] = faults(state)
    assert (fault.sign, fault.said) == (Sign.AWAY, "it cannot be reached: no answer")
    assert not faults(judge(state, look(30, Look(LISTING, Sight.LINKS, 31))))


def test_authors_that_are_always_missing_are_no_fault_and_those_that_go_missing_are() -> None:
    def without_authors(state: State) -> set[Sign]:
        for number in range(4):
            shares = {Sign.NO_AUTHORS: (5, 5)}
            state = judge(state, look(number, Look(LISTING, Sight.LINKS, 31), articles=5, shares=shares))
        return signs(state)

    assert without_authors(after(90, replace(DAILY, unsigned=1.0))) == set()
    assert without_authors(after(90, replace(DAILY, unsigned=0.02))) == {Sign.NO_AUTHORS}


def test_what_is_new_is_not_judged() -> None:
    state = State()
    for number in range(8):
        state = judge(state, look(number, Look(LISTING, Sight.NOTHING)))
    assert not faults(state)
