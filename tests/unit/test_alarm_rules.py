"""What alarms an operator, and when it is told: pure functions of values and the time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from presswatch.archive import Archive, alarms
from presswatch.model import AlarmKind
from presswatch.troubles import ROOM, About, Observed, Pause, Step, troubles
from presswatch.watches.alarm_rules import Wrong, to_tell, wrong

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL = Observed(daemon_since=NOW - HOUR, disk_free=1 << 40)
FAULT = "f.yaml:3: no such key"


def failing(name: str, minutes: int, reason: str = "it broke") -> dict[str, Step]:
    return {name: Step(None, reason, NOW - minutes * MINUTE)}


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (WELL, []),
        (replace(WELL, steps=failing("digest", 9)), []),
        (replace(WELL, steps=failing("digest", 10)), [Wrong(AlarmKind.STEP, "digest", "it broke")]),
        (replace(WELL, steps=failing("index", 11)), [Wrong(AlarmKind.INDEX, "", "it broke")]),
        (
            # Who fails for the same reason is one trouble, and each has its own time.
            replace(WELL, steps=failing("digest", 11) | failing("match", 9)),
            [Wrong(AlarmKind.STEP, "digest", "it broke")],
        ),
        (replace(WELL, configuration=FAULT, steps=failing("configuration", 9, FAULT)), []),
        (
            replace(WELL, configuration=FAULT, steps=failing("configuration", 10, FAULT)),
            [Wrong(AlarmKind.CONFIGURATION, "", FAULT)],
        ),
        (replace(WELL, disk_free=ROOM), []),
        (
            replace(WELL, disk_free=ROOM - 1),
            [Wrong(AlarmKind.DISK, "", "less than 1,100 MiB are free")],
        ),
        (replace(WELL, disk_free=0), [Wrong(AlarmKind.DISK, "", "less than 100 MiB are free")]),
        (replace(WELL, mail_pause=Pause(at(1), "535", at(-29))), []),
        (
            replace(WELL, mail_pause=Pause(at(1), "535", at(-30))),
            [Wrong(AlarmKind.CHANNEL, "mail", "535")],
        ),
        (
            replace(WELL, channel_pauses={"bot": Pause(at(1), "404", at(-30))}),
            [Wrong(AlarmKind.CHANNEL, "bot", "404")],
        ),
        (
            replace(
                WELL,
                refused=[About("https://gazette.example/1", "mapping"), About("https://gazette.example/2")],
                prevented=[About("ferries: 1", "no query", subject="ferries")],
                undeliverable=[
                    About("ferries to a@b.example", "550", subject="a@b.example"),
                    About("harbour to a@b.example", "551", subject="a@b.example"),
                    About("ferries to whom it was sent again"),
                ],
            ),
            [
                Wrong(AlarmKind.RECIPIENT, "a@b.example", "550"),
                Wrong(AlarmKind.REFUSED, "", "2, one of them because of: mapping"),
                Wrong(AlarmKind.UNMATCHED, "ferries", "no query"),
            ],
        ),
    ],
)
def test_an_alarm_is_a_trouble_that_lasts(seen: Observed, expected: list[Wrong]) -> None:
    assert wrong(troubles(seen, NOW), NOW) == expected


class Told:
    """An archive that is told what begins and ends, and looked at every half a minute, as the daemon does."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.mails: list[tuple[float, list[str], list[str]]] = []

    def begin(self, minutes: float, subject: str = "one") -> None:
        with self._archive.writing() as tx:
            alarms.begin(tx, "source", subject, "why", at(minutes))

    def end(self, minutes: float, subject: str = "one") -> None:
        with self._archive.writing() as tx:
            alarms.end(tx, "source", subject, "", at(minutes))

    def look(self, start: float, end: float) -> None:
        minutes = start
        while minutes < end:
            with self._archive.writing() as tx:
                if told := to_tell(alarms.every(tx), at(minutes)):
                    alarms.keep_told(tx, told.begun, told.ended, at(minutes))
                    begun, ended = ([one.subject for one in part] for part in told)
                    self.mails.append((minutes, begun, ended))
            minutes += 0.5


@pytest.fixture
def told(archive: Archive) -> Told:
    return Told(archive)


def test_an_alarm_is_told_once_and_its_end_once(told: Told) -> None:
    told.begin(0)
    told.look(0, 300)
    told.end(300)
    told.look(300, 3000)
    assert told.mails == [(1, ["one"], []), (315, [], ["one"])]


def test_what_begins_together_is_told_together(told: Told) -> None:
    told.begin(0)
    told.begin(0.5, "two")
    told.look(0.5, 2)
    told.begin(2, "three")
    told.begin(9, "four")
    told.look(9, 100)
    assert told.mails == [(1, ["one", "two"], []), (16, ["three", "four"], [])]


def test_what_is_over_before_it_was_told_is_never_told(told: Told) -> None:
    told.begin(0)
    told.end(0.5)
    told.look(0.5, 100)
    assert told.mails == []


def test_what_comes_back_before_it_is_called_over_was_never_over(told: Told) -> None:
    for minutes in range(0, 600, 20):
        told.begin(minutes)
        told.look(minutes, minutes + 10)
        told.end(minutes + 10)
        told.look(minutes + 10, minutes + 20)
    assert told.mails == [(1, ["one"], [])]


def test_what_comes_and_goes_for_a_day_is_told_twice_and_over_when_it_was_well_for_six_hours(
    told: Told,
) -> None:
    # Wrong for half an hour, well for half an hour: long enough to be called over the first time.
    for hour in range(24):
        told.begin(60 * hour)
        told.look(60 * hour, 60 * hour + 30)
        told.end(60 * hour + 30)
        told.look(60 * hour + 30, 60 * hour + 60)
    told.look(24 * 60, 48 * 60)
    over = 23 * 60 + 30 + 6 * 60
    assert told.mails == [(1, ["one"], []), (45, [], ["one"]), (61, ["one"], []), (over, [], ["one"])]


def test_many_things_that_come_and_go_are_four_mails_an_hour_at_most(told: Told) -> None:
    for minutes in range(120):
        told.begin(minutes, f"source {minutes}")
        told.look(minutes, minutes + 1)
    assert len(told.mails) <= 8
    assert sum(len(begun) for _at, begun, _ended in told.mails) > 100


def test_a_clock_that_was_set_back_keeps_nothing_from_being_told(told: Told) -> None:
    told.begin(0)
    told.look(0, 2)
    told.begin(-600, "two")
    told.look(-599, -590)
    assert [begun for _at, begun, _ended in told.mails] == [["one"], ["two"]]


def test_an_alarm_that_goes_on_is_no_new_one_and_has_its_newest_reason(archive: Archive) -> None:
    with archive.writing() as tx:
        assert alarms.begin(tx, "disk", "", "500 MiB", NOW)
        assert not alarms.begin(tx, "disk", "", "400 MiB", at(5))
        assert [(one.reason, one.since) for one in alarms.open_alarms(tx)] == [("400 MiB", NOW)]
        assert alarms.end(tx, "disk", "", "made room", at(9))
        assert not alarms.end(tx, "disk", "", "made room", at(10))
        assert alarms.open_alarms(tx) == []
