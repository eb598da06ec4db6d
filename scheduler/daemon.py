"""The daemon: every step repeated at each tick, until a signal ends it."""

import faulthandler
import logging
import os
import signal
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from presswatch import __version__, lock
from presswatch.archive import Archive, removals, runs
from presswatch.config import Config
from presswatch.config.reload import Configured, log_configuration
from presswatch.files import remove_abandoned_parts
from scheduler.health import HealthRegistry
from scheduler.jobs import Step, Steps, following, repeat
from scheduler.notify import ServiceManager, status_line
from scheduler.runner import Stop

# A clock that is put right by less than this is none that was set back.
_CLOCK_STEP = timedelta(seconds=5)
# More than there are steps with as many crawl processes as can be configured; threads are made as needed.
_THREADS = 32
# Between two looks at whether a step is not to wait for its next tick.
_LOOK_SECONDS = 0.2
# The ticker shows so often that it ticks; one that was not seen for so long is stuck.
_PULSE_SECONDS = 1
_PULSE_LOST_SECONDS = 30
# Told twice to stop, the daemon ends after so long, whatever still goes on.
_FORCED_END_SECONDS = 5

log = structlog.get_logger()


def run(folder: Path, data: Path, manager: ServiceManager) -> None:
    """Work until SIGTERM or SIGINT; then hand back what is in hand and return.

    A second signal kills the crawlers. Raises ConfigError for a configuration that is wrong at the start,
    BusyError when another daemon holds the data, UnavailableError when the archive cannot be opened.
    """
    # A watchdog ends us by SIGABRT: then the log shows where each thread stood.
    faulthandler.enable()
    configured = Configured(folder)
    manager.status(
        "opens the archive; after an update its tables are brought to the new version, as the log says"
    )
    down = timedelta() if lock.holder(data) else lock.silent_for(data)
    with lock.daemon_lock(data), Archive.open(data / "archive.sqlite") as archive:
        standstill = _begin_again(archive, configured.config, data, down)
        remove_abandoned_parts(data)
        for trouble in removals.delete_files(archive):
            log.warning("a mail that told of a removed article cannot be deleted", file=trouble)
        signalled = _StopSignal()
        log_configuration(
            configured.config, "started", version=__version__, config=str(folder), data=str(data)
        )
        health = HealthRegistry()
        steps = Steps(archive, configured, data, signalled.stop, health)
        ticker = _Ticker(health, signalled)
        ticker.arrange(steps.named(), configured.config.daemon.tick)
        manager.ready()
        _supervise(configured, steps, health, ticker, data, signalled, manager, standstill)
        manager.stopping()
        manager.status("hands back what is in hand")
        log.info("stopping", what="crawls in hand are handed back; a second signal does not wait for them")
        ticker.end()
        steps.close()
        lock.report(data, {"steps": health.report(), "standstill": standstill})
    log.info("stopped")


def _begin_again(archive: Archive, config: Config, data: Path, down: timedelta) -> dict[str, Any]:
    """Note that what is due could not begin before now, as no daemon ran for so long; what there is to say of
    it: `since` when, `until` now, and how many sources were `due`. A short one leaves what was said."""
    now = datetime.now(UTC)
    with archive.writing() as tx:
        runs.begin_again(tx, now)
    if down < lock.STANDSTILL:
        return lock.standstill(data, now)
    enabled = [source.id for source in config.sources if source.enabled]
    with archive.reading() as tx:
        due = runs.due_between(tx, enabled, now - down, now)
    said = {"since": (now - down).isoformat(), "until": now.isoformat(), "due": due}
    log.warning("no daemon ran", **said)
    return said


class _StopSignal:
    """How urgently a signal asks to stop. No lock is taken here: the handler may interrupt anything."""

    def __init__(self) -> None:
        self._stop = Stop.NO
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._on_signal)

    def stop(self) -> Stop:
        return self._stop

    def _on_signal(self, signum: int, _frame: object) -> None:
        if self._stop is Stop.NO:
            self._stop = Stop.SOON
            return
        self._stop = Stop.NOW
        # A step may still wait for a server. All that is in hand is found again by its leases.
        signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + signum))
        signal.alarm(_FORCED_END_SECONDS)


class _Ticker:
    """APScheduler gives the ticks and nothing else: what is due is in the archive."""

    def __init__(self, health: HealthRegistry, signalled: _StopSignal) -> None:
        # It warns at every tick that a step still at work skips; that is as it should be.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._health = health
        self._stop_signal = signalled
        # The steps that are not to wait for their next tick, and whether there are new ones among them.
        self._wanted: dict[str, Event] = {}
        self._newly_wanted = Event()
        self._at_work: set[str] = set()
        self._pulse = monotonic()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(_THREADS)},
            # A step that is still at work skips ticks; one that a stall delayed is done all the same.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._on_error, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._scheduler.start()

    def arrange(self, steps: dict[str, Step], tick: timedelta) -> None:
        """Let these steps, and no others, tick from now on."""
        self._health.set_steps(steps)
        self._wanted = {name: self._wanted.get(name, Event()) for name in steps}
        for job in self._scheduler.get_jobs():
            if job.id not in steps:
                job.remove()
        self._scheduler.add_job(
            self._beat, "interval", seconds=_PULSE_SECONDS, next_run_time=datetime.now(UTC)
        )
        for name, step in steps.items():
            self._scheduler.add_job(
                partial(self._do, name, step),
                "interval",
                seconds=tick.total_seconds(),
                id=name,
                name=name,
                next_run_time=datetime.now(UTC),
                replace_existing=True,
            )

    def want(self, names: Iterable[str]) -> None:
        """Have these steps done soon. Steps may ask for it, from their threads."""
        wanted = self._wanted
        for name in names:
            if name in wanted:
                wanted[name].set()
                self._newly_wanted.set()

    def hasten(self, patience: float) -> None:
        """Wait until something is wanted, for at most so many seconds, and have done now what is.

        What is at work is looked at again the next time.

        Not from a step's thread: who ends the scheduler holds its locks while it waits for the steps.
        """
        self._newly_wanted.wait(patience)
        self._newly_wanted.clear()
        for name, wanted in self._wanted.items():
            if wanted.is_set() and name not in self._at_work:
                self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def _do(self, name: str, step: Step) -> None:
        # Whatever it is wanted for from now on, it may already have looked past.
        self._wanted.get(name, Event()).clear()
        self._at_work.add(name)
        repeat(
            name,
            step,
            self._health,
            self._stop_signal.stop,
            lambda: self.want(following(name, list(self._wanted))),
        )
        self._at_work.discard(name)

    def ticks(self) -> bool:
        """Whether its clock turns and it has threads to spare, whatever single steps wait for."""
        return monotonic() - self._pulse < _PULSE_LOST_SECONDS

    def _beat(self) -> None:
        self._pulse = monotonic()

    def end(self) -> None:
        """Wait for what is in hand."""
        self._scheduler.shutdown(wait=True)

    def _on_error(self, event: JobExecutionEvent) -> None:
        error = event.exception or RuntimeError("a tick was missed")
        self._health.record_failure(event.job_id, error, datetime.now(UTC))


def _supervise(
    configured: Configured,
    steps: Steps,
    health: HealthRegistry,
    ticker: _Ticker,
    data: Path,
    signalled: _StopSignal,
    manager: ServiceManager,
    standstill: Mapping[str, Any],
) -> None:
    arranged = configured.config
    wall, steady = datetime.now(UTC), monotonic()
    due = steps.next_due()
    while not signalled.stop():
        ticker.hasten(_LOOK_SECONDS)
        if steps.has_news():
            ticker.want(["match"])
        if due is not None and due <= datetime.now(UTC):
            ticker.want(["plan"])
            due = None
        if monotonic() - steady < 1:
            continue
        health.turn(datetime.now(UTC))
        lock.report(data, {"steps": health.report(), "standstill": standstill})
        due = steps.next_due()
        if steps.has_requests():
            ticker.want(["runs by hand", "pushes", "probes", "imports", "healings"])
        passed = timedelta(seconds=monotonic() - steady)
        wall, steady, before = datetime.now(UTC), monotonic(), wall
        set_back = passed - (wall - before)
        if set_back > _CLOCK_STEP:
            # The ticks to come were computed by the clock as it was, and would wait for it to catch up.
            log.warning("the clock was set back", seconds=round(set_back.total_seconds()))
        if set_back > _CLOCK_STEP or configured.config is not arranged:
            arranged = configured.config
            ticker.arrange(steps.named(), arranged.daemon.tick)
        if ticker.ticks():
            manager.alive()
        manager.status(
            status_line(
                sum(source.enabled for source in arranged.sources),
                sum(watch.enabled for watch in arranged.watches),
                health.report(),
            )
        )
