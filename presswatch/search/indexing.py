"""The step that feeds the index from the archive's outbox, and what mends an index that lost something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import structlog

from presswatch.archive import Archive, feed
from presswatch.archive.database import last_seq
from presswatch.errors import UnavailableError
from presswatch.search import Census, Index, Outcome
from presswatch.search.batches import BatchResults, put_in_batches

# So many articles are taken from the outbox at a time.
ROUND = 5_000
# A range of `seq` that differs is split into so many, until it has no more than so many articles.
SPLIT, LEAF = 16, 1_000
# One part an hour: everything within a day.
PARTS = 24

log = structlog.get_logger()


def index_step(archive: Archive, index: Index, now: datetime) -> bool:
    """Index the next articles of the outbox; whether there were any.

    Raises UnavailableError when the index could not take some of them now; nothing is lost by it.
    """
    with archive.reading() as tx:
        removed, waiting = feed.removed(tx, ROUND), feed.waiting(tx, ROUND)
    if removed:
        index.remove(removed)
        with archive.writing() as tx:
            feed.record_removed(tx, removed)
    put_in_batches(archive, waiting, index, lambda results: _keep_results(archive, index, results, now))
    return bool(waiting or removed)


def reconcile(archive: Archive, index: Index, after: int = 0, upto: int | None = None) -> int:
    """Compare index and archive where `seq` is above `after`, not above `upto`, and mend what differs.

    How many articles did. Counts and sums are compared, and ids only in the ranges where these differ: what
    is alike costs one question. What the index lacks or has in an older form is announced again, what the
    archive does not know is removed. What it refused is left alone until it changes.
    """
    index.refresh()
    with archive.reading() as tx:
        newest = last_seq(tx)
    end = newest if upto is None else min(upto, newest)
    mended = _Mended()
    _compare(archive, index, after, end, mended)
    if upto is None:
        # Numbers that the archive has not given out yet: an index that another archive filled.
        _settle(archive, index, {}, index.versions(max(after, newest)), mended)
    if mended.missing or mended.surplus:
        log.info("index reconciled", missing=mended.missing, surplus=mended.surplus)
    return mended.missing + mended.surplus


class Reconciliation:
    """Compares the index with the archive in parts: what changed since the last one, and a part of all else.

    After `PARTS` of them everything was compared. The first one, when nothing is known of the index yet,
    compares everything.
    """

    def __init__(self) -> None:
        self._compared_to: int | None = None
        self._part = 0

    def do_next(self, archive: Archive, index: Index) -> int:
        """Compare the next part; how many articles differed."""
        with archive.reading() as tx:
            newest = last_seq(tx)
        if self._compared_to is None:
            mended = reconcile(archive, index)
        else:
            mended = reconcile(archive, index, self._compared_to)
            before = self._compared_to
            part, self._part = self._part, (self._part + 1) % PARTS
            mended += reconcile(archive, index, before * part // PARTS, before * (part + 1) // PARTS)
        self._compared_to = newest
        return mended


@dataclass(slots=True)
class _Mended:
    missing: int = 0
    surplus: int = 0


def _compare(archive: Archive, index: Index, after: int, upto: int, mended: _Mended) -> None:
    with archive.reading() as tx:
        wanted = Census(*feed.census(tx, after, upto))
    has = index.census(after, upto)
    if wanted == has:
        return
    if max(wanted.articles, has.articles) > LEAF and upto - after > LEAF:
        edges = [after + (upto - after) * part // SPLIT for part in range(SPLIT + 1)]
        for low, high in pairwise(edges):
            _compare(archive, index, low, high, mended)
        return
    had = index.versions(after, upto)
    with archive.reading() as tx:
        seqs = feed.seqs_between(tx, after, upto)
    _settle(archive, index, seqs, had, mended)


def _settle(
    archive: Archive, index: Index, wanted: Mapping[str, int], had: Mapping[str, int], mended: _Mended
) -> None:
    """Mend what differs between these. What changed meanwhile is old there, not alien."""
    with archive.writing() as tx:
        now = feed.seqs_of(tx, {*wanted, *had})
        known = feed.refused(tx)
        missing = [id_ for id_, seq in now.items() if had.get(id_, 0) < seq and id_ not in known]
        feed.announce(tx, missing)
    surplus = [id_ for id_ in had if id_ not in now]
    index.remove(surplus)
    mended.missing += len(missing)
    mended.surplus += len(surplus)


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
