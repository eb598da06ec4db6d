"""Matches that a fault of presswatch prevents: kept until they can be made, so that no alert is lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, update

from presswatch.archive.tables import match_quarantine, watch
from presswatch.archive.upsert import insert

# In the place of an article: the watch itself cannot be compiled, and all news after `seq` waits for it.
EVERY_ARTICLE = ""


class Prevented(NamedTuple):
    """A watch that cannot be matched with an article. `since` is None where it is found now."""

    watch: str
    article: str
    seq: int
    reason: str
    since: datetime | None = None


def keep(tx: Connection, prevented: Sequence[Prevented], version: str, now: datetime) -> None:
    """`version`: the presswatch that could not, which tries none of them again by itself."""
    for one in prevented:
        said = {"reason": one.reason, "version": version}
        row = insert(match_quarantine).values(
            watch=one.watch, article=one.article, seq=one.seq, since=now, **said
        )
        tx.execute(row.on_conflict_do_update(index_elements=["watch", "article"], set_=said))


def every(tx: Connection) -> list[Prevented]:
    """All of them, by watch; of a watch that cannot be compiled there is one."""
    table = match_quarantine
    rows = tx.execute(select(table).order_by(table.c.watch, table.c.seq))
    return [Prevented(row.watch, row.article, row.seq, row.reason, row.since) for row in rows]


def to_retry(tx: Connection, version: str, limit: int) -> list[Prevented]:
    """Those of single articles that another presswatch could not match, or that are to be tried again."""
    table = match_quarantine
    wanted = select(table).where(table.c.version != version, table.c.article != EVERY_ARTICLE)
    rows = tx.execute(wanted.order_by(table.c.seq).limit(limit))
    return [Prevented(row.watch, row.article, row.seq, row.reason, row.since) for row in rows]


def uncompiled(tx: Connection) -> list[Prevented]:
    """The watches that could not be compiled."""
    rows = tx.execute(select(match_quarantine).where(match_quarantine.c.article == EVERY_ARTICLE))
    return [Prevented(row.watch, row.article, row.seq, row.reason, row.since) for row in rows]


def retry(tx: Connection, watches: Sequence[str]) -> None:
    """Have the next matching try these watches' articles again."""
    for id_ in watches:
        tx.execute(update(match_quarantine).where(match_quarantine.c.watch == id_).values(version=""))


def done(tx: Connection, prevented: Sequence[Prevented]) -> None:
    """They were matched."""
    for one in prevented:
        mine = (match_quarantine.c.watch == one.watch, match_quarantine.c.article == one.article)
        tx.execute(delete(match_quarantine).where(*mine))


def go_back(tx: Connection, one: Prevented) -> None:
    """The watch can be compiled again: what became news since it could not is matched now."""
    tx.execute(update(watch).where(watch.c.id == one.watch, watch.c.cursor > one.seq).values(cursor=one.seq))
    done(tx, [one])
