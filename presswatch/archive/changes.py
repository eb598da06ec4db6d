"""Changes of an article that is there: each takes a new `seq` and tells the index's outbox."""

from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.sqlite import insert

from presswatch.archive.database import next_seq
from presswatch.archive.tables import OutboxState, alias, article, article_source, index_outbox


def touch(tx: Connection, article_id: str, *, reread: bool = False) -> int:
    """Note that something indexed of this article changed; its new `seq`.

    `reread`: only our reading of it did, of which no watch tells that saw it before.
    """
    seq = next_seq(tx)
    before = func.coalesce(article.c.reread_from, article.c.seq) if reread else None
    tx.execute(update(article).where(article.c.id == article_id).values(seq=seq, reread_from=before))
    announce(tx, article_id, seq)
    return seq


def announce(tx: Connection, article_id: str, seq: int) -> None:
    """Put the article into the index's outbox. One that was quarantined is tried anew: it has changed."""
    row = {"seq": seq, "state": OutboxState.WAITING, "attempts": 0, "reason": ""}
    put = insert(index_outbox).values(article=article_id, **row)
    tx.execute(put.on_conflict_do_update(index_elements=["article"], set_=row))


def add_source(tx: Connection, article_id: str, source: str, now: datetime) -> bool:
    """Note that this source found the article too; whether that is news."""
    row = insert(article_source).values(article=article_id, source=source, first_seen=now)
    return _changed(tx, article_id, tx.execute(row.on_conflict_do_nothing()).rowcount)


def add_alias(tx: Connection, article_id: str, url: str) -> bool:
    """Note that the article stands under this URL too; whether that is news."""
    row = insert(alias).values(article=article_id, url=url)
    return _changed(tx, article_id, tx.execute(row.on_conflict_do_nothing()).rowcount)


def mark_vanished(tx: Connection, article_id: str, url: str, now: datetime) -> bool:
    """Note that the article's own URL is gone; a copy's going says nothing. Whether it was its own."""
    row = tx.execute(select(article.c.url, article.c.vanished).where(article.c.id == article_id)).one()
    if row.url != url:
        return False
    if row.vanished is None:
        tx.execute(update(article).where(article.c.id == article_id).values(vanished=now))
        touch(tx, article_id)
    return True


def _changed(tx: Connection, article_id: str, rows: int) -> bool:
    if rows:
        touch(tx, article_id)
    return bool(rows)
