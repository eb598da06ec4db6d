"""The newest articles that a source found by itself: by them it is seen whether a place shows what it did."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from presswatch.archive.tables import alias, article, article_source
from presswatch.model import LinkKind

# By so many of its newest articles a source is healed.
JUDGED_BY = 60


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """`addresses` are all under which it was met; `time` is when it was published, or first seen (UTC)."""

    addresses: frozenset[str]
    title: str
    time: datetime


def newest(tx: Connection, source: str, limit: int = JUDGED_BY) -> list[KnownArticle]:
    """The newest articles of a source that start pages showed, at most so many, the newest first."""
    mine = (
        select(article.c.id, article.c.url, article.c.time)
        .add_columns(func.json_extract(article.c.record, "$.title").label("title"))
        .join(article_source, article_source.c.article == article.c.id)
        .where(article_source.c.source == source, article.c.vanished.is_(None))
        .where(article.c.found.in_((LinkKind.LISTING, LinkKind.FEED, LinkKind.SITEMAP)))
        .order_by(article_source.c.first_seen.desc(), article.c.time.desc())
        .limit(limit)
    )
    rows = tx.execute(mine).all()
    addresses: defaultdict[str, set[str]] = defaultdict(set)
    for row in tx.execute(select(alias).where(alias.c.article.in_([row.id for row in rows]))):
        addresses[row.article].add(row.url)
    found = [
        KnownArticle(frozenset({row.url, *addresses[row.id]}), row.title or "", row.time) for row in rows
    ]
    return sorted(found, key=lambda one: one.time, reverse=True)
