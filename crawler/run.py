"""The crawling process: several runs at once, each with its own budgets and its own end.

`crawl` is the target of a child process. It trusts nothing to its exit code: a run is finished when its
summary is in the archive. Whatever kills this process, the runs it held are found by their expired leases.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from multiprocessing import connection, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

import structlog
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler.error_messages import explain
from crawler.process_context import ProcessContext
from crawler.readers import share_forkserver
from crawler.spiders.listing import ListingSpider
from crawler.summary import Summary
from crawler.task import Task, configured
from presswatch.archive import Archive, runs
from presswatch.archive.runs import RunClaim
from presswatch.config import Config
from presswatch.errors import UsageError
from presswatch.logs import set_up_logs
from presswatch.model import to_json

log = structlog.get_logger()

# What is in the air when we are asked to stop may arrive for so long; then it is handed back.
GRACE = 3.0
# A process whose parent died and that cannot end in this time is ended.
ORPHAN_SECONDS = 60.0


def crawl(settings: Config, data: Path, run_ids: Sequence[int], log_level: int = logging.INFO) -> None:
    """Do these claimed runs and return when each has ended.

    On SIGTERM or SIGINT, or when the parent process dies, everything in hand is handed back within seconds.
    Raises UnavailableError, before anything was fetched. The configuration is the caller's and not read anew:
    its files may be wrong for the moment.
    """
    set_up_logs(log_level)
    end_with_parent()
    share_forkserver()
    with Archive.open(data / "archive.sqlite") as archive:
        with archive.reading() as tx:
            held = runs.held(tx, run_ids)
        with closing(ProcessContext(settings, archive)) as context:
            failures = _crawl(held, context)
        _end_the_rest(archive, held, failures)


def scrapy_settings(config: Config) -> Settings:
    """Our settings, given in code: `scrapy.cfg` is found in the checkout alone."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("PRESSWATCH_ALLOW", config.crawl.allow_addresses, priority="project")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="project")
    return settings


def _crawl(held: Sequence[RunClaim], context: ProcessContext) -> dict[int, str]:
    """Crawl until all runs have ended or we are asked to stop; why runs could not begin, by their ids."""
    process = AsyncCrawlerProcess(scrapy_settings(context.config))
    # What Scrapy warns of, the outcome of each page says with its reason.
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    crawling: dict[int, asyncio.Task[None]] = {}
    failures: dict[int, str] = {}
    for run in held:
        try:
            task = Task(configured(context.config, run.source), run, context)
        except UsageError as error:
            failures[run.id] = str(error)
            continue
        crawling[run.id] = process.crawl(process.create_crawler(ListingSpider), task=task)
    if crawling:
        _run_reactor(process, context, {run.holder for run in held})
    for run_id, ended in crawling.items():
        if ended.done() and not ended.cancelled() and (broken := ended.exception()):
            failures[run_id] = explain(broken)
    return failures


def _run_reactor(process: AsyncCrawlerProcess, context: ProcessContext, holders: Iterable[str]) -> None:
    loop = asyncio.get_event_loop()
    heartbeats = [loop.create_task(context.heartbeat(holder)) for holder in holders]
    stopping: list[asyncio.Task[None]] = []
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, lambda: stopping.append(loop.create_task(_stop(process))))
    process.start(install_signal_handlers=False)
    left = [*heartbeats, *asyncio.all_tasks(loop)]
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


async def _stop(process: AsyncCrawlerProcess) -> None:
    # Importing it installs it, so not before there is a process; it is a module that is an object.
    from twisted.internet import reactor as installed

    reactor: Any = installed

    log.info("stopping", runs=len(process.crawlers))
    with suppress(TimeoutError):
        await asyncio.wait_for(process.stop(), GRACE)
    if reactor.running:
        reactor.stop()


def _end_the_rest(archive: Archive, held: Sequence[RunClaim], failures: Mapping[int, str]) -> None:
    """Runs that did not end themselves could not begin, or were stopped: those are handed back."""
    with archive.writing() as tx:
        for run in runs.held(tx, [run.id for run in held]):
            if run not in held:
                continue  # it was taken for lost, and is somebody else's now
            if reason := failures.get(run.id):
                runs.finish(tx, run.id, to_json(Summary()), reason, datetime.now(UTC))
            else:
                runs.hand_back(tx, run.id)


def end_with_parent() -> None:
    """A crawler without its parent ends: nobody would stop it any more."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        log.warning("the parent process is gone, ending")
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)

    Thread(target=watch, name="parent-watch", daemon=True).start()
