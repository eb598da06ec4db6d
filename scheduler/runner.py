"""Crawl processes: children of a forkserver that has imported Scrapy once. They claim due runs themselves."""

import logging
import signal
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from multiprocessing import connection
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread
from time import monotonic

import structlog
from sqlalchemy import Connection

from crawler.life import HEARTBEAT, Life, Message
from presswatch.archive import Archive, runs
from presswatch.archive.runs import RunClaim
from presswatch.config import Config
from presswatch.errors import PresswatchError, UnavailableError
from presswatch.forkserver import forkserver

# After SIGTERM a child hands back what it holds; one that has not ended by then is killed.
GRACE = timedelta(seconds=20)
# A child that has said nothing for so long hangs, and is killed. This clock stands still while we sleep.
SILENCE = timedelta(minutes=2)
_POLL_SECONDS = 0.2
_UNHEARD = "its crawler was not heard of any more"
# The holders that are children of this process.
_watched: set[str] = set()

log = structlog.get_logger()


class Stop(IntEnum):
    """How urgently work in hand is to end: `SOON` lets crawlers hand back, `NOW` kills them."""

    NO = 0
    SOON = 1
    NOW = 2


def crawl_step(
    archive: Archive,
    config: Callable[[], Config],
    data: Path,
    stop: Callable[[], Stop],
    *,
    only: Collection[int] | None = None,
    life: Life | None = None,
    wanted: Callable[[], bool] = lambda: True,
    log_level: int = logging.INFO,
) -> bool:
    """Crawl in a child, and in those that replace it, until the last has ended; False when nothing was due.

    A child ends when it has been idle as long as its `life` says, at once without one. `only` restricts it to
    these runs, enabled sources or not. `config` is asked for again and again, and what it gives reaches the
    child; so are `stop`, which lets it hand back what is not done, and `wanted`: when that is over it claims
    nothing more. It logs from `log_level` on. Raises UnavailableError when no child can be started or work.
    """
    hosts = {source.id: source.hosts for source in config().sources if source.enabled or only is not None}
    with archive.reading() as tx:
        # A host lease is the child's to take: none is held by nobody.
        if not runs.claimable(tx, "", hosts, datetime.now(UTC), only):
            return False

    def start() -> _Child:
        return _Child(config(), data, only, life or Life(), log_level)

    children = [start()]
    while children:
        _wait(children)
        for child in list(children):
            child.tell(config())
            if not wanted():
                child.drain()
            if child.begins_to_drain() and wanted() and not stop():
                children.append(start())
            if stop():
                child.end(stop)
            elif child.is_silent():
                child.kill(f"its crawler was ended, as it said nothing for {SILENCE}")
            if child.has_ended():
                children.remove(child)
                _account_for(archive, child, handed_back=bool(stop()))
    return True


class Sweeper:
    """Makes the runs due again whose crawler died unseen: with the daemon before this one, say.

    A dead holder's are free at once; a living one's never, though it is stopped. Of a holder of which nobody
    here can tell, the lease does. Leases run out as well while the archive is locked or the machine sleeps,
    and nobody can extend them then: so the run is lost only when its lease is still over after crawlers have
    had time to extend it. What becomes of our own children their step tells.
    """

    def __init__(self, patience: timedelta = 2 * HEARTBEAT) -> None:
        self._patience = patience.total_seconds()
        self._suspected: dict[RunClaim, float] = {}

    def step(self, archive: Archive, now: datetime) -> bool:
        """Look once; whether any run was lost."""
        with archive.reading() as tx:
            lapsed = runs.lapsed(tx, now)
        # This clock stands still while the machine sleeps.
        at = monotonic()
        self._suspected = {claim: self._suspected.get(claim, at) for claim in lapsed.silent}
        silent = [claim for claim, since in self._suspected.items() if at - since >= self._patience]
        dead = [claim for claim in lapsed.dead if claim.holder not in _watched]
        if not silent and not dead:
            return False
        with archive.writing() as tx:
            still = runs.lapsed(tx, now)
            lost = _lose(tx, set(still.dead).intersection(dead), "its crawler died", now)
            lost += _lose(tx, set(still.silent).intersection(silent), _UNHEARD, now)
        return bool(lost)


def free_the_dead(archive: Archive, now: datetime) -> None:
    """Free at once what crawlers of this machine held that died unseen. For who works without a daemon."""
    Sweeper(patience=timedelta.max).step(archive, now)


def _lose(tx: Connection, claims: Collection[RunClaim], reason: str, now: datetime) -> list[int]:
    lost = runs.lost(tx, [claim.id for claim in claims], reason, now)
    for claim in claims:
        log.warning("run lost", source=claim.source, run=claim.id, reason=reason)
    return lost


class _Child:
    """A crawl process as its parent sees it."""

    def __init__(
        self, config: Config, data: Path, only: Collection[int] | None, life: Life, log_level: int
    ) -> None:
        context = forkserver(["crawler.preload"])
        self.pipe, theirs = context.Pipe()
        arguments = (config, data.resolve(), theirs, only, life, log_level)
        # Not daemonic: a daemonic process may not have the readers as its children.
        self.process: ForkServerProcess = context.Process(target=_serve, args=arguments, daemon=False)
        try:
            self.process.start()
        except OSError as error:
            raise UnavailableError(f"no crawl process can be started: {error}") from error
        finally:
            theirs.close()
        self.holder = ""
        self.reason = ""
        self.could_not_work = False
        self._told: Config | None = config
        self._telling: Thread | None = None
        self._draining = False
        self._heard = monotonic()

    def begins_to_drain(self) -> bool:
        """Hear what it said; whether that was, for the first time, that it drains."""
        before = self._draining
        with suppress(EOFError, OSError):  # it has ended
            while self.pipe.poll():
                message = self.pipe.recv()
                self._heard = monotonic()
                if not self.holder:
                    self.holder = message
                    _watched.add(message)
                elif message == Message.DRAINING:
                    self._draining = True
        return self._draining and not before

    def tell(self, config: Config) -> None:
        """Let it know the configuration, when that has changed."""
        if config is not self._told and self._send(config):
            self._told = config

    def drain(self) -> None:
        """Let it end with the runs in hand."""
        if not self._draining and self._send(None):
            self._draining = True

    def is_silent(self) -> bool:
        return monotonic() - self._heard > SILENCE.total_seconds()

    def end(self, stop: Callable[[], Stop]) -> None:
        """Let it hand back; kill it if it does not, or `stop` says now."""
        self.process.terminate()
        ends = monotonic() + GRACE.total_seconds()
        while self.process.is_alive() and monotonic() < ends and stop() is not Stop.NOW:
            self.process.join(_POLL_SECONDS)
        self.kill("")

    def kill(self, reason: str) -> None:
        self.reason = reason
        self.process.kill()
        self.process.join()

    def has_ended(self) -> bool:
        """Whether it has; then `reason` says how, "" when by itself."""
        if self.process.is_alive():
            return False
        self.begins_to_drain()
        code = self.process.exitcode or 0
        self.could_not_work = code > 0 or not self.holder
        if not self.reason and code:
            how = (
                f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
            )
            self.reason = f"its crawler {how}"
        self.pipe.close()
        self.process.close()
        return True

    def _send(self, order: Config | None) -> bool:
        """Send without waiting: one that hangs reads nothing. Whether it is on its way."""
        if self._telling is not None and self._telling.is_alive():
            return False
        self._telling = Thread(target=_send, args=(self.pipe, order), daemon=True)
        self._telling.start()
        return True


def _serve(
    config: Config, data: Path, parent: Pipe, only: Collection[int] | None, life: Life, log_level: int
) -> None:
    from crawler.run import serve

    try:
        serve(config, data, parent, only, life, log_level)
    except PresswatchError as error:
        log.warning("crawl cannot begin", reason=str(error))
        sys.exit(error.exit_code)
    except Exception:
        log.exception("crawl broke off by a fault of presswatch")
        sys.exit(70)


def _send(pipe: Pipe, order: Config | None) -> None:
    with suppress(OSError):  # it has ended
        pipe.send(order)


def _wait(children: Collection[_Child]) -> None:
    """Return when one of them has something to say or has ended, or after a moment."""
    connection.wait([child.process.sentinel for child in children], _POLL_SECONDS)


def _account_for(archive: Archive, child: _Child, *, handed_back: bool) -> None:
    """A run is done when its summary is kept, whatever the exit code: the others are due again.

    Raises UnavailableError when the child ended before it could hold anything.
    """
    reason = child.reason or "its crawler ended without a word"
    with archive.writing() as tx:
        held = runs.held_by(tx, child.holder) if child.holder else []
        if handed_back:
            # It may have been too young to hand back by itself, or had to be killed.
            for claim in held:
                runs.hand_back(tx, claim.id)
        else:
            _lose(tx, held, reason, datetime.now(UTC))
    _watched.discard(child.holder)
    if not handed_back and child.could_not_work:
        raise UnavailableError(f"a crawl process could not work: {child.reason}")
