"""The health of the daemon's steps, for `presswatch status` and the log; a fault is logged once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import structlog

from presswatch.errors import PresswatchError
from presswatch.known_secrets import without_secrets

log = structlog.get_logger()


@dataclass(slots=True)
class Health:
    """When a step last went well, and since when it does not, and why."""

    well: datetime | None = None
    error: str = ""
    since: datetime | None = None


class HealthRegistry:
    """The health of every step, by its name. Threads may share it.

    A step that is not set_stepsd any more may still be at work: what it says then is not kept.
    """

    def __init__(self) -> None:
        self._health: dict[str, Health] = {}
        self._lock = Lock()
        # When the daemon's own loop last went round.
        self.turned: datetime | None = None

    def turn(self, now: datetime) -> None:
        """The daemon's own loop went round."""
        self.turned = now

    def record_success(self, name: str, now: datetime) -> None:
        with self._lock:
            health = self._health.get(name, Health())
            recovered = health.error
            health.well, health.error, health.since = now, "", None
        if recovered:
            log.info("step works again", step=name)

    def record_failure(self, name: str, error: BaseException, now: datetime) -> None:
        known = isinstance(error, PresswatchError)
        message = without_secrets(str(error) if known else f"{type(error).__name__}: {error}")
        with self._lock:
            health = self._health.get(name, Health())
            is_news = message != health.error
            health.error, health.since = message, health.since or now
        if is_news and known:
            log.error("step fails and is tried again", step=name, reason=message)
        elif is_news:
            log.error("step fails by a fault of presswatch and is tried again", step=name, exc_info=error)

    def set_steps(self, names: Collection[str]) -> None:
        """Tell of these steps from now on, and of no others."""
        with self._lock:
            self._health = {name: self._health.get(name, Health()) for name in names}

    def report(self) -> dict[str, dict[str, str]]:
        """The same as plain values; instants in ISO form, empty for none."""
        with self._lock:
            return {
                name: {
                    "well": health.well.isoformat() if health.well else "",
                    "error": health.error,
                    "since": health.since.isoformat() if health.since else "",
                }
                for name, health in self._health.items()
            }
