"""The index's outbox: which articles it has not got in their newest form."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update

from presswatch.archive import changes
from presswatch.archive.tables import OutboxState, article, index_outbox


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An article that the index refuses, and why."""

    article: str
    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the index has still to get. `behind` is how many numbers its oldest waiting article lies back."""

    waiting: int
    quarantined: int
    behind: int


def waiting(tx: Connection, limit: int) -> dict[str, int]:
    """The next articles to index, the oldest change first: their `seq` by id."""
    mine = select(index_outbox).where(index_outbox.c.state == OutboxState.WAITING)
    return {row.article: row.seq for row in tx.execute(mine.order_by(index_outbox.c.seq).limit(limit))}


def done(tx: Connection, sent: dict[str, int]) -> None:
    """The index has these. One that has changed since stays: its row has a newer `seq`."""
    for article_id, seq in sent.items():
        row = (index_outbox.c.article == article_id, index_outbox.c.seq == seq)
        tx.execute(delete(index_outbox).where(*row))


def quarantine(tx: Connection, article_id: str, seq: int, reason: str) -> None:
    """The index will never take this form of the article; the others need not wait for it."""
    row = (index_outbox.c.article == article_id, index_outbox.c.seq == seq)
    tx.execute(update(index_outbox).where(*row).values(state=OutboxState.QUARANTINED, reason=reason))


def quarantined(tx: Connection) -> list[Quarantined]:
    mine = select(index_outbox).where(index_outbox.c.state == OutboxState.QUARANTINED)
    rows = tx.execute(mine.order_by(index_outbox.c.seq))
    return [Quarantined(row.article, row.seq, row.reason) for row in rows]


def announce(tx: Connection, ids: Iterable[str]) -> None:
    """Have the index get these articles again, in the form they have."""
    wanted = list(ids)
    # SQLite takes 32,766 values in one statement.
    for start in range(0, len(wanted), 10_000):
        some = article.c.id.in_(wanted[start : start + 10_000])
        for row in tx.execute(select(article.c.id, article.c.seq).where(some)).all():
            changes.announce(tx, row.id, row.seq)


def backlog(tx: Connection) -> Backlog:
    """How far the index is behind."""
    counts = select(
        index_outbox.c.state, func.count().label("rows"), func.min(index_outbox.c.seq).label("seq")
    )
    by_state = {row.state: row for row in tx.execute(counts.group_by(index_outbox.c.state))}
    newest = tx.execute(select(func.max(article.c.seq))).scalar() or 0
    late, bad = by_state.get(OutboxState.WAITING), by_state.get(OutboxState.QUARANTINED)
    return Backlog(
        waiting=late.rows if late else 0,
        quarantined=bad.rows if bad else 0,
        behind=newest - late.seq + 1 if late else 0,
    )
