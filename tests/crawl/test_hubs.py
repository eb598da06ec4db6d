"""Hubs of feeds are asked over real HTTP, and their pushes are no more than a reason to look."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from presswatch.archive import Archive, push_subscriptions, runs
from presswatch.archive.push_subscriptions import Subscription
from presswatch.archive.tables import PushState, RunState
from presswatch.config import Config, Source
from presswatch.model import Hub as Named
from presswatch.watches.channels.webhook import Answer
from scheduler.hubs import BETWEEN_RUNS, hub_step, push_step, pushed_sources
from support.hub import Hub, hub

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process for each request takes its time; tests/faults/test_pushes.py asks from one."""

    def do(work: Callable[..., Answer], *args: Any, limit: timedelta) -> Answer:
        return work(*args)

    monkeypatch.setattr("scheduler.hubs.in_child", do)


@pytest.fixture
def served() -> Iterator[Hub]:
    """A hub where the feed stands, too."""
    with hub() as served:
        yield served


def gazette(served: Hub, **values: Any) -> Source:
    return Source.model_validate({"id": "gazette", "name": "Gazette", "start": [feed(served)], **values})


def feed(served: Hub) -> str:
    return f"{served.url}feed"


def configured(served: Hub, *sources: Source, url: str = "https://watch.example/", **settings: Any) -> Config:
    """A configuration of these sources, of the gazette where none is said."""
    values = {"crawl": {"allow_addresses": [served.host]}, "web": {"public_url": url}, **settings}
    return Config.model_validate({**values, "sources": sources or [gazette(served)]})


def without_sources(served: Hub) -> Config:
    return configured(served).model_copy(update={"sources": ()})


def named(archive: Archive, served: Hub, topic: str = "", url: str = "") -> None:
    """What a run of the gazette finds in its feed."""
    with archive.writing() as tx:
        runs.ensure_sources(tx, ["gazette"], NOW)
        told = Named(url or served.url, topic or feed(served))
        push_subscriptions.note_hub(tx, "gazette", feed(served), told, NOW)


def held(archive: Archive) -> list[Subscription]:
    with archive.reading() as tx:
        return push_subscriptions.all_of(tx)


def step(archive: Archive, config: Config, now: datetime) -> bool:
    return hub_step(archive, config, lambda: now)


def activate(archive: Archive, config: Config, served: Hub) -> Subscription:
    """Named, asked, and confirmed by the hub."""
    named(archive, served)
    assert step(archive, config, NOW)
    with archive.writing() as tx:
        [one] = push_subscriptions.all_of(tx)
        push_subscriptions.confirmed(tx, one, timedelta(days=10), NOW)
    return held(archive)[0]


def push(archive: Archive, now: datetime) -> None:
    with archive.writing() as tx:
        push_subscriptions.push(tx, push_subscriptions.all_of(tx)[0], now)


def test_a_hub_is_asked_once_for_what_the_feed_names(archive: Archive, served: Hub) -> None:
    config = configured(served)
    assert not step(archive, config, NOW)
    named(archive, served, topic="https://gazette.example/all?b=1&a=%7E")
    named(archive, served, topic="https://gazette.example/all?b=1&a=%7E")
    assert step(archive, config, NOW)
    assert not step(archive, config, NOW)
    [asked], [one] = served.asked, held(archive)
    assert asked == {
        "hub.mode": "subscribe",
        "hub.topic": "https://gazette.example/all?b=1&a=%7E",
        "hub.callback": f"https://watch.example/hub/{one.token}",
        "hub.lease_seconds": "864000",
        "hub.secret": one.secret,
        "hub.verify": "async",
    }
    assert one.token not in asked["hub.secret"]
    # It took it and made sure of nothing: it is asked again, not too soon.
    assert timedelta(hours=1) <= one.next_try - NOW
    assert step(archive, config, one.next_try)
    assert [one["hub.mode"] for one in served.asked] == ["subscribe"] * 2


def test_a_lease_is_renewed_before_it_ends_and_lives_on_when_that_fails(
    archive: Archive, served: Hub
) -> None:
    config = configured(served)
    one = activate(archive, config, served)
    assert not step(archive, config, NOW + timedelta(days=7, hours=23))
    served.status = 503
    assert step(archive, config, NOW + timedelta(days=8))
    [again] = held(archive)
    assert (again.state, again.lease_until) == (PushState.ACTIVE, NOW + timedelta(days=10))
    assert "503" in again.reason
    assert again.is_live(NOW + timedelta(days=9))
    assert not again.is_live(NOW + timedelta(days=10))
    assert served.asked[1] == served.asked[0]
    assert one.callback == again.callback


def test_a_hub_that_fails_is_asked_ever_more_rarely(archive: Archive, served: Hub) -> None:
    config = configured(served)
    named(archive, served)
    served.status = 500
    now, waits = NOW, []
    for _ in range(14):
        assert step(archive, config, now)
        [one] = held(archive)
        waits.append(one.next_try - now)
        now = one.next_try
    assert timedelta(seconds=45) <= waits[0] <= timedelta(seconds=75)
    assert all(later > earlier for earlier, later in pairwise(waits[:9]))
    assert max(waits) <= timedelta(hours=30)


def test_a_hub_that_asks_to_be_left_alone_is(archive: Archive, served: Hub) -> None:
    named(archive, served)
    served.status, served.headers = 429, {"Retry-After": "7200"}
    step(archive, configured(served), NOW)
    assert held(archive)[0].next_try >= NOW + timedelta(hours=2)


@pytest.mark.parametrize("status", [307, 308])
def test_a_hub_that_moved_is_followed(archive: Archive, served: Hub, status: int) -> None:
    served.status, served.headers = status, {"Location": "/elsewhere"}
    named(archive, served)
    assert step(archive, configured(served), NOW)
    assert served.paths == ["/", "/elsewhere"]
    assert held(archive)[0].reason == ""


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (307, "http://169.254.169.254/"),
        (308, "http://10.0.0.1/hub"),
        (302, "/elsewhere"),
        (307, "file:///etc/passwd"),
    ],
)
def test_a_hub_leads_nowhere_that_it_may_not(
    archive: Archive, served: Hub, status: int, location: str
) -> None:
    served.status, served.headers = status, {"Location": location}
    named(archive, served)
    assert step(archive, configured(served), NOW)
    assert served.paths == ["/"]
    assert held(archive)[0].reason != ""


def test_a_hub_of_our_network_is_asked_where_the_source_opens_it_alone(archive: Archive) -> None:
    """A feed of strangers cannot have us ask what other sources have opened."""
    with hub() as stands, hub() as other:
        named(archive, stands, url=other.url)
        general: dict[str, Any] = {"crawl": {"allow_addresses": [stands.host, other.host]}}
        assert step(archive, configured(stands, **general), NOW)
        [one] = held(archive)
        assert (other.asked, "127.0.0.1" in one.reason) == ([], True)
        own = gazette(stands, allow_addresses=[other.host])
        assert step(archive, configured(stands, own, **general), one.next_try)
        assert len(other.asked) == 1


def test_without_an_address_of_our_pages_a_hub_is_only_remembered(archive: Archive, served: Hub) -> None:
    named(archive, served)
    url = "https://watch.example"
    for unreachable in (
        configured(served, url=""),
        configured(served, web={"public_url": url, "enabled": False}),
        configured(served, crawl={"proxy": "http://proxy.example:3128"}),
    ):
        assert not step(archive, unreachable, NOW)
    assert (served.asked, held(archive)[0].base) == ([], "")
    assert step(archive, configured(served), NOW)
    assert len(served.asked) == 1


def test_what_a_daemon_died_of_is_asked_again(
    archive: Archive, served: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after it was noted that the hub is asked: it may know by then or not."""
    named(archive, served)

    def killed(*_args: object, **_limit: object) -> None:
        raise SystemExit(137)

    with monkeypatch.context() as killing, pytest.raises(SystemExit):
        killing.setattr("scheduler.hubs.in_child", killed)
        step(archive, configured(served), NOW)
    [one] = held(archive)
    assert one.may_confirm("subscribe", feed(served), NOW)
    assert step(archive, configured(served), one.next_try)
    assert [asked["hub.callback"] for asked in served.asked] == [one.callback]


@pytest.mark.parametrize("gone", ["removed", "moved", "disabled", "no address"])
def test_a_hub_is_told_when_nobody_wants_its_pushes(archive: Archive, served: Hub, gone: str) -> None:
    one = activate(archive, configured(served), served)
    config = {
        "removed": without_sources(served),
        "moved": configured(served, gazette(served, start=[f"{feed(served)}/other"])),
        "disabled": configured(served, gazette(served, enabled=False)),
        "no address": configured(served, url=""),
    }[gone]
    assert step(archive, config, NOW)
    [_, bye] = served.asked
    assert (bye["hub.mode"], bye["hub.callback"], "hub.secret" in bye) == ("unsubscribe", one.callback, False)
    left = [one for one in held(archive) if one.state is not PushState.LEAVING]
    # What its feed names is remembered where the feed may be read again.
    assert [(one.hub, one.base) for one in left] == (
        [(served.url, "")] if gone in ("disabled", "no address") else []
    )
    # A hub that takes no goodbye is not asked for ever.
    now = NOW
    for _ in range(9):
        now += timedelta(hours=20)
        step(archive, config, now)
    assert len(served.asked) <= 5
    assert [one.state for one in held(archive)] == [PushState.WANTED] * len(left)


def test_another_hub_topic_or_address_is_another_subscription(archive: Archive, served: Hub) -> None:
    first = activate(archive, configured(served), served)
    named(archive, served, topic=f"{feed(served)}?new")
    moved = configured(served, url="https://new.example/watch")
    while step(archive, moved, NOW):
        pass
    modes = [(asked["hub.mode"], asked["hub.topic"]) for asked in served.asked[1:]]
    assert sorted(modes) == [("subscribe", f"{feed(served)}?new"), ("unsubscribe", feed(served))]
    [second] = [one for one in held(archive) if one.state is PushState.WANTED]
    assert second.callback.startswith("https://new.example/watch/hub/")
    assert {first.token, first.secret}.isdisjoint({second.token, second.secret})


def test_a_push_plans_one_run_and_a_flood_no_more_than_one_a_minute(archive: Archive, served: Hub) -> None:
    config = configured(served)
    activate(archive, config, served)
    assert not push_step(archive, config, NOW)
    push(archive, NOW)
    assert push_step(archive, config, NOW)
    with archive.reading() as tx:
        [run] = runs.latest(tx)
    assert (run.source, run.trigger, run.state) == ("gazette", "push", RunState.DUE)
    for seconds in range(1, 59):
        push(archive, NOW + timedelta(seconds=seconds))
        assert not push_step(archive, config, NOW + timedelta(seconds=seconds))
    # The run that waits will do for all of them.
    assert not push_step(archive, config, NOW + BETWEEN_RUNS)
    with archive.reading() as tx:
        assert len(runs.latest(tx)) == 1
        assert push_subscriptions.waiting(tx) == []


def test_a_push_during_a_run_is_followed_by_another(archive: Archive, served: Hub) -> None:
    config = configured(served)
    activate(archive, config, served)
    with archive.writing() as tx:
        number = runs.plan(tx, "gazette", NOW)
        assert number is not None
        runs.claim(tx, "a crawler", {"gazette": ["gazette.example:443"]}, NOW, timedelta(hours=1), 1)
    push(archive, NOW)
    assert not push_step(archive, config, NOW)
    with archive.writing() as tx:
        runs.finish(tx, number, "{}", "", NOW)
    assert push_step(archive, config, NOW + timedelta(seconds=5))


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_push_reads_nothing_that_is_off_or_gone(archive: Archive, served: Hub, is_gone: bool) -> None:
    activate(archive, configured(served), served)
    push(archive, NOW)
    off = configured(served, gazette(served, enabled=False))
    assert not push_step(archive, without_sources(served) if is_gone else off, NOW)
    with archive.reading() as tx:
        assert (runs.latest(tx), push_subscriptions.waiting(tx)) == ([], [])


def test_a_hub_is_relied_upon_while_it_pushes(archive: Archive, served: Hub) -> None:
    config = configured(served)
    activate(archive, config, served)

    def relied(config: Config, now: datetime) -> set[str]:
        with archive.reading() as tx:
            return pushed_sources(tx, config, now)

    assert relied(config, NOW) == set()
    push(archive, NOW)
    assert relied(config, NOW) == {"gazette"}
    two_feeds = gazette(served, start=[feed(served), f"{feed(served)}/2"])
    assert relied(configured(served, two_feeds), NOW) == set()
    assert relied(config, NOW + timedelta(days=3)) == set()
