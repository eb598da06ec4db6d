"""A run to be done, and how one is made by hand for Scrapy's own commands."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.life import LEASE
from crawler.process_context import ProcessContext
from presswatch import config
from presswatch.archive import Archive, holders, runs, sites
from presswatch.archive.runs import RunClaim
from presswatch.config import Config, Source
from presswatch.errors import BusyError, UsageError
from presswatch.logs import set_up_logs


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed run of a source, with what it is done with."""

    source: Source
    run: RunClaim
    context: ProcessContext


def start_by_hand(archive: Archive, source: Source, holder: str) -> RunClaim:
    """A run of this source, now, claimed. Raises BusyError when another crawler is at one of its hosts."""
    now = datetime.now(UTC)
    with archive.writing() as tx:
        runs.ensure_sources(tx, [source.id], now)
        run_id = runs.plan(tx, source.id, now, trigger="hand")
        assert run_id is not None, "a slot of this very microsecond"
        claims = runs.claim(tx, holder, {source.id: source.hosts}, now, LEASE, 1, only=[run_id])
        if not claims:
            # Raised inside the transaction: the run is not left behind as due.
            if resting := [str(one) for one in sites.resting(tx, now) if one.host in source.hosts]:
                raise BusyError(f"{source.id}: {'; '.join(resting)}")
            held = ", ".join(sorted(runs.holders(tx, source.hosts, now)))
            raise BusyError(f"{source.id}: another crawl is at {held}; try again when it has ended")
    return claims[0]


def by_hand(crawler: Crawler, source_id: str) -> Task:
    """The task of `scrapy crawl NAME -a source=ID`; its heartbeat and its end follow the crawl's.

    Raises UsageError, ConfigError, BusyError.
    """
    set_up_logs()
    folder = Path(crawler.settings["PRESSWATCH_CONFIG"])
    settings = config.load(folder)
    source = configured(settings, source_id)
    data = Path(crawler.settings["PRESSWATCH_DATA"] or folder.resolve().parent / "data")
    archive = Archive.open(data / "archive.sqlite")
    holder = holders.this_process()
    task = Task(source, start_by_hand(archive, source, holder), ProcessContext(settings, archive))
    beating: list[asyncio.Task[None]] = []

    def opened() -> None:
        beating.append(asyncio.ensure_future(task.context.heartbeat(holder)))

    def closed() -> None:
        beating[0].cancel()
        task.context.close()
        archive.close()

    crawler.signals.connect(opened, signals.spider_opened, weak=False)
    crawler.signals.connect(closed, signals.spider_closed, weak=False)
    return task


def configured(settings: Config, source_id: str) -> Source:
    """The source of this id. Raises UsageError naming those there are."""
    if source := settings.source(source_id):
        return source
    known = ", ".join(source.id for source in settings.sources) or "none"
    asked = f"there is no source {source_id!r}" if source_id else "say which source: -a source=ID"
    raise UsageError(f"{asked}; configured: {known}")
