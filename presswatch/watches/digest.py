"""The step that closes windows: what a watch has found becomes one mail, kept before it is sent."""

import hashlib
from datetime import datetime

import structlog
from sqlalchemy import Connection

from presswatch.archive import Archive, alerts, articles
from presswatch.archive.alerts import Open, WatchState
from presswatch.config import Config, Watch
from presswatch.model import from_json
from presswatch.query import Passage
from presswatch.schedule import Timing, latest_slot
from presswatch.watches.letter import Item, Letter, write

log = structlog.get_logger()


def close_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Close the windows that have ended; whether a mail was made."""
    made = False
    for watch in config.watches:
        if watch.enabled:
            made |= _close(archive, config, watch, now)
    return made


def window_end(timing: Timing | None, closed_until: datetime, now: datetime) -> datetime | None:
    """The end of the window to close now, None if none has ended.

    Without a timing what was found is told at once. However many windows ended since the last one was
    closed, there is one to close, the last; and a clock that was set back closes none a second time.
    """
    if timing is None:
        return now if now > closed_until else None
    end = latest_slot(timing, now)
    return end if end > closed_until else None


def message_id(watch_id: str, end: datetime, recipient: str, sender: str) -> str:
    """The Message-ID of a window's mail to one recipient: the same whenever it is computed."""
    said = "\x1f".join((watch_id, end.isoformat(), recipient))
    return f"<{hashlib.sha256(said.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"


def _close(archive: Archive, config: Config, watch: Watch, now: datetime) -> bool:
    with archive.reading() as tx:
        state = alerts.watches(tx).get(watch.id)
        end = None if state is None else window_end(watch.window, state.closed_until, now)
        waiting = [] if end is None else alerts.open_matches(tx, watch.id)
    if state is None or end is None or (watch.window is None and not _news(waiting)):
        return False
    with archive.writing() as tx:
        waiting = alerts.open_matches(tx, watch.id)
        if not _news(waiting):
            # What came late waits for a mail that has something to tell.
            alerts.close_window(tx, watch.id, end)
            return False
        letter = _letter(tx, config, watch, waiting)
        _keep(tx, config, watch, state, end, now, letter, waiting)
    log.info("digest closed", watch=watch.id, articles=len(letter.items), recipients=len(watch.recipients))
    return True


def _news(waiting: list[Open]) -> list[Open]:
    return [one for one in waiting if not one.late]


def _letter(tx: Connection, config: Config, watch: Watch, waiting: list[Open]) -> Letter:
    news = {one.article: one for one in _news(waiting)}
    names = {source.id: source.name for source in config.sources}
    items = []
    for record in articles.records(tx, news):
        shown = from_json(Passage, news[record.id].passage)
        steps = [(step, articles.get(tx, step.url)) for step in record.path]
        path = [(step, via.article.title if via else "") for step, via in steps]
        items.append(Item(record, names.get(record.source, record.source), shown, path))
    items.sort(key=lambda item: (item.record.time, item.record.seq), reverse=True)
    return Letter(
        watch=watch.name,
        query=watch.query,
        zone=watch.time_zone or config.time_zone,
        items=items,
        late=len(waiting) - len(news),
    )


def _keep(
    tx: Connection,
    config: Config,
    watch: Watch,
    state: WatchState,
    end: datetime,
    now: datetime,
    letter: Letter,
    waiting: list[Open],
) -> None:
    written = write(letter)
    ids = {one: message_id(watch.id, end, one, config.mail.sender) for one in watch.recipients}
    alerts.keep_digest(
        tx,
        watch.id,
        state.closed_until,
        end,
        now,
        written.subject,
        written.text,
        written.html,
        [one.id for one in waiting],
        ids,
    )
