"""What the archive need not keep for ever, and is pruned of in small transactions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from presswatch.archive import bodies
from presswatch.archive.database import Archive
from presswatch.archive.tables import article, revision

# Articles looked through at once, and pages pruned in one transaction.
_BATCH = 40
_NO_PAGE = bodies.compress(b"")


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows lost how many bytes, as compressed in the archive."""

    rows: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class _OldPage:
    article: str
    revision: int
    bytes: int


def prunable_old_pages(archive: Archive, before: datetime) -> Pruned:
    """What `prune_old_pages` would prune; nothing is written."""
    found = [page for batch in _old_pages(archive, before) for page in batch]
    return Pruned(len(found), sum(page.bytes for page in found))


def prune_old_pages(archive: Archive, before: datetime) -> Pruned:
    """Let go of the raw pages of earlier revisions that were seen before this instant.

    Each revision stays with its text. The page of an article's latest revision stays too: `reextract` reads
    it again, and so does a crawler before it takes a difference for the press's.
    """
    rows = size = 0
    for batch in _old_pages(archive, before):
        pruned = [{"of": page.article, "number": page.revision} for page in batch]
        with archive.writing() as tx:
            tx.execute(_FORGET_PAGE, pruned)
        rows += len(batch)
        size += sum(page.bytes for page in batch)
    return Pruned(rows, size)


_SIZE = func.length(revision.c.body) + func.coalesce(func.length(revision.c.more), 0) - len(_NO_PAGE)
_FORGET_PAGE = (
    update(revision)
    .where(revision.c.article == bindparam("of"), revision.c.revision == bindparam("number"))
    .values(body=_NO_PAGE, more=None)
)


def _old_pages(archive: Archive, before: datetime) -> Iterator[list[_OldPage]]:
    """Batches in the order of article ids. An earlier revision never becomes the latest one again."""
    after: str | None = ""
    while after is not None:
        with archive.reading() as tx:
            batch, after = _next_old_pages(tx, before, after)
        # An article may have many revisions.
        for start in range(0, len(batch), _BATCH):
            yield batch[start : start + _BATCH]


def _next_old_pages(tx: Connection, before: datetime, after: str) -> tuple[list[_OldPage], str | None]:
    """Those of the next articles that have several revisions; and the last of these articles."""
    changed = select(article.c.id).where(article.c.id > after, article.c.revision > 1)
    ids = tx.execute(changed.order_by(article.c.id).limit(_BATCH)).scalars().all()
    if not ids:
        return [], None
    chosen = (
        select(revision.c.article, revision.c.revision, _SIZE.label("size"))
        .join(article, article.c.id == revision.c.article)
        .where(revision.c.article.in_(ids), revision.c.revision < article.c.revision)
        .where(revision.c.seen < before, _SIZE > 0)
    )
    rows = tx.execute(chosen).all()
    return [_OldPage(row.article, row.revision, row.size) for row in rows], ids[-1]
