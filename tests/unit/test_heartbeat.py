"""The dead man's switch: when it beats, where it may go, and what it says of its address."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from presswatch.archive import Archive
from presswatch.config.models import DaemonConfig, HeartbeatConfig
from presswatch.errors import UnavailableError
from scheduler.health import HealthRegistry
from scheduler.heartbeat import Heartbeat, beaten, denied, fault, look
from support.receiver import Receiver, receiving

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TICK = 5 * SECOND
SECRET = "7f3a9b1c-1111-2222-3333-444455556666"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def beat(receiver: Receiver, *, allowed: bool = True) -> HeartbeatConfig:
    address = f"127.0.0.1:{receiver.port}"
    return HeartbeatConfig(
        url=f"{receiver.url}/ping/{SECRET}?token=hunter2",
        every=MINUTE,
        allow_addresses=(address,) if allowed else (),
    )


def planned(at: datetime | None, error: str = "") -> dict[str, dict[str, str]]:
    return {"plan": {"well": at.isoformat() if at else "", "error": error, "since": ""}}


@pytest.mark.parametrize(
    ("steps", "turned", "tick", "expected"),
    [
        (planned(NOW - TICK), NOW, TICK, ""),
        (planned(NOW - TICK), None, TICK, "nothing was planned yet"),
        (planned(NOW - TICK), NOW - 2 * MINUTE, TICK, "loop stands still"),
        (planned(NOW - 2 * MINUTE), NOW, TICK, "the step hangs"),
        (planned(NOW - 2 * MINUTE, "the disk is full"), NOW, TICK, "the disk is full"),
        (planned(None), NOW, TICK, "nothing was planned yet"),
        (planned(None, "the disk is full"), NOW, TICK, "the disk is full"),
        ({}, NOW, TICK, "nothing was planned yet"),
        # Where ticks are rare, a step may be late by some of them.
        (planned(NOW - 14 * MINUTE), NOW, 5 * MINUTE, ""),
        (planned(NOW - 15 * MINUTE), NOW, 5 * MINUTE, "the step hangs"),
    ],
)
def test_when_the_daemon_is_not_well(
    steps: dict[str, dict[str, str]], turned: datetime | None, tick: timedelta, expected: str
) -> None:
    said = fault(steps, turned, tick, NOW)
    assert expected in said
    assert bool(expected) == bool(said)


def test_it_beats_once_each_time_while_all_is_well(archive: Archive, receiver: Receiver) -> None:
    health = HealthRegistry()
    heart, config = Heartbeat(archive, health), DaemonConfig(heartbeat=beat(receiver))
    health.set_steps(["plan"])
    health.turn(NOW)
    assert heart.step(config, NOW) is None
    assert receiver.posted == []
    health.record_success("plan", NOW)
    assert heart.step(config, NOW + MINUTE) is False
    assert heart.step(config, NOW + MINUTE + 59 * SECOND) is None
    assert [one.path for one in receiver.posted] == [f"/ping/{SECRET}?token=hunter2"]
    health.turn(NOW + 10 * MINUTE)
    assert heart.step(config, NOW + 10 * MINUTE) is None
    assert len(receiver.posted) == 1


def test_an_address_of_ones_own_network_is_asked_only_where_it_is_allowed(receiver: Receiver) -> None:
    with pytest.raises(UnavailableError, match=r"this machine itself.*daemon\.heartbeat\.allow_addresses"):
        beaten(beat(receiver, allowed=False))
    with pytest.raises(UnavailableError, match="this machine itself"):
        look(beat(receiver, allowed=False))
    assert look(beat(receiver)) == "127.0.0.1 is told every 1m"
    assert receiver.posted == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("OK", ""),
        ("", ""),
        ("<html>ok (really)</html>", ""),
        ('{"ok":true}', ""),
        ('{"ok":true,"msg":"fine"}', ""),
        ("[1]", ""),
        ("OK (not found)", "OK (not found)"),
        ("OK (rate limited)", "OK (rate limited)"),
        ('{"ok":false,"msg":"Monitor not found or not active."}', "Monitor not found or not active."),
        ('{"ok": false}', '{"ok": false}'),
    ],
)
def test_a_service_may_answer_200_and_know_no_such_check(said: str, expected: str) -> None:
    assert denied(said) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://hc-ping.com/7f3a9b1c-1111-2222-3333-444455556666",
        "https://hc-ping.com/fqOOd6-F4MMNuCEnzTU01w/db-backups?create=1",
        "https://kuma.example.org/api/push/wvnZpdDv3P?status=up&msg=OK&ping=",
        "http://192.168.1.7:3001/api/push/f4h2di3sfz?status=up&msg=All%20well",
        "https://uptime.betterstack.com/api/v1/heartbeat/abcDEF123456",
        "https://cronitor.link/p/0123456789abcdef/presswatch?state=complete",
        "https://api.honeybadger.io/v1/check_in/XyZZy1",
    ],
)
def test_addresses_as_services_give_them_are_taken(url: str) -> None:
    assert HeartbeatConfig.model_validate({"url": url}).url == url


@pytest.mark.parametrize("how", ["not found", "404", "302", "repeats", "hangs up"])
def test_one_that_is_not_taken_says_so_without_the_address(receiver: Receiver, how: str) -> None:
    match how:
        case "404":
            receiver.answer(404)
        case "not found":
            receiver.answer(200, "OK (not found)")
        case "302":
            receiver.answer(302, Location=f"{receiver.url}/elsewhere")
        case "repeats":
            receiver.answer(500, f"no such check: {SECRET} hunter2")
        case _:
            receiver.break_off()
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1") as raised:
        beaten(beat(receiver))
    assert SECRET not in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert len(receiver.posted) == 1
