"""The step that closes windows: what a watch has found becomes one mail, kept before it is sent."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from presswatch.archive import Archive, alerts, articles
from presswatch.archive.alerts import Body, Closed, Copy, Open, Untold, WatchState
from presswatch.config import Config, Recipient, Watch
from presswatch.errors import PresswatchError
from presswatch.query import expression, parse
from presswatch.watches.audience import Audience, audiences
from presswatch.watches.content import (
    SHOWN,
    DigestContent,
    Item,
    MoreStory,
    Other,
    RenderedDigest,
    StoryItem,
    render,
)
from presswatch.watches.mail_address import domain
from presswatch.watches.nil_report import nil_report, render_nil_report
from presswatch.watches.ranking import fair_choice, ranked
from presswatch.watches.told_values import told_by_digest, told_by_nil_report
from presswatch.watches.windows import is_collected, is_held_back, window_end

log = structlog.get_logger()


class _Written(NamedTuple):
    """A mail in words: its number, the number of the mail that it answers, the matches that it tells of.

    `bodies` has each recipient's words; those who read the same share them. `told` is the same as values, as
    JSON.
    """

    number: int
    bodies: list[tuple[Recipient | str, Body]]
    answers: int | None
    matches: list[int]
    told: str


def close_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Close the windows that have ended; whether a mail was made.

    A fault in one watch's mail does not keep the others waiting: it is raised when they are done.
    """
    with archive.reading() as tx:
        states, untold = alerts.watches(tx), alerts.untold(tx)
    ended = _ended(config, states, now)
    # What came late waits for a mail that has something to tell.
    quiet = {
        watch.id: end for watch, end in ended if watch.window and not (watch.id in untold or watch.nil_report)
    }
    if quiet:
        with archive.writing() as tx:
            alerts.close_windows(tx, quiet)
    made = False
    faults: list[Exception] = []
    for watch, end in ended:
        if states[watch.id].is_paused(now):
            continue
        is_told = watch.id in untold or watch.nil_report
        if is_told and _may_mail(archive, config, watch, untold.get(watch.id), now):
            close = _close if watch.id in untold else _report_nothing
            try:
                made |= close(archive, config, watch, states[watch.id], end, now)
            except PresswatchError:
                raise
            except Exception as error:
                error.add_note(f"while writing the mail of the watch {watch.id}")
                faults.append(error)
    if faults:
        raise faults[0]
    return made


def message_id(watch_id: str, end: datetime, recipient: str, sender: str) -> str:
    """The Message-ID of a window's mail to one recipient: the same whenever it is computed."""
    key = "\x1f".join((watch_id, end.isoformat(), recipient))
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain(sender)}>"


def _ended(config: Config, states: Mapping[str, WatchState], now: datetime) -> list[tuple[Watch, datetime]]:
    known = [watch for watch in config.watches if watch.enabled and watch.id in states]
    ends = [(watch, window_end(watch.window, states[watch.id].closed_until, now)) for watch in known]
    return [(watch, end) for watch, end in ends if end is not None]


def _may_mail(archive: Archive, config: Config, watch: Watch, untold: Untold | None, now: datetime) -> bool:
    """Whether what was found is told now, or waits and is told later."""
    at_once = config.collecting(watch)
    assert at_once.collect is not None
    assert at_once.gap is not None
    back = max(at_once.gap, watch.at_most.period if watch.at_most else timedelta())
    with archive.reading() as tx:
        mailed = alerts.mailed_since(tx, watch.id, now - back)
    zone = watch.time_zone or config.time_zone
    if is_held_back(watch.quiet, zone, watch.at_most, mailed, now):
        return False
    if watch.window is not None or untold is None:
        return True
    return is_collected(untold.first, mailed, at_once.collect, at_once.gap, now)


def _close(
    archive: Archive, config: Config, watch: Watch, state: WatchState, end: datetime, now: datetime
) -> bool:
    """Write a window's mail beside the archive's other work, then keep it unless another did meanwhile."""
    with archive.writing() as tx:
        number = alerts.next_mail(tx)
    with archive.reading() as tx:
        open_matches = alerts.open_matches(tx, watch.id)
        content = _content(tx, config, watch, open_matches, number, state.added)
        if not content.stories:
            return False
        first = content.stories[0]
        told = first.first.record.story if first.told else ""
        answers = alerts.first_mail_about(tx, watch.id, told) if told else None
    bodies = _bodies(config, watch, lambda audience: render(content, audience))
    matches = [match.id for match in open_matches]
    written = _Written(number, bodies, answers, matches, told_by_digest(content))
    kept = _keep(archive, config, watch, state, end, written, now)
    if kept:
        log.info("digest closed", watch=watch.id, mail=number, articles=content.news)
    return kept


def _report_nothing(
    archive: Archive, config: Config, watch: Watch, state: WatchState, end: datetime, now: datetime
) -> bool:
    """Keep the mail of a window in which nothing was found."""
    with archive.writing() as tx:
        number = alerts.next_mail(tx)
    with archive.reading() as tx:
        late = alerts.open_matches(tx, watch.id)
        report = nil_report(tx, config, watch, state.closed_until, end, len(late))
    bodies = _bodies(config, watch, lambda audience: render_nil_report(report, audience))
    matches = [match.id for match in late]
    written = _Written(number, bodies, None, matches, told_by_nil_report(report))
    kept = _keep(archive, config, watch, state, end, written, now)
    if kept:
        log.info("nothing found", watch=watch.id, mail=number, troubles=len(report.troubles))
    return kept


def _keep(
    archive: Archive,
    config: Config,
    watch: Watch,
    state: WatchState,
    end: datetime,
    written: _Written,
    now: datetime,
) -> bool:
    """Keep a mail and a copy for each recipient; False where another has closed the window meanwhile."""
    with archive.reading() as tx:
        end = alerts.free_end(tx, watch.id, end)
    closed = Closed(
        number=written.number,
        watch=watch.id,
        start=state.closed_until,
        end=end,
        owner=watch.owner,
        answers=written.answers,
        matches=written.matches,
        told=written.told,
    )
    sender = config.mail.sender
    copies = [
        Copy(str(one), message_id(watch.id, closed.end, str(one), sender), body, _format(one))
        for one, body in written.bodies
    ]
    with archive.writing() as tx:
        return alerts.keep_digest(tx, closed, copies, now)


def _format(recipient: Recipient | str) -> str:
    return "html" if isinstance(recipient, str) else recipient.format or "html"


def _bodies(
    config: Config, watch: Watch, write: Callable[[Audience], RenderedDigest]
) -> list[tuple[Recipient | str, Body]]:
    """Each recipient, in the watch's order, with the words that are written once for its audience."""
    found: dict[Recipient | str, Body] = {}
    for audience, members in audiences(watch, config).items():
        made = write(audience)
        body = Body(audience.language, audience.time_zone, made.subject, made.text, made.html)
        found |= dict.fromkeys(members, body)
    return [(one, found[one]) for one in watch.recipients]


def _content(
    tx: Connection, config: Config, watch: Watch, open_matches: list[Open], number: int, added: datetime
) -> DigestContent:
    names = {source.id: source.name for source in config.sources}
    news = [one for one in open_matches if not one.late]
    told = alerts.told_articles(tx, watch.id, (one.story for one in news))
    found = ranked(news, told)
    shown = fair_choice(found, SHOWN)
    chosen = {one.first.id for one in shown}
    records = {record.id: record for record in articles.records(tx, [one.first.article for one in shown])}
    stories = []
    for one in shown:
        if record := records.get(one.first.article):
            steps = [(step, articles.get(tx, step.url)) for step in record.path]
            path = [(step, via.article.title if via else "") for step, via in steps]
            item = Item(record, names.get(record.source, record.source), one.passage, path)
            others = [Other(names.get(it.source, it.source), it.url, it.time) for it in one.others]
            stories.append(StoryItem(item, others, one.articles, one.told))
    return DigestContent(
        watch=watch.name,
        query=watch.query,
        understood=expression(parse(watch.query, purpose="watch", saved=config.saved_queries).tree),
        stories=stories,
        more=[
            MoreStory(names.get(one.first.source, one.first.source), one.articles)
            for one in found
            if one.first.id not in chosen
        ],
        news=len(news),
        earlier=sum(one.first_seen <= added for one in news) if watch.backfill else 0,
        late=len(open_matches) - len(news),
        number=number,
        owner=watch.owner,
    )
