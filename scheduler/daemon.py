"""The daemon: every step repeated at each tick, until a signal ends it."""

import logging
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from presswatch import __version__
from presswatch.archive import Archive
from scheduler import lock
from scheduler.jobs import Board, repeat, steps
from scheduler.reload import Configured

# A clock that is put right by less than this is none that was set back.
_CLOCK_STEP = timedelta(seconds=5)

log = structlog.get_logger()


def run(folder: Path, data: Path) -> None:
    """Work until SIGTERM or SIGINT; then hand back what is in hand and return.

    Raises ConfigError for a configuration that is wrong at the start, BusyError when another daemon holds the
    data, UnavailableError when the archive cannot be opened.
    """
    configured = Configured(folder)
    stopping = Event()
    with lock.daemon_lock(data), Archive.open(data / "archive.sqlite") as archive:
        _stop_on_signals(stopping)
        _greet(configured, data)
        board = Board()
        ticking = _ticking(archive, configured, data, board, stopping)
        ticking.start()
        _report_until(stopping, ticking, board, data)
        log.info("stopping", what="crawls in hand are handed back")
        ticking.shutdown(wait=True)
        lock.report(data, {"steps": board.report()})
    log.info("stopped")


def _report_until(stopping: Event, ticking: BackgroundScheduler, board: Board, data: Path) -> None:
    wall, steady = datetime.now(UTC), monotonic()
    while not stopping.wait(1):
        lock.report(data, {"steps": board.report()})
        passed = timedelta(seconds=monotonic() - steady)
        wall, steady, before = datetime.now(UTC), monotonic(), wall
        if wall - before < passed - _CLOCK_STEP:
            # The ticks to come were computed by the clock as it was, and would wait for it to catch up.
            log.warning("the clock was set back", seconds=round((passed - (wall - before)).total_seconds()))
            for job in ticking.get_jobs():
                job.modify(next_run_time=wall)


def _ticking(
    archive: Archive, configured: Configured, data: Path, board: Board, stopping: Event
) -> BackgroundScheduler:
    """APScheduler gives the ticks and nothing else: what is due is in the archive."""
    # It warns at every tick that a step still at work skips; that is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    named = steps(archive, configured, data, stopping)
    ticking = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(named))},
        # A step that is still at work skips ticks; one that a stall delayed is done all the same.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    ticking.add_listener(partial(_on_trouble, board), EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    for name, step in named.items():
        ticking.add_job(
            repeat,
            "interval",
            (name, step, board, stopping),
            seconds=configured.config.daemon.tick.total_seconds(),
            id=name,
            next_run_time=datetime.now(UTC),
        )
    return ticking


def _on_trouble(board: Board, event: JobExecutionEvent) -> None:
    board.went_wrong(event.job_id, event.exception or RuntimeError("a tick was missed"), datetime.now(UTC))


def _stop_on_signals(stopping: Event) -> None:
    def stop(signum: int, _frame: object) -> None:
        if stopping.is_set():
            # Asked twice: what is in hand is found by its leases.
            sys.exit(128 + signum)
        stopping.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop)


def _greet(configured: Configured, data: Path) -> None:
    config = configured.config
    enabled = [source for source in config.sources if source.enabled]
    log.info(
        "started",
        version=__version__,
        config=str(configured.folder),
        data=str(data),
        sources=len(enabled),
        watches=len([watch for watch in config.watches if watch.enabled]),
    )
    if not enabled:
        log.warning("no source is enabled", do="presswatch sources add URL; it is noticed without a restart")
    if not config.contact:
        log.warning("contact is empty in presswatch.yaml", do="say whom publishers may write to")
