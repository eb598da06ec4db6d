"""The step that closes windows: what a watch has found becomes one mail, kept before it is sent."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from presswatch.archive import Archive, alerts, articles
from presswatch.archive.alerts import Closed, Open, WatchState
from presswatch.config import Config, Watch
from presswatch.errors import PresswatchError
from presswatch.model import from_json
from presswatch.query import Passage, expression, parse
from presswatch.schedule import Timing, latest_slot, next_slot
from presswatch.watches.content import SHOWN, DigestContent, Item, render
from presswatch.watches.mail_address import domain

_INSTANT = timedelta(microseconds=1)

log = structlog.get_logger()


def close_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Close the windows that have ended; whether a mail was made.

    A fault in one watch's mail does not keep the others waiting: it is raised when they are done.
    """
    with archive.reading() as tx:
        states, news = alerts.watches(tx), alerts.news(tx)
    ended = _ended(config, states, now)
    # What came late waits for a mail that has something to tell.
    quiet = {watch.id: end for watch, end in ended if watch.id not in news and watch.window}
    if quiet:
        with archive.writing() as tx:
            alerts.close_windows(tx, quiet)
    made = False
    faults: list[Exception] = []
    for watch, end in ended:
        if watch.id in news:
            try:
                made |= _close(archive, config, watch, states[watch.id], end, now)
            except PresswatchError:
                raise
            except Exception as error:
                error.add_note(f"while writing the mail of the watch {watch.id}")
                faults.append(error)
    if faults:
        raise faults[0]
    return made


def window_end(timing: Timing | None, closed_until: datetime, now: datetime) -> datetime | None:
    """The end of the window to close now, None if none has ended. All instants are UTC.

    Without a timing what was found is told at once. However many windows ended since the last one was
    closed, there is one to close, the last. A clock that was set back by less than a window closes none a
    second time; one that was ahead by more, and was put right, silences nothing.
    """
    if timing is None:
        return max(now, closed_until + _INSTANT)
    end = latest_slot(timing, now)
    was_ahead = closed_until > now and closed_until > next_slot(timing, now)
    return end if end > closed_until or was_ahead else None


def message_id(watch_id: str, end: datetime, recipient: str, sender: str) -> str:
    """The Message-ID of a window's mail to one recipient: the same whenever it is computed."""
    key = "\x1f".join((watch_id, end.isoformat(), recipient))
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain(sender)}>"


def _ended(config: Config, states: Mapping[str, WatchState], now: datetime) -> list[tuple[Watch, datetime]]:
    known = [watch for watch in config.watches if watch.enabled and watch.id in states]
    ends = [(watch, window_end(watch.window, states[watch.id].closed_until, now)) for watch in known]
    return [(watch, end) for watch, end in ends if end is not None]


def _close(
    archive: Archive, config: Config, watch: Watch, state: WatchState, end: datetime, now: datetime
) -> bool:
    """Write a window's mail beside the archive's other work, then keep it unless another did meanwhile."""
    with archive.reading() as tx:
        open_matches = alerts.open_matches(tx, watch.id)
        content = _content(tx, config, watch, open_matches)
        end = alerts.free_end(tx, watch.id, end)
    if not content.items:
        return False
    rendered = render(content)
    closed = Closed(
        watch=watch.id,
        start=state.closed_until,
        end=end,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        matches=[match.id for match in open_matches],
    )
    ids = {
        recipient: message_id(watch.id, end, recipient, config.mail.sender) for recipient in watch.recipients
    }
    with archive.writing() as tx:
        kept = alerts.keep_digest(tx, closed, ids, now)
    if kept:
        log.info("digest closed", watch=watch.id, articles=content.news, recipients=len(ids))
    return kept


def _content(tx: Connection, config: Config, watch: Watch, open_matches: list[Open]) -> DigestContent:
    news = [one for one in open_matches if not one.late]
    passages = {match.article: match.passage for match in news[-SHOWN:]}
    names = {source.id: source.name for source in config.sources}
    items = []
    for record in articles.records(tx, passages):
        steps = [(step, articles.get(tx, step.url)) for step in record.path]
        path = [(step, via.article.title if via else "") for step, via in steps]
        source = names.get(record.source, record.source)
        items.append(Item(record, source, from_json(Passage, passages[record.id]), path))
    items.sort(key=lambda item: (item.record.time, item.record.seq), reverse=True)
    return DigestContent(
        watch=watch.name,
        query=watch.query,
        understood=expression(parse(watch.query, purpose="watch", saved=config.saved_queries).tree),
        zone=watch.time_zone or config.time_zone,
        items=items,
        news=len(news),
        late=len(open_matches) - len(news),
    )
