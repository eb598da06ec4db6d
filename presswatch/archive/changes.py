"""Changes of an article that is there: each takes a new `seq` and tells the index's outbox."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from presswatch.archive.database import next_seq
from presswatch.archive.tables import OutboxState, alias, article, article_source, index_outbox
from presswatch.archive.upsert import insert

_ANNOUNCED = insert(index_outbox)
_ANNOUNCE = _ANNOUNCED.on_conflict_do_update(
    index_elements=["article"],
    set_={name: _ANNOUNCED.excluded[name] for name in ("seq", "state", "reason", "since")},
)


def touch(tx: Connection, article_id: str, *, news: bool = False) -> int:
    """Note that something indexed of this article changed; its new `seq`.

    `news`: watches that have not matched the article yet look at it again. Where it stands now, that it is
    gone and how we read it are nothing to tell of.
    """
    seq = next_seq(tx)
    changed = {"seq": seq, "news_seq": seq} if news else {"seq": seq}
    tx.execute(update(article).where(article.c.id == article_id).values(**changed))
    announce(tx, article_id, seq)
    return seq


def announce(tx: Connection, article_id: str, seq: int) -> None:
    """Put the article into the index's outbox. One that was quarantined is tried anew: it has changed."""
    row = {"seq": seq, "state": OutboxState.WAITING, "reason": "", "since": None}
    tx.execute(_ANNOUNCE, {"article": article_id, **row})


def add_source(tx: Connection, article_id: str, source: str, now: datetime) -> bool:
    """Note that this source found the article too; whether nobody had noted it."""
    row = insert(article_source).values(article=article_id, source=source, first_seen=now)
    added = tx.execute(row.on_conflict_do_nothing()).rowcount
    if added:
        touch(tx, article_id, news=True)
    return bool(added)


def add_sources(tx: Connection, article_ids: Sequence[str], source: str, now: datetime) -> None:
    """Note that this source found these articles too."""
    if not article_ids:
        return
    mine = (article_source.c.source == source, article_source.c.article.in_(article_ids))
    noted = set(tx.execute(select(article_source.c.article).where(*mine)).scalars())
    for article_id in article_ids:
        if article_id not in noted:
            add_source(tx, article_id, source, now)


def add_alias(tx: Connection, article_id: str, url: str) -> bool:
    """Note that the article stands under this URL too; whether nobody had noted it."""
    row = insert(alias).values(article=article_id, url=url)
    added = tx.execute(row.on_conflict_do_nothing()).rowcount
    if added:
        touch(tx, article_id)
    return bool(added)


def mark_vanished(tx: Connection, article_id: str, url: str, now: datetime) -> bool:
    """Note that the article's own URL is gone; a copy's going says nothing. Whether it was its own."""
    row = tx.execute(select(article.c.url, article.c.vanished).where(article.c.id == article_id)).one()
    if row.url != url:
        return False
    if row.vanished is None:
        tx.execute(update(article).where(article.c.id == article_id).values(vanished=now))
        touch(tx, article_id)
    return True
