"""What an operator is to be told of: each thing that is wrong, since when, and what was told of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, select, update

from presswatch.archive.tables import alarm
from presswatch.archive.upsert import insert

# What comes back so soon after its end was told is unsteady.
SOON_AGAIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong since then, or was until it `ended`; instants are UTC.

    `kind` says what in general, `subject` what it is about (a source's id, a step's name; "" where there is
    one alone), `reason` why, for people. `told` and `end_told`: when the mail was made that told of it, and
    of its end. `unsteady`: it had ended, that was told, and it came back soon after.
    """

    kind: str
    subject: str
    reason: str
    since: datetime
    told: datetime | None = None
    ended: datetime | None = None
    end_reason: str = ""
    end_told: datetime | None = None
    unsteady: bool = False

    @property
    def is_open(self) -> bool:
        return self.ended is None


def begin(tx: Connection, kind: str, subject: str, reason: str, now: datetime) -> bool:
    """Say that something is wrong; whether that is new. Where it is known already its reason is renewed.

    One that had ended, and of whose end nobody was told yet, goes on as if it had not.
    """
    known = _get(tx, kind, subject)
    mine = _is(kind, subject)
    if known is None:
        tx.execute(insert(alarm).values(kind=kind, subject=subject, reason=reason, since=now))
        return True
    if known.is_open:
        if known.reason != reason:
            tx.execute(update(alarm).where(mine).values(reason=reason))
        return False
    again = {"reason": reason, "ended": None, "end_reason": ""}
    if known.told is not None and known.end_told is None:
        tx.execute(update(alarm).where(mine).values(**again))
        return True
    was_told = known.end_told is not None and now - known.end_told < SOON_AGAIN
    unsteady = was_told or (known.told is None and known.unsteady)
    fresh = {"since": now, "told": None, "end_told": None, "unsteady": unsteady}
    tx.execute(update(alarm).where(mine).values(**again, **fresh))
    return True


def end(tx: Connection, kind: str, subject: str, reason: str, now: datetime) -> bool:
    """Say that it is well again, and by what; whether it was wrong until now."""
    ended = {"ended": now, "end_reason": reason}
    mine = and_(_is(kind, subject), alarm.c.ended.is_(None))
    return bool(tx.execute(update(alarm).where(mine).values(**ended)).rowcount)


def open_alarms(tx: Connection) -> list[Alarm]:
    """What is wrong now, the longest first."""
    rows = tx.execute(select(alarm).where(alarm.c.ended.is_(None)).order_by(alarm.c.since, alarm.c.kind))
    return [_alarm(row) for row in rows]


def every(tx: Connection) -> list[Alarm]:
    """What is wrong, and what was: of each kind and subject the last time, the longest ago first."""
    order = (alarm.c.since, alarm.c.kind, alarm.c.subject)
    return [_alarm(row) for row in tx.execute(select(alarm).order_by(*order))]


def keep_told(tx: Connection, begun: Collection[Alarm], ended: Collection[Alarm], now: datetime) -> None:
    """A mail that tells of these was made, in the same transaction."""
    for one in begun:
        tx.execute(update(alarm).where(_is(one.kind, one.subject)).values(told=now))
    for one in ended:
        tx.execute(update(alarm).where(_is(one.kind, one.subject)).values(end_told=now))


def forget(tx: Connection, before: datetime) -> None:
    """Let go of what ended before then."""
    tx.execute(delete(alarm).where(alarm.c.ended < before))


def _is(kind: str, subject: str) -> ColumnElement[bool]:
    return and_(alarm.c.kind == kind, alarm.c.subject == subject)


def _get(tx: Connection, kind: str, subject: str) -> Alarm | None:
    row = tx.execute(select(alarm).where(_is(kind, subject))).first()
    return None if row is None else _alarm(row)


def _alarm(row: Row[tuple[object, ...]]) -> Alarm:
    return Alarm(
        row.kind,
        row.subject,
        row.reason,
        row.since,
        row.told,
        row.ended,
        row.end_reason,
        row.end_told,
        row.unsteady,
    )
