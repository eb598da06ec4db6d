"""What an operator is shown of mails: what each told, whom it reached, and why not."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Row, and_, func, literal, or_, select, text, update

from presswatch.archive import reviews
from presswatch.archive.attribution import OUTLET
from presswatch.archive.events import Event
from presswatch.archive.tables import (
    DeliveryState,
    EventKind,
    article,
    bounce,
    delivery,
    digest,
    digest_body,
    event,
    match,
)
from presswatch.archive.upsert import each, insert

# The reason of a copy that somebody gave up.
DROPPED = "dropped by hand"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One recipient's copy, in a language.

    `said` is the server's answer or our own reason, "" when nothing went wrong.
    """

    recipient: str
    state: DeliveryState
    attempts: int
    said: str
    next_attempt: datetime
    sent: datetime | None
    path: str
    subject: str
    language: str


@dataclass(frozen=True, slots=True)
class MadeMail:
    """A mail: the watch's window that it closed, when it was made (UTC), how many articles it tells of.

    `subject` is its first body's; each copy has its own.
    """

    number: int
    watch: str
    subject: str
    window_end: datetime
    made: datetime
    articles: int
    deliveries: tuple[Delivered, ...]


class Counts(NamedTuple):
    """How many articles in how many stories a mail says that it tells of, and old ones it only counts."""

    articles: int
    stories: int
    late: int


@dataclass(frozen=True, slots=True)
class Told:
    """An article that a mail tells of or counts. `late`: it was old news, and only counted."""

    article: str
    title: str
    url: str
    source: str
    story: str
    time: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that a mail tells of, when it was seen (UTC); its article, if it is about one."""

    kind: EventKind
    seen: datetime
    article: str | None
    url: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Matched:
    """That a watch matched an article: when, in which revision; the mail that told of it, None yet.

    `passage` is JSON of `presswatch.query.Passage`.
    """

    watch: str
    revision: int
    matched: datetime
    late: bool
    mail: MadeMail | None
    passage: str


@dataclass(frozen=True, slots=True)
class Noted:
    """An event that a watch tells of; the mail that told of it, None yet."""

    event: Event
    mail: MadeMail | None


def latest(
    tx: Connection, limit: int, watch: str | None = None, states: Collection[DeliveryState] = ()
) -> list[MadeMail]:
    """The mails made last (of a watch, with a copy in one of these states), the newest first."""
    chosen = select(digest).order_by(digest.c.id.desc()).limit(limit)
    if watch is not None:
        chosen = chosen.where(digest.c.watch == watch)
    if states:
        chosen = chosen.where(digest.c.id.in_(select(delivery.c.digest).where(delivery.c.state.in_(states))))
    return _mails(tx, tx.execute(chosen).all())


def get(tx: Connection, number: int) -> MadeMail | None:
    """The mail with this number."""
    found = _mails(tx, tx.execute(select(digest).where(digest.c.id == number)).all())
    return found[0] if found else None


def counted(tx: Connection, numbers: Collection[int]) -> dict[int, Counts]:
    """What these mails say of themselves in numbers, where that is kept and there is news in them."""
    rows = tx.execute(select(digest.c.id, digest.c.told).where(digest.c.id.in_(numbers)))
    said = {row.id: json.loads(row.told or "{}").get("counts", {}) for row in rows}
    return {
        number: Counts(one["articles"], one["stories"], one.get("late", 0))
        for number, one in said.items()
        if one.get("articles")
    }


def told(tx: Connection, number: int) -> list[Told]:
    """Every article that a mail tells of or counts, the newest first."""
    title = func.json_extract(article.c.record, "$.title")
    of_article = (article.c.url, OUTLET, article.c.story, article.c.time)
    columns = (article.c.id, title, *of_article, match.c.late)
    # With the watch an index finds them.
    watch = select(digest.c.watch).where(digest.c.id == number).scalar_subquery()
    found = select(*columns).join(match, match.c.article == article.c.id)
    found = found.where(match.c.watch == watch, match.c.digest == number)
    newest = (article.c.time.desc(), article.c.seq.desc())
    rows = tx.execute(found.order_by(*newest)).all()
    if not rows and (ids := reviews.articles_of(tx, number)):
        # What a press review tells of is not told of by that in the sense of its watches.
        by_review = select(*columns[:-1], literal(False)).where(article.c.id.in_(select(each("ids"))))
        rows = tx.execute(by_review.order_by(*newest), {"ids": json.dumps(ids)}).all()
    return [Told(*row) for row in rows]


def about(tx: Connection, number: int) -> list[Told]:
    """Every article of which a mail tells anything: that it was found, or what happened to it.

    First those that stand in it, in its order, each the first of its story.
    """
    found = [one for one in told(tx, number) if not one.late]
    title = func.json_extract(article.c.record, "$.title")
    columns = (article.c.id, title, article.c.url, OUTLET, article.c.story, article.c.time)
    watch = select(digest.c.watch).where(digest.c.id == number).scalar_subquery()
    of_events = select(event.c.article).where(event.c.watch == watch, event.c.digest == number)
    concerned = select(*columns, literal(False)).where(article.c.id.in_(of_events))
    rows = tx.execute(concerned.order_by(article.c.time.desc(), article.c.seq.desc()))
    known = {one.article for one in found}
    said = found + [one for one in (Told(*row) for row in rows) if one.article not in known]
    kept = json.loads(tx.execute(select(digest.c.told).where(digest.c.id == number)).scalar() or "{}")
    places = {one["id"]: place for place, one in enumerate(kept.get("stories", ()))}
    return sorted(said, key=lambda one: places.get(one.article, len(places)))


def happened(tx: Connection, number: int) -> list[Happened]:
    """What else a mail tells of: edits, further outlets, spikes, silence."""
    columns = (event.c.kind, event.c.seen, event.c.article, article.c.url)
    title = func.json_extract(article.c.record, "$.title")
    found = select(*columns, title).outerjoin(article, event.c.article == article.c.id)
    # With the watch an index finds them.
    watch = select(digest.c.watch).where(digest.c.id == number).scalar_subquery()
    mine = found.where(event.c.watch == watch, event.c.digest == number).order_by(event.c.id)
    return [Happened(*row) for row in tx.execute(mine)]


def of_article(tx: Connection, id_: str) -> list[Matched]:
    """The watches that matched an article, and what mails told of it."""
    rows = tx.execute(select(match).where(match.c.article == id_).order_by(match.c.watch)).all()
    made = _by_number(tx, [row.digest for row in rows])
    return [
        Matched(row.watch, row.revision, row.matched, row.late, made.get(row.digest), row.passage)
        for row in rows
    ]


def events_of_article(
    tx: Connection, id_: str, further: Collection[tuple[str, EventKind, str]] = ()
) -> list[Noted]:
    """The events about an article, and the `further` ones by watch, kind and key; what mails told of them."""
    named = [
        and_(event.c.watch == watch, event.c.kind == kind, event.c.key == key) for watch, kind, key in further
    ]
    chosen = select(event).where(or_(event.c.article == id_, *named)).order_by(event.c.id)
    rows = tx.execute(chosen).all()
    made = _by_number(tx, [row.digest for row in rows])
    return [
        Noted(
            Event(row.watch, EventKind(row.kind), row.key, row.article, row.detail, row.seen, row.id),
            made.get(row.digest),
        )
        for row in rows
    ]


def reviews_of_article(tx: Connection, id_: str) -> list[MadeMail]:
    """The press reviews that told of an article, the first one first."""
    chosen = select(digest).where(reviews.told_of(id_)).order_by(digest.c.id)
    return _mails(tx, tx.execute(chosen).all())


def retry(tx: Connection, numbers: Collection[int], now: datetime) -> int:
    """Have copies that failed sent again (all there are without numbers); how many."""
    return _change(
        tx,
        numbers,
        (DeliveryState.FAILED, DeliveryState.QUEUED),
        {"state": DeliveryState.QUEUED, "next_attempt": now, "created": now, "attempts": 0},
    )


def drop(tx: Connection, numbers: Collection[int]) -> int:
    """Give up copies that wait to be sent, or were being sent when their sender died; how many."""
    states = (DeliveryState.QUEUED, DeliveryState.SENDING)
    return _change(tx, numbers, states, {"state": DeliveryState.FAILED, "reason": DROPPED})


def keep_bounce(
    tx: Connection, bounce_id: str, message_ids: Sequence[str], said: str, now: datetime
) -> tuple[Literal["failed", "known", "unknown"], tuple[int, str] | None]:
    """Mark the copy with one of these Message-IDs as failed; its outcome, mail and recipient.

    "known": this bounce was read before, and the copy may have been sent again since. "unknown": there is no
    such copy.
    """
    chosen = select(delivery.c.id, delivery.c.digest, delivery.c.recipient, delivery.c.message_id)
    rows = {row.message_id: row for row in tx.execute(chosen.where(delivery.c.message_id.in_(message_ids)))}
    row = next((rows[one] for one in message_ids if one in rows), None)
    if row is None:
        return "unknown", None
    read = insert(bounce).values(id=bounce_id, message_id=row.message_id, received=now)
    if not tx.execute(read.on_conflict_do_nothing()).rowcount:
        return "known", (row.digest, row.recipient)
    failed = {"state": DeliveryState.FAILED, "reason": said}
    tx.execute(update(delivery).where(delivery.c.id == row.id).values(**failed))
    return "failed", (row.digest, row.recipient)


def undeliverable(tx: Connection, since: datetime, limit: int = 100) -> list[tuple[str, str, str]]:
    """Watch, recipient and reason of the latest copies made since then that failed and were not given up."""
    failed = and_(delivery.c.state == DeliveryState.FAILED, delivery.c.reason != DROPPED)
    chosen = select(digest.c.watch, delivery.c.recipient, delivery.c.reason)
    rows = tx.execute(
        chosen.select_from(delivery.join(digest))
        # As the index of copies in trouble has it.
        .where(delivery.c.reason != text("''"), failed, delivery.c.created >= since)
        .order_by(delivery.c.id.desc())
        .limit(limit)
    )
    return [(row.watch, row.recipient, row.reason) for row in rows]


def waiting(tx: Connection, watch: str) -> list[int]:
    """The numbers of a watch's mails of which a copy waits to be sent."""
    mine = select(digest.c.id).join(delivery).where(digest.c.watch == watch)
    is_waiting = delivery.c.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING))
    return sorted(set(tx.execute(mine.where(is_waiting)).scalars()))


def _by_number(tx: Connection, numbers: Iterable[int | None]) -> dict[int, MadeMail]:
    known = {number for number in numbers if number is not None}
    made = _mails(tx, tx.execute(select(digest).where(digest.c.id.in_(known))).all())
    return {mail.number: mail for mail in made}


def _change(
    tx: Connection, numbers: Collection[int], states: Iterable[DeliveryState], values: dict[str, object]
) -> int:
    chosen = update(delivery).where(delivery.c.state.in_(list(states)))
    if numbers:
        chosen = chosen.where(delivery.c.digest.in_(list(numbers)))
    else:
        chosen = chosen.where(delivery.c.state == DeliveryState.FAILED, delivery.c.reason != DROPPED)
    return tx.execute(chosen.values(**values)).rowcount


def _mails(tx: Connection, rows: Collection[Row[tuple[object, ...]]]) -> list[MadeMail]:
    numbers = [row.id for row in rows]
    copies: dict[int, list[Delivered]] = {number: [] for number in numbers}
    words = (digest_body.c.subject, digest_body.c.language)
    of_mails = select(delivery, *words).join(digest_body, delivery.c.body == digest_body.c.id)
    for row in tx.execute(of_mails.where(delivery.c.digest.in_(numbers)).order_by(delivery.c.id)):
        copies[row.digest].append(
            Delivered(
                row.recipient,
                DeliveryState(row.state),
                row.attempts,
                row.reason,
                row.next_attempt,
                row.sent,
                row.path,
                row.subject,
                row.language,
            )
        )
    mine = (match.c.watch.in_({row.watch for row in rows}), match.c.digest.in_(numbers))
    counted = select(match.c.digest, func.count().label("articles")).where(*mine)
    articles = {row.digest: row.articles for row in tx.execute(counted.group_by(match.c.digest))}
    reviewed = func.json_array_length(func.nullif(digest.c.told, ""), "$.articles")
    of_reviews = (digest.c.id.in_(numbers), reviews.is_review(digest.c.watch))
    rows_of_reviews = tx.execute(select(digest.c.id, func.coalesce(reviewed, 0)).where(*of_reviews))
    articles |= {row[0]: row[1] for row in rows_of_reviews}
    return [
        MadeMail(
            number=row.id,
            watch=row.watch,
            subject=next((copy.subject for copy in copies[row.id]), ""),
            window_end=row.window_end,
            made=row.closed,
            articles=articles.get(row.id, 0),
            deliveries=tuple(copies[row.id]),
        )
        for row in rows
    ]
