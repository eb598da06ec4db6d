"""Group commit: what waits to be written shares one transaction, and one wait for the disk.

A transaction with its fsync takes as long for twenty results as for one. Each piece of work is done in a
savepoint, so that one that fails is undone alone, and is acknowledged only when all of it is on disk.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from presswatch.archive.database import Archive
from presswatch.errors import UnavailableError

Result = TypeVar("Result")
Work = Callable[[Connection, datetime], Result]

# Others want to write as well: a transaction takes no more than this.
MOST_IN_ONE = 64


class Writer:
    """The one thread of a process that writes to the archive. Whoever makes it closes it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._waiting: deque[tuple[Future[Any], Work[Any]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")

    def submit(self, work: Work[Result]) -> Future[Result]:
        """`work(tx, now)` will be done; its result comes when it is durable on disk.

        The future raises what `work` raised, of which nothing is kept then; UnavailableError when the archive
        is locked or the disk is full.
        """
        future: Future[Result] = Future()
        self._waiting.append((future, work))
        self._thread.submit(self._commit_waiting)
        return future

    def close(self) -> None:
        """Return when all that was submitted is done."""
        self._thread.shutdown()

    def _commit_waiting(self) -> None:
        """One transaction for what waits by now; nothing if an earlier one has taken it along."""
        group: list[tuple[Future[Any], Work[Any]]] = []
        while self._waiting and len(group) < MOST_IN_ONE:
            future, work = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                group.append((future, work))
        if not group:
            return
        try:
            with self._archive.writing() as tx:
                outcomes = [self._do(tx, work) for _, work in group]
        except Exception as error:  # it is told to whoever waits for the result
            for future, _ in group:
                future.set_exception(error)
            return
        for (future, _), (result, failure) in zip(group, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)

    def _do(self, tx: Connection, work: Work[Any]) -> tuple[Any, Exception | None]:
        """What `work` gave, or why it failed. Raises when that has undone the whole transaction."""
        try:
            with self._archive.savepoint(tx):
                return work(tx, datetime.now(UTC)), None
        except Exception as error:
            # SQLite rolls all of it back by itself when the disk is full or fails, or memory is short.
            if not tx.connection.driver_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3's
                cause = error.__context__ or error
                raise UnavailableError(f"{self._archive.path}: nothing can be written: {cause}") from error
            return None, error
