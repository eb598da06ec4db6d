"""Articles that somebody asked to be removed: gone with all that was kept of them, and kept from coming back.

What stays is a tombstone for each address: the address, the article's id, why and when. A page that a removed
address leads to, or that names one as its own, is not kept again.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, union, update

from presswatch import urls
from presswatch.archive import drafts, mails, marks, reviews
from presswatch.archive.database import Archive
from presswatch.archive.deletion import delete_article
from presswatch.archive.mails import MadeMail
from presswatch.archive.marks import OnArticle
from presswatch.archive.tables import (
    DeliveryState,
    UrlState,
    alias,
    article,
    choice,
    delivery,
    digest,
    digest_body,
    edge,
    event,
    match,
    removal,
    revision,
    watch,
)
from presswatch.archive.upsert import insert

# Built once, as every page asks it.
_REMOVED = select(removal.c.url).where(removal.c.url.in_(bindparam("urls", expanding=True))).limit(1)
# Of what a press review told, what says nothing of any article.
_OF_NO_ARTICLE = ("watch_name", "kind", "through", "until", "finish", "finished_by", "left_out")
REDACTED = "An article that this mail told of was removed on request, and the mail's text with it."


@dataclass(frozen=True, slots=True)
class Removal:
    """An article that was removed, under which addresses it stood, why and when."""

    article: str
    addresses: tuple[str, ...]
    reason: str
    removed: datetime


@dataclass(frozen=True, slots=True)
class Extent:
    """What would go with an article. `octets` is the size of its kept pages, `watches` are those it matched.
    `marks` are the tags, notes and collections that it is in.

    `sent` are the mails that told of it and of which a copy may have left, `waiting` those that nobody has
    been sent.
    """

    addresses: tuple[str, ...]
    revisions: int
    octets: int
    watches: tuple[str, ...]
    marks: OnArticle
    sent: tuple[MadeMail, ...]
    waiting: tuple[MadeMail, ...]


def extent(tx: Connection, id_: str) -> Extent:
    """What `remove` would remove of the article with this id, which there must be."""
    size = func.length(revision.c.body) + func.coalesce(func.length(revision.c.more), 0)
    pages = select(func.count(), func.coalesce(func.sum(size), 0)).where(revision.c.article == id_)
    revisions, octets = tx.execute(pages).one()
    watches = tx.execute(select(match.c.watch).where(match.c.article == id_).order_by(match.c.watch))
    told = [made for number in _told_by(tx, id_) if (made := mails.get(tx, number))]
    waiting = tuple(made for made in told if _is_unsent(made.deliveries))
    return Extent(
        addresses=tuple(sorted(_addresses(tx, id_))),
        revisions=revisions,
        octets=octets,
        watches=tuple(watches.scalars()),
        marks=marks.on(tx, [id_])[id_],
        sent=tuple(made for made in told if made not in waiting),
        waiting=waiting,
    )


def remove(tx: Connection, id_or_url: str, reason: str, now: datetime) -> Removal | None:
    """Remove an article with its pages, matches and texts of mails; None if there is none.

    A mail that nobody has been sent is made again without it. The index forgets it at its feed's next step.
    Files of mails that told of it are deleted by `delete_files`, after the commit.
    """
    wanted = urls.normalize(id_or_url) or id_or_url
    known = tx.execute(select(alias.c.article).where(alias.c.url == wanted)).scalar() or id_or_url
    if tx.execute(select(article.c.id).where(article.c.id == known)).first() is None:
        return None
    # What is deleted is written over, not only marked as free.
    tx.exec_driver_sql("PRAGMA secure_delete=ON")
    addresses = _addresses(tx, known)
    _redact_mails(tx, known, addresses)
    for address in addresses:
        tx.execute(delete(edge).where(or_(edge.c.from_url == address, edge.c.to_url == address)))
    delete_article(tx, known, UrlState.REFUSED, "removed on request")
    told = {"article": known, "reason": reason, "removed": now}
    rows = [{"url": address, **told} for address in sorted(addresses)]
    tx.execute(insert(removal).on_conflict_do_nothing(), rows)
    return Removal(known, tuple(sorted(addresses)), reason, now)


def delete_files(archive: Archive) -> list[str]:
    """Delete the files of mails whose text was removed; what the system says of those that it cannot delete.

    They stay known until they are gone: the daemon does this when it starts, whoever was killed before.
    Raises UnavailableError.
    """
    with archive.reading() as tx:
        mine = select(delivery.c.id, delivery.c.path).join(
            digest_body, digest_body.c.digest == delivery.c.digest
        )
        rows = tx.execute(mine.where(delivery.c.path != "", digest_body.c.text == REDACTED).distinct()).all()
    deleted, troubles = list[int](), list[str]()
    for row in rows:
        try:
            Path(row.path).unlink(missing_ok=True)
            deleted.append(row.id)
        except OSError as error:
            troubles.append(f"{row.path}: {error.strerror}")
    if deleted:
        with archive.writing() as tx:
            for each in deleted:
                tx.execute(update(delivery).where(delivery.c.id == each).values(path=""))
    return troubles


def removals(tx: Connection) -> list[Removal]:
    """All that was removed, the latest first."""
    found: dict[tuple[str, str, datetime], list[str]] = {}
    for row in tx.execute(select(removal).order_by(removal.c.removed.desc(), removal.c.url)):
        found.setdefault((row.article, row.reason, row.removed), []).append(row.url)
    return [Removal(id_, tuple(under), why, when) for (id_, why, when), under in found.items()]


def removal_of(tx: Connection, id_or_url: str) -> Removal | None:
    """The removal of the article with this id, or that stood under this URL; None if there was none."""
    wanted = urls.normalize(id_or_url) or id_or_url
    at = select(removal.c.article).where(removal.c.url == wanted)
    known = tx.execute(at).scalar() or id_or_url
    rows = tx.execute(select(removal).where(removal.c.article == known).order_by(removal.c.url)).all()
    if not rows:
        return None
    return Removal(known, tuple(row.url for row in rows), rows[-1].reason, rows[-1].removed)


def is_removed(tx: Connection, addresses: Iterable[str]) -> bool:
    """Whether an article was removed that stood under one of these."""
    return tx.execute(_REMOVED, {"urls": list(addresses)}).first() is not None


def _addresses(tx: Connection, id_: str) -> set[str]:
    """Every address under which an article stands or was fetched."""
    own = tx.execute(select(article.c.url).where(article.c.id == id_)).scalars()
    others = tx.execute(select(alias.c.url).where(alias.c.article == id_)).scalars()
    fetched = tx.execute(select(revision.c.url, revision.c.final_url).where(revision.c.article == id_))
    return {*own, *others, *(each for pair in fetched for each in pair)}


def _told_by(tx: Connection, id_: str) -> list[int]:
    """The numbers of the mails that tell of an article."""
    matched = select(match.c.digest).where(match.c.article == id_, match.c.digest.is_not(None))
    happened = select(event.c.digest).where(event.c.article == id_, event.c.digest.is_not(None))
    # A mail to a watch's owner names what its recipients chose by its headline.
    chosen = select(choice.c.told).where(choice.c.subject == id_, choice.c.told.is_not(None))
    reviewed = select(digest.c.id).where(reviews.told_of(id_))
    return sorted(tx.execute(union(matched, happened, chosen, reviewed)).scalars())


class _Copy(Protocol):
    @property
    def state(self) -> str: ...
    @property
    def attempts(self) -> int: ...


def _is_unsent(copies: Iterable[_Copy]) -> bool:
    """Whether nothing of a mail can have left."""
    return all(copy.state == DeliveryState.QUEUED and copy.attempts == 0 for copy in copies)


def _redact_mails(tx: Connection, id_: str, addresses: Collection[str]) -> None:
    for made in _told_by(tx, id_):
        if _is_unsent(tx.execute(select(delivery).where(delivery.c.digest == made)).all()):
            tx.execute(update(match).where(match.c.digest == made).values(digest=None))
            tx.execute(update(event).where(event.c.digest == made).values(digest=None))
            tx.execute(update(choice).where(choice.c.told == made).values(told=None))
            _reopen_review(tx, made)
            drafts.reopen(tx, made)
            tx.execute(delete(delivery).where(delivery.c.digest == made))
            tx.execute(delete(digest_body).where(digest_body.c.digest == made))
            tx.execute(delete(digest).where(digest.c.id == made))
            continue
        said = {"subject": "removed on request", "text": REDACTED, "html": f"<p>{REDACTED}</p>", "pdf": None}
        tx.execute(update(digest_body).where(digest_body.c.digest == made).values(**said))
        told = tx.execute(select(digest.c.told).where(digest.c.id == made)).scalar_one()
        tx.execute(update(digest).where(digest.c.id == made).values(told=_kept_of(told, id_, addresses)))
        drafts.redact(tx, made)


def _kept_of(told: str, removed: str, addresses: Collection[str]) -> str:
    """What stays of what a mail told: of a press review the other stories, and how far it looked.

    What editors wrote goes: it may speak of the article that is removed, wherever it stood.
    """
    values = json.loads(told or "{}")
    if "through" not in values:
        return ""
    stories = [
        one | {"annotation": "", "others": [it for it in one["others"] if it["url"] not in addresses]}
        for one in values["stories"]
        if one["id"] != removed
    ]
    articles = [one for one in values["articles"] if one != removed]
    told_before = [one for one in values.get("told_before", ()) if one != removed]
    further = {
        "stories": stories,
        "articles": articles,
        "told_before": told_before,
        "counts": {"articles": len(articles), "stories": len(stories)},
        "removed": values.get("removed", 0) + 1,
    }
    kept = {name: values[name] for name in _OF_NO_ARTICLE if name in values}
    return json.dumps(kept | further, ensure_ascii=False)


def _reopen_review(tx: Connection, number: int) -> None:
    """Have a press review that is taken back made again for its slot; other mails have matches that wait."""
    made = select(digest).where(digest.c.id == number, reviews.is_review(digest.c.watch))
    row = tx.execute(made).first()
    if row is not None:
        is_last = and_(watch.c.id == row.watch, watch.c.closed_until == row.window_end)
        tx.execute(update(watch).where(is_last).values(closed_until=row.window_start))
