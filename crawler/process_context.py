"""What the runs of one crawling process share: configuration, archive, its one writer, the readers."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import random
from time import monotonic
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from crawler.life import HEARTBEAT, LEASE
from crawler.readers import Readers
from presswatch.archive import Archive, runs
from presswatch.archive.writer import Writer
from presswatch.backoff import Backoff
from presswatch.config import Config
from presswatch.errors import UnavailableError

Result = TypeVar("Result")
log = structlog.get_logger()

# Between two tries to write when the archive is locked or the disk is full.
WRITE_RETRY = Backoff(first=timedelta(seconds=0.5), longest=timedelta(seconds=2), jitter=(0.75, 1.25))


class ProcessContext:
    """Made once for a process; whoever makes it closes it."""

    def __init__(self, config: Config, archive: Archive) -> None:
        self.config = config
        self.archive = archive
        crawl = config.crawl
        self.readers = Readers(crawl.reading_processes, crawl.read_time, crawl.read_memory)
        self._writer = Writer(archive)

    async def write(self, work: Callable[[Connection, datetime], Result], until: float) -> Result:
        """Do `work(tx, now)` in a transaction, durable when this returns, without stopping the reactor.

        What others write at the same time may share that transaction (archive/writer.py).

        A locked archive or a full disk is waited for until the monotonic clock says `until`; then the
        UnavailableError is raised.
        """
        failures = 0
        while True:
            try:
                return await asyncio.wrap_future(self._writer.submit(work))
            except UnavailableError as error:
                if monotonic() >= until:
                    raise
                log.warning("archive unavailable, trying again", reason=str(error))
                failures += 1
                delay = WRITE_RETRY.delay(failures, random())  # noqa: S311  # no secret
                await asyncio.sleep(delay.total_seconds())

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """What `work(tx)` finds in the archive. Raises UnavailableError."""
        return await asyncio.to_thread(self._read, work)

    async def heartbeat(self, holder: str) -> None:
        """Tell the archive again and again that this holder lives, until cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT.total_seconds())
            try:
                await self.write(lambda tx, now: runs.extend(tx, holder, now, LEASE), monotonic())
            except UnavailableError:
                # Nobody else can write either, so nobody can take what we hold; the next beat tells.
                log.warning("archive unavailable, heartbeat missed")
            except Exception:
                log.exception("heartbeat missed by a fault of presswatch")

    def close(self) -> None:
        self.readers.close()
        self._writer.close()

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        with self.archive.reading() as tx:
            return work(tx)
