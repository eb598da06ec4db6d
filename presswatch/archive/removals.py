"""Articles that somebody asked to be removed: gone with all that was kept of them, and kept from coming back.

What stays is a tombstone for each address: the address, the article's id, why and when. A page that a removed
address leads to, or that names one as its own, is not kept again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select, union, update

from presswatch import urls
from presswatch.archive import drafts, reviews
from presswatch.archive.deletion import delete_article
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

REDACTED = "An article that this mail told of was removed on request, and the mail's text with it."


@dataclass(frozen=True, slots=True)
class Removal:
    """An article that was removed, under which addresses it stood, why and when."""

    article: str
    addresses: tuple[str, ...]
    reason: str
    removed: datetime


def remove(tx: Connection, id_or_url: str, reason: str, now: datetime) -> tuple[Removal, list[str]] | None:
    """Remove an article with its pages, matches and texts of mails; None if there is none.

    Returns the files of mails that told of it, which the caller deletes. A mail that nobody has been sent is
    made again without it. The index forgets it at its feed's next step.
    """
    wanted = urls.normalize(id_or_url) or id_or_url
    known = tx.execute(select(alias.c.article).where(alias.c.url == wanted)).scalar() or id_or_url
    row = tx.execute(select(article.c.id, article.c.url).where(article.c.id == known)).one_or_none()
    if row is None:
        return None
    # What is deleted is written over, not only marked as free.
    tx.exec_driver_sql("PRAGMA secure_delete=ON")
    fetched = tx.execute(select(revision.c.url, revision.c.final_url).where(revision.c.article == known))
    addresses = {row.url, *tx.execute(select(alias.c.url).where(alias.c.article == known)).scalars()}
    addresses |= {each for pair in fetched.all() for each in pair}
    files = _redact_mails(tx, known)
    for address in addresses:
        tx.execute(delete(edge).where(or_(edge.c.from_url == address, edge.c.to_url == address)))
    delete_article(tx, known, UrlState.REFUSED, "removed on request")
    told = {"article": known, "reason": reason, "removed": now}
    rows = [{"url": address, **told} for address in sorted(addresses)]
    tx.execute(insert(removal).on_conflict_do_nothing(), rows)
    return Removal(known, tuple(sorted(addresses)), reason, now), files


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
    known = select(removal.c.url).where(removal.c.url.in_(list(addresses))).limit(1)
    return tx.execute(known).first() is not None


def _redact_mails(tx: Connection, id_: str) -> list[str]:
    matched = select(match.c.digest).where(match.c.article == id_, match.c.digest.is_not(None))
    happened = select(event.c.digest).where(event.c.article == id_, event.c.digest.is_not(None))
    # A mail to a watch's owner names what its recipients chose by its headline.
    chosen = select(choice.c.told).where(choice.c.subject == id_, choice.c.told.is_not(None))
    reviewed = select(digest.c.id).where(reviews.told_of(id_))
    files: list[str] = []
    for made in tx.execute(union(matched, happened, chosen, reviewed)).scalars().all():
        rows = tx.execute(select(delivery).where(delivery.c.digest == made)).all()
        if all(row.state == DeliveryState.QUEUED and row.attempts == 0 for row in rows):
            tx.execute(update(match).where(match.c.digest == made).values(digest=None))
            tx.execute(update(event).where(event.c.digest == made).values(digest=None))
            tx.execute(update(choice).where(choice.c.told == made).values(told=None))
            _reopen_review(tx, made)
            drafts.reopen(tx, made)
            tx.execute(delete(delivery).where(delivery.c.digest == made))
            tx.execute(delete(digest_body).where(digest_body.c.digest == made))
            tx.execute(delete(digest).where(digest.c.id == made))
            continue
        files += [row.path for row in rows if row.path]
        said = {"subject": "removed on request", "text": REDACTED, "html": f"<p>{REDACTED}</p>", "pdf": None}
        tx.execute(update(digest_body).where(digest_body.c.digest == made).values(**said))
        tx.execute(update(digest).where(digest.c.id == made).values(told=""))
        drafts.redact(tx, made)
    return files


def _reopen_review(tx: Connection, number: int) -> None:
    """Have a press review that is taken back made again for its slot; other mails have matches that wait."""
    made = select(digest).where(digest.c.id == number, reviews.is_review(digest.c.watch))
    row = tx.execute(made).first()
    if row is not None:
        is_last = and_(watch.c.id == row.watch, watch.c.closed_until == row.window_end)
        tx.execute(update(watch).where(is_last).values(closed_until=row.window_start))
