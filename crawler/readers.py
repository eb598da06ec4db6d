"""Reading pages in worker processes: a page that hangs or crashes the parser costs one page.

Each worker limits itself, so that nothing outlives a crawler that is killed: its memory by RLIMIT_AS, its
time by a timer whose signal keeps its default action, which no C code can hold up. pebble notices the death,
replaces the worker and tells us. Workers come from a forkserver, for the crawler has threads.
"""

import asyncio
import logging
import resource
import signal
from collections.abc import Callable, Mapping
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from typing import TypeVar

import structlog
from pebble import ProcessExpired, ProcessPool

from presswatch.errors import PresswatchError
from presswatch.forkserver import forkserver
from presswatch.logs import set_up_logs
from presswatch.model import Hints, Page

Result = TypeVar("Result")
log = structlog.get_logger()
Reader = Callable[[Page, Hints], Result]

# A worker is replaced after so many pages: what parsers leak does not add up.
PAGES_PER_WORKER = 500
# pebble's own timeout is the second net, should a worker be stopped before it has set its timer.
_GRACE = 5.0


class Unread(PresswatchError):
    """A page could not be read: it took too long, or its reader died or failed; the message says which."""


class LimitMet(Unread):
    """A page could not be read within the limits of time and memory."""


class Readers:
    """A pool of reading processes. `time` and `memory` (bytes of address space) are the limits of a page."""

    def __init__(self, workers: int, time: timedelta, memory: int) -> None:
        self._workers = workers
        self._seconds = time.total_seconds()
        self._memory = memory
        self._pool: ProcessPool | None = None

    async def run(self, reader: Reader[Result], page: Page, hints: Hints) -> Result:
        """What `reader` makes of the page.

        Raises Unread; LimitMet where the page took too long or too much, or brought its reader down.
        """
        try:
            return await self._run(reader, page, hints)
        except BrokenProcessPool:
            # A reader that had read nothing yet was ended by something else: its parent was killed, say.
            log.debug("a reading process died at once, the page is read again", url=page.url)
        try:
            return await self._run(reader, page, hints)
        except BrokenProcessPool as error:
            raise Unread("a reading process died at once, and it may have been this page") from error

    async def _run(self, reader: Reader[Result], page: Page, hints: Hints) -> Result:
        """As `run`. Raises BrokenProcessPool when a worker died before it could say what it was reading."""
        whose = structlog.contextvars.get_contextvars()
        args, pool = (reader, page, hints, self._seconds, whose), self._running()
        try:
            future = pool.schedule(_read, args=args, timeout=self._seconds + _GRACE)
            return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise LimitMet(self._too_slow()) from error
        except ProcessExpired as error:
            raise LimitMet(self._death(error.exitcode)) from error
        except MemoryError as error:
            raise LimitMet(f"reading it needs more than {self._memory // 1024**2} MiB") from error
        except BrokenProcessPool:
            # Pebble gives the whole pool up; another page may have begun a new one by now.
            if self._pool is pool:
                self.close()
            raise
        except Exception as error:
            log.exception("reader failed", url=page.url)
            raise Unread(f"the reader failed: {type(error).__name__}: {error}") from error

    def close(self) -> None:
        """End the workers; what they are reading is lost."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble annotates only in part
            self._pool.join()
            self._pool = None

    def _running(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=PAGES_PER_WORKER,
                initializer=_limit,
                initargs=(self._memory,),
                context=forkserver(["crawler.extract"]),
            )
        return self._pool

    def _too_slow(self) -> str:
        return f"reading it takes longer than {self._seconds:g} s"

    def _death(self, code: int | None) -> str:
        if code == -signal.SIGALRM:
            return self._too_slow()
        name = signal.Signals(-code).name if code is not None and code < 0 else f"exit code {code}"
        return f"reading it brought the reader down ({name})"


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # What is bad alone is said here, and structlog's own way would be to standard output.
    set_up_logs(logging.ERROR)


def _read(
    reader: Reader[Result], page: Page, hints: Hints, seconds: float, whose: Mapping[str, object]
) -> Result:
    """`whose` the page is: the run that what is logged here belongs to."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with structlog.contextvars.bound_contextvars(**whose):
            return reader(page, hints)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
