"""Watches' cursors, matches, digests and deliveries: what was found, and whom it still has to reach."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    type_coerce,
    update,
)

from presswatch.archive import running_totals, tallies
from presswatch.archive.attribution import OUTLET
from presswatch.archive.database import last_seq
from presswatch.archive.tables import (
    DeliveryState,
    article,
    article_source,
    choice,
    counter,
    delivery,
    digest,
    digest_body,
    event,
    fact,
    match,
    watch,
)
from presswatch.archive.upsert import each, insert
from presswatch.model import MailKind

# The channel of everybody whose recipient is an address; any other recipient is the id of its channel.
MAIL = "mail"
_PAUSE = "pause."
_IS_PAUSE = and_(fact.c.name >= _PAUSE, fact.c.name < "pause/")
_MAIL_NUMBER = "mail"
# A pause without an end.
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class WatchState:
    """`cursor`: everything up to this `seq` was matched. `closed_until`: the end of its last window.

    It is there since `added`. Until `paused_until` it mails nothing.
    """

    added: datetime
    cursor: int
    closed_until: datetime
    paused_until: datetime | None

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until


@dataclass(frozen=True, slots=True)
class WatchMatch:
    """An article that a watch matched for the first time. `passage` is JSON."""

    watch: str
    article: str
    revision: int
    seq: int
    late: bool
    passage: str


@dataclass(frozen=True, slots=True)
class Open:
    """A match that no mail has told of yet, and what is needed of its article. `time` is UTC."""

    id: int
    article: str
    late: bool
    passage: str
    story: str
    source: str
    url: str
    time: datetime
    first_seen: datetime


class Found(NamedTuple):
    """An article that a watch matched, when (UTC), and the passage as JSON."""

    article: str
    matched: datetime
    passage: str


class Carried(NamedTuple):
    """An article of a story: its source, and when (UTC)."""

    source: str
    url: str
    time: datetime


class Untold(NamedTuple):
    """How many matches are news that no mail has told of, and when the first was found (UTC)."""

    news: int
    first: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """A window from `start` to `end`, the mail made of it, its number, and the matches that it tells of.

    `answers` is the number of the mail that told of its first story first; None for what is new. `told` is
    JSON: what it tells, as values; `events` and `choices` are the ids of those that it tells of.
    """

    number: int
    watch: str
    start: datetime
    end: datetime
    owner: str
    answers: int | None
    matches: Sequence[int]
    told: str = ""
    events: Sequence[int] = ()
    choices: Sequence[int] = ()


class Body(NamedTuple):
    """A mail in the words of one audience. `pdf` is attached."""

    language: str
    time_zone: str
    subject: str
    text: str
    html: str
    pdf: bytes | None = None


class Copy(NamedTuple):
    """What one recipient is sent of a mail. `format` is `html`, for both bodies, or `text`."""

    recipient: str
    message_id: str
    body: Body
    format: str
    # Why it is never sent; "" for what is.
    withheld: str = ""


class Pause(NamedTuple):
    """Nothing is sent until then, and why; `since` the channel's first failure in a row."""

    until: datetime
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """What a delivery sends: its body and whom it goes to. `html` is "" for who reads plain text alone.

    `number` is the mail's, 0 for a trial. `told` is JSON: what it tells, as values; "" for a mail of before.
    """

    id: int
    watch: str
    recipient: str
    message_id: str
    closed: datetime
    subject: str
    text: str
    html: str
    owner: str
    answers: str
    attempts: int
    created: datetime
    number: int = 0
    told: str = ""
    pdf: bytes | None = None


def ensure_watches(
    tx: Connection, ids: Iterable[str], now: datetime, backfills: Mapping[str, timedelta] | None = None
) -> None:
    """Make rows for new watches; they begin at the archive's end, or as long before as `backfills` says."""
    for id_ in ids:
        begin = _first_cursor(tx, (backfills or {}).get(id_), now)
        row = insert(watch).values(id=id_, added=now, cursor=begin, closed_until=now)
        tx.execute(row.on_conflict_do_nothing())


def begin_anew(tx: Connection, id_: str, now: datetime, backfill: timedelta | None) -> None:
    """Have a watch whose id was another's before begin like a new one."""
    begin = _first_cursor(tx, backfill, now)
    fresh = {"added": now, "cursor": begin, "closed_until": now, "paused_until": None}
    tx.execute(update(watch).where(watch.c.id == id_).values(**fresh))


def _first_cursor(tx: Connection, backfill: timedelta | None, now: datetime) -> int:
    """The archive's end, or the number before the first article first seen within `backfill`."""
    if backfill is not None:
        recent = article.c.first_seen >= now - backfill
        first = tx.execute(select(func.min(article.c.news_seq)).where(recent)).scalar()
        if first is not None:
            return int(first) - 1
    return last_seq(tx)


def watches(tx: Connection, ids: Collection[str] | None = None) -> dict[str, WatchState]:
    """Every watch there ever was, by its id, or those of them that are asked for."""
    columns = (watch.c.added, watch.c.cursor, watch.c.closed_until, watch.c.paused_until)
    chosen = select(watch.c.id, *columns)
    if ids is not None:
        chosen = chosen.where(watch.c.id.in_(select(each("ids"))))
    asked = {} if ids is None else {"ids": json.dumps(sorted(ids))}
    return {row.id: WatchState(*row[1:]) for row in tx.execute(chosen, asked)}


def watch_ids(tx: Connection) -> set[str]:
    """The ids of every watch there ever was."""
    return set(tx.execute(select(watch.c.id)).scalars())


def matched_upto(tx: Connection) -> int:
    """The `news_seq` up to which every watch was matched."""
    return tx.execute(select(func.min(watch.c.cursor))).scalar() or 0


def keep_matches(tx: Connection, matches: Sequence[WatchMatch], upto: int, now: datetime) -> int:
    """Keep what was found and move every watch's cursor, as one; how many are news to their watch.

    The cursors of watches that are switched off move too: what appears meanwhile is not theirs.
    """
    fresh = 0
    for matched in matches:
        row = insert(match).values(
            watch=matched.watch,
            article=matched.article,
            revision=matched.revision,
            seq=matched.seq,
            late=matched.late,
            passage=matched.passage,
            matched=now,
        )
        fresh += tx.execute(row.on_conflict_do_nothing()).rowcount
    tx.execute(update(watch).where(watch.c.cursor < upto).values(cursor=upto))
    running_totals.add(tx, {"matches": fresh})
    return fresh


def untold(tx: Connection) -> dict[str, Untold]:
    """The news of each watch that has some which no mail has told of."""
    is_untold = and_(match.c.digest.is_(None), match.c.late.is_(False))
    found = select(match.c.watch, func.count().label("news"), func.min(match.c.matched).label("first"))
    rows = tx.execute(found.where(is_untold).group_by(match.c.watch))
    return {row.watch: Untold(row.news, row.first) for row in rows}


def mailed_since(tx: Connection, watch_id: str, start: datetime) -> list[datetime]:
    """When the mails of a watch were made, those since then."""
    return mailed(tx, {watch_id: start})[watch_id]


def mailed(tx: Connection, starts: Mapping[str, datetime]) -> dict[str, list[datetime]]:
    """When the mails of each of these watches were made, those since the instant that is said for it."""
    # What its owner is told of its recipients is no mail of the watch's own.
    of_choices = func.json_extract(func.nullif(digest.c.told, ""), "$.kind") == MailKind.CHOICES
    first = min(starts.values(), default=None)
    made: dict[str, list[datetime]] = {id_: [] for id_ in starts}
    if first is None:
        return made
    theirs = and_(digest.c.watch.in_(list(starts)), digest.c.closed > first, of_choices.is_not(True))
    for id_, closed in tx.execute(select(digest.c.watch, digest.c.closed).where(theirs)):
        if closed > starts[id_]:
            made[id_].append(closed)
    return made


def open_matches(tx: Connection, watch_id: str) -> list[Open]:
    """What this watch has found and not told of, in the order in which it was found."""
    mine = and_(match.c.watch == watch_id, match.c.digest.is_(None))
    columns = (match.c.id, match.c.article, match.c.late, match.c.passage)
    of_article = (article.c.story, OUTLET, article.c.url, article.c.time, article.c.first_seen)
    found = select(*columns, *of_article)
    rows = tx.execute(found.join(article).where(mine).order_by(match.c.id))
    return [Open(*row) for row in rows]


def latest_news(tx: Connection, watch_id: str, limit: int) -> list[Found]:
    """The news that a watch matched last, told or not, the latest first; of one look the newest first."""
    mine = and_(match.c.watch == watch_id, match.c.late.is_(False))
    found = select(match.c.article, match.c.matched, match.c.passage).join(article).where(mine)
    order = (match.c.matched.desc(), article.c.time.desc(), match.c.id.desc())
    return [Found(*row) for row in tx.execute(found.order_by(*order).limit(limit))]


def hits_by_hour(tx: Connection, ids: Collection[str], start: datetime) -> dict[str, dict[datetime, int]]:
    """How much news each of these watches found since then, by the hour (UTC) in which it was found."""
    hour = timedelta(hours=1) // timedelta(microseconds=1)
    begin = type_coerce(match.c.matched, Integer) // hour
    found = select(match.c.watch, begin.label("hour"), func.count().label("hits"))
    mine = and_(match.c.watch.in_(select(each("ids"))), match.c.matched >= start, match.c.late.is_(False))
    counted: dict[str, dict[datetime, int]] = {id_: {} for id_ in ids}
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for row in tx.execute(found.where(mine).group_by(match.c.watch, "hour"), {"ids": json.dumps(list(ids))}):
        counted[row.watch][epoch + timedelta(hours=int(row.hour))] = row.hits
    return counted


def told_articles(tx: Connection, watch_id: str, stories: Iterable[str]) -> dict[str, list[Carried]]:
    """The articles of each of these stories that the watch's mails have told of, the earliest first."""
    told = _told_of(watch_id, select(article.c.story, OUTLET, article.c.url, article.c.time))
    found: dict[str, list[Carried]] = {}
    for row in tx.execute(told.order_by(article.c.time), {"stories": json.dumps(sorted(set(stories)))}):
        found.setdefault(row.story, []).append(Carried(row.source, row.url, row.time))
    return found


def _told_of(watch_id: str, chosen: Select[Any]) -> Select[Any]:
    """`chosen` of the articles of `stories`, a JSON array, that a watch's mails have told of."""
    # By their articles, which are few: a watch may have told of very many.
    of_stories = article.alias()
    ids = select(of_stories.c.id).where(of_stories.c.story.in_(select(each("stories"))))
    is_told = and_(func.coalesce(match.c.digest, 0) > 0, match.c.late.is_(False))
    its = and_(match.c.watch == watch_id, match.c.article.in_(ids), is_told)
    return chosen.join(match, match.c.article == article.c.id).where(its)


def first_mail_about(tx: Connection, watch_id: str, story: str) -> int | None:
    """The number of the mail of a watch that told of a story first."""
    told = _told_of(watch_id, select(func.min(match.c.digest)).select_from(article))
    return tx.execute(told, {"stories": json.dumps([story])}).scalar()


def pause_watch(tx: Connection, watch_id: str, until: datetime | None) -> None:
    """Mail nothing of a watch until then; None: go on."""
    tx.execute(update(watch).where(watch.c.id == watch_id).values(paused_until=until))


def pass_over(tx: Connection, watch_id: str) -> int:
    """Have what a watch found and no mail told of only be counted, as what is late; how many."""
    mine = and_(match.c.watch == watch_id, match.c.digest.is_(None), match.c.late.is_(False))
    return tx.execute(update(match).where(mine).values(late=True)).rowcount


def next_mail(tx: Connection) -> int:
    """The number of a mail that is about to be written: `presswatch mails show` finds it by that."""
    highest = select(func.coalesce(func.max(digest.c.id), 0)).scalar_subquery()
    row = insert(counter).values(name=_MAIL_NUMBER, value=highest + 1)
    grown = {"value": func.max(counter.c.value, highest) + 1}
    counted = row.on_conflict_do_update(index_elements=["name"], set_=grown)
    return int(tx.execute(counted.returning(counter.c.value)).scalar_one())


def close_windows(tx: Connection, ends: Mapping[str, datetime]) -> None:
    """These watches' windows ended then with nothing to tell."""
    if ends:
        mine = update(watch).where(watch.c.id == bindparam("of")).values(closed_until=bindparam("end"))
        tx.execute(mine, [{"of": watch_id, "end": end} for watch_id, end in ends.items()])


def free_end(tx: Connection, watch_id: str, end: datetime) -> datetime:
    """The window's end, a microsecond later than those there are: an hour lived twice may end two windows."""
    near = digest.c.window_end.between(end, end + timedelta(seconds=1))
    taken = tx.execute(select(func.max(digest.c.window_end)).where(digest.c.watch == watch_id, near)).scalar()
    return end if taken is None else taken + timedelta(microseconds=1)


def keep_digest(tx: Connection, closed: Closed, copies: Sequence[Copy], now: datetime) -> bool:
    """Keep a closed window's mail, what it tells of, its bodies and a delivery for each copy.

    False, and nothing is kept, when somebody else has closed a window of this watch since.
    """
    mine = and_(watch.c.id == closed.watch, watch.c.closed_until == closed.start)
    if not tx.execute(update(watch).where(mine).values(closed_until=closed.end)).rowcount:
        return False
    window = {"watch": closed.watch, "window_start": closed.start, "window_end": closed.end, "closed": now}
    before = select(delivery.c.recipient, delivery.c.message_id).where(delivery.c.digest == closed.answers)
    answered = {row.recipient: row.message_id for row in tx.execute(before)} if closed.answers else {}
    tx.execute(insert(digest).values(id=closed.number, owner=closed.owner, told=closed.told, **window))
    # One by one: there may be more of them than a statement takes.
    for told in closed.matches:
        tx.execute(update(match).where(match.c.id == told).values(digest=closed.number))
    for seen in closed.events:
        tx.execute(update(event).where(event.c.id == seen).values(digest=closed.number))
    for made in closed.choices:
        tx.execute(update(choice).where(choice.c.id == made).values(told=closed.number))
    bodies: dict[Body, int] = {}
    for copy in copies:
        if copy.body not in bodies:
            row = insert(digest_body).values(digest=closed.number, **copy.body._asdict())
            bodies[copy.body] = int(tx.execute(row.returning(digest_body.c.id)).scalar_one())
        tx.execute(
            insert(delivery).values(
                digest=closed.number,
                recipient=copy.recipient,
                channel=channel_of(copy.recipient),
                message_id=copy.message_id,
                answers=answered.get(copy.recipient, ""),
                body=bodies[copy.body],
                format=copy.format,
                state=DeliveryState.WITHHELD if copy.withheld else DeliveryState.QUEUED,
                reason=copy.withheld,
                created=now,
                next_attempt=now,
            )
        )
    return True


def channel_of(recipient: str) -> str:
    """The channel that reaches a recipient: "mail" an address; what is no address is a channel's id."""
    return MAIL if "@" in recipient else recipient


def mails_wait(tx: Connection, now: datetime, channel: str = MAIL) -> bool:
    """Whether a channel has something to send now. Whoever only asks keeps nobody from writing."""
    due = select(delivery.c.id).where(_is_due(now, channel))
    return tx.execute(due.limit(1)).first() is not None


def claim_delivery(tx: Connection, now: datetime, channel: str = MAIL) -> Mail | None:
    """What a channel sends next, marked as being sent and its attempt counted; None if there is nothing.

    One that was being sent when its sender died comes first: it may have arrived, and is sent again.
    """
    due = _is_due(now, channel)
    of_body = (digest_body.c.subject, digest_body.c.text, digest_body.c.html, digest_body.c.pdf)
    written = (*of_body, digest.c.owner, digest.c.told)
    joined = select(delivery, digest.c.watch, digest.c.closed, *written)
    order = (delivery.c.state != DeliveryState.SENDING, delivery.c.next_attempt, delivery.c.id)
    row = tx.execute(_with_body(joined).where(due).order_by(*order).limit(1)).first()
    if row is None:
        return None
    claimed = {"state": DeliveryState.SENDING, "attempts": row.attempts + 1}
    tx.execute(update(delivery).where(delivery.c.id == row.id).values(**claimed))
    return Mail(
        id=row.id,
        number=row.digest,
        watch=row.watch,
        recipient=row.recipient,
        message_id=row.message_id,
        closed=row.closed,
        subject=row.subject,
        text=row.text,
        html=row.html if row.format == "html" else "",
        owner=row.owner,
        answers=row.answers,
        attempts=row.attempts + 1,
        created=row.created,
        told=row.told,
        pdf=row.pdf,
    )


def _with_body(chosen: Select[Any]) -> Select[Any]:
    """`chosen` of deliveries, each with its digest and its body."""
    of_digest = chosen.join(digest, delivery.c.digest == digest.c.id)
    return of_digest.join(digest_body, delivery.c.body == digest_body.c.id)


def keep_sent(tx: Connection, delivery_id: int, path: str, now: datetime) -> None:
    """It was accepted; `path` is where it was written, if it was."""
    sent = {"state": DeliveryState.SENT, "sent": now, "path": path, "reason": ""}
    tx.execute(update(delivery).where(delivery.c.id == delivery_id).values(**sent))
    running_totals.add(tx, {"deliveries.sent": 1})


def keep_failed(tx: Connection, delivery_id: int, reason: str) -> None:
    """It will never be accepted."""
    failed = {"state": DeliveryState.FAILED, "reason": reason}
    tx.execute(update(delivery).where(delivery.c.id == delivery_id).values(**failed))
    running_totals.add(tx, {"deliveries.failed": 1})


def keep_for_later(tx: Connection, delivery_id: int, reason: str, again: datetime, *, counted: bool) -> None:
    """It was not accepted now; tried again then. `counted`: the attempt was this delivery's own."""
    later = {"state": DeliveryState.QUEUED, "reason": reason, "next_attempt": again}
    uncounted = {} if counted else {"attempts": delivery.c.attempts - 1}
    tx.execute(update(delivery).where(delivery.c.id == delivery_id).values(**later, **uncounted))


def fail_removed_channels(tx: Connection, known: Iterable[str], reason: str) -> int:
    """Give up what waits for channels that are not among the `known`, or was being sent; how many.

    What is being sent all the same is kept as sent when it was accepted.
    """
    is_open = delivery.c.state.in_([DeliveryState.QUEUED, DeliveryState.SENDING])
    waits = and_(is_open, delivery.c.channel.not_in([MAIL, *known]))
    failed = {"state": DeliveryState.FAILED, "reason": reason}
    return tx.execute(update(delivery).where(waits).values(**failed)).rowcount


def pause(tx: Connection, paused_for: Pause, channel: str = MAIL) -> None:
    """The channel itself is at fault: nothing is sent by it for a while."""
    until, reason, since = paused_for
    said = {"value": json.dumps([until.isoformat(), reason, since.isoformat()])}
    row = insert(fact).values(name=_PAUSE + channel, **said)
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_=said))


def resume(tx: Connection, channel: str = MAIL) -> None:
    """The channel works."""
    tx.execute(delete(fact).where(fact.c.name == _PAUSE + channel))


def resume_all(tx: Connection) -> None:
    """Have every channel tried at once."""
    tx.execute(delete(fact).where(_IS_PAUSE))


def paused(tx: Connection, channel: str = MAIL) -> Pause | None:
    """The pause of a channel, also one that is just over; None when the channel worked last."""
    said = tx.execute(select(fact.c.value).where(fact.c.name == _PAUSE + channel)).scalar()
    return None if said is None else _pause(said)


def pauses(tx: Connection) -> dict[str, Pause]:
    """The pauses of all channels that did not work last, by the channel."""
    rows = tx.execute(select(fact).where(_IS_PAUSE).order_by(fact.c.name))
    return {row.name.removeprefix(_PAUSE): _pause(row.value) for row in rows}


def _pause(said: str) -> Pause:
    until, reason, since = json.loads(said)
    return Pause(datetime.fromisoformat(until), reason, datetime.fromisoformat(since))


def deliveries(tx: Connection) -> dict[DeliveryState, int]:
    """How many deliveries there are in each state."""
    return {DeliveryState(state): rows for (state, _), rows in tallies.read(tx, "delivery").items()}


def failures(tx: Connection, limit: int = 100) -> list[tuple[str, str, str]]:
    """Watch, recipient and reason of the latest deliveries that failed for good or wait after a failure."""
    rows = tx.execute(
        select(digest.c.watch, delivery.c.recipient, delivery.c.reason)
        .select_from(delivery.join(digest))
        .where(delivery.c.reason != text("''"), delivery.c.state != DeliveryState.WITHHELD)
        .order_by(delivery.c.id.desc())
        .limit(limit)
    )
    return [(row.watch, row.recipient, row.reason) for row in rows]


def unreached(tx: Connection, since: datetime, but: Collection[str], limit: int = 100) -> dict[str, str]:
    """Who refused for good a mail that was made since then, and has taken none since; and why.

    Mails that failed for one of the reasons `but` were given up here, and say nothing of whom they were for.
    """
    columns = (delivery.c.id, delivery.c.recipient, delivery.c.reason)
    # As the index of what failed has it.
    is_failed = (delivery.c.reason != text("''"), delivery.c.state == DeliveryState.FAILED)
    mine = (delivery.c.created >= since, delivery.c.reason.not_in(list(but)))
    rows = tx.execute(select(*columns).where(*is_failed, *mine).order_by(delivery.c.id.desc()).limit(limit))
    failed: dict[str, tuple[int, str]] = {}
    for row in rows:
        failed.setdefault(row.recipient, (row.id, row.reason))
    if not failed:
        return {}
    first = min(id_ for id_, _reason in failed.values())
    taken = select(delivery.c.recipient, func.max(delivery.c.id)).where(
        delivery.c.id > first, delivery.c.state == DeliveryState.SENT, delivery.c.recipient.in_(list(failed))
    )
    last = {whom: int(id_) for whom, id_ in tx.execute(taken.group_by(delivery.c.recipient))}
    return {whom: reason for whom, (id_, reason) in failed.items() if last.get(whom, 0) < id_}


def match_counts(tx: Connection) -> dict[str, int]:
    """How many articles each watch has matched."""
    return {watch_id: rows for (watch_id, _), rows in tallies.read(tx, "match").items()}


def seen_since(tx: Connection, start: datetime, seq: int, limit: int) -> list[tuple[str, int]]:
    """Id and `seq` of articles first seen since `start` that changed after `seq`, oldest change first."""
    chosen = and_(article.c.first_seen >= start, article.c.seq > seq)
    rows = select(article.c.id, article.c.seq).where(chosen).order_by(article.c.seq).limit(limit)
    return [(row.id, row.seq) for row in tx.execute(rows)]


def seen_last(tx: Connection, number: int) -> datetime | None:
    """When the first of the last so many articles was first seen (UTC); None if there are not so many."""
    latest = select(article_source.c.first_seen).order_by(article_source.c.first_seen.desc())
    return tx.execute(latest.limit(1).offset(number - 1)).scalar()


def first_article(tx: Connection) -> datetime | None:
    """When the first article of the archive was first seen (UTC); None if there is none."""
    return tx.execute(select(func.min(article_source.c.first_seen))).scalar()


def seen_count(tx: Connection, start: datetime) -> int:
    """How many articles were first seen since then."""
    seen = select(func.count(article_source.c.article.distinct())).where(article_source.c.first_seen >= start)
    return tx.execute(seen).scalar_one()


def _is_due(now: datetime, channel: str) -> ColumnElement[bool]:
    at = delivery.c.next_attempt
    # Nothing waits longer than `_LONGEST_WAIT`: what seems to was put off by a clock that was ahead.
    time_has_come = or_(at <= now, at > now + _LONGEST_WAIT)
    is_queued = and_(delivery.c.state == DeliveryState.QUEUED, time_has_come)
    return and_(delivery.c.channel == channel, or_(delivery.c.state == DeliveryState.SENDING, is_queued))
