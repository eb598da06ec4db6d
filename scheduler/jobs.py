"""The daemon's steps, each wired to what it works with, and repeated as long as it finds work."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import random
from shutil import disk_usage

import structlog

from crawler.life import Life
from presswatch.archive import (
    Archive,
    alarms,
    alerts,
    articles,
    handover,
    push_subscriptions,
    requests,
    retention,
    rhythms,
    runs,
    site_looks,
    source_tags,
    stories,
)
from presswatch.backoff import Backoff, Retry
from presswatch.config import Config
from presswatch.config.models import WebConfig
from presswatch.config.reload import Configured
from presswatch.errors import DamagedError, PresswatchError, UnavailableError
from presswatch.search import Index
from presswatch.search.backends import SearchConfig, open_index
from presswatch.search.indexing import Reconciliation, index_step
from presswatch.sources.judging import judge_step
from presswatch.watches.alarm_mail import alarm_step
from presswatch.watches.channels import Channel, channel_for
from presswatch.watches.digest import close_step
from presswatch.watches.match import match_step
from presswatch.watches.outbox import fail_removed_channels, send_step
from presswatch.watches.review_step import review_step
from presswatch.watches.rhythm import Rhythm
from scheduler.health import HealthRegistry
from scheduler.heartbeat import Heartbeat
from scheduler.hubs import hub_step, push_step, pushed_sources
from scheduler.plan import asking, could_begin, plan
from scheduler.requests import heal_step, import_step, probe_step, run_now_step
from scheduler.runner import Stop, Sweeper, crawl_step
from scheduler.web_server import web_step

# An index may lose what it said it had: it is compared with the archive at the start, then a part this often.
RECONCILE = timedelta(hours=1)
# Articles that take a new `seq` in one transaction when their source's tags changed.
RETAGGED = 200
# How often watches are looked at for spikes, silence and pages that are gone.
RHYTHM = timedelta(minutes=1)
# How often the operator's alarms are looked at.
ALARMS = timedelta(seconds=30)
# Runs that ended are remembered for so long.
MEMORY = timedelta(days=90)
# What was asked of the daemon, and its answers.
ANSWERS = timedelta(days=7)
# Pages of 4 KiB that the archive's file gives back in one transaction: some ten milliseconds.
SHRUNK_PAGES = 500

# After an index failed, before it is asked again.
INDEX_RETRY = Backoff(first=timedelta(seconds=1), longest=timedelta(minutes=1), jitter=(0.75, 1.25))

# After the pages could not be served: each try is a process of its own.
WEB_RETRY = Backoff(first=timedelta(seconds=1), longest=timedelta(minutes=5), jitter=(0.75, 1.25))

# A crawl process waits so long for further runs before it ends.
CRAWL_LIFE = Life(idle=timedelta(minutes=1))

log = structlog.get_logger()

# Whether it did anything; None when nothing was tried, because it waits after a failure.
Step = Callable[[], bool | None]


def plan_step(archive: Archive, config: Config, now: datetime, up_since: datetime | None = None) -> bool:
    """Write down the runs that are due; whether there were any. `up_since` is when the daemon began."""
    with archive.reading() as tx:
        # Whether anything changes, rhythms do not tell, only to when.
        if not plan(config.sources, runs.sources(tx), now, pushed=pushed_sources(tx, config, now)):
            return False
    with archive.writing() as tx:
        runs.ensure_sources(tx, [source.id for source in config.sources if source.enabled], now)
        source_tags.keep(tx, config.sources)
        states = runs.sources(tx)
        asked = asking(config.sources, states, now)
        known = rhythms.of(tx, config, asked, now) if asked else {}
        intents = plan(config.sources, states, now, known, pushed_sources(tx, config, now))
        planned = [(one.source, one.slot, one.next_due, one.schedule_hash) for one in intents]
        runs.plan_all(tx, planned, could_begin(intents, states, up_since))
    return any(intent.slot for intent in intents)


def handover_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Let what waits for sources that are gone wait for those of the same site; whether anything did.

    It is needed when the configuration has changed, and at the start.
    """
    enabled = {one.id: one.start for one in config.sources if one.enabled}
    with archive.writing() as tx:
        runs.ensure_sources(tx, enabled, now)
        return bool(handover.hand_over(tx, enabled))


def tag_step(archive: Archive, config: Config) -> bool:
    """Keep the sources' tags and names as configured, and announce the next articles where these changed.

    Whether there was anything to do.
    """
    with archive.reading() as tx:
        if not source_tags.stale(tx, config.sources):
            return False
    with archive.writing() as tx:
        source_tags.keep(tx, config.sources)
        source_tags.retag(tx, RETAGGED)
    return True


def housekeeping_step(archive: Archive, config: Config, now: datetime, stop: Callable[[], object]) -> bool:
    """Forget runs of long ago and fingerprints of stories that are over, prune, and give unused space back.

    Always False, as once is enough. What `stop` keeps it from is done the next time.
    """
    with archive.writing() as tx:
        runs.forget(tx, now - MEMORY)
        requests.forget(tx, now - ANSWERS)
        site_looks.forget(tx, now - ANSWERS)
        alarms.forget(tx, now - MEMORY)
    forgotten = True
    while forgotten and not stop():
        # In small parts, as nobody else can write meanwhile.
        with archive.writing() as tx:
            forgotten = bool(stories.forget(tx, now - stories.WINDOW, 500))
    keep = retention.Keep(**dict(config.retention))
    pruned = retention.prune(archive, keep, now, stop=stop)
    for kind, what in pruned.items():
        if what.rows:
            log.info("pruned", kind=kind, rows=what.rows, bytes=what.bytes)
    while not stop() and archive.shrink(SHRUNK_PAGES):
        pass
    return False


class Steps:
    """The steps with what they work with. The configuration is asked for anew each time, as it may change."""

    def __init__(
        self,
        archive: Archive,
        configured: Configured,
        data: Path,
        stop: Callable[[], Stop],
        health: HealthRegistry | None = None,
    ) -> None:
        """`health` is where the steps' health is kept, by which alarms are judged; none: nobody's."""
        self._archive = archive
        self._configured = configured
        self._data = data
        self._stop = stop
        self._health = health or HealthRegistry()
        self._up_since = _now()
        self._heartbeat = Heartbeat(archive, self._health)
        self._alarmed: datetime | None = None
        self._sweeper = Sweeper()
        self._index: Index | None = None
        self._index_retry = Retry(INDEX_RETRY)
        self._indexed_with: SearchConfig | None = None
        self._reconciled: datetime | None = None
        self._reconciliation = Reconciliation()
        self._web_retry = Retry(WEB_RETRY)
        self._web_failed_with: WebConfig | None = None
        self._cleaned: datetime | None = None
        self._rhythm = Rhythm()
        self._looked: datetime | None = None
        self._handed_over: Config | None = None
        self._channels_known: Config | None = None
        self._newest = 0

    def named(self) -> dict[str, Step]:
        """Every step by its name; a crawl step for each crawl process."""
        archive, configured = self._archive, self._configured
        steps: dict[str, Step] = {
            "configuration": configured.reload,
            "runs by hand": lambda: run_now_step(archive, configured.config, _now()),
            "probes": lambda: probe_step(archive, configured.folder, _now, self._stop),
            "pushes": lambda: push_step(archive, configured.config, _now()),
            "hubs": lambda: hub_step(archive, configured.config, _now, self._stop),
            "imports": lambda: import_step(archive, configured.config, configured.folder, _now, self._stop),
            "healings": lambda: heal_step(archive, configured.config, configured.folder, _now, self._stop),
            "plan": lambda: plan_step(archive, configured.config, _now(), self._up_since),
            "tags": lambda: tag_step(archive, configured.config),
            "handover": self._hand_over,
            "health": lambda: judge_step(archive, configured.config, _now()),
            "sweep": lambda: self._sweeper.step(archive, _now()),
            "index": self._feed_index,
            "match": lambda: match_step(archive, configured.config, _now()),
            "rhythm": self._look_at_rhythm,
            "digest": lambda: close_step(archive, configured.config, _now()),
            "reviews": lambda: review_step(archive, configured.config, _now()),
            "removed channels": self._fail_removed_channels,
            "send": self._send,
            "housekeeping": self._keep_house,
            "alarms": self._look_for_alarms,
            "heartbeat": lambda: self._heartbeat.step(configured.config.daemon, _now()),
            "web": self._serve_pages,
        }
        # A step for each channel: one that hangs holds up nothing but itself.
        steps |= {f"send {id_}": partial(self._send_by, id_) for id_ in configured.config.channels}
        processes = range(1, configured.config.crawl.processes + 1)
        return steps | {f"crawl {number}": partial(self._crawl, number) for number in processes}

    def _serve_pages(self) -> bool | None:
        """None until the backoff after a failure is over. Raises UnavailableError."""
        configured, began = self._configured, _now()
        if self._web_failed_with is configured.config.web and self._web_retry.waits(began):
            return None
        try:
            return web_step(lambda: configured.config.web, configured.folder, self._data, self._stop)
        except UnavailableError:
            if _now() - began >= timedelta(minutes=1):
                # One that was up for a while is started at once.
                self._web_retry.worked()
            self._web_retry.failed(_now(), random())  # noqa: S311  # no secret
            self._web_failed_with = configured.config.web
            raise

    def has_news(self) -> bool:
        """Whether articles became news since this was last asked. False where the archive cannot say."""
        try:
            with self._archive.reading() as tx:
                newest = articles.newest_news(tx)
        except PresswatchError:  # the steps tell of it
            return False
        before, self._newest = self._newest, newest
        return newest > before

    def has_requests(self) -> bool:
        """Whether the pages asked for something, or hubs did. False where the archive cannot say."""
        try:
            with self._archive.reading() as tx:
                return requests.are_new(tx) or bool(push_subscriptions.waiting(tx))
        except PresswatchError:  # the steps tell of it
            return False

    def next_due(self) -> datetime | None:
        """When the first source is due that has no run. None where there is none, or nobody can say."""
        enabled = [source.id for source in self._configured.config.sources if source.enabled]
        try:
            with self._archive.reading() as tx:
                return runs.next_due(tx, enabled)
        except PresswatchError:  # the steps tell of it
            return None

    def close(self) -> None:
        if self._index is not None:
            self._index.close()

    def _feed_index(self) -> bool | None:
        """None until the backoff after a failure is over. Raises UnavailableError, DamagedError."""
        if self._indexed_with == self._configured.config.search and self._index_retry.waits(_now()):
            return None
        try:
            worked = self._feed_open_index()
        except (UnavailableError, DamagedError):
            self._index_retry.failed(_now(), random())  # noqa: S311  # no secret
            raise
        self._index_retry.worked()
        return worked

    def _feed_open_index(self) -> bool:
        index = self._open_index()
        if index_step(self._archive, index, _now()):
            return True
        if self._reconciled is None or _now() - self._reconciled >= RECONCILE:
            self._reconciliation.do_next(self._archive, index)
            self._reconciled = _now()
        return False

    def _open_index(self) -> Index:
        """Used by one step alone, so by one thread at a time."""
        wanted = self._configured.config.search
        if self._index is None or self._indexed_with != wanted:
            self.close()
            self._index = None
            self._index = open_index(self._configured.config.search, self._data)
            self._indexed_with, self._reconciled = wanted, None
            self._reconciliation = Reconciliation()
        return self._index

    def _hand_over(self) -> bool:
        config = self._configured.config
        if self._handed_over is not config:
            handover_step(self._archive, config, _now())
            self._handed_over = config
        return False

    def _send(self) -> bool:
        config = self._configured.config
        channel = channel_for(config.mail, self._data)
        return self._sent_by(channel, alerts.MAIL)

    def _send_by(self, id_: str) -> bool:
        config = self._configured.config
        channel = config.channels.get(id_)
        if channel is None:
            return False
        return self._sent_by(channel.open(id_), id_)

    def _sent_by(self, channel: Channel, name: str) -> bool:
        public_url = self._configured.config.web.public_url
        return bool(send_step(self._archive, channel, _now, name, public_url, stop=self._stop))

    def _fail_removed_channels(self) -> bool:
        config = self._configured.config
        if self._channels_known is not config:
            fail_removed_channels(self._archive, config.channels)
            self._channels_known = config
        return False

    def _look_at_rhythm(self) -> bool:
        if self._looked is None or not timedelta() <= _now() - self._looked < RHYTHM:
            self._rhythm.step(self._archive, self._configured.config, _now())
            self._looked = _now()
        return False

    def _look_for_alarms(self) -> bool:
        now = _now()
        if self._alarmed is None or not timedelta() <= now - self._alarmed < ALARMS:
            config, free = self._configured.config, disk_usage(self._data).free
            alarm_step(self._archive, config, self._health.report(), free, now)
            self._alarmed = now
        return False

    def _keep_house(self) -> bool:
        if self._cleaned is None or _now() - self._cleaned >= timedelta(days=1):
            housekeeping_step(self._archive, self._configured.config, _now(), self._stop)
            self._cleaned = _now()
            # A run of a source that is gone by now may have gone on for a while.
            self._handed_over = None
        return False

    def _crawl(self, number: int) -> bool:
        configured = self._configured
        return crawl_step(
            self._archive,
            lambda: configured.config,
            self._data,
            self._stop,
            life=CRAWL_LIFE,
            wanted=lambda: number <= configured.config.crawl.processes,
        )


# What a step's work is for.
_AFTER = {
    **{"plan": "crawl", "runs by hand": "crawl", "pushes": "crawl"},
    **{"match": "digest", "digest": "send", "reviews": "send"},
}


def following(name: str, steps: Iterable[str]) -> list[str]:
    """Those of these steps that have something to do when this one did something."""
    return [one for one in steps if one.split()[0] == _AFTER.get(name)]


def repeat(
    name: str,
    step: Step,
    health: HealthRegistry,
    stop: Callable[[], Stop],
    worked_once: Callable[[], None] = lambda: None,
) -> None:
    """Do a step as long as it finds something to do, and say so each time. Nothing it raises gets out."""
    worked: bool | None = True
    try:
        while not stop() and (worked := step()):
            health.record_success(name, _now())
            worked_once()
    except Exception as error:  # one step's fault must not end the daemon; the registry reports it
        health.record_failure(name, error, _now())
    else:
        if worked is not None:
            health.record_success(name, _now())


def _now() -> datetime:
    return datetime.now(UTC)
