"""The crawling process: several runs at once, each with its own budgets and its own end.

`serve` is the target of a child process that lives on: it claims due runs as its slots come free, until it is
told to end, has been idle, or is to be replaced. It trusts nothing to its exit code: a run is finished when
its summary is in the archive. Whatever kills this process, the runs it held are found by their holder.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

import structlog
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from sqlalchemy import Connection

from crawler import lanes
from crawler.error_messages import explain
from crawler.lanes import AtWork, Due, Lane, Standing
from crawler.life import HEARTBEAT, LEASE, Life, Message
from crawler.parent import end_with_parent
from crawler.process_context import ProcessContext
from crawler.spiders.listing import ListingSpider
from crawler.spiders.source import SourceSpider
from crawler.summary import Summary
from crawler.task import Task, configured
from presswatch.archive import Archive, holders, runs, sites
from presswatch.archive.runs import RunClaim
from presswatch.config import Config
from presswatch.errors import LeaseLost, UnavailableError, UsageError
from presswatch.forkserver import share_forkserver
from presswatch.logs import set_up_logs
from presswatch.model import FaultKind, to_json

log = structlog.get_logger()

# What is in the air when we are asked to stop may arrive for so long; then it is handed back.
GRACE = 3.0
# Between two looks at what is due and at what the runs wait for; and at least, when runs end one after the
# other, for the look reads all that is due.
_LOOK_SECONDS = 0.5
_LEAST_SECONDS = 0.1
# A run ends by itself when its time is over. One that does not is ended, and cut off when that has no effect.
_OVERTIME = timedelta(seconds=20)
_CUT_OFF_SECONDS = 30.0


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
            crawling = _Crawling(context)
            crawling.run(partial(crawling.do, held), {run.holder for run in held})
        _hand_back(archive, {run.holder for run in held}, held)


def serve(
    settings: Config,
    data: Path,
    parent: Pipe,
    only: Collection[int] | None,
    life: Life,
    log_level: int = logging.INFO,
) -> None:
    """Claim due runs and do them until this process has lived its life, or is asked to stop as in `crawl`.

    `only` restricts the choice to these runs, enabled sources or not. The parent sends a new configuration
    over the pipe, which the runs that begin from then on use, or None when nothing more is to be claimed.
    """
    set_up_logs(log_level)
    end_with_parent()
    share_forkserver()
    holder = holders.this_process()
    parent.send(holder)
    with Archive.open(data / "archive.sqlite") as archive:
        with closing(ProcessContext(settings, archive)) as context:
            serving = _Serving(context, holder, parent, only, life)
            serving.run(serving.work, {holder})
        _hand_back(archive, {holder})


def scrapy_settings(config: Config) -> Settings:
    """Our settings, given in code: `scrapy.cfg` is found in the checkout alone."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("PRESSWATCH_ALLOW", config.crawl.allow_addresses, priority="project")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="project")
    return settings


@dataclass(slots=True)
class _Run:
    """A run in hand. `ending` is since when it is being ended."""

    claim: RunClaim
    hosts: Collection[str]
    crawler: Crawler
    proven: bool
    lane: Lane
    began: float
    crawling: asyncio.Task[None] | None = None
    ending: float | None = None

    @property
    def spider(self) -> SourceSpider | None:
        return self.crawler.spider if isinstance(self.crawler.spider, SourceSpider) else None

    def at_work(self, now: float) -> AtWork:
        if self.spider is None:
            return AtWork(self.claim.id, self.lane, self.proven, self.hosts)
        waits = self.spider.waits
        return AtWork(
            run=self.claim.id,
            lane=self.lane,
            proven=self.proven or waits.answers > 0,
            hosts=self.hosts,
            waiting=waits.waiting(now),
            waited=waits.waited(now),
            answers=waits.answers,
        )


class _Crawling:
    """The runs in hand of this process, each with a Scrapy crawler of its own."""

    def __init__(self, context: ProcessContext) -> None:
        self.context = context
        self.process = AsyncCrawlerProcess(scrapy_settings(context.config))
        # What Scrapy warns of, the outcome of each page says with its reason.
        logging.getLogger("scrapy").setLevel(logging.ERROR)
        self.in_hand: dict[int, _Run] = {}
        self.stopping = False
        self._changed = asyncio.Event()

    def run(self, work: Callable[[], Coroutine[Any, Any, None]], holders: Collection[str]) -> None:
        """Run the reactor until `work` is done or a signal asks to stop, telling that the holders live."""
        loop = asyncio.get_event_loop()
        heartbeats = [loop.create_task(self.context.heartbeat(holder)) for holder in holders]
        ending: list[asyncio.Task[None]] = []
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, lambda: ending.append(loop.create_task(self._stop())))
        working = loop.create_task(work())
        working.add_done_callback(lambda _: _end_reactor())
        self.process.start(stop_after_crawl=False, install_signal_handlers=False)
        left = [*heartbeats, *asyncio.all_tasks(loop)]
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        if working.done() and not working.cancelled() and (broken := working.exception()):
            raise broken

    async def do(self, held: Sequence[RunClaim]) -> None:
        """Do these runs, all at once."""
        for claim in held:
            self.begin(claim, Lane.FAST, proven=False)
        while self.in_hand:
            self.look()
            await self.pause()

    def begin(self, claim: RunClaim, lane: Lane, *, proven: bool) -> None:
        crawler = self.process.create_crawler(ListingSpider)
        source = self.context.config.source(claim.source)
        run = _Run(claim, source.hosts if source else (), crawler, proven, lane, monotonic())
        self.in_hand[claim.id] = run
        run.crawling = asyncio.ensure_future(self._do(run))

    def look(self) -> None:
        """See what the runs wait for, and end those that held up others or did not end by themselves."""
        now, crawl = monotonic(), self.context.config.crawl
        verdict = lanes.judge([run.at_work(now) for run in self.in_hand.values()], crawl.slots)
        for run_id in verdict.slowed:
            self.in_hand[run_id].lane = Lane.SLOW
            log.debug("slow lane", source=self.in_hand[run_id].claim.source)
        for run in list(self.in_hand.values()):
            spider = run.spider
            if spider is not None and run.ending is None:
                if reason := verdict.ended.get(run.claim.id):
                    pace = spider.waits.pace(now)
                    spider.held_up(max(pace, key=pace.__getitem__), reason)
                    run.ending = now
                elif now - run.began > (crawl.run_time + _OVERTIME).total_seconds():
                    spider.end_early("it did not end within its time")
                    run.ending = now
            if run.ending is not None and now - run.ending > _CUT_OFF_SECONDS and run.crawling is not None:
                run.crawling.cancel()

    async def pause(self) -> None:
        """Wait until a run has ended, or it is time for the next look."""
        await asyncio.sleep(_LEAST_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), _LOOK_SECONDS - _LEAST_SECONDS)
        self._changed.clear()

    async def _do(self, run: _Run) -> None:
        failure = ""
        # Of this run's own task: whatever is logged in it says whose it is.
        structlog.contextvars.bind_contextvars(source=run.claim.source, run=run.claim.id)
        try:
            task = Task(configured(self.context.config, run.claim.source), run.claim, self.context)
            await run.crawler.crawl_async(task=task)
        except UsageError as error:
            failure = str(error)
        except asyncio.CancelledError:
            if self.stopping or run.ending is None:
                raise
            failure = "it was cut off, as it did not end within its time"
        except LeaseLost as lost:
            log.warning("lease lost", source=run.claim.source, reason=str(lost))
        except Exception as error:
            log.exception("run broke off", source=run.claim.source)
            failure = explain(error)
        await self._settle(run.claim, failure)
        del self.in_hand[run.claim.id]
        self._changed.set()

    async def _settle(self, claim: RunClaim, failure: str) -> None:
        """A run that did not write its own end could not begin or broke off; unless we are being stopped."""
        while not self.stopping:
            try:
                if claim in await self.context.read(lambda tx: runs.held(tx, [claim.id])):
                    await self.context.write(partial(_finish, claim, failure), monotonic())
                return
            except UnavailableError as error:
                log.warning("archive unavailable, the end of a run waits", reason=str(error))
                await asyncio.sleep(HEARTBEAT.total_seconds())

    async def _stop(self) -> None:
        log.info("stopping", runs=len(self.in_hand))
        self.stopping = True
        with suppress(TimeoutError):
            stops = [run.crawler.stop_async() for run in self.in_hand.values()]
            await asyncio.wait_for(asyncio.gather(*stops, return_exceptions=True), GRACE)
        _end_reactor()


class _Serving(_Crawling):
    """Claims runs as slots come free."""

    def __init__(
        self,
        context: ProcessContext,
        holder: str,
        parent: Pipe,
        only: Collection[int] | None,
        life: Life,
    ) -> None:
        super().__init__(context)
        self._holder = holder
        self._parent = parent
        self._only = only
        self._life = life
        self._began = self._busy = self._told = monotonic()
        self._begun = 0
        self._draining = False

    async def work(self) -> None:
        loop = asyncio.get_running_loop()
        Thread(target=self._listen, args=(loop,), name="parent-orders", daemon=True).start()
        while not self.stopping:
            self.look()
            self._tell_alive()
            if not self._draining and (why := self._worn_out()):
                log.info("crawl process is replaced", reason=why, runs=self._begun)
                self._drain()
            if not self._draining:
                await self._claim()
            now = monotonic()
            if self.in_hand:
                self._busy = now
            elif self._draining or now - self._busy >= self._life.idle.total_seconds():
                return
            await self.pause()

    async def _claim(self) -> None:
        config = self.context.config
        hosts = {one.id: one.hosts for one in config.sources if one.enabled or self._only is not None}
        try:
            due = await self.context.read(partial(self._due, hosts))
            now = monotonic()
            at_work = [run.at_work(now) for run in self.in_hand.values()]
            chosen = {one.run: (one, lane) for one, lane in lanes.choose(due, at_work, config.crawl.slots)}
            if not chosen:
                return
            claims = await self.context.write(
                lambda tx, now: runs.claim(tx, self._holder, hosts, now, LEASE, len(chosen), list(chosen)),
                monotonic(),
            )
        except UnavailableError as error:
            log.warning("archive unavailable, nothing is claimed", reason=str(error))
            return
        if self.stopping:
            return
        if claims:
            log.info("crawling", sources=",".join(claim.source for claim in claims))
        for claim in claims:
            one, lane = chosen[claim.id]
            self.begin(claim, lane, proven=one.standing is Standing.READY)
        self._begun += len(claims)

    def _due(self, hosts: dict[str, tuple[str, ...]], tx: Connection) -> list[Due]:
        due = runs.claimable(tx, self._holder, hosts, datetime.now(UTC), self._only)
        if not due:
            return []
        held_up = sites.held_up(tx, {host for one in due for host in hosts[one.source]})
        return [
            Due(one.id, one.source, one.slot, hosts[one.source], _standing(hosts[one.source], held_up))
            for one in due
        ]

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(EOFError, OSError, RuntimeError):  # the parent is gone, or the loop is
            while True:
                loop.call_soon_threadsafe(self._obey, self._parent.recv())

    def _obey(self, order: Config | None) -> None:
        if order is None:
            self._drain()
            return
        before, crawl = self.context.config.crawl, order.crawl
        self.context.config = order
        for name, value in scrapy_settings(order).items():
            if name.startswith("PRESSWATCH_"):
                self.process.settings.set(name, value, priority="project")
        readers = ("reading_processes", "read_time", "read_memory")
        if any(getattr(before, key) != getattr(crawl, key) for key in readers):
            log.info("crawl process is replaced", reason="its readers are configured anew", runs=self._begun)
            self._drain()

    def _worn_out(self) -> str:
        if self._begun >= self._life.runs:
            return "it has done enough runs"
        if monotonic() - self._began >= self._life.age.total_seconds():
            return "it is old"
        return "it has grown large" if resident() > self._life.memory else ""

    def _drain(self) -> None:
        if not self._draining:
            self._draining = True
            self._tell(Message.DRAINING)

    def _tell_alive(self) -> None:
        if monotonic() - self._told >= HEARTBEAT.total_seconds():
            self._told = monotonic()
            self._tell(Message.ALIVE)

    def _tell(self, message: str) -> None:
        with suppress(OSError):  # the parent is gone
            self._parent.send(message)


def resident() -> int:
    """The bytes of memory that this process resides in."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _standing(hosts: Collection[str], held_up: dict[str, int]) -> Standing:
    if any(held_up.get(host) for host in hosts):
        return Standing.SLOW
    return Standing.READY if held_up.keys() >= set(hosts) else Standing.UNKNOWN


def _end_reactor() -> None:
    # Importing it installs it, so not before there is a process; it is a module that is an object.
    from twisted.internet import reactor as installed

    reactor: Any = installed
    if reactor.running:
        reactor.stop()


def _finish(claim: RunClaim, failure: str, tx: Connection, now: datetime) -> None:
    if claim in runs.held(tx, [claim.id]):
        reason = failure or "its crawler ended without a word"
        runs.finish(tx, claim.id, to_json(Summary(failure=FaultKind.OURS)), reason, now, by_source=False)


def _hand_back(archive: Archive, holders: Collection[str], among: Sequence[RunClaim] | None = None) -> None:
    """What was stopped is due again."""
    with archive.writing() as tx:
        for holder in holders:
            for run in runs.held_by(tx, holder):
                if among is None or run in among:
                    runs.hand_back(tx, run.id)
