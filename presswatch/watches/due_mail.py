"""When a watch mails next, as the archive knows it."""

from datetime import datetime

from sqlalchemy import Connection

from presswatch.archive import alerts
from presswatch.archive.alerts import Untold, WatchState
from presswatch.config import Config, Watch
from presswatch.watches.due import next_mail, pace_of


def due_mail(
    tx: Connection,
    config: Config,
    watch: Watch,
    state: WatchState | None,
    waiting: Untold | None,
    now: datetime,
) -> datetime | None:
    """When its next mail leaves (UTC), `waiting` being what it found; None if nobody can tell."""
    if not watch.enabled:
        return None
    pace = pace_of(config, watch)
    mailed = alerts.mailed_since(tx, watch.id, now - pace.memory)
    # One that was written a moment ago begins now.
    known = state or WatchState(now, 0, now, None)
    return next_mail(pace, known, waiting.first if waiting else None, mailed, now)
