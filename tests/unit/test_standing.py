"""How a source stands, and whether it is below its own baseline: pure functions."""

from datetime import UTC, datetime, timedelta

from presswatch.archive.sites import HostRest
from presswatch.config import Source
from presswatch.web.operations.standing import Standing, baseline, stands

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
GAZETTE = Source(id="gazette", name="Gazette", start=("https://gazette.example/",))
WELL = {"state": "well", "trouble": "", "last_run": NOW, "paused_until": None}


def test_each_way_to_stand() -> None:
    rest = HostRest("gazette.example:443", NOW + DAY, "answered 429")
    off = GAZETTE.model_copy(update={"enabled": False})
    bad = WELL | {"trouble": "no answer"}
    assert stands(WELL, GAZETTE, [], None).what is Standing.HEALTHY
    assert stands(WELL, off, [rest], None).what is Standing.OFF
    assert stands(WELL, None, [], None).what is Standing.REMOVED
    paused = stands(bad | {"paused_until": NOW + DAY}, GAZETTE, [], NOW - DAY)
    assert (paused.what, paused.until) == (Standing.PAUSED, NOW + DAY)
    assert stands(WELL | {"last_run": None}, GAZETTE, [], None).what is Standing.NEW
    resting = stands(WELL, GAZETTE, [rest], None)
    assert (resting.what, resting.until, resting.reason) == (Standing.RESTING, NOW + DAY, "answered 429")
    assert stands(WELL, GAZETTE, [HostRest("herald.example:443", NOW, "")], None).what is Standing.HEALTHY
    failing = stands(bad, GAZETTE, [], NOW - DAY)
    assert (failing.what, failing.since, failing.reason) == (Standing.FAILING, NOW - DAY, "no answer")
    assert stands(bad, GAZETTE, [], None).what is Standing.PARTLY
    assert stands(WELL | {"state": "crawling"}, GAZETTE, [], None).at_work


def test_a_source_is_measured_against_its_own_days() -> None:
    month = [10] * 29 + [3]
    told = baseline(month, NOW - 100 * DAY, NOW)
    assert (told.usual, told.now, told.days, told.is_low) == (10, 3, 29, True)
    assert not baseline([*[10] * 28, 3, 3], NOW - 100 * DAY, NOW).is_low, "there was such a day before"
    assert not baseline([*[1] * 29, 0], NOW - 100 * DAY, NOW).is_low, "too few to tell"


def test_a_source_that_brings_little_has_a_usual_of_its_own_too() -> None:
    told = baseline([*[0] * 18, *[1] * 11, 0], NOW - 100 * DAY, NOW)
    assert (round(told.usual, 1), told.is_low) == (0.4, False)


def test_days_before_a_source_was_added_and_its_first_one_do_not_count() -> None:
    month = [*[0] * 20, 500, *[10] * 8, 9]
    told = baseline(month, NOW - 9.5 * DAY, NOW)
    assert (told.usual, told.days, told.is_low) == (10, 8, True)
    assert baseline(month, NOW - 3 * DAY, NOW).days == 2
    assert baseline(month, NOW, NOW).days == 0
    assert not baseline([0] * 30, None, NOW).is_low
