"""Changes of an article that is there: each takes a new `seq` and tells the index's outbox."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, select, update

from presswatch import urls
from presswatch.archive import attribution
from presswatch.archive.database import next_seq
from presswatch.archive.tables import (
    AliasKind,
    OutboxState,
    UrlState,
    alias,
    article,
    article_source,
    index_outbox,
)
from presswatch.archive.tables import url as page
from presswatch.archive.upsert import insert

# Which articles stand under some URLs. Built once, as the next ones, as every page asks them.
OWNERS = select(alias).where(alias.c.url.in_(bindparam("urls", expanding=True)))
_NOTED = select(article_source.c.article).where(
    article_source.c.source == bindparam("of"),
    article_source.c.article.in_(bindparam("articles", expanding=True)),
)
_NOTE = insert(article_source).on_conflict_do_nothing()
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


def touch_all(tx: Connection, article_ids: Sequence[str]) -> None:
    """Note of each of these articles that something indexed changed that is no news."""
    if not article_ids:
        return
    seqs = [{"of": id_, "new": next_seq(tx)} for id_ in article_ids]
    tx.execute(update(article).where(article.c.id == bindparam("of")).values(seq=bindparam("new")), seqs)
    fresh = {"state": OutboxState.WAITING, "reason": "", "since": None}
    tx.execute(_ANNOUNCE, [{"article": one["of"], "seq": one["new"], **fresh} for one in seqs])


def announce(tx: Connection, article_id: str, seq: int) -> None:
    """Put the article into the index's outbox. One that was quarantined is tried anew: it has changed."""
    row = {"seq": seq, "state": OutboxState.WAITING, "reason": "", "since": None}
    tx.execute(_ANNOUNCE, {"article": article_id, **row})


def add_source(tx: Connection, article_id: str, source: str, now: datetime) -> bool:
    """Note that this source found the article too; whether nobody had noted it."""
    row = {"article": article_id, "source": source, "first_seen": now}
    added = tx.execute(_NOTE, row).rowcount
    if added:
        attribution.settle(tx, article_id)
        touch(tx, article_id, news=True)
    return bool(added)


def add_sources(tx: Connection, article_ids: Sequence[str], source: str, now: datetime) -> None:
    """Note that this source found these articles too."""
    if not article_ids:
        return
    noted = set(tx.execute(_NOTED, {"of": source, "articles": article_ids}).scalars())
    for article_id in article_ids:
        if article_id not in noted:
            add_source(tx, article_id, source, now)


def add_alias(tx: Connection, article_id: str, url: str, kind: AliasKind = AliasKind.COPY) -> bool:
    """Note that the article stands under this URL too; whether nobody had noted it."""
    row = insert(alias).values(article=article_id, url=url, kind=kind)
    added = tx.execute(row.on_conflict_do_nothing()).rowcount
    if added:
        touch(tx, article_id)
    return bool(added)


def set_alias(
    tx: Connection, article_id: str, url: str, kind: AliasKind, since: datetime | None = None
) -> None:
    """Let this article, and no other, stand under this URL."""
    row = {"article": article_id, "kind": kind, "since": since}
    made = insert(alias).values(url=url, **row)
    tx.execute(made.on_conflict_do_update(index_elements=["url"], set_=row))
    touch(tx, article_id)


def move(tx: Connection, article_id: str, address: str, shown: str) -> None:
    """From now on the article's words are read at `address`; what was its own becomes a copy.

    `shown` is the URL that the article is known by from now on: `address` or its canonical.
    """
    own = (alias.c.article == article_id, alias.c.kind == AliasKind.OWN)
    tx.execute(update(alias).where(*own).values(kind=AliasKind.COPY))
    tx.execute(update(article).where(article.c.id == article_id).values(url=shown))
    attribution.settle(tx, article_id)
    if shown != address:
        set_alias(tx, article_id, shown, AliasKind.CANONICAL)
    set_alias(tx, article_id, address, AliasKind.OWN)


def mark_vanished(tx: Connection, gone: str, now: datetime) -> bool:
    """Note that the article whose own URL this was is gone. Whether it is: a copy's going says nothing.

    Where the same article was also read at another address, it lives there from now on.
    """
    own = select(article.c.id, article.c.vanished).join(alias, alias.c.article == article.c.id)
    row = tx.execute(own.where(alias.c.url == gone, alias.c.kind == AliasKind.OWN)).one_or_none()
    if row is None:
        return False
    if (elsewhere := _other_address(tx, row.id)) is not None:
        move(tx, row.id, elsewhere, elsewhere)
        now_there = update(page).where(page.c.scope == "", page.c.url == elsewhere)
        tx.execute(now_there.values(next_fetch=now))
        return False
    if row.vanished is None:
        tx.execute(update(article).where(article.c.id == row.id).values(vanished=now))
        touch(tx, row.id)
    return True


def _other_address(tx: Connection, article_id: str) -> str | None:
    """Another address at which this article was read, and that is no copy for phones or print."""
    copies = select(alias.c.url).join(page, and_(page.c.scope == "", page.c.url == alias.c.url))
    read = copies.where(alias.c.kind == AliasKind.COPY, page.c.state == UrlState.SETTLED)
    rows = tx.execute(read.where(alias.c.article == article_id).order_by(page.c.fetched.desc())).scalars()
    return next((url for url in rows if not urls.is_copy(url)), None)
