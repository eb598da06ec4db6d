"""Crawl processes: children of a forkserver that has imported Scrapy once, each with a batch of runs."""

import logging
import multiprocessing
import signal
import sys
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic

import structlog
from sqlalchemy import Connection

from crawler.process_context import HEARTBEAT, LEASE, new_holder
from presswatch.archive import Archive, runs
from presswatch.archive.runs import RunClaim
from presswatch.config import Config
from presswatch.errors import PresswatchError, UnavailableError

# After SIGTERM a child hands back what it holds; one that has not ended by then is killed.
GRACE = timedelta(seconds=20)
_POLL_SECONDS = 0.2

log = structlog.get_logger()


class Stop(IntEnum):
    """How urgently work in hand is to end: `SOON` lets crawlers hand back, `NOW` kills them."""

    NO = 0
    SOON = 1
    NOW = 2


def crawl_step(
    archive: Archive,
    config: Config,
    data: Path,
    now: datetime,
    stop: Callable[[], Stop],
    only: Collection[int] | None = None,
    log_level: int = logging.INFO,
) -> bool:
    """Claim a batch of due runs and crawl them in a child until it has ended; whether there were any.

    `only` restricts the choice to these runs, enabled sources or not. `stop` is asked again and again; when
    it says so, what is not done yet is due again. The child logs from `log_level` on. Raises UnavailableError
    when no child can be started or the archive not be written.
    """
    hosts = {source.id: source.hosts for source in config.sources if source.enabled or only}
    with archive.reading() as tx:
        if not runs.any_due(tx):
            return False
    with archive.writing() as tx:
        claims = runs.claim(tx, new_holder(), hosts, now, LEASE, config.crawl.batch, only)
    if not claims:
        return False
    log.info("crawling", sources=",".join(claim.source for claim in claims))
    try:
        child = _start(config, data, claims, log_level)
    except OSError as error:
        _hand_back(archive, claims)
        raise UnavailableError(f"no crawl process can be started: {error}") from error
    reason = _watch(child, config.crawl.run_time + GRACE, stop)
    if stop():
        # It may have been too young to hand back by itself, or had to be killed.
        _hand_back(archive, claims)
    else:
        _requeue_unfinished(archive, claims, reason)
    return True


class Sweeper:
    """Makes the runs due again whose crawler died unseen: with the daemon before this one, say.

    Leases run out as well while the archive is locked or the machine sleeps, and nobody can extend them then.
    So a run is lost only when its lease is still over after crawlers have had time to extend it.
    """

    def __init__(self, patience: timedelta = 2 * HEARTBEAT) -> None:
        self._patience = patience.total_seconds()
        self._suspected: dict[int, float] = {}

    def step(self, archive: Archive, now: datetime) -> bool:
        """Look once; whether any run was lost."""
        with archive.reading() as tx:
            expired = runs.expired(tx, now)
        # This clock stands still while the machine sleeps.
        at = monotonic()
        self._suspected = {run_id: self._suspected.get(run_id, at) for run_id in expired}
        gone = [run_id for run_id, since in self._suspected.items() if at - since >= self._patience]
        if not gone:
            return False
        with archive.writing() as tx:
            still = set(runs.expired(tx, now)).intersection(gone)
            lost = runs.lost(tx, still, "its crawler was not heard of any more", now)
        for run_id in lost:
            log.warning("run lost", run=run_id, reason="its crawler was not heard of any more")
        return bool(lost)


def _start(config: Config, data: Path, claims: Collection[RunClaim], log_level: int) -> ForkServerProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawler.preload"])
    # Not daemonic: a daemonic process may not have the readers as its children.
    arguments = (config, data.resolve(), [claim.id for claim in claims], log_level)
    child = context.Process(target=_crawl, args=arguments, daemon=False)
    child.start()
    return child


def _crawl(config: Config, data: Path, run_ids: list[int], log_level: int) -> None:
    from crawler.run import crawl

    try:
        crawl(config, data, run_ids, log_level)
    except PresswatchError as error:
        log.warning("crawl cannot begin", reason=str(error))
        sys.exit(error.exit_code)
    except Exception:
        log.exception("crawl broke off by a fault of presswatch")
        sys.exit(70)


def _watch(child: ForkServerProcess, longest: timedelta, stop: Callable[[], Stop]) -> str:
    """Wait for the child, ending it when it must; how it ended, "" when by itself."""
    # A child ends its runs by itself when their time is up; this is for one that cannot.
    ends = monotonic() + longest.total_seconds()
    reason = ""
    while child.is_alive():
        child.join(_POLL_SECONDS)
        if monotonic() >= ends:
            reason = f"its crawler was ended, as it was still at work after {longest}"
        if reason or stop():
            _end(child, stop)
    code = child.exitcode or 0
    child.close()
    if code < 0:
        return reason or f"its crawler was killed by {signal.Signals(-code).name}"
    return reason or (f"its crawler ended with exit code {code}" if code else "")


def _end(child: ForkServerProcess, stop: Callable[[], Stop]) -> None:
    child.terminate()
    ends = monotonic() + GRACE.total_seconds()
    while child.is_alive() and monotonic() < ends and stop() is not Stop.NOW:
        child.join(_POLL_SECONDS)
    child.kill()
    child.join()


def _hand_back(archive: Archive, claims: Collection[RunClaim]) -> None:
    with archive.writing() as tx:
        for claim in _still_ours(tx, claims):
            runs.hand_back(tx, claim.id)


def _requeue_unfinished(archive: Archive, claims: Collection[RunClaim], reason: str) -> None:
    """A run is done when its summary is kept, whatever the exit code: the others are due again."""
    reason = reason or "its crawler ended without a word"
    with archive.writing() as tx:
        ours = _still_ours(tx, claims)
        runs.lost(tx, [claim.id for claim in ours], reason, datetime.now(UTC))
    for claim in ours:
        log.warning("run lost", source=claim.source, run=claim.id, reason=reason)


def _still_ours(tx: Connection, claims: Collection[RunClaim]) -> list[RunClaim]:
    """A run that is held by another holder by now was taken for lost before."""
    return [claim for claim in runs.held(tx, [claim.id for claim in claims]) if claim in claims]
