"""Whose an article is, as far as the archive knows: here outlets are told from who only found an article."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from presswatch.archive.tables import article, article_source, source
from presswatch.outlets import outlets

# The outlet of an article, in SQL.
OUTLET = func.coalesce(article.c.outlet, article.c.source).label("source")


@dataclass(frozen=True, slots=True)
class Attributed:
    """The outlets of an article, with their tags, each once and sorted, and the names that were given."""

    sources: tuple[str, ...]
    tags: tuple[str, ...]
    names: tuple[str, ...]


class Attribution:
    """What the archive knows of these sources in one transaction."""

    def __init__(self, tx: Connection, sources: Iterable[str]) -> None:
        known = select(source.c.id, source.c.name, source.c.tags, source.c.hosts)
        rows = tx.execute(known.where(source.c.id.in_(list(sources)))).all()
        self._names = {row.id: row.name for row in rows}
        self._tags = {row.id: json.loads(row.tags) for row in rows}
        self._hosts = {row.id: json.loads(row.hosts) for row in rows}

    def of(self, url: str, finders: Sequence[str]) -> Attributed:
        """Of the article at this URL that these sources found, the first one first."""
        own = outlets(url, finders, self._hosts)
        tags = {tag for one in own for tag in self._tags[one]}
        return Attributed(
            own, tuple(sorted(tags)), tuple(self._names[one] for one in own if self._names[one])
        )


def settle(tx: Connection, article_id: str) -> None:
    """Note the outlet of an article that was found by another source, or whose finders have other hosts."""
    row = tx.execute(select(article.c.url, article.c.source).where(article.c.id == article_id)).one()
    found = select(article_source.c.source).where(article_source.c.article == article_id)
    finders = list(tx.execute(found.order_by(article_source.c.first_seen)).scalars())
    own = Attribution(tx, finders).of(row.url, finders).sources
    # Where who read it is one of them, it stands for them.
    outlet = None if not own or row.source in own else own[0]
    tx.execute(update(article).where(article.c.id == article_id).values(outlet=outlet))
