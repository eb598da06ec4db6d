"""The daemon's steps, each wired to what it works with, and how its faults are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock

import structlog

from presswatch.archive import Archive, runs
from presswatch.config import Config
from presswatch.errors import PresswatchError
from presswatch.search import Index, open_index
from presswatch.search.feed import index_step
from presswatch.watches.channels import channel_for
from presswatch.watches.digest import close_step
from presswatch.watches.match import match_step
from presswatch.watches.outbox import send_step
from scheduler.plan import plan
from scheduler.reload import Configured
from scheduler.runner import crawl_step, sweep_step

log = structlog.get_logger()

Step = Callable[[], bool]


def plan_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Write down the runs that are due; whether there were any."""
    with archive.writing() as tx:
        runs.ensure_sources(tx, [source.id for source in config.sources if source.enabled], now)
        intents = plan(config.sources, runs.sources(tx), now)
        for intent in intents:
            if intent.slot is not None:
                runs.plan(tx, intent.source, intent.slot)
            runs.set_due(tx, intent.source, intent.next_due, intent.schedule_hash)
    return any(intent.slot for intent in intents)


@dataclass(slots=True)
class Health:
    """How a step is: when it last went well, and since when it does not, and why."""

    well: datetime | None = None
    error: str = ""
    since: datetime | None = None


class Board:
    """What goes on in every step, for `presswatch status` and the log. A fault is logged once."""

    def __init__(self) -> None:
        self._health: dict[str, Health] = {}
        self._lock = Lock()

    def went_well(self, name: str, now: datetime) -> None:
        with self._lock:
            health = self._health.setdefault(name, Health())
            recovered = health.error
            health.well, health.error, health.since = now, "", None
        if recovered:
            log.info("step works again", step=name)

    def went_wrong(self, name: str, error: BaseException, now: datetime) -> None:
        known = isinstance(error, PresswatchError)
        said = str(error) if known else f"{type(error).__name__}: {error}"
        with self._lock:
            health = self._health.setdefault(name, Health())
            is_news = said != health.error
            health.error, health.since = said, health.since or now
        if is_news and known:
            log.error("step fails and is tried again", step=name, reason=said)
        elif is_news:
            log.error("step fails by a fault of presswatch and is tried again", step=name, exc_info=error)

    def report(self) -> dict[str, dict[str, str]]:
        with self._lock:
            return {
                name: {
                    "well": health.well.isoformat() if health.well else "",
                    "error": health.error,
                    "since": health.since.isoformat() if health.since else "",
                }
                for name, health in self._health.items()
            }


def steps(archive: Archive, configured: Configured, data: Path, stopping: Event) -> Mapping[str, Step]:
    """Every step of the daemon by its name; one crawl step for each crawl process."""
    opened: dict[str, Index] = {}

    def index() -> Index:
        wanted = configured.config.search.model_dump_json()
        if wanted not in opened:
            for old in opened.values():
                old.close()
            opened.clear()
            opened[wanted] = open_index(configured.config, data)
        return opened[wanted]

    def crawl() -> bool:
        return crawl_step(archive, configured.config, configured.folder, data, _now(), stopping.is_set)

    def send() -> bool:
        channel = channel_for(configured.config, data)
        return send_step(archive, channel, configured.config.mail.sender, _now())

    named: dict[str, Step] = {
        "configuration": configured.reload,
        "plan": lambda: plan_step(archive, configured.config, _now()),
        "sweep": lambda: sweep_step(archive, _now()),
        "index": lambda: index_step(archive, index(), _now()),
        "match": lambda: match_step(archive, configured.config, _now()),
        "digest": lambda: close_step(archive, configured.config, _now()),
        "send": send,
    }
    crawls = {f"crawl {number}": crawl for number in range(1, configured.config.crawl.processes + 1)}
    return named | crawls


def repeat(name: str, step: Step, board: Board, stopping: Event) -> None:
    """Do a step as long as it finds something to do. Nothing it raises gets out."""
    try:
        while not stopping.is_set() and step():
            board.went_well(name, _now())
    except Exception as error:  # one step's fault must not end the daemon; the board tells it
        board.went_wrong(name, error, _now())
    else:
        board.went_well(name, _now())


def _now() -> datetime:
    return datetime.now(UTC)
