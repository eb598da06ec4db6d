"""The tags and names that the configuration gives to sources: kept as last seen, and told of their articles.

When a source's tags or its name change, each of its articles takes a new `seq`, so that the index gets it
again. That is done in small transactions, each of which notes how far it came: after a kill it goes on from
there. It is no news: no revision, and no watch looks at an article again because of it.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection, case, or_, select, update

from presswatch.archive import changes
from presswatch.archive.tables import article_source, source


class Configured(Protocol):
    """A source as the configuration has it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def tags(self) -> Sequence[str]: ...


def stale(tx: Connection, sources: Iterable[Configured]) -> bool:
    """Whether tags or names of these differ from those last seen, or articles wait since they did."""
    given = {one.id: (_serialise(one.tags), one.name) for one in sources}
    rows = tx.execute(select(source.c.id, source.c.tags, source.c.name, source.c.retagged_until)).all()
    return any(
        row.retagged_until is not None or given.get(row.id, (row.tags, row.name)) != (row.tags, row.name)
        for row in rows
    )


def keep(tx: Connection, sources: Iterable[Configured]) -> None:
    """Keep tags and names of those that the archive knows; where they changed, the articles wait."""
    for one in sources:
        tags = _serialise(one.tags)
        changed = (source.c.id == one.id, or_(source.c.tags != tags, source.c.name != one.name))
        has_articles = select(article_source.c.article).where(article_source.c.source == one.id).exists()
        until = case((has_articles, ""), else_=None)
        tx.execute(update(source).where(*changed).values(tags=tags, name=one.name, retagged_until=until))


def retag(tx: Connection, limit: int) -> int:
    """Have the index get the next articles whose source changed; how many, at most `limit`."""
    waiting = select(source.c.id, source.c.retagged_until).where(source.c.retagged_until.is_not(None))
    row = tx.execute(waiting.order_by(source.c.id).limit(1)).first()
    if row is None:
        return 0
    of_source = (article_source.c.source == row.id, article_source.c.article > row.retagged_until)
    chosen = select(article_source.c.article).where(*of_source).order_by(article_source.c.article)
    ids = list(tx.execute(chosen.limit(limit)).scalars())
    for id_ in ids:
        changes.touch(tx, id_)
    until = ids[-1] if len(ids) == limit else None
    tx.execute(update(source).where(source.c.id == row.id).values(retagged_until=until))
    return len(ids)


def of_articles(tx: Connection, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The tags of the sources that found these articles, by the article's id: each once, sorted."""
    joined = select(article_source.c.article, source.c.tags).join(source)
    rows = tx.execute(joined.where(article_source.c.article.in_(list(ids)), source.c.tags != "[]"))
    tags: dict[str, set[str]] = {}
    for row in rows:
        tags.setdefault(row.article, set()).update(json.loads(row.tags))
    return {id_: tuple(sorted(own)) for id_, own in tags.items()}


def names(tx: Connection) -> dict[str, str]:
    """The name of each source by its id, "" where none was given yet."""
    return {row.id: row.name for row in tx.execute(select(source.c.id, source.c.name))}


def _serialise(tags: Sequence[str]) -> str:
    return json.dumps(sorted(set(tags)), ensure_ascii=False)
