"""What the archive need not keep for ever, and is pruned of in small transactions."""

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from presswatch.archive import bodies, drafts, marks
from presswatch.archive.database import Archive
from presswatch.archive.deletion import delete_article
from presswatch.archive.tables import UrlState, alias, article, edge, frontier, match, revision, url

# Rows looked through in one reading transaction, and pruned in one writing one.
_LOOKED_AT, _BATCH = 1_000, 40
_NO_PAGE = bodies.compress(b"")
_FORGOTTEN = {"body": _NO_PAGE, "more": None, "entries": None}


@dataclass(frozen=True, slots=True)
class Keep:
    """How long each kind is kept; None: for ever.

    `old_pages`: raw pages of earlier revisions, from when they were read. `old_pages_size`: as many bytes of
    them as compressed, the latest ones. `old_revisions`: revisions between an article's first and latest one.
    `links`: links, from when a page was last seen to show them; the one by which an article was found stays.
    `urls`: addresses that hold no article and wait for nothing, from the last try and the last link.
    `articles`: articles, from their latest revision, unless an alert of them is still to be sent, or somebody
    marked them.
    """

    old_pages: timedelta | None = None
    old_pages_size: int | None = None
    old_revisions: timedelta | None = None
    links: timedelta | None = None
    urls: timedelta | None = None
    articles: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, or lost their page, and how many bytes of texts and pages, as they are stored."""

    rows: int = 0
    bytes: int = 0


class _Row(NamedTuple):
    """A row that may go. `key` is its id, of a revision the article's and its number."""

    key: Any
    bytes: int


class _Found(NamedTuple):
    """The rows that may go among the next ones. `last` is the last id that was looked at, None at the end."""

    rows: list[_Row]
    last: Any


class _Kind(NamedTuple):
    """`find` is given the instant before which rows may go, and the id to go on after; None to begin."""

    find: Callable[[Connection, datetime, Any], _Found]
    forget: Callable[[Connection, Sequence[_Row]], object]


def prune(
    archive: Archive,
    keep: Keep,
    now: datetime,
    *,
    dry_run: bool = False,
    stop: Callable[[], object] = lambda: False,
) -> dict[str, Pruned]:
    """Let go of what is older than `keep` says; how much of each kind it names.

    With `dry_run` nothing is written. Once `stop` says so, the rest is left for the next time.
    """
    pruned = {}
    for name, before in _cutoffs(archive, keep, now).items():
        kind = _KINDS[name]
        rows = size = 0
        for batch in _batches(archive, kind, before):
            if stop():
                break
            if not dry_run:
                with archive.writing() as tx:
                    kind.forget(tx, batch)
            rows += len(batch)
            size += sum(row.bytes for row in batch)
        pruned[name] = Pruned(rows, size)
    return pruned


def _cutoffs(archive: Archive, keep: Keep, now: datetime) -> dict[str, datetime]:
    ages = {field.name: getattr(keep, field.name) for field in fields(keep) if field.name in _KINDS}
    cutoffs = {name: now - ages[name] for name in _KINDS if ages[name] is not None}
    if keep.old_pages_size is not None:
        with archive.reading() as tx:
            too_much = _too_much_since(tx, keep.old_pages_size)
        if too_much is not None:
            cutoffs["old_pages"] = max(too_much, cutoffs.get("old_pages", too_much))
        cutoffs.setdefault("old_pages", datetime.min.replace(tzinfo=now.tzinfo))
    return cutoffs


def _batches(archive: Archive, kind: _Kind, before: datetime) -> Iterator[Sequence[_Row]]:
    found = _Found([], None)
    while True:
        with archive.reading() as tx:
            found = kind.find(tx, before, found.last)
        # An article may have many revisions.
        for start in range(0, len(found.rows), _BATCH):
            yield found.rows[start : start + _BATCH]
        if found.last is None:
            return


_PAGE_SIZE = func.length(revision.c.body) + func.coalesce(func.length(revision.c.more), 0) - len(_NO_PAGE)
_IS_EARLIER = and_(article.c.id == revision.c.article, revision.c.revision < article.c.revision)


def _too_much_since(tx: Connection, size: int) -> datetime | None:
    """After which instant the pages of earlier revisions were read that are kept; None if all of them are."""
    newer = func.sum(_PAGE_SIZE).over(order_by=(revision.c.seen.desc(), revision.c.article))
    sized = select(revision.c.seen, newer.label("newer")).where(_IS_EARLIER, _PAGE_SIZE > 0).subquery()
    latest = tx.execute(select(func.max(sized.c.seen)).where(sized.c.newer > size)).scalar()
    return None if latest is None else latest + timedelta(microseconds=1)


def _find_old_pages(tx: Connection, before: datetime, after: Any) -> _Found:
    """An earlier revision never becomes the latest one again."""
    return _find_earlier(tx, before, after, _PAGE_SIZE, _PAGE_SIZE > 0)


_THIS = (revision.c.article == bindparam("of"), revision.c.revision == bindparam("number"))


def _each_revision(statement: Delete | Update) -> Callable[[Connection, Sequence[_Row]], object]:
    return lambda tx, rows: tx.execute(
        statement.where(*_THIS), [dict(zip(("of", "number"), row.key, strict=True)) for row in rows]
    )


def _find_old_revisions(tx: Connection, before: datetime, after: Any) -> _Found:
    """The first one stays beside the latest: it is what alerts told of."""
    return _find_earlier(
        tx, before, after, _PAGE_SIZE + func.length(revision.c.record), revision.c.revision > 1
    )


def _find_earlier(
    tx: Connection, before: datetime, after: str | None, size: ColumnElement[int], which: ColumnElement[bool]
) -> _Found:
    """Earlier revisions of the next articles that have several."""
    changed = select(article.c.id).where(article.c.id > (after or ""), article.c.revision > 1)
    ids = list(tx.execute(changed.order_by(article.c.id).limit(_BATCH)).scalars())
    where = (revision.c.article.in_(ids), _IS_EARLIER, revision.c.seen < before, which)
    rows = tx.execute(select(revision.c.article, revision.c.revision, size).where(*where)).all()
    return _Found([_Row((id_, number), bytes_) for id_, number, bytes_ in rows], ids[-1] if ids else None)


def _find_links(tx: Connection, before: datetime, after: Any) -> _Found:
    last = _last_id(tx, edge, after)
    older = edge.alias()
    is_not_first = exists().where(older.c.to_url == edge.c.to_url, older.c.id < edge.c.id)
    is_articles = exists().where(alias.c.url == edge.c.to_url)
    texts = (edge.c.from_url, edge.c.to_url, edge.c.title, func.coalesce(edge.c.entry, ""))
    size = reduce(operator.add, map(func.length, texts))
    where = (_between(edge, after, last), edge.c.last_seen < before, or_(is_not_first, not_(is_articles)))
    return _Found([_Row(*row) for row in tx.execute(select(edge.c.id, size).where(*where))], last)


def _find_urls(tx: Connection, before: datetime, after: Any) -> _Found:
    last = _last_id(tx, url, after)
    waits = exists().where(frontier.c.url == url.c.id)
    is_linked = exists().where(edge.c.to_url == url.c.url, edge.c.last_seen >= before)
    is_articles = exists().where(alias.c.url == url.c.url)
    where = (
        _between(url, after, last),
        url.c.scope == "",
        url.c.article.is_(None),
        url.c.run.is_(None),
        url.c.state != UrlState.PENDING,
        func.coalesce(url.c.tried, url.c.discovered) < before,
        not_(or_(waits, is_linked, is_articles)),
    )
    rows = tx.execute(select(url.c.id, func.length(url.c.url)).where(*where))
    return _Found([_Row(*row) for row in rows], last)


def _find_articles(tx: Connection, before: datetime, after: Any) -> _Found:
    """In the order of their times: an article that was revised long ago is of long ago."""
    position = tuple_(article.c.time, article.c.id)
    chosen = select(article.c.time, article.c.id).where(article.c.time < before)
    if after is not None:
        # The time alone too: by it the index is entered.
        chosen = chosen.where(article.c.time >= after[0], position > tuple_(*map(literal, after)))
    looked_at = tx.execute(chosen.order_by(article.c.time, article.c.id).limit(_LOOKED_AT)).all()
    if not looked_at:
        return _Found([], None)
    untold = exists().where(
        match.c.article == article.c.id, match.c.digest.is_(None), match.c.late.is_(False)
    )
    is_read = exists().where(url.c.article == article.c.id, url.c.run.is_not(None))
    where = (
        article.c.id.in_([row.id for row in looked_at]),
        article.c.revised < before,
        not_(or_(untold, is_read, marks.is_marked(), drafts.is_decided())),
    )
    of = revision.c.article == article.c.id
    stored = select(func.sum(_PAGE_SIZE + func.length(revision.c.record))).where(of).scalar_subquery()
    rows = tx.execute(select(article.c.id, stored + func.length(article.c.record)).where(*where)).all()
    return _Found([_Row(*row) for row in rows], tuple(looked_at[-1]))


def _forget_articles(tx: Connection, rows: Sequence[_Row]) -> None:
    for row in rows:
        delete_article(tx, row.key, UrlState.SETTLED, "pruned")


def _last_id(tx: Connection, table: Table, after: int | None) -> int | None:
    """The last id of the next rows; None if there are none."""
    ids = select(table.c.id).where(table.c.id > (after or 0)).order_by(table.c.id).limit(_LOOKED_AT)
    last: int | None = tx.execute(select(func.max(ids.subquery().c.id))).scalar()
    return last


def _between(table: Table, after: int | None, last: int | None) -> ColumnElement[bool]:
    return and_(table.c.id > (after or 0), table.c.id <= (last or 0))


def _forget_from(table: Table) -> Callable[[Connection, Sequence[_Row]], object]:
    return lambda tx, rows: tx.execute(delete(table).where(table.c.id.in_([row.key for row in rows])))


# In this order: what goes with an article, or is without use without it, is not looked at twice.
_KINDS = {
    "articles": _Kind(_find_articles, _forget_articles),
    "old_revisions": _Kind(_find_old_revisions, _each_revision(delete(revision))),
    "old_pages": _Kind(_find_old_pages, _each_revision(update(revision).values(_FORGOTTEN))),
    "links": _Kind(_find_links, _forget_from(edge)),
    "urls": _Kind(_find_urls, _forget_from(url)),
}
