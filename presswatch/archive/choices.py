"""What recipients chose by the links of their mails: each act is kept, and the latest counts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Row, and_, func, select

from presswatch.archive.tables import ChoiceKind, article, choice, delivery, digest, digest_body, match
from presswatch.archive.upsert import insert

# Precision is counted over the mails of so long.
_COUNTED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Choice:
    """What one recipient, or with "" each, asked for of a watch; `until` bounds it, `undone` takes it back.

    `subject` is an article that stands for its story, a source's id, or "". `mail` is the number of the mail
    whose link was used, None for a choice by command.
    """

    watch: str
    recipient: str
    kind: ChoiceKind
    subject: str
    undone: bool
    until: datetime | None
    made: datetime
    mail: int | None = None
    id: int = 0

    def holds(self, now: datetime) -> bool:
        return not self.undone and (self.until is None or now < self.until)


class Muted(NamedTuple):
    """The stories and the sources of which a recipient is told nothing."""

    stories: frozenset[str]
    sources: frozenset[str]

    def has(self, story: str, source: str) -> bool:
        return story in self.stories or source in self.sources

    def among(self, stories: Collection[str], sources: Collection[str]) -> "Muted":
        """What of it concerns these: who muted nothing of them reads what everybody reads."""
        return Muted(self.stories.intersection(stories), self.sources.intersection(sources))


NOTHING_MUTED = Muted(frozenset(), frozenset())


class Relevance(NamedTuple):
    """Of how many articles a watch's mails told, and how many of them somebody called not relevant."""

    told: int
    not_relevant: int

    @property
    def precision(self) -> float:
        """The share that nobody called not relevant."""
        return 1 - self.not_relevant / self.told


def keep(tx: Connection, made: Choice) -> bool:
    """Keep an act; whether it was.

    One that changes nothing is kept once: links are followed twice, and by machines.
    """
    mine = (choice.c.watch == made.watch, choice.c.recipient == made.recipient)
    same = (choice.c.kind == made.kind, choice.c.subject == made.subject)
    last = tx.execute(select(choice).where(*mine, *same).order_by(choice.c.id.desc()).limit(1)).first()
    if made.until is None and (last.undone if last else True) == made.undone and not (last and last.until):
        return False
    tx.execute(
        insert(choice).values(
            watch=made.watch,
            recipient=made.recipient,
            kind=made.kind,
            subject=made.subject,
            undone=made.undone,
            until=made.until,
            made=made.made,
            digest=made.mail,
        )
    )
    return True


def every(tx: Connection) -> list[Choice]:
    """Every act there was, the oldest first."""
    return [_choice(row) for row in tx.execute(select(choice).order_by(choice.c.id))]


def current(tx: Connection, watch_id: str, now: datetime) -> list[Choice]:
    """What holds now of all that the recipients of a watch chose, the oldest first."""
    return current_of(tx, [watch_id], now)[watch_id]


def current_of(tx: Connection, watch_ids: Collection[str], now: datetime) -> dict[str, list[Choice]]:
    """The same of each of these watches."""
    latest = func.max(choice.c.id).label("id")
    group = (choice.c.watch, choice.c.recipient, choice.c.kind, choice.c.subject)
    newest = select(latest).where(choice.c.watch.in_(list(watch_ids))).group_by(*group).subquery()
    rows = tx.execute(select(choice).join(newest, newest.c.id == choice.c.id).order_by(choice.c.id))
    found: dict[str, list[Choice]] = {id_: [] for id_ in watch_ids}
    for one in map(_choice, rows):
        if one.holds(now):
            found[one.watch].append(one)
    return found


def for_all(tx: Connection, watch_id: str, now: datetime) -> list[Choice]:
    """What holds now for every recipient of a watch, by command."""
    return [one for one in current(tx, watch_id, now) if not one.recipient]


def untold(tx: Connection, watch_id: str) -> list[Choice]:
    """The acts of a watch's recipients of which its owner was not told, the oldest first."""
    mine = and_(choice.c.watch == watch_id, choice.c.told.is_(None), choice.c.digest.is_not(None))
    return [_choice(row) for row in tx.execute(select(choice).where(mine).order_by(choice.c.id))]


def watches_with_untold(tx: Connection) -> set[str]:
    """The watches that have such acts."""
    mine = and_(choice.c.told.is_(None), choice.c.digest.is_not(None))
    return set(tx.execute(select(choice.c.watch).where(mine).distinct()).scalars())


def muted(tx: Connection, chosen: Iterable[Choice], recipient: str) -> Muted:
    """What is muted for a recipient, by themselves or for everybody; stories as they are now."""
    mine = [one for one in chosen if one.recipient in ("", recipient)]
    articles = {one.subject for one in mine if one.kind is ChoiceKind.MUTE_STORY}
    stories = tx.execute(select(article.c.story).where(article.c.id.in_(articles))).scalars()
    return Muted(
        # A story that was removed with its articles leaves what was muted, and mutes nothing.
        frozenset(stories),
        frozenset(one.subject for one in mine if one.kind is ChoiceKind.MUTE_SOURCE),
    )


def asked_for_none(chosen: Iterable[Choice], recipient: str) -> Choice | None:
    """The choice by which a recipient gets no mails of the watch now."""
    none = (ChoiceKind.STOP, ChoiceKind.PAUSE)
    return next((one for one in chosen if one.recipient == recipient and one.kind in none), None)


def relevance(tx: Connection, now: datetime) -> dict[str, Relevance]:
    """What recipients thought of the mails of the last 90 days, by watch, of those with any such word."""
    recent = digest.c.closed > now - _COUNTED
    latest = select(func.max(choice.c.id)).where(choice.c.kind == ChoiceKind.NOT_RELEVANT)
    latest = latest.group_by(choice.c.watch, choice.c.recipient, choice.c.subject)
    said = select(choice.c.watch, func.count(choice.c.subject.distinct()).label("articles"))
    said = said.join(digest, digest.c.id == choice.c.digest)
    said = said.where(choice.c.id.in_(latest), choice.c.undone.is_(False), recent)
    wrong = {row.watch: row.articles for row in tx.execute(said.group_by(choice.c.watch))}
    told = select(match.c.watch, func.count().label("articles")).join(digest, digest.c.id == match.c.digest)
    told = told.where(match.c.watch.in_(wrong), match.c.late.is_(False), recent).group_by(match.c.watch)
    return {
        row.watch: Relevance(row.articles, min(wrong[row.watch], row.articles)) for row in tx.execute(told)
    }


class Addressed(NamedTuple):
    """Which copy of which mail a link belongs to; `closed` (UTC) is when the mail was made.

    The language and the zone are those of its words.
    """

    delivery: int
    mail: int
    watch: str
    recipient: str
    subject: str
    closed: datetime
    language: str
    time_zone: str


def addressed(tx: Connection, delivery_id: int) -> Addressed | None:
    """The copy of a mail with this id."""
    of_mail = (digest.c.id, digest.c.watch, delivery.c.recipient, digest_body.c.subject, digest.c.closed)
    of_body = (digest_body.c.language, digest_body.c.time_zone)
    found = select(delivery.c.id, *of_mail, *of_body).join(digest, digest.c.id == delivery.c.digest)
    found = found.join(digest_body, digest_body.c.id == delivery.c.body)
    row = tx.execute(found.where(delivery.c.id == delivery_id)).first()
    return Addressed._make(row) if row else None


def _choice(row: Row[tuple[object, ...]]) -> Choice:
    return Choice(
        watch=row.watch,
        recipient=row.recipient,
        kind=ChoiceKind(row.kind),
        subject=row.subject,
        undone=row.undone,
        until=row.until,
        made=row.made,
        mail=row.digest,
        id=row.id,
    )
