"""The step that feeds the index from the archive's outbox, and what mends an index that lost something."""

from datetime import datetime

import structlog

from presswatch.archive import Archive, articles, feed
from presswatch.errors import UnavailableError
from presswatch.search import Index, Outcome
from presswatch.search.batches import BatchResults, put_in_batches

# So many articles are taken from the outbox at a time.
ROUND = 5_000

log = structlog.get_logger()


def index_step(archive: Archive, index: Index, now: datetime) -> bool:
    """Index the next articles of the outbox; whether there were any.

    Raises UnavailableError when the index could not take some of them now; nothing is lost by it.
    """
    with archive.reading() as tx:
        waiting = feed.waiting(tx, ROUND)
    put_in_batches(archive, waiting, index, lambda results: _keep_results(archive, index, results, now))
    return bool(waiting)


def reconcile(archive: Archive, index: Index) -> int:
    """Compare the index with the archive and mend what differs; how many articles did.

    What the index lacks or has in an older form is announced again, what the archive does not know is
    removed. What it refused is left alone until it changes.
    """
    with archive.reading() as tx:
        wanted = articles.seqs(tx)
    had = index.versions()
    surplus = [id_ for id_ in had if id_ not in wanted]
    index.remove(surplus)
    with archive.writing() as tx:
        known = feed.refused(tx)
        missing = [id_ for id_, seq in wanted.items() if had.get(id_, 0) < seq and id_ not in known]
        feed.announce(tx, missing)
    if missing or surplus:
        log.info("index reconciled", missing=len(missing), surplus=len(surplus))
    return len(missing) + len(surplus)


def _keep_results(archive: Archive, index: Index, results: BatchResults, now: datetime) -> None:
    with archive.writing() as tx:
        feed.done(
            tx, {document.id: document.seq for document, answer in results if answer.outcome is Outcome.DONE}
        )
        for document, answer in results:
            if answer.outcome is Outcome.REFUSED:
                feed.quarantine(tx, document.id, document.seq, answer.reason, now)
                log.error(
                    "index refuses an article", article=document.id, url=document.url, reason=answer.reason
                )
    later = [answer for _document, answer in results if answer.outcome is Outcome.LATER]
    if later:
        raise UnavailableError(f"{index.name} could not take {len(later)} articles now: {later[0].reason}")
