"""The tags, names and hosts that the configuration gives to sources: kept as last seen, and told of articles.

When a source's tags or its name change, each of its articles takes a new `seq`, so that the index gets it
again; when its hosts do, each that other sources found, too, as these may have another outlet now. That is
done in small transactions, each of which notes how far it came: after a kill it goes on from there. It is no
news: no revision, and no watch looks at an article again because of it.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection, case, or_, select, update

from presswatch.archive import attribution, changes
from presswatch.archive.tables import article_source, source


class Configured(Protocol):
    """A source as the configuration has it."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def outlet_hosts(self) -> Sequence[str]: ...


def stale(tx: Connection, sources: Iterable[Configured]) -> bool:
    """Whether tags, names or hosts of these differ from those last seen, or articles wait since they did."""
    given = {one.id: (_serialise(one.tags), one.name, _serialise(one.outlet_hosts)) for one in sources}
    known = select(
        source.c.id,
        source.c.tags,
        source.c.name,
        source.c.hosts,
        source.c.retagged_until,
        source.c.rehosted_until,
    )
    return any(
        row.retagged_until is not None
        or row.rehosted_until is not None
        or given.get(row.id, (row.tags, row.name, row.hosts)) != (row.tags, row.name, row.hosts)
        for row in tx.execute(known)
    )


def keep(tx: Connection, sources: Iterable[Configured]) -> None:
    """Keep tags, names and hosts of those that the archive knows; where they changed, the articles wait."""
    known = _last_seen(tx)
    for one in sources:
        tags, hosts = _serialise(one.tags), _serialise(one.outlet_hosts)
        if known.get(one.id, (tags, one.name, hosts)) == (tags, one.name, hosts):
            continue
        has_articles = select(article_source.c.article).where(article_source.c.source == one.id).exists()
        until = case((has_articles, ""), else_=None)
        retagged = (source.c.id == one.id, or_(source.c.tags != tags, source.c.name != one.name))
        all_of_it = {"retagged_until": until, "rehosted_until": None}
        new = tx.execute(
            update(source).where(*retagged).values(tags=tags, name=one.name, hosts=hosts, **all_of_it)
        )
        if not new.rowcount:
            rehosted = (source.c.id == one.id, source.c.hosts != hosts)
            tx.execute(update(source).where(*rehosted).values(hosts=hosts, rehosted_until=until))


def _last_seen(tx: Connection) -> dict[str, tuple[str, str, str]]:
    rows = tx.execute(select(source.c.id, source.c.tags, source.c.name, source.c.hosts))
    return {row.id: (row.tags, row.name, row.hosts) for row in rows}


def retag(tx: Connection, limit: int) -> int:
    """Have the index get the next articles whose source changed; how many, at most `limit`."""
    for waits, is_shared in ((source.c.retagged_until, False), (source.c.rehosted_until, True)):
        waiting = select(source.c.id, waits.label("until")).where(waits.is_not(None))
        row = tx.execute(waiting.order_by(source.c.id).limit(1)).first()
        if row is None:
            continue
        of_source = [article_source.c.source == row.id, article_source.c.article > row.until]
        if is_shared:
            other = article_source.alias()
            of_source.append(
                select(other.c.article)
                .where(other.c.article == article_source.c.article, other.c.source != row.id)
                .exists()
            )
        chosen = select(article_source.c.article).where(*of_source).order_by(article_source.c.article)
        ids = list(tx.execute(chosen.limit(limit)).scalars())
        for id_ in ids:
            attribution.settle(tx, id_)
            changes.touch(tx, id_)
        until = ids[-1] if len(ids) == limit else None
        tx.execute(update(source).where(source.c.id == row.id).values({waits.name: until}))
        return len(ids)
    return 0


def _serialise(values: Sequence[str]) -> str:
    return json.dumps(sorted(set(values)), ensure_ascii=False)
