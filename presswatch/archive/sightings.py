"""When articles were first seen and when they say they appeared, without their text."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from presswatch.archive.attribution import Attribution
from presswatch.archive.tables import article, article_source
from presswatch.model import Moment, from_json


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a `model.Record` of the same names tells of an article, and `published` of its page; UTC."""

    id: str
    seq: int
    url: str
    source: str
    sources: tuple[str, ...]
    story: str
    time: datetime
    first_seen: datetime
    first_run: bool
    published: Moment | None


@dataclass(frozen=True, slots=True)
class _Dated:
    """Of an article's record the date alone: reading all of it takes ten times as long."""

    published: Moment | None


def sightings(tx: Connection, ids: Iterable[str]) -> list[Sighting]:
    """Of the articles with these ids, in any order; ids nobody knows are left out."""
    chosen = list(ids)
    finders = defaultdict[str, list[str]](list)
    found = select(article_source.c.article, article_source.c.source).where(
        article_source.c.article.in_(chosen)
    )
    for row in tx.execute(found.order_by(article_source.c.first_seen)):
        finders[row.article].append(row.source)
    attribution = Attribution(tx, {one for several in finders.values() for one in several})
    names = ("id", "seq", "url", "source", "outlet", "story", "time", "first_seen", "first_run", "record")
    rows = tx.execute(select(*(article.c[name] for name in names)).where(article.c.id.in_(chosen)))
    return [
        Sighting(
            id=row.id,
            seq=row.seq,
            url=row.url,
            source=row.outlet or row.source,
            sources=attribution.of(row.url, finders[row.id]).sources,
            story=row.story,
            time=row.time,
            first_seen=row.first_seen,
            first_run=row.first_run,
            published=from_json(_Dated, row.record).published,
        )
        for row in rows
    ]
