"""What happened besides new articles that match: edits, vanished pages, further outlets, spikes, silence."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from presswatch.archive.alerts import Untold
from presswatch.archive.attribution import OUTLET
from presswatch.archive.database import last_seq
from presswatch.archive.tables import EventKind, article, event, fact, match
from presswatch.archive.upsert import each, insert

_CURSOR = "events.seq"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a watch tells of. `key` is what it is known by among its kind; `detail` is JSON."""

    watch: str
    kind: EventKind
    key: str
    article: str | None
    detail: str
    seen: datetime
    id: int = 0


class Vanished(NamedTuple):
    """An article that a watch matched and whose page is gone, since when (UTC)."""

    watch: str
    article: str
    vanished: datetime


class Known(NamedTuple):
    """A match of a watch: the article's story and source, and the revision that matched."""

    watch: str
    article: str
    story: str
    source: str
    revision: int


def keep(tx: Connection, events: Iterable[Event]) -> int:
    """Keep what happened, each once; how many were new."""
    fresh = 0
    for one in events:
        row = insert(event).values(
            watch=one.watch,
            kind=one.kind,
            key=one.key,
            article=one.article,
            detail=one.detail,
            seen=one.seen,
        )
        fresh += tx.execute(row.on_conflict_do_nothing()).rowcount
    return fresh


def untold(tx: Connection) -> dict[str, Untold]:
    """How many events of each watch no mail has told of, and when the first was seen.

    Of one whose article is there no more nothing can be told.
    """
    found = select(event.c.watch, func.count().label("events"), func.min(event.c.seen).label("first"))
    can_be_told = or_(event.c.article.is_(None), event.c.article.in_(select(article.c.id)))
    rows = tx.execute(found.where(event.c.digest.is_(None), can_be_told).group_by(event.c.watch))
    return {row.watch: Untold(row.events, row.first) for row in rows}


def open_events(tx: Connection, watch_id: str) -> list[Event]:
    """What no mail of the watch has told of, in the order in which it was seen."""
    mine = select(event).where(event.c.watch == watch_id, event.c.digest.is_(None)).order_by(event.c.id)
    return [
        Event(row.watch, EventKind(row.kind), row.key, row.article, row.detail, row.seen, row.id)
        for row in tx.execute(mine)
    ]


def matches_of(tx: Connection, watches: Collection[str], ids: Collection[str]) -> list[Known]:
    """The matches of these watches with these articles."""
    return _known(tx, watches, match.c.article.in_(select(each("ids"))), {"ids": json.dumps(sorted(ids))})


def matches_in_stories(tx: Connection, watches: Collection[str], stories: Collection[str]) -> list[Known]:
    """The matches of these watches with articles of these stories."""
    members = article.alias()
    ids = select(members.c.id).where(members.c.story.in_(select(each("stories"))))
    return _known(tx, watches, match.c.article.in_(ids), {"stories": json.dumps(sorted(stories))})


def last_told_revisions(
    tx: Connection, watches: Collection[str], ids: Collection[str]
) -> Mapping[tuple[str, str], int]:
    """The newest revision of each article of which an edit is known, by watch and article."""
    mine = and_(event.c.kind == EventKind.EDIT, event.c.watch.in_(list(watches)))
    told = select(event.c.watch, event.c.article, event.c.key).where(mine, event.c.article.in_(list(ids)))
    found: dict[tuple[str, str], int] = {}
    for row in tx.execute(told):
        number = int(row.key.rpartition(":")[2])
        found[row.watch, row.article] = max(number, found.get((row.watch, row.article), 0))
    return found


def vanished_since(tx: Connection, watches: Collection[str], limit: int) -> tuple[list[Vanished], int]:
    """What these watches matched and is gone, of what changed since the cursor; and the next cursor.

    It begins at the archive's end: what was gone before anybody looked is told to nobody.
    """
    after = cursor(tx)
    if after is None:
        return [], last_seq(tx)
    changed = select(article.c.id, article.c.seq, article.c.vanished).where(article.c.seq > after)
    rows = tx.execute(changed.order_by(article.c.seq).limit(limit)).all()
    gone = {row.id: row.vanished for row in rows if row.vanished is not None}
    known = matches_of(tx, watches, gone)
    found = [Vanished(one.watch, one.article, gone[one.article]) for one in known]
    return found, rows[-1].seq if rows else after


def cursor(tx: Connection) -> int | None:
    """Up to which `seq` vanished articles were looked for; None: nobody did yet."""
    value = tx.execute(select(fact.c.value).where(fact.c.name == _CURSOR)).scalar()
    return None if value is None else int(value)


def set_cursor(tx: Connection, seq: int) -> None:
    """They were looked for up to here."""
    row = insert(fact).values(name=_CURSOR, value=str(seq))
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": str(seq)}))


def seen_since(tx: Connection, watch_id: str, kind: EventKind, start: datetime) -> bool:
    """Whether an event of this kind was seen since then."""
    mine = (event.c.watch == watch_id, event.c.kind == kind, event.c.seen > start)
    return tx.execute(select(event.c.id).where(*mine).limit(1)).first() is not None


def is_known(tx: Connection, watch_id: str, kind: EventKind, key: str) -> bool:
    """Whether there is this event."""
    mine = (event.c.watch == watch_id, event.c.kind == kind, event.c.key == key)
    return tx.execute(select(event.c.id).where(*mine)).first() is not None


def hits_since(tx: Connection, watch_id: str, start: datetime) -> list[datetime]:
    """When a watch matched news, since then (UTC)."""
    mine = and_(match.c.watch == watch_id, match.c.matched >= start, match.c.late.is_(False))
    return list(tx.execute(select(match.c.matched).where(mine)).scalars())


def last_match(tx: Connection, watch_id: str) -> datetime | None:
    """When a watch matched anything last (UTC)."""
    return tx.execute(select(func.max(match.c.matched)).where(match.c.watch == watch_id)).scalar()


def _known(
    tx: Connection, watches: Collection[str], chosen: ColumnElement[bool], bound: Mapping[str, str]
) -> list[Known]:
    columns = (match.c.watch, match.c.article, article.c.story, OUTLET, match.c.revision)
    found = select(*columns).join(article, article.c.id == match.c.article)
    rows = tx.execute(found.where(match.c.watch.in_(list(watches)), chosen), bound)
    return [Known(*row) for row in rows]
