"""WebSub (https://www.w3.org/TR/websub/): hubs are asked for pushes of the feeds that name them, and what
they push leads to runs of these feeds' sources. What was pushed is never read: it is a reason to look.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from random import random
from urllib.parse import urlencode, urljoin

import structlog
from sqlalchemy import Connection

from presswatch import __version__, urls
from presswatch.archive import Archive, push_subscriptions, runs
from presswatch.archive.push_subscriptions import Subscription
from presswatch.archive.tables import HubMode, PushState, RunState
from presswatch.backoff import Backoff
from presswatch.config import Config
from presswatch.errors import DeliveryError
from presswatch.watches.channels.child import in_child
from presswatch.watches.channels.webhook import Answer, ask, endpoints, retry_after
from presswatch.watches.safe_text import single_line, truncate
from scheduler.runner import Stop

# What is asked for; a hub may give more or less.
LEASE = timedelta(days=10)
# A source's pushes lead to runs no closer together than this, however often hubs push.
BETWEEN_RUNS = timedelta(minutes=1)
# A hub that took what it was asked makes sure of it soon, or is asked again after so long.
_PATIENCE = timedelta(hours=1)
_AGAIN = Backoff(first=timedelta(minutes=1), longest=timedelta(days=1), jitter=(0.75, 1.25))
# A hub that is not to be told any more of a feed is asked so often; what it pushes then is refused.
_GOODBYES = 4
_MOST_REDIRECTS = 3
# Characters of what a hub says that are kept.
_SHOWN = 200
# For an answer, and beyond that for the HTTP client.
_LIMIT, _GRACE = timedelta(seconds=10), timedelta(seconds=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Reach:
    """What of our own network a hub may be in: what the source itself has opened, and where its feed stands
    what the whole configuration has. A feed of strangers opens nothing."""

    feed_host: str
    general: tuple[str, ...]
    own: tuple[str, ...]

    def allowed(self, url: str) -> tuple[str, ...]:
        return (*self.own, *(self.general if urls.host(url) == self.feed_host else ()))


def push_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Plan the runs that pushes lead to; whether any was. A push and its run are committed together.

    One that waits for its crawler will do; one that goes on may have read the feed already, so that another
    follows it.
    """
    with archive.reading() as tx:
        if not push_subscriptions.waiting(tx):
            return False
    planned = False
    with archive.writing() as tx:
        states = runs.sources(tx)
        for one in push_subscriptions.waiting(tx):
            source, state = config.source(one.source), states.get(one.source)
            if source is None or not source.enabled or (state is not None and state.is_paused(now)):
                push_subscriptions.led_to_run(tx, [one.id], None)
            elif _is_at_work(tx, one.source) or (one.led is not None and now - one.led < BETWEEN_RUNS):
                continue
            else:
                if runs.open_run(tx, one.source) is None:
                    runs.plan(tx, one.source, now, trigger="push")
                    planned = True
                push_subscriptions.led_to_run(tx, [one.id], now)
    return planned


def hub_step(
    archive: Archive, config: Config, now: Callable[[], datetime], stop: Callable[[], Stop] = lambda: Stop.NO
) -> bool:
    """Ask the next hub that is to be asked for something; whether there was one.

    That it is asked is committed before, as it makes sure at our pages, mostly before it answers.
    """
    _settle(archive, config, now())
    with archive.reading() as tx:
        one = next_asked(push_subscriptions.all_of(tx), now())
    if one is None or stop():
        return False
    mode = HubMode.UNSUBSCRIBE if one.state is PushState.LEAVING else HubMode.SUBSCRIBE
    began = now()
    before = began + _AGAIN.delay(one.tries + 1, random())  # noqa: S311  # no secret
    with archive.writing() as tx:
        if mode is HubMode.UNSUBSCRIBE and (one.tries >= _GOODBYES or not _leases(one, began)):
            push_subscriptions.forget(tx, one.id)
            return True
        push_subscriptions.asking(tx, one.id, mode, began, before)
    reason, again, is_away = _ask(config, one, mode, before, now)
    with archive.writing() as tx:
        push_subscriptions.answered(tx, one.id, reason, before, again)
        if is_away:
            push_subscriptions.spare(tx, one.hub, again)
    return True


def pushed_sources(tx: Connection, config: Config, now: datetime) -> set[str]:
    """The sources of which hubs tell when they have something new."""
    relied = push_subscriptions.relied_upon(tx, now)
    named = ((config.source(id_), feeds) for id_, feeds in relied.items())
    return {
        source.id for source, feeds in named if source and source.enabled and feeds >= {*source.start_pages}
    }


def next_asked(known: Sequence[Subscription], now: datetime) -> Subscription | None:
    """The one whose hub is to be asked for something first; None when there is none by now."""
    due = [one for one in known if one.base and one.next_try <= now]
    return min(due, key=lambda one: (one.next_try, one.id), default=None)


def wanted_base(one: Subscription, config: Config) -> str | None:
    """The address below which its hub is to push: empty for nowhere now, None where nobody reads the feed."""
    source = config.source(one.source)
    if source is None or one.feed not in source.start_pages:
        return None
    # A hub that is to be reached by a proxy alone would hardly reach us.
    may_be = source.enabled and config.web.enabled and config.crawl.proxy is None
    return config.web.public_url.rstrip("/") if may_be else ""


def request(one: Subscription, mode: HubMode) -> dict[str, str]:
    """The fields of what a hub is asked (section 5.1)."""
    fields = {"hub.mode": str(mode), "hub.topic": one.topic, "hub.callback": one.callback}
    # Hubs of PubSubHubbub 0.3 ask for it, others pass over it.
    fields["hub.verify"] = "async"
    if mode is HubMode.UNSUBSCRIBE:
        return fields
    return fields | {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": one.secret}


def _settle(archive: Archive, config: Config, now: datetime) -> None:
    """Want pushes of just the feeds that are read, at the address that the configuration has."""
    with archive.reading() as tx:
        if not _unsettled(push_subscriptions.all_of(tx), config):
            return
    with archive.writing() as tx:
        for one, base in _unsettled(push_subscriptions.all_of(tx), config):
            if base is None:
                push_subscriptions.leave(tx, one, now)
            else:
                push_subscriptions.wanted_at(tx, one, base, now)


def _unsettled(known: Sequence[Subscription], config: Config) -> list[tuple[Subscription, str | None]]:
    wanted = [(one, wanted_base(one, config)) for one in known if one.state is not PushState.LEAVING]
    return [(one, base) for one, base in wanted if base != one.base]


def _ask(
    config: Config, one: Subscription, mode: HubMode, before: datetime, now: Callable[[], datetime]
) -> tuple[str, datetime, bool]:
    """What keeps the hub from it, when it is asked again, and whether it cannot be reached."""
    source = config.source(one.source)
    reach = _Reach(
        urls.host(one.feed), config.crawl.allow_addresses, source.allow_addresses if source else ()
    )
    body = urlencode(request(one, mode)).encode()
    told = log.bind(source=one.source, hub=urls.domain(one.hub), mode=str(mode))
    try:
        answer = in_child(_posted, one.hub, body, reach, _LIMIT.total_seconds(), limit=_LIMIT + _GRACE)
    except DeliveryError as error:
        reason = f"it cannot be asked: {error}"
        if not one.tries:
            told.warning("a hub cannot be asked", reason=str(error))
        return reason, before, True
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        reason = f"it answered {answer.status}{f': {answer.said}' if answer.said else ''}"
        reason = truncate(single_line(reason), _SHOWN)
        if not one.tries:
            told.warning("a hub refuses", reason=reason)
        wait = retry_after(answer.retry_after, now()) or timedelta()
        return reason, max(before, now() + wait), False
    told.info("a hub is asked")
    return "", max(before, now() + _PATIENCE), False


def _posted(hub: str, body: bytes, reach: _Reach, seconds: float) -> Answer:
    """Ask a hub, and where it moved to (section 5.1.2: 307 and 308), as long as that is no less safe."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": f"presswatch/{__version__}",
        "Accept": "*/*",
    }
    url = hub
    for left in reversed(range(_MOST_REDIRECTS + 1)):
        addresses = endpoints(url, reach.allowed(url), where="allow_addresses of the source")
        answer = ask("POST", url, headers, body, addresses, seconds)
        moved = urljoin(url, answer.location)
        is_safe = moved.startswith("https:") or url.startswith("http:")
        if answer.status not in (307, 308) or not left or not urls.normalize(moved) or not is_safe:
            break
        url = moved
    return answer


def _leases(one: Subscription, now: datetime) -> bool:
    return one.lease_until is not None and now < one.lease_until


def _is_at_work(tx: Connection, source: str) -> bool:
    going_on = runs.open_run(tx, source)
    return going_on is not None and runs.by_id(tx, [going_on])[0].state is RunState.RUNNING
