"""What the pages say to hubs: yes to what they were asked alone, the same to right and wrong pushes."""

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from presswatch.archive import push_subscriptions, runs
from presswatch.archive.push_subscriptions import Subscription
from presswatch.archive.tables import HubMode, PushState
from presswatch.model import Hub
from presswatch.web.hub_callback import LARGEST_PUSH
from support.reading_room import ReadingRoom

FEED, TOPIC = "https://gazette.example/feed", "https://gazette.example/all.xml?b=1&a=2"
DAY = timedelta(days=1)


def asked(room: ReadingRoom, mode: HubMode = HubMode.SUBSCRIBE) -> Subscription:
    """A subscription that a hub was just asked for."""
    archive, now = room.newsroom.archive, room.newsroom.now
    with archive.writing() as tx:
        runs.ensure_sources(tx, ["gazette"], now)
        push_subscriptions.note_hub(tx, "gazette", FEED, Hub("https://hub.example/", TOPIC), now)
        [one] = push_subscriptions.all_of(tx)
        push_subscriptions.wanted_at(tx, one, "https://watch.example", now)
        push_subscriptions.asking(tx, one.id, mode, now, now + DAY)
    return held(room)


def active(room: ReadingRoom) -> Subscription:
    one = asked(room)
    with room.newsroom.archive.writing() as tx:
        push_subscriptions.confirmed(tx, one, timedelta(days=10), room.newsroom.now)
    return held(room)


def held(room: ReadingRoom) -> Subscription:
    with room.newsroom.archive.reading() as tx:
        [one] = push_subscriptions.all_of(tx)
    return one


def made_sure(room: ReadingRoom, one: Subscription, **said: str) -> tuple[int, str]:
    fields = {"mode": "subscribe", "topic": TOPIC, "challenge": "<b>7</b>", "lease_seconds": "864000"} | said
    query = urlencode({f"hub.{name}": value for name, value in fields.items()})
    answer = room.pages.get(f"/hub/{one.token}?{query}")
    assert answer.status != 200 or answer.headers["content-type"].startswith("text/plain")
    return answer.status, answer.text


def pushed(room: ReadingRoom, token: str, signature: str, body: bytes = b"<rss/>") -> int:
    hub = room.pages.another(**({"X-Hub-Signature": signature} if signature else {}))
    return hub.send(f"/hub/{token}", body, "application/rss+xml").status


def signed(one: Subscription, method: str = "sha256", body: bytes = b"<rss/>") -> str:
    return f"{method}={hmac.new(one.secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


def test_a_hub_that_was_asked_is_told_so_and_its_lease_counts(room: ReadingRoom) -> None:
    one, now = asked(room), room.newsroom.now
    assert one.callback == f"https://watch.example/hub/{one.token}"
    assert len(one.token) >= 43
    assert made_sure(room, one) == (200, "<b>7</b>")
    assert (held(room).state, held(room).lease_until) == (PushState.ACTIVE, now + timedelta(days=10))
    assert held(room).next_try == now + timedelta(days=8)
    # Its answer was lost, so it asks again.
    assert made_sure(room, one, challenge="8") == (200, "8")


@pytest.mark.parametrize(
    "said",
    [
        {"topic": "https://gazette.example/other.xml"},
        {"topic": TOPIC.replace("b=1&a=2", "a=2&b=1")},
        {"mode": "unsubscribe"},
        {"mode": "publish"},
        {"mode": ""},
        {"challenge": ""},
        {"challenge": "x" * 5000},
    ],
)
def test_a_hub_is_told_nothing_that_it_was_not_asked(room: ReadingRoom, said: dict[str, str]) -> None:
    one = asked(room)
    assert made_sure(room, one, **said)[0] == 404
    assert held(room) == one


def test_nobody_else_and_nobody_late_makes_sure(room: ReadingRoom) -> None:
    one = asked(room)
    answer = room.pages.get(f"/hub/{'x' * 43}?{urlencode({'hub.mode': 'subscribe', 'hub.topic': TOPIC})}")
    assert answer.status == 404
    room.newsroom.now += DAY + timedelta(seconds=1)
    assert made_sure(room, one)[0] == 404
    assert held(room).state is PushState.WANTED


@pytest.mark.parametrize(
    ("seconds", "lease"),
    [
        *(("", DAY), ("-5", DAY), ("1e9", DAY), ("9" * 5000, DAY)),
        *(("3600", timedelta(hours=1)), ("0", timedelta()), ("9" * 9, push_subscriptions.LONGEST_LEASE)),
    ],
)
def test_a_lease_is_bounded(room: ReadingRoom, seconds: str, lease: timedelta) -> None:
    one, now = asked(room), room.newsroom.now
    assert made_sure(room, one, lease_seconds=seconds)[0] == 200
    assert held(room).lease_until == now + lease
    assert held(room).next_try > now


def test_a_hub_that_denies_is_believed_and_asked_again_later(room: ReadingRoom) -> None:
    one, now = active(room), room.newsroom.now
    assert made_sure(room, one, mode="denied", reason="no\nmore \x1b[2J", challenge="")[0] == 200
    after = held(room)
    assert (after.state, after.next_try) == (PushState.DENIED, now + push_subscriptions.DENIED_FOR)
    assert "no" in after.reason
    assert not {"\n", "\x1b"} & {*after.reason}
    assert pushed(room, one.token, signed(one)) == 410


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_push_is_noted_once_until_it_led_to_a_run(room: ReadingRoom, method: str) -> None:
    one, now = active(room), room.newsroom.now
    assert pushed(room, one.token, signed(one, method)) == 202
    assert (held(room).waiting, held(room).pushed) == (now, now)
    room.newsroom.now += DAY
    assert pushed(room, one.token, signed(one, method)) == 202
    assert held(room).waiting == now


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha256=00", "md5=" + "0" * 32, "sha256", "wrong", "other"]
)
def test_a_push_with_a_wrong_signature_is_answered_alike_and_passed_over(
    room: ReadingRoom, signature: str
) -> None:
    one = active(room)
    given = {"wrong": f"sha256={'0' * 64}", "other": signed(one, body=b"<rss/> ")}.get(signature, signature)
    assert pushed(room, one.token, given) == 202
    assert held(room) == one


def test_what_nobody_wants_is_gone_for_the_hub(room: ReadingRoom) -> None:
    assert pushed(room, "x" * 43, "") == 410
    one = asked(room)
    assert pushed(room, one.token, signed(one)) == 410
    with room.newsroom.archive.writing() as tx:
        push_subscriptions.confirmed(tx, one, timedelta(hours=1), room.newsroom.now)
    room.newsroom.now += timedelta(hours=1)
    assert pushed(room, one.token, signed(one)) == 410
    assert held(room).waiting is None


def test_a_push_that_is_too_large_is_refused(room: ReadingRoom) -> None:
    one, body = active(room), bytes(LARGEST_PUSH)
    assert pushed(room, one.token, signed(one, body=body), body) == 202
    assert held(room).waiting is not None
    assert pushed(room, one.token, "", body + b"0") == 413


def test_a_hub_is_told_goodbye_once(room: ReadingRoom) -> None:
    one, now = active(room), room.newsroom.now
    with room.newsroom.archive.writing() as tx:
        push_subscriptions.leave(tx, one, now)
    assert pushed(room, one.token, signed(one)) == 410
    # Neither before it was asked, nor is it subscribed again.
    assert made_sure(room, one, mode="unsubscribe")[0] == 404
    assert made_sure(room, one)[0] == 404
    with room.newsroom.archive.writing() as tx:
        push_subscriptions.asking(tx, one.id, HubMode.UNSUBSCRIBE, now, now + DAY)
    assert made_sure(room, one, mode="unsubscribe") == (200, "<b>7</b>")
    with room.newsroom.archive.reading() as tx:
        assert push_subscriptions.all_of(tx) == []
    assert made_sure(room, one, mode="unsubscribe")[0] == 404
