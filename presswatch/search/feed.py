"""The step that feeds the index from the archive's outbox, and what mends an index that lost something."""

from collections.abc import Callable, Iterator
from datetime import datetime

import structlog

from presswatch.archive import Archive, articles, feed
from presswatch.document import document
from presswatch.errors import UnavailableError
from presswatch.model import Document
from presswatch.search import Answer, Index, Outcome

BATCH = 200
# A batch is cut at so many characters of text, so that a few books do not make one request.
BATCH_CHARACTERS = 4_000_000

log = structlog.get_logger()


def index_step(archive: Archive, index: Index, now: datetime) -> bool:  # noqa: ARG001  # every step is given now
    """Index the next articles of the outbox; whether there were any.

    Raises UnavailableError when the index could not take some of them now; nothing is lost by it.
    """
    with archive.reading() as tx:
        waiting = feed.waiting(tx, BATCH)
        documents = [document(record) for record in articles.records(tx, waiting)]
    if not waiting:
        return False
    for batch in _batches(documents):
        _put(archive, index, batch)
    return True


def reconcile(archive: Archive, index: Index) -> int:
    """Compare the index with the archive and mend what differs; how many articles did.

    What the index lacks or has in an older form is announced again, what the archive does not know is
    removed.
    """
    with archive.reading() as tx:
        wanted = articles.seqs(tx)
    had = index.versions()
    missing = [one for one, seq in wanted.items() if had.get(one, 0) < seq]
    surplus = [one for one in had if one not in wanted]
    index.remove(surplus)
    with archive.writing() as tx:
        known = {one.article for one in feed.quarantined(tx)}
        feed.announce(tx, [one for one in missing if one not in known])
    if missing or surplus:
        log.info("index reconciled", missing=len(missing), surplus=len(surplus))
    return len(missing) + len(surplus)


def reindex(archive: Archive, index: Index, now: datetime, progress: Callable[[int, int], None]) -> int:
    """Build the index anew from the archive; how many articles it has then.

    `progress` is told how many are done of how many. Raises UnavailableError; what is not done then is in
    the outbox.
    """
    with archive.reading() as tx:
        everything = list(articles.seqs(tx))
    index.clear()
    with archive.writing() as tx:
        feed.announce(tx, everything)
    progress(0, len(everything))
    while index_step(archive, index, now):
        with archive.reading() as tx:
            progress(len(everything) - feed.backlog(tx).waiting, len(everything))
    return len(index.versions())


def _batches(documents: list[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for one in documents:
        if batch and size + len(one.text) > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += len(one.text)
    if batch:
        yield batch


def _put(archive: Archive, index: Index, batch: list[Document]) -> None:
    answers: list[tuple[Document, Answer]] = list(zip(batch, index.put(batch), strict=True))
    with archive.writing() as tx:
        feed.done(tx, {one.id: one.seq for one, answer in answers if answer.outcome is Outcome.DONE})
        for one, answer in answers:
            if answer.outcome is Outcome.REFUSED:
                feed.quarantine(tx, one.id, one.seq, answer.reason)
                log.error("index refuses an article", article=one.id, url=one.url, reason=answer.reason)
    later = [answer for _one, answer in answers if answer.outcome is Outcome.LATER]
    if later:
        raise UnavailableError(f"{index.name} could not take {len(later)} articles now: {later[0].reason}")
