"""The dead man's switch: an address elsewhere that is asked for as long as all is well, and then no more."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from presswatch import __version__, urls
from presswatch.archive import Archive, sign_of_life
from presswatch.config.models import DaemonConfig, HeartbeatConfig
from presswatch.config_values import say_duration
from presswatch.errors import DeliveryError, PresswatchError, UnavailableError
from presswatch.watches.channels.child import in_child
from presswatch.watches.channels.webhook import Answer, ask, endpoints, hidden, refusal, revealed
from scheduler.health import HealthRegistry

# What the loop and the planning of runs may be late by; a locked archive is waited for half a minute.
PATIENCE = timedelta(minutes=2)
# Ticks that a step may skip, where they are rarer than that.
_TICKS = 3
# For an answer, and beyond that for the HTTP client, which keeps it as far as it can by itself.
_LIMIT = timedelta(seconds=10)
_GRACE = timedelta(seconds=1)
# What every daemon is for a moment.
_STARTING = "nothing was planned yet"
_WHERE = "daemon.heartbeat"

log = structlog.get_logger()


class Heartbeat:
    """Asks for the address when it is due. What it fails with is told once, and holds up nothing."""

    def __init__(self, archive: Archive, health: HealthRegistry) -> None:
        self._archive = archive
        self._health = health
        self._asked: datetime | None = None
        self._withheld = ""

    def step(self, config: DaemonConfig, now: datetime) -> bool | None:
        """Always False, as once is enough; None where the address was not asked for.

        Raises UnavailableError, without the address, when it cannot be reached or does not answer with 2xx.
        """
        beat = config.heartbeat
        if beat is None:
            return False
        if self._asked is not None and timedelta() <= now - self._asked < beat.every:
            return None
        if self._is_withheld(config, now):
            return None
        self._asked = now
        beaten(beat)
        return False

    def _is_withheld(self, config: DaemonConfig, now: datetime) -> bool:
        reason = fault(self._health.report(), self._health.turned, config.tick, now)
        if not reason:
            try:
                with self._archive.writing() as tx:
                    sign_of_life.leave(tx, now)
            except PresswatchError as error:
                reason = str(error)
        if reason and reason != _STARTING and not self._withheld:
            log.warning("no heartbeat", reason=reason)
        if self._withheld not in ("", _STARTING) and not reason:
            log.info("heartbeats again")
        self._withheld = reason
        return bool(reason)


def fault(
    steps: Mapping[str, Mapping[str, str]], turned: datetime | None, tick: timedelta, now: datetime
) -> str:
    """Why the daemon is not well; empty if it is. `turned` is when its loop last went round."""
    patience = max(PATIENCE, _TICKS * tick)
    if turned is None:
        return _STARTING
    if now - turned >= patience:
        return "the daemon's own loop stands still"
    plan = steps.get("plan", {})
    if not plan.get("well"):
        return plan.get("error") or _STARTING
    if now - datetime.fromisoformat(plan["well"]) >= patience:
        return f"nothing is planned since {plan['well'][:16]}Z: {plan['error'] or 'the step hangs'}"
    return ""


def beaten(beat: HeartbeatConfig) -> None:
    """Ask for the address once. Raises UnavailableError that says of it no more than its host."""
    try:
        url = revealed(beat.url, _WHERE)
    except DeliveryError as error:
        raise UnavailableError(str(error)) from error
    host = urls.domain(url)
    try:
        answer = in_child(_got, url, beat.allow_addresses, _LIMIT.total_seconds(), limit=_LIMIT + _GRACE)
    except DeliveryError as error:
        raise UnavailableError(f"the heartbeat does not reach {host}: {error}") from error
    not_taken = refusal(answer, datetime.now(UTC)) or denied(answer.said)
    if not_taken:
        raise UnavailableError(f"the heartbeat is not taken by {host}: {hidden(str(not_taken), url)}")


def denied(said: str) -> str:
    """What a service says that answers 200 and knows no such check; empty if it took the heartbeat.

    healthchecks.io says `OK (not found)` and `OK (rate limited)`, Uptime Kuma `{"ok": false, "msg": ...}`.
    """
    if said.startswith("OK ("):
        return said
    try:
        values = json.loads(said)
    except ValueError:
        return ""
    return str(values.get("msg", said)) if isinstance(values, dict) and values.get("ok") is False else ""


def look(beat: HeartbeatConfig) -> str:
    """What it is, for people; nothing is asked for. Raises UnavailableError if it is unusable."""
    try:
        url = revealed(beat.url, _WHERE)
        endpoints(url, beat.allow_addresses, where=f"{_WHERE}.allow_addresses")
    except DeliveryError as error:
        raise UnavailableError(str(error)) from error
    return f"{urls.domain(url)} is told every {say_duration(beat.every)}"


def _got(url: str, allow: Sequence[str], seconds: float) -> Answer:
    addresses = endpoints(url, allow, where=f"{_WHERE}.allow_addresses")
    return ask("GET", url, {"User-Agent": f"presswatch/{__version__}"}, b"", addresses, seconds)
