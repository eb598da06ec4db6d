"""The graph of related articles, in both directions: what an article's page links to, and who links to it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from presswatch.archive.attribution import OUTLET
from presswatch.archive.tables import alias, article, edge, source
from presswatch.model import LinkKind

# Of one URL so many links are looked at: a page that every page links to is related to none.
MOST = 500


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The other end of a link. `article`, `source` and `time` (UTC) are None where the archive has no such
    article; `title` is the article's, else the link's, "" without any."""

    url: str
    title: str
    article: str | None = None
    source: str | None = None
    time: datetime | None = None


def leads_to(tx: Connection, id_: str, addresses: Collection[str]) -> list[Neighbour]:
    """What the page of an article linked to as related, in its order; `addresses` are all of the article."""
    # With the sources an index finds them.
    sources = select(source.c.id)
    mine = (edge.c.source.in_(sources), edge.c.from_url.in_(addresses), edge.c.kind == LinkKind.RELATED)
    chosen = _neighbours(edge.c.to_url).where(*mine).order_by(edge.c.last_seen.desc(), edge.c.position)
    return _apart(tx.execute(chosen.limit(MOST)), id_)


def led_from(tx: Connection, id_: str, addresses: Collection[str]) -> list[Neighbour]:
    """Whose pages link to an article as related, those first that were seen to do so first."""
    mine = (edge.c.to_url.in_(addresses), edge.c.kind == LinkKind.RELATED)
    chosen = _neighbours(edge.c.from_url).where(*mine).order_by(edge.c.first_seen, edge.c.id)
    # A link's own title tells of where it leads.
    found = _apart(tx.execute(chosen.limit(MOST)), id_)
    return [one if one.article else Neighbour(one.url, "") for one in found]


def articles_at(tx: Connection, addresses: Iterable[str]) -> dict[str, str]:
    """The ids of the articles that stand under these URLs, by URL."""
    chosen = select(alias.c.url, alias.c.article).where(alias.c.url.in_(list(addresses)))
    return {row.url: row.article for row in tx.execute(chosen)}


def _neighbours(end: Any) -> Select[Any]:
    titled = func.json_extract(article.c.record, "$.title").label("headline")
    of_article = (alias.c.article, article.c.url, OUTLET, article.c.time, titled)
    joined = edge.outerjoin(alias, alias.c.url == end).outerjoin(article, article.c.id == alias.c.article)
    return select(end.label("end"), edge.c.title, *of_article).select_from(joined)


def _apart(rows: Iterable[Row[Any]], id_: str) -> list[Neighbour]:
    """Each end once, whatever addresses of it are linked to, and never the article itself."""
    found: dict[str, Neighbour] = {}
    for row in rows:
        if row.article != id_:
            known = (row.article, row.source, row.time) if row.article else (None, None, None)
            one = Neighbour(row.url or row.end, row.headline or row.title, *known)
            found.setdefault(row.article or row.end, one)
    return list(found.values())
