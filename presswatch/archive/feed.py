"""The index's outbox: the articles whose newest form the index does not have yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from presswatch.archive import changes, marks
from presswatch.archive.attribution import Attributed, Attribution
from presswatch.archive.tables import OutboxState, article, article_source, index_outbox, index_removal
from presswatch.archive.upsert import insert
from presswatch.model import NO_MARKS, Article, Marks, from_json

# Not sent before it changes.
_SET_APART = (OutboxState.QUARANTINED, OutboxState.DROPPED)
# SQLite takes 32,766 values in one statement.
_VALUES = 10_000

_ROW = (index_outbox.c.article == bindparam("of"), index_outbox.c.seq <= bindparam("up_to"))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is indexed of an article, as the archive has it; `sources` are its outlets."""

    id: str
    seq: int
    url: str
    story: str
    sources: tuple[str, ...]
    source_tags: tuple[str, ...]
    source_names: tuple[str, ...]
    revision: int
    vanished: datetime | None
    first_seen: datetime
    revised: datetime
    time: datetime
    article: Article
    marks: Marks = NO_MARKS


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An article that the index refuses, why, and since when; None: before that was noted."""

    article: str
    seq: int
    url: str
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the index has still to get. `behind` is how many numbers its oldest waiting article lies back."""

    waiting: int
    quarantined: int
    behind: int


def removed(tx: Connection, limit: int) -> list[str]:
    """The ids of the next articles that the index has to forget."""
    return list(tx.execute(select(index_removal.c.article).limit(limit)).scalars())


def record_removed(tx: Connection, ids: Iterable[str]) -> None:
    """The index has forgotten these."""
    tx.execute(delete(index_removal).where(index_removal.c.article.in_(list(ids))))


def waiting(tx: Connection, limit: int) -> dict[str, int]:
    """The next articles to index, the oldest change first: their `seq` by id."""
    mine = select(index_outbox.c.article, index_outbox.c.seq)
    chosen = mine.where(index_outbox.c.state == OutboxState.WAITING).order_by(index_outbox.c.seq).limit(limit)
    return {row.article: row.seq for row in tx.execute(chosen)}


def changed(tx: Connection, seq: int) -> list[str]:
    """The articles changed after this `seq`, the oldest change first."""
    return list(tx.execute(select(article.c.id).where(article.c.seq > seq).order_by(article.c.seq)).scalars())


def census(tx: Connection, after: int, upto: int) -> tuple[int, int]:
    """How many articles have a `seq` above `after` and not above `upto`, and the sum of these."""
    mine = select(func.count(), func.coalesce(func.sum(article.c.seq), 0))
    articles, total = tx.execute(mine.where(article.c.seq > after, article.c.seq <= upto)).one()
    return articles, total


def seqs_between(tx: Connection, after: int, upto: int) -> dict[str, int]:
    """The articles with a `seq` above `after` and not above `upto`: it, by id."""
    mine = select(article.c.id, article.c.seq).where(article.c.seq > after, article.c.seq <= upto)
    return {row.id: row.seq for row in tx.execute(mine)}


def seqs_of(tx: Connection, ids: Iterable[str]) -> dict[str, int]:
    """The `seq` of each of these articles; ids nobody knows are left out."""
    wanted, found = list(ids), dict[str, int]()
    for start in range(0, len(wanted), _VALUES):
        mine = select(article.c.id, article.c.seq).where(article.c.id.in_(wanted[start : start + _VALUES]))
        found |= {row.id: row.seq for row in tx.execute(mine)}
    return found


def records(tx: Connection, ids: Iterable[str]) -> list[Recorded]:
    """The articles with these ids, in their order; ids nobody knows are left out. At most 10,000."""
    wanted = list(ids)
    finders: defaultdict[str, list[str]] = defaultdict(list)
    found_by = select(article_source).where(article_source.c.article.in_(wanted))
    for row in tx.execute(found_by.order_by(article_source.c.first_seen)):
        finders[row.article].append(row.source)
    attribution = Attribution(tx, {one for found in finders.values() for one in found})
    marked = marks.of_articles(tx, wanted)
    rows = {row.id: row for row in tx.execute(select(article).where(article.c.id.in_(wanted)))}
    return [
        _recorded(rows[id_], attribution.of(rows[id_].url, finders[id_]), marked.get(id_, NO_MARKS))
        for id_ in wanted
        if id_ in rows
    ]


def _recorded(row: Row[tuple[object, ...]], own: Attributed, marked: Marks) -> Recorded:
    return Recorded(
        id=row.id,
        seq=row.seq,
        url=row.url,
        story=row.story,
        sources=own.sources,
        source_tags=own.tags,
        source_names=own.names,
        revision=row.revision,
        vanished=row.vanished,
        first_seen=row.first_seen,
        revised=row.revised,
        time=row.time,
        article=from_json(Article, row.record),
        marks=marked,
    )


def done(tx: Connection, sent: Mapping[str, int]) -> None:
    """The index has these. One that has changed since stays: its row has a newer `seq`."""
    if sent:
        rows = [{"of": id_, "up_to": seq} for id_, seq in sent.items()]
        tx.execute(delete(index_outbox).where(*_ROW), rows)


def remove_indexed(tx: Connection, has: Mapping[str, int]) -> None:
    """Remove the articles that the index has at this `seq` or a newer one, refused before or not."""
    known = tx.execute(select(index_outbox.c.article)).scalars().all()
    done(tx, {id_: has[id_] for id_ in known if id_ in has})


def quarantine(tx: Connection, article_id: str, seq: int, reason: str, now: datetime) -> None:
    """The index will never take this form of the article; the others need not wait for it.

    One that was dropped stays so.
    """
    what = {"state": OutboxState.QUARANTINED, "reason": reason, "since": now}
    put = insert(index_outbox).values(article=article_id, seq=seq, **what)
    same = (index_outbox.c.seq == seq) & (index_outbox.c.state != OutboxState.DROPPED)
    tx.execute(put.on_conflict_do_update(index_elements=["article"], set_=what, where=same))


def quarantined(tx: Connection) -> list[Quarantined]:
    """What the index refuses, the oldest change first."""
    mine = select(index_outbox, article.c.url).join(article, article.c.id == index_outbox.c.article)
    rows = tx.execute(
        mine.where(index_outbox.c.state == OutboxState.QUARANTINED).order_by(index_outbox.c.seq)
    )
    return [Quarantined(row.article, row.seq, row.url, row.reason, row.since) for row in rows]


def drop(tx: Connection, article_id: str) -> None:
    """Tell no more of an article that the index refuses, and do not try it again before it changes."""
    mine = (index_outbox.c.article == article_id, index_outbox.c.state == OutboxState.QUARANTINED)
    tx.execute(update(index_outbox).where(*mine).values(state=OutboxState.DROPPED))


def refused(tx: Connection) -> set[str]:
    """The articles that the index refuses as they are, those that were dropped too."""
    mine = select(index_outbox.c.article).where(index_outbox.c.state.in_(_SET_APART))
    return set(tx.execute(mine).scalars())


def announce(tx: Connection, ids: Iterable[str]) -> None:
    """Have the index get these articles again, in the form they have."""
    wanted = list(ids)
    for start in range(0, len(wanted), _VALUES):
        some = article.c.id.in_(wanted[start : start + _VALUES])
        for row in tx.execute(select(article.c.id, article.c.seq).where(some)).all():
            changes.announce(tx, row.id, row.seq)


def backlog(tx: Connection) -> Backlog:
    """How far the index is behind."""
    counts = select(
        index_outbox.c.state, func.count().label("rows"), func.min(index_outbox.c.seq).label("seq")
    )
    by_state = {row.state: row for row in tx.execute(counts.group_by(index_outbox.c.state))}
    newest = tx.execute(select(func.max(article.c.seq))).scalar() or 0
    late, bad = by_state.get(OutboxState.WAITING), by_state.get(OutboxState.QUARANTINED)
    return Backlog(
        waiting=late.rows if late else 0,
        quarantined=bad.rows if bad else 0,
        behind=newest - late.seq + 1 if late else 0,
    )
