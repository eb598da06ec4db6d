"""By which kinds of lists each article of a source was shown: what its completeness is estimated from."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, select, union_all

from presswatch.archive.tables import alias, article, article_source, edge, source
from presswatch.model import LinkKind

# The articles of so many days are counted, but for those of the last one: what links to them is yet to come.
DAYS, FRESH = timedelta(days=90), timedelta(days=1)
# So many of them at most, the newest.
_MOST = 2_000


def histories(tx: Connection, source_id: str, now: datetime) -> Mapping[tuple[bool, bool, bool], int]:
    """How many articles that appeared while the source was read were shown by feeds or sitemaps, by listings,
    and by related links: by all combinations of these three."""
    added = tx.execute(select(source.c.added).where(source.c.id == source_id)).scalar()
    if added is None:
        return {}
    mine = (
        select(article.c.id, article.c.url)
        .join(article_source, article_source.c.article == article.c.id)
        .where(article_source.c.source == source_id)
        .where(article.c.time >= max(added, now - DAYS), article.c.time < now - FRESH)
        .order_by(article.c.time.desc())
        .limit(_MOST)
        .cte("mine")
    )
    met = union_all(
        select(mine.c.id, mine.c.url),
        select(mine.c.id, alias.c.url).join(alias, alias.c.article == mine.c.id),
    ).subquery()
    # The source is no part of the join: by it SQLite would look at all links of the source for each article.

    def by(*kinds: LinkKind) -> ColumnElement[bool]:
        return func.max(and_(edge.c.source == source_id, edge.c.kind.in_(kinds)))

    shown = (
        select(
            by(LinkKind.FEED, LinkKind.SITEMAP).label("machine"),
            by(LinkKind.LISTING).label("listed"),
            by(LinkKind.RELATED).label("related"),
        )
        .select_from(met)
        .join(edge, edge.c.to_url == met.c.url)
        .group_by(met.c.id)
        .subquery()
    )
    counted = select(*shown.c, func.count()).group_by(*shown.c)
    return {
        (bool(machine), bool(listed), bool(related)): n for machine, listed, related, n in tx.execute(counted)
    }
