"""What hubs are to push of the feeds of sources (WebSub): what feeds name, what hubs confirmed, what came.

A crawler notes which hub a feed names. The daemon asks hubs (scheduler/hubs.py), each time after it is
written here what for. The pages' process answers hubs (presswatch/web/hub_callback.py) and notes their
pushes, which the daemon turns into runs.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, and_, delete, select, update

from presswatch.archive.tables import HubMode, PushState, push_subscription
from presswatch.archive.upsert import insert
from presswatch.model import Hub

# So long after it was asked a hub may still make sure that it was.
ASKED_HOLDS = timedelta(days=1)
# A hub that pushed nothing for so long is not relied upon, as some accept subscriptions and push nothing.
RELIED_UPON = timedelta(days=3)
# A hub that will not push is asked again after so long: denials end, too.
DENIED_FOR = timedelta(days=7)
# No lease counts for longer, whatever the hub says, so that a hub that forgot us is asked again.
LONGEST_LEASE = timedelta(days=14)
# A lease is renewed when this part of it is over, and not sooner than after so long.
_RENEWED_AFTER, _SOONEST = 0.8, timedelta(minutes=5)

_TABLE = push_subscription.c


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed of a source, the hub that it names, and how it stands with the two; tables.py tells of each.

    `feed` is a start page in normal form. `asked` is empty where the hub was asked for nothing.
    """

    id: int
    source: str
    feed: str
    hub: str
    topic: str
    base: str
    token: str
    secret: str
    state: PushState
    asked: HubMode | None
    asked_at: datetime | None
    tries: int
    next_try: datetime
    lease_until: datetime | None
    pushed: datetime | None
    waiting: datetime | None
    led: datetime | None
    reason: str

    @property
    def callback(self) -> str:
        """The address that the hub is given."""
        return f"{self.base}/hub/{self.token}"

    def is_live(self, now: datetime) -> bool:
        """Whether the hub is to push by what it confirmed."""
        return self.state is PushState.ACTIVE and self.lease_until is not None and now < self.lease_until

    def is_relied_upon(self, now: datetime) -> bool:
        """Whether it pushes, by what it did lately."""
        return self.is_live(now) and self.pushed is not None and now - self.pushed < RELIED_UPON

    def may_confirm(self, mode: str, topic: str, now: datetime) -> bool:
        """Whether a hub asks about just what it was asked for."""
        is_recent = self.asked_at is not None and now - self.asked_at < ASKED_HOLDS
        return is_recent and mode == self.asked and topic == self.topic


def note_hub(tx: Connection, source: str, feed: str, hub: Hub | None, now: datetime) -> None:
    """Keep which hub a feed names, None where it names none. The one before is left."""
    mine = and_(_TABLE.source == source, _TABLE.feed == feed, _TABLE.state != PushState.LEAVING)
    for row in tx.execute(select(push_subscription).where(mine)).all():
        if hub is not None and (row.hub, row.topic) == (hub.url, hub.topic):
            return
        leave(tx, _subscription(row), now)
    if hub is not None:
        _add(tx, source, feed, hub, "", now)


def wanted_at(tx: Connection, one: Subscription, base: str, now: datetime) -> None:
    """Have its callback lie below this address, by another subscription where it has one already. Empty: the
    hub is to push nothing now, and is only remembered."""
    if not one.base:
        tx.execute(update(push_subscription).where(_TABLE.id == one.id).values(base=base))
        return
    leave(tx, one, now)
    _add(tx, one.source, one.feed, Hub(one.hub, one.topic), base, now)


def leave(tx: Connection, one: Subscription, now: datetime) -> None:
    """Nobody wants its pushes any more. A hub that has nothing to push is not told."""
    if one.lease_until is None or one.lease_until <= now:
        forget(tx, one.id)
        return
    values = {"state": PushState.LEAVING, "tries": 0, "next_try": now, "waiting": None}
    tx.execute(update(push_subscription).where(_TABLE.id == one.id).values(**values))


def forget(tx: Connection, id_: int) -> None:
    """Keep nothing of it."""
    tx.execute(delete(push_subscription).where(_TABLE.id == id_))


def all_of(tx: Connection, sources: Collection[str] | None = None) -> list[Subscription]:
    """Every subscription (of these sources), in the order in which they came."""
    chosen = select(push_subscription).order_by(_TABLE.id)
    if sources is not None:
        chosen = chosen.where(_TABLE.source.in_(list(sources)))
    return [_subscription(row) for row in tx.execute(chosen)]


def by_token(tx: Connection, token: str) -> Subscription | None:
    """The subscription that a callback is of."""
    row = tx.execute(select(push_subscription).where(_TABLE.token == token)).one_or_none()
    return None if row is None else _subscription(row)


def asking(tx: Connection, id_: int, mode: HubMode, now: datetime, again: datetime) -> None:
    """The hub is about to be asked; without success it is asked again at `again`."""
    values = {"asked": mode, "asked_at": now, "tries": _TABLE.tries + 1, "next_try": again}
    tx.execute(update(push_subscription).where(_TABLE.id == id_).values(**values))


def answered(tx: Connection, id_: int, reason: str, before: datetime, again: datetime) -> None:
    """What the hub said to what it was asked; empty for yes. It is asked again at `again` in place of
    `before`, if it has not made sure meanwhile."""
    mine = and_(_TABLE.id == id_, _TABLE.next_try == before)
    tx.execute(update(push_subscription).where(mine).values(reason=reason, next_try=again))


def spare(tx: Connection, hub: str, until: datetime) -> None:
    """Ask a hub that cannot be reached for nothing before then."""
    mine = and_(_TABLE.hub == hub, _TABLE.next_try < until)
    tx.execute(update(push_subscription).where(mine).values(next_try=until))


def confirmed(tx: Connection, one: Subscription, lease: timedelta, now: datetime) -> None:
    """The hub has made sure, and pushes for so long."""
    counted = min(lease, LONGEST_LEASE)
    values = {"state": PushState.ACTIVE, "lease_until": now + counted, "tries": 0, "reason": ""}
    values["next_try"] = now + max(counted * _RENEWED_AFTER, _SOONEST)
    tx.execute(update(push_subscription).where(_TABLE.id == one.id).values(**values))


def denied(tx: Connection, one: Subscription, reason: str, now: datetime) -> None:
    """The hub will not push, and says why."""
    values = {"state": PushState.DENIED, "reason": reason, "tries": 0, "next_try": now + DENIED_FOR}
    tx.execute(update(push_subscription).where(_TABLE.id == one.id).values(**values, lease_until=None))


def push(tx: Connection, one: Subscription, now: datetime) -> None:
    """The hub pushed: a reason to read the feed."""
    waits = one.waiting or now
    tx.execute(update(push_subscription).where(_TABLE.id == one.id).values(pushed=now, waiting=waits))


def waiting(tx: Connection) -> list[Subscription]:
    """Those of which a push led to no run yet, the oldest push first."""
    chosen = select(push_subscription).where(_TABLE.waiting.is_not(None)).order_by(_TABLE.waiting)
    return [_subscription(row) for row in tx.execute(chosen)]


def led_to_run(tx: Connection, ids: Collection[int], now: datetime | None) -> None:
    """These wait no more: since their push a run was planned `now`, or none is to be (None)."""
    values = {"waiting": None} | ({} if now is None else {"led": now})
    tx.execute(update(push_subscription).where(_TABLE.id.in_(list(ids))).values(**values))


def relied_upon(tx: Connection, now: datetime) -> dict[str, set[str]]:
    """By source the feeds of which hubs tell reliably."""
    feeds = defaultdict[str, set[str]](set)
    for one in all_of(tx):
        if one.is_relied_upon(now):
            feeds[one.source].add(one.feed)
    return feeds


def _add(tx: Connection, source: str, feed: str, hub: Hub, base: str, now: datetime) -> None:
    row = {"source": source, "feed": feed, "hub": hub.url, "topic": hub.topic, "base": base}
    row |= {"token": secrets.token_urlsafe(32), "secret": secrets.token_urlsafe(32), "reason": ""}
    values = {**row, "state": PushState.WANTED, "asked": "", "tries": 0, "next_try": now}
    tx.execute(insert(push_subscription).values(**values))


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    values = dict(row._mapping)
    state, asked = PushState(row.state), HubMode(row.asked) if row.asked else None
    return Subscription(**{**values, "state": state, "asked": asked})
