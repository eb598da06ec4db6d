"""The audit trail: who did what to what, and when.

Whoever changes something for a reader calls `record` in the transaction of the change, so that neither is
there without the other. A page does so:

    with asked.service.archive.writing() as tx:
        alerts.pause(tx, watch, until)
        asked.record(tx, "watch.pause", watch, until=until)

What is kept is never changed and outlives what it is about. It is read by operators: no secret belongs in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, or_, select

from presswatch.archive.tables import ActorKind, audit
from presswatch.archive.upsert import insert


class Actor(NamedTuple):
    """Who did it: an account's name, a recipient's address, the user of this machine who gave a command, or
    "" for whoever sits at this machine."""

    kind: ActorKind
    name: str


def account_actor(name: str) -> Actor:
    """Who did it, where it is the account of this name."""
    return Actor(ActorKind.ACCOUNT, name)


@dataclass(frozen=True, slots=True)
class Act:
    """What was done: `did` is a noun and a verb (`watch.pause`), `subject` the id of what it was done to.

    `at` is UTC; `detail` has values of JSON.
    """

    id: int
    at: datetime
    actor: Actor
    did: str
    subject: str
    detail: Mapping[str, object]


def record(
    tx: Connection,
    actor: Actor,
    did: str,
    subject: str,
    at: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Keep that somebody did something. Times in `detail` are kept as text."""
    said = json.dumps(detail or {}, ensure_ascii=False, default=str)
    who = {"actor_kind": actor.kind, "actor": actor.name}
    tx.execute(insert(audit).values(at=at, did=did, subject=subject, detail=said, **who))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which acts are asked for: those by or about an account, of a kind (`watch`), from a time to before
    another; "" and None choose all."""

    account: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Chosen()


def latest(tx: Connection, count: int, before: int | None = None, chosen: Chosen = EVERYTHING) -> list[Act]:
    """What was done last, the newest first; with `before` only what was recorded before that act."""
    found = select(audit).order_by(audit.c.id.desc()).limit(count)
    if before is not None:
        found = found.where(audit.c.id < before)
    if chosen.account:
        is_about = and_(audit.c.did.startswith("account."), audit.c.subject == chosen.account)
        found = found.where(or_(audit.c.actor == chosen.account, is_about))
    if chosen.kind:
        found = found.where(audit.c.did.startswith(f"{chosen.kind}.", autoescape=True))
    if chosen.since is not None:
        found = found.where(audit.c.at >= chosen.since)
    if chosen.until is not None:
        found = found.where(audit.c.at < chosen.until)
    return [
        Act(
            id=row.id,
            at=row.at,
            actor=Actor(ActorKind(row.actor_kind), row.actor),
            did=row.did,
            subject=row.subject,
            detail=json.loads(row.detail),
        )
        for row in tx.execute(found)
    ]
