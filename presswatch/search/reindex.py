"""Building the index anew from the archive, beside the one that answers meanwhile.

What is left to do is read off the archive and the two indices, never remembered: ended at any point, it goes
on where it was when it is called again. docs/decisions/0008 tells why each step is safe.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from presswatch.archive import Archive, articles, feed
from presswatch.archive.database import last_seq
from presswatch.errors import UnavailableError
from presswatch.search import Index, Outcome, Successor
from presswatch.search.batches import BATCH, BatchResults, put_in_batches

# An article here and there is poison; of so many more than one in a hundred it is the index that is wrong.
_REFUSED = 10

Progress = Callable[[int, int], None]


def reindex(archive: Archive, index: Index, now: datetime, progress: Progress) -> int:
    """Build the index anew; how many articles it has then.

    `progress` is told how many are done of how many. Raises UnavailableError, and then the index is as it was
    before or already the new one.
    """
    build = _Build(archive, index.successor(), progress)
    build.compare()
    # What came in meanwhile is less each time; the last of it is sent when the feed goes to the new one.
    while build.go_on() > BATCH:
        pass
    build.successor.take_over()
    build.go_on()
    index.retire()
    index.refresh()
    has = index.versions()
    with archive.writing() as tx:
        feed.remove_indexed(tx, has)
        for document, answer in build.refused:
            feed.quarantine(tx, document.id, document.seq, answer.reason, now)
    return len(has)


@dataclass(slots=True)
class _Build:
    archive: Archive
    successor: Successor
    progress: Progress
    # All articles up to this `seq` were sent.
    reached: int = 0
    total: int = 0
    refused: BatchResults = field(default_factory=list)

    def compare(self) -> None:
        """Send what it lacks of the archive as it is now, and remove what the archive does not know."""
        with self.archive.reading() as tx:
            wanted, self.reached = articles.seqs(tx), last_seq(tx)
        self.successor.refresh()
        has = self.successor.versions()
        self.successor.remove([id_ for id_ in has if id_ not in wanted])
        self.total = len(wanted)
        self._send([id_ for id_, seq in wanted.items() if has.get(id_, 0) < seq])

    def go_on(self) -> int:
        """Send what has changed since; how many articles did."""
        with self.archive.reading() as tx:
            changed, self.reached = feed.changed(tx, self.reached), last_seq(tx)
        self._send(changed)
        return len(changed)

    def _send(self, ids: list[str]) -> None:
        left = len(ids)
        self.progress(self.total - left, self.total)

        def keep_results(results: BatchResults) -> None:
            nonlocal left
            left -= len(results)
            self._keep_results(results)
            self.progress(self.total - left, self.total)

        put_in_batches(self.archive, ids, self.successor, keep_results)

    def _keep_results(self, results: BatchResults) -> None:
        """Raises UnavailableError when the new index cannot take them now, or is no good."""
        for document, answer in results:
            if answer.outcome is Outcome.LATER:
                raise UnavailableError(
                    f"the new index cannot take articles now: {answer.reason}; the old one works on, and "
                    "`presswatch reindex` goes on from here"
                )
            if answer.outcome is Outcome.REFUSED:
                self.refused.append((document, answer))
        if len(self.refused) > _REFUSED + self.total // 100:
            raise UnavailableError(
                f"the new index refuses {len(self.refused)} articles, the last because: "
                f"{self.refused[-1][1].reason}; the old one works on"
            )
