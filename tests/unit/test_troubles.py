"""What needs a person, and what passes by itself: a pure function."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from presswatch.troubles import (
    LITTLE_ROOM,
    ROOM,
    About,
    Failing,
    Kind,
    Observed,
    Pause,
    Rest,
    Step,
    ticks,
    troubles,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUICK = Step(NOW - 5 * timedelta(seconds=1), "", None)
WELL = Observed(NOW - DAY, steps={"plan": QUICK, "match": QUICK, "crawl 1": Step(None, "", None)})
SINCE_LONG = Pause(NOW + MINUTE, "login refused", NOW - HOUR)
SINCE_NOW = Pause(NOW + MINUTE, "connection refused", NOW - MINUTE)


def failing(error: str, since: datetime) -> Step:
    return Step(NOW - DAY, error, since)


def needing(seen: Observed) -> list[Kind]:
    return [one.kind for one in troubles(seen, NOW) if one.needs_person]


def passing(seen: Observed) -> list[Kind]:
    return [one.kind for one in troubles(seen, NOW) if not one.needs_person]


def test_where_all_works_there_is_nothing_to_tell() -> None:
    assert troubles(WELL, NOW) == []
    assert ticks(WELL, NOW)


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (replace(WELL, daemon_since=None), Kind.NO_DAEMON),
        (replace(WELL, silent_for=2 * MINUTE), Kind.DAEMON_SILENT),
        (replace(WELL, disk_free=LITTLE_ROOM - 1), Kind.DISK_FULL),
        (replace(WELL, disk_free=LITTLE_ROOM), Kind.DISK_LOW),
        (replace(WELL, disk_free=ROOM - 1), Kind.DISK_LOW),
        (replace(WELL, configuration="a.yaml:1: nam"), Kind.CONFIGURATION),
        (replace(WELL, steps={"index": failing("away", NOW - HOUR)}), Kind.STEP_FAILS),
        (replace(WELL, steps={"plan": Step(NOW - HOUR, "", None)}), Kind.STEP_HANGS),
        (replace(WELL, steps={"plan": Step(None, "", None)}), Kind.STEP_HANGS),
        (replace(WELL, overdue={"gazette": NOW - 2 * HOUR}), Kind.LATE),
        (replace(WELL, mail_pause=SINCE_LONG), Kind.MAILS_PAUSED),
        (replace(WELL, channel_pauses={"bot": SINCE_LONG}), Kind.CHANNEL_PAUSED),
        (replace(WELL, undeliverable=[About("ferries to a@b.example", "550")]), Kind.UNDELIVERABLE),
        (replace(WELL, refused=[About("https://gazette.example/1", "too long")]), Kind.INDEX_REFUSES),
        (replace(WELL, prevented=[About("ferries: 1", "RecursionError")]), Kind.MATCHES_PREVENTED),
        (replace(WELL, failing={"gazette": Failing(3, NOW - DAY, "403")}), Kind.SOURCES_FAIL),
        (replace(WELL, failing={"gazette": Failing(1, NOW - HOUR, "403", never=True)}), Kind.SOURCES_FAIL),
    ],
    ids=lambda one: str(one) if isinstance(one, Kind) else "",
)
def test_what_needs_a_person(seen: Observed, kind: Kind) -> None:
    [one] = troubles(seen, NOW)
    assert (one.kind, one.needs_person) == (kind, True)
    assert one.said
    assert one.do


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        # A server that is started anew, a fetch that failed, a listing that was read in part.
        (replace(WELL, steps={"index": failing("away", NOW - MINUTE)}), Kind.STEP_FAILS),
        (replace(WELL, mail_pause=SINCE_NOW), Kind.MAILS_PAUSED),
        (replace(WELL, channel_pauses={"bot": SINCE_NOW}), Kind.CHANNEL_PAUSED),
        (replace(WELL, failing={"gazette": Failing(1, NOW - 3 * DAY, "503")}), Kind.SOURCES_FAIL),
        (replace(WELL, failing={"gazette": Failing(9, NOW - HOUR, "503")}), Kind.SOURCES_FAIL),
        (replace(WELL, failing={"gazette": Failing(0, None, "404")}), Kind.SOURCES_FAIL),
        (replace(WELL, failing={"gazette": Failing(2, NOW - MINUTE, "403", never=True)}), Kind.SOURCES_FAIL),
        (replace(WELL, resting=[Rest("gazette.example:443", NOW + DAY, "answered 429")]), Kind.HOSTS_REST),
    ],
    ids=lambda one: str(one) if isinstance(one, Kind) else "",
)
def test_what_passes_by_itself(seen: Observed, kind: Kind) -> None:
    assert (needing(seen), passing(seen)) == ([], [kind])


@pytest.mark.parametrize(
    "seen",
    [
        replace(WELL, mail_pause=Pause(NOW, "was away", NOW - DAY)),
        replace(WELL, overdue={"gazette": NOW - 30 * MINUTE}),
        replace(WELL, steps={"plan": Step(NOW - 10 * MINUTE, "", None)}),
        # It has only just been started, after a night.
        replace(WELL, daemon_since=NOW - MINUTE, steps={"plan": Step(NOW - DAY, "", None)}),
        replace(WELL, tick=HOUR, steps={"plan": Step(NOW - 2 * HOUR, "", None)}),
        # A crawl goes on for an hour, and the pages for ever.
        replace(WELL, steps={"crawl 1": Step(None, "", None), "web": Step(NOW - DAY, "", None)}),
    ],
    ids=["a pause that is over", "a short wait", "a slow step", "just started", "a long tick", "long steps"],
)
def test_what_is_no_trouble(seen: Observed) -> None:
    assert troubles(seen, NOW) == []


def test_the_worst_comes_first_and_what_passes_last() -> None:
    seen = replace(
        WELL,
        disk_free=0,
        configuration="a.yaml:1: nam",
        steps={"send": failing("away", NOW - MINUTE), "index": failing("gone", NOW - DAY)},
        failing={"gazette": Failing(3, NOW - DAY, "403"), "herald": Failing(1, NOW, "503")},
        mail_pause=SINCE_LONG,
    )
    assert needing(seen) == [
        Kind.DISK_FULL,
        Kind.STEP_FAILS,
        Kind.CONFIGURATION,
        Kind.MAILS_PAUSED,
        Kind.SOURCES_FAIL,
    ]
    assert passing(seen) == [Kind.STEP_FAILS, Kind.SOURCES_FAIL]


def test_steps_that_fail_for_one_reason_are_one_trouble() -> None:
    steps = {"index": failing("the disk is full", NOW - HOUR), "match": failing("the disk is full", NOW)}
    [one] = troubles(replace(WELL, steps=steps), NOW)
    assert str(one.said) == "index, match fail"
    assert [about.name for about in one.about] == ["index", "match"]
    assert (one.since, one.stands_still) == (NOW - HOUR, True)


def test_sources_that_fail_for_longest_come_first() -> None:
    seen = replace(
        WELL, failing={id_: Failing(9, NOW - days * DAY, "403") for id_, days in (("a", 2), ("b", 9))}
    )
    [one] = troubles(seen, NOW)
    assert str(one.said) == "2 sources have not been read for over a day"
    assert [about.name for about in one.about] == ["b", "a"]
    assert one.since == NOW - 9 * DAY


def test_without_a_daemon_its_steps_and_what_is_late_are_not_told_besides() -> None:
    seen = replace(
        WELL,
        daemon_since=None,
        steps={"index": failing("away", NOW - DAY)},
        overdue={"gazette": NOW - DAY},
    )
    assert needing(seen) == [Kind.NO_DAEMON]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (replace(WELL, daemon_since=None), False),
        (replace(WELL, silent_for=2 * MINUTE), False),
        (replace(WELL, steps={"match": Step(NOW - HOUR, "", None)}), False),
        # No restart mends these.
        (replace(WELL, disk_free=0), True),
        (replace(WELL, steps={"index": failing("away", NOW - DAY)}), True),
        (replace(WELL, configuration="a.yaml:1: nam", mail_pause=SINCE_LONG), True),
    ],
)
def test_a_daemon_is_to_be_started_anew_only_where_that_mends_it(seen: Observed, expected: bool) -> None:
    assert ticks(seen, NOW) is expected
