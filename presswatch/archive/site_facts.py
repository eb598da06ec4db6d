"""What is learnt of each source's pages: one row, replaced as new pages come, so that these undo it."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from presswatch.archive import articles
from presswatch.archive.tables import article, site_facts
from presswatch.archive.upsert import insert
from presswatch.model import Facts, Page, from_json, to_json

# Learnt from so many of the latest pages: each is parsed again for it, two fifths of reading it.
MOST_PAGES = 30
# As many new articles call for learning anew as it was learnt from, at least and at most.
_LEAST_NEW, _MOST_NEW = 3, 100


def of(tx: Connection, source: str) -> Facts:
    """What is known of a source."""
    known = tx.execute(select(site_facts.c.facts).where(site_facts.c.source == source)).scalar()
    return Facts() if known is None else from_json(Facts, known)


def learnt(tx: Connection, source: str) -> datetime | None:
    """When it was learnt; None if nothing was."""
    return tx.execute(select(site_facts.c.learnt).where(site_facts.c.source == source)).scalar()


def keep(tx: Connection, source: str, facts: Facts, now: datetime) -> None:
    """Know this of a source from now on, and nothing that was known before."""
    newest = tx.execute(select(func.max(article.c.seq)).where(article.c.source == source)).scalar()
    row = {"facts": to_json(facts), "seq": newest or 0, "learnt": now}
    made = insert(site_facts).values(source=source, **row)
    tx.execute(made.on_conflict_do_update(index_elements=["source"], set_=row))


def pages_to_learn_from(tx: Connection, source: str) -> list[Page]:
    """A source's latest pages, if enough are new for learning anew; else none."""
    mine = select(article.c.id, article.c.revision).where(article.c.source == source)
    latest = tx.execute(mine.order_by(article.c.seq.desc()).limit(MOST_PAGES)).all()
    row = tx.execute(select(site_facts).where(site_facts.c.source == source)).one_or_none()
    if row is not None:
        before = from_json(Facts, row.facts).pages
        enough = _MOST_NEW if before >= MOST_PAGES else max(_LEAST_NEW, before)
        new = select(article.c.id).where(article.c.source == source, article.c.seq > row.seq).limit(enough)
        if len(tx.execute(new).all()) < enough:
            return []
    elif len(latest) < _LEAST_NEW:
        return []
    return [articles.raw_page(tx, found.id, found.revision)[0] for found in latest]
