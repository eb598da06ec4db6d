"""What was found of late: which outlet first had which story, and how much there was in each hour."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, case, func, or_, select

from presswatch.archive.tables import article, article_source
from presswatch.stories.breaking import Carried

# What came with a source's first run or a backfill was not new when it was found: its date tells when it was.
_SEEN = case((article.c.first_run, article.c.time), else_=article_source.c.first_seen)
_IS_DATED = or_(article.c.first_run.is_(False), article.c.time < article_source.c.first_seen)
# The source whose article it is; others only showed a link to it.
_IS_ITS_OWN = article_source.c.source == func.coalesce(article.c.outlet, article.c.source)


def carried_since(tx: Connection, since: datetime) -> list[Carried]:
    """Which source had which story first since then, in an article of its own, the earliest first."""
    found = (
        select(article.c.story, article_source.c.source, article.c.id, _SEEN)
        .join(article, article.c.id == article_source.c.article)
        .where(article_source.c.first_seen >= since, since <= _SEEN, _IS_DATED, _IS_ITS_OWN)
        .order_by(_SEEN, article.c.seq)
    )
    first: dict[tuple[str, str], Carried] = {}
    for row in tx.execute(found):
        first.setdefault((row[0], row[1]), Carried(*row))
    return list(first.values())


def had_before(tx: Connection, stories: Collection[str], since: datetime) -> dict[str, int]:
    """How many sources had each of these stories before then; those that nobody had are left out."""
    earlier = (
        select(article.c.story, func.count(article_source.c.source.distinct()))
        .join(article_source, article_source.c.article == article.c.id)
        .where(article.c.story.in_(list(stories)), article_source.c.first_seen < since, _IS_ITS_OWN)
        .group_by(article.c.story)
    )
    return {row[0]: row[1] for row in tx.execute(earlier)}


def articles_by_hour(tx: Connection, since: datetime) -> Counter[datetime]:
    """How many articles there were in each hour (UTC) since then."""
    found = (
        select(_SEEN)
        .join(article, article.c.id == article_source.c.article)
        .where(article_source.c.first_seen >= since, since <= _SEEN, _IS_DATED, _IS_ITS_OWN)
    )
    return Counter(row[0].replace(minute=0, second=0, microsecond=0) for row in tx.execute(found))
