"""How every step is: what `presswatch status` shows and the log says, a fault once and not at every tick."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import structlog

from presswatch.errors import PresswatchError

log = structlog.get_logger()


@dataclass(slots=True)
class Health:
    """When a step last went well, and since when it does not, and why."""

    well: datetime | None = None
    error: str = ""
    since: datetime | None = None


class Board:
    """The health of every step, by its name. Threads may share it.

    A step that is not arranged any more may still be at work: what it says then is not kept.
    """

    def __init__(self) -> None:
        self._health: dict[str, Health] = {}
        self._lock = Lock()

    def went_well(self, name: str, now: datetime) -> None:
        with self._lock:
            health = self._health.get(name, Health())
            recovered = health.error
            health.well, health.error, health.since = now, "", None
        if recovered:
            log.info("step works again", step=name)

    def went_wrong(self, name: str, error: BaseException, now: datetime) -> None:
        known = isinstance(error, PresswatchError)
        said = str(error) if known else f"{type(error).__name__}: {error}"
        with self._lock:
            health = self._health.get(name, Health())
            is_news = said != health.error
            health.error, health.since = said, health.since or now
        if is_news and known:
            log.error("step fails and is tried again", step=name, reason=said)
        elif is_news:
            log.error("step fails by a fault of presswatch and is tried again", step=name, exc_info=error)

    def arrange(self, names: Collection[str]) -> None:
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
