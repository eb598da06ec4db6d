"""Crawl processes: children of a forkserver that has imported Scrapy once, each with a batch of runs."""

import multiprocessing
import signal
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import structlog

from crawler.shared import LEASE, new_holder
from presswatch.archive import Archive, runs
from presswatch.archive.runs import RunClaim
from presswatch.config import Config

# After SIGTERM a child hands back what it holds; one that has not ended by then is killed.
GRACE = timedelta(seconds=20)
_LOOK = timedelta(seconds=0.2)

log = structlog.get_logger()


def crawl_step(
    archive: Archive,
    config: Config,
    folder: Path,
    data: Path,
    now: datetime,
    stopping: Callable[[], bool],
    only: Collection[int] | None = None,
) -> bool:
    """Claim a batch of due runs and crawl them in a child until it has ended; whether there were any.

    `only` restricts the choice to these runs. While it goes on `stopping` is asked whether to stop: then the
    child hands back what it has not done.
    """
    hosts = {source.id: source.hosts for source in config.sources if source.enabled or only}
    with archive.writing() as tx:
        claims = runs.claim(tx, new_holder(), hosts, now, LEASE, config.crawl.batch, only)
    if not claims:
        return False
    log.info("crawling", sources=",".join(claim.source for claim in claims))
    child = _start(folder, data, claims)
    reason = _watch(child, config.crawl.run_time, stopping)
    _settle(archive, claims, reason, handed_back=stopping())
    return True


def sweep_step(archive: Archive, now: datetime) -> bool:
    """Make the runs due again whose crawler died unseen: with the daemon before this one, say."""
    with archive.writing() as tx:
        gone = runs.expired(tx, now)
        lost = runs.lost(tx, gone, "its crawler was not heard of any more", now) if gone else []
    for run_id in lost:
        log.warning("run lost", run=run_id, reason="its crawler was not heard of any more")
    return bool(lost)


def _start(folder: Path, data: Path, claims: list[RunClaim]) -> ForkServerProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawler.run"])
    # Not daemonic: a daemonic process may not have the readers as its children.
    child = context.Process(
        target=_crawl, args=(folder.resolve(), data.resolve(), [claim.id for claim in claims]), daemon=False
    )
    child.start()
    return child


def _crawl(folder: Path, data: Path, run_ids: list[int]) -> None:
    from crawler.run import crawl

    crawl(folder, data, run_ids)


def _watch(child: ForkServerProcess, run_time: timedelta, stopping: Callable[[], bool]) -> str:
    """Wait for the child, ending it when it must; how it ended, "" when by itself."""
    # A child ends its runs by itself when their time is up; this is for one that cannot.
    ends = datetime.now(UTC) + run_time + GRACE
    reason = ""
    while child.is_alive():
        child.join(_LOOK.total_seconds())
        now = datetime.now(UTC)
        if now >= ends and not reason:
            reason = f"its crawler was ended after {run_time}"
        if (reason or stopping()) and child.is_alive():
            _end(child)
    code = child.exitcode or 0
    child.close()
    if code < 0:
        return reason or f"its crawler was killed by {signal.Signals(-code).name}"
    return reason or (f"its crawler ended with exit code {code}" if code else "")


def _end(child: ForkServerProcess) -> None:
    child.terminate()
    child.join(GRACE.total_seconds())
    if child.is_alive():
        child.kill()
        child.join()


def _settle(archive: Archive, claims: list[RunClaim], reason: str, *, handed_back: bool) -> None:
    """A run is done when its summary is kept, whatever the exit code: the others are due again.

    `handed_back`: we asked it to stop, and it may have been too young to hand back by itself.
    """
    with archive.writing() as tx:
        held = runs.held(tx, [claim.id for claim in claims])
        # A run that is held by another holder by now was taken for lost before.
        mine = [claim.id for claim in held if claim in claims]
        if handed_back:
            for run_id in mine:
                runs.hand_back(tx, run_id)
            return
        lost = runs.lost(tx, mine, reason or "its crawler ended without a word", datetime.now(UTC))
    for run_id in lost:
        log.warning("run lost", run=run_id, reason=reason or "its crawler ended without a word")
