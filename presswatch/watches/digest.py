"""The step that closes windows: what a watch has found becomes one mail, kept before it is sent."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from presswatch.archive import Archive, alerts, articles, choices, events
from presswatch.archive.alerts import Body, Closed, Copy, Open, Untold, WatchState
from presswatch.archive.choices import NOTHING_MUTED, Choice, Muted
from presswatch.archive.events import Event
from presswatch.archive.signing_key import signing_key
from presswatch.config import Config, Recipient, Watch
from presswatch.errors import PresswatchError
from presswatch.query import expression, parse
from presswatch.watches.audience import Audience, address, audience
from presswatch.watches.choices_mail import ABOUT_ARTICLES, render_choices
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
from presswatch.watches.event_words import happenings
from presswatch.watches.links import Links
from presswatch.watches.mail_address import domain
from presswatch.watches.nil_report import nil_report, render_nil_report
from presswatch.watches.ranking import fair_choice, ranked
from presswatch.watches.told_values import told_by_choices, told_by_digest, told_by_nil_report
from presswatch.watches.windows import is_collected, is_held_back, window_end

# What recipients choose is told to their watch's owner together, so long after the first of it.
OWNER_WAITS = timedelta(minutes=2)

log = structlog.get_logger()


class _Written(NamedTuple):
    """A mail in words: its number, the number of the mail that it answers, and what it tells of.

    `copies` has each recipient's words, those who read the same share them, and why it is withheld, "" if
    not. `told` is the same as values, as JSON.
    """

    number: int
    copies: list[tuple[Recipient | str, Body, str]]
    answers: int | None
    matches: list[int]
    told: str
    events: Sequence[int] = ()
    choices: Sequence[int] = ()


class _Listener(NamedTuple):
    """A recipient, what is muted for it, and why it gets no mail now, "" if it does."""

    recipient: Recipient | str
    muted: Muted
    withheld: str


def close_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Close the windows that have ended; whether a mail was made.

    A fault in one watch's mail does not keep the others waiting: it is raised when they are done.
    """
    with archive.reading() as tx:
        untold = _together(config, alerts.untold(tx), events.untold(tx))
        chosen = choices.watches_with_untold(tx)
        # Of many watches most have nothing to tell: what is known of those is not even read.
        asked = [
            watch.id
            for watch in config.watches
            if watch.deliver != "instant" or watch.id in untold or watch.id in chosen
        ]
        states = alerts.watches(tx, asked)
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
        try:
            if watch.id in chosen and watch.owner:
                made |= _tell_owner(archive, config, watch, states[watch.id], now)
            is_told = watch.id in untold or watch.nil_report
            if is_told and _may_mail(archive, config, watch, states[watch.id], untold.get(watch.id), now):
                close = _close if watch.id in untold else _report_nothing
                made |= close(archive, config, watch, states[watch.id], end, now)
        except PresswatchError:
            raise
        except Exception as error:
            error.add_note(f"while writing the mail of the watch {watch.id}")
            faults.append(error)
    if faults:
        raise faults[0]
    return made


def _together(
    config: Config, found: Mapping[str, Untold], happened: Mapping[str, Untold]
) -> dict[str, Untold]:
    """What each watch has to tell: matches if it tells of these, and whatever else happened."""
    silent = {watch.id for watch in config.watches if not watch.tells.matches}
    untold = {id_: one for id_, one in found.items() if id_ not in silent}
    for id_, one in happened.items():
        before = untold.get(id_, one)
        untold[id_] = Untold(before.news + one.news, min(before.first, one.first))
    return untold


def message_id(watch_id: str, end: datetime, recipient: str, sender: str) -> str:
    """The Message-ID of a window's mail to one recipient: the same whenever it is computed."""
    key = "\x1f".join((watch_id, end.isoformat(), recipient))
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain(sender)}>"


def _ended(config: Config, states: Mapping[str, WatchState], now: datetime) -> list[tuple[Watch, datetime]]:
    known = [watch for watch in config.watches if watch.enabled and watch.id in states]
    ends = [(watch, window_end(watch.window, states[watch.id].closed_until, now)) for watch in known]
    return [(watch, end) for watch, end in ends if end is not None]


def _may_mail(
    archive: Archive, config: Config, watch: Watch, state: WatchState, untold: Untold | None, now: datetime
) -> bool:
    """Whether what was found is told now, or waits and is told later."""
    if state.is_paused(now):
        return False
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
    listeners = _listeners(archive, watch, now)
    if all(one.withheld for one in listeners):
        # Nobody wants mails now: what is found waits for whoever does first.
        return False
    links = Links(config.web.public_url, signing_key(archive))
    with archive.writing() as tx:
        number = alerts.next_mail(tx)
    with archive.reading() as tx:
        found = alerts.open_matches(tx, watch.id)
        happened = events.open_events(tx, watch.id)
        write = _Writer(tx, config, watch, state.added, number, links, found, happened)
        content = write.content(NOTHING_MUTED)
        if not content.stories and not content.happenings:
            return False
        first = content.stories[0] if content.stories else None
        told = first.first.record.story if first and first.told else ""
        answers = alerts.first_mail_about(tx, watch.id, told) if told else None
        copies = [_copy(write, watch, config, one) for one in listeners]
    written = _Written(
        number,
        copies,
        answers,
        [match.id for match in found],
        told_by_digest(content),
        [event.id for event in happened],
    )
    kept = _keep(archive, config, watch, state, end, written, now)
    if kept:
        log.info("digest closed", watch=watch.id, mail=number, articles=content.news)
    return kept


def _listeners(archive: Archive, watch: Watch, now: datetime) -> list[_Listener]:
    """What each recipient chose."""
    with archive.reading() as tx:
        chosen = choices.current(tx, watch.id, now)
        found = []
        for one in watch.recipients:
            none = choices.asked_for_none(chosen, address(one))
            withheld = "" if none is None else _why_withheld(none)
            found.append(_Listener(one, choices.muted(tx, chosen, address(one)), withheld))
    return found


def _why_withheld(none: Choice) -> str:
    if none.until is None:
        return "its recipient ended these mails"
    return f"its recipient paused these mails until {none.until:%Y-%m-%d %H:%M} UTC"


class _Writer:
    """Writes one window's mail for each audience, once."""

    def __init__(
        self,
        tx: Connection,
        config: Config,
        watch: Watch,
        added: datetime,
        number: int,
        links: Links,
        found: Sequence[Open],
        happened: Sequence[Event],
    ) -> None:
        self._tx = tx
        self._config = config
        self._watch = watch
        self._added = added
        self._number = number
        self._page = links.choice(links.placeholder(number)) if links.are_public else ""
        self._found = [one for one in found if watch.tells.matches or one.late]
        self._names = {source.id: source.name for source in config.sources}
        about = [one.article for one in happened if one.article is not None]
        records = {record.id: record for record in articles.records(tx, about)}
        self._happened = happenings(happened, records, self._names)
        self._contents: dict[Muted, DigestContent] = {}
        self._bodies: dict[Audience, Body] = {}

    def concerning(self, muted: Muted) -> Muted:
        """What of it is among what is to be told."""
        told = [one.record for one in self._happened if one.record is not None]
        stories = {one.story for one in self._found} | {record.story for record in told}
        sources = {one.source for one in self._found} | {record.source for record in told}
        return muted.among(stories, sources)

    def content(self, muted: Muted) -> DigestContent:
        """What is told to those who muted this."""
        if muted not in self._contents:
            self._contents[muted] = self._content(muted)
        return self._contents[muted]

    def body(self, audience: Audience) -> Body:
        """The words for an audience."""
        if audience not in self._bodies:
            made = render(self.content(audience.muted), audience)
            self._bodies[audience] = Body(
                audience.language, audience.time_zone, made.subject, made.text, made.html
            )
        return self._bodies[audience]

    def _content(self, muted: Muted) -> DigestContent:
        heard = [one for one in self._found if one.late or not muted.has(one.story, one.source)]
        content = _content(self._tx, self._config, self._watch, heard, self._number, self._added, self._names)
        told = [
            one
            for one in self._happened
            if one.record is None or not muted.has(one.record.story, one.record.source)
        ]
        unheard = len(self._found) - len(heard) + len(self._happened) - len(told)
        return replace(content, happenings=told, muted=unheard, page=self._page)


def _copy(
    write: _Writer, watch: Watch, config: Config, listener: _Listener
) -> tuple[Recipient | str, Body, str]:
    """A recipient's words. Who muted all that there is gets the mail as it would be, which is never sent."""
    muted = write.concerning(listener.muted)
    content = write.content(muted)
    withheld = listener.withheld
    if not content.stories and not content.happenings:
        muted, withheld = NOTHING_MUTED, withheld or "its recipient muted all of it"
    return listener.recipient, write.body(audience(listener.recipient, watch, config, muted)), withheld


def _report_nothing(
    archive: Archive, config: Config, watch: Watch, state: WatchState, end: datetime, now: datetime
) -> bool:
    """Keep the mail of a window in which nothing was found."""
    listeners = _listeners(archive, watch, now)
    with archive.writing() as tx:
        number = alerts.next_mail(tx)
    with archive.reading() as tx:
        late = alerts.open_matches(tx, watch.id)
        report = nil_report(tx, config, watch, state.closed_until, end, len(late))
    copies = _worded(config, watch, listeners, lambda audience: render_nil_report(report, audience))
    written = _Written(number, copies, None, [match.id for match in late], told_by_nil_report(report))
    kept = _keep(archive, config, watch, state, end, written, now)
    if kept:
        log.info("nothing found", watch=watch.id, mail=number, troubles=len(report.troubles))
    return kept


def _tell_owner(archive: Archive, config: Config, watch: Watch, state: WatchState, now: datetime) -> bool:
    """Keep a mail that tells a watch's owner what its recipients chose: links are forwarded with mails."""
    with archive.reading() as tx:
        made = choices.untold(tx, watch.id)
        ids = {one.subject for one in made if one.kind in ABOUT_ARTICLES}
        titles = {record.id: record.article.title for record in articles.records(tx, ids)}
    if now - made[0].made < OWNER_WAITS:
        return False
    titles |= {source.id: source.name for source in config.sources}
    with archive.writing() as tx:
        number = alerts.next_mail(tx)
    owner = [_Listener(Recipient(address=watch.owner), NOTHING_MUTED, "")]
    copies = _worded(
        config, watch, owner, lambda audience: render_choices(watch.name, made, titles, audience)
    )
    told = [one.id for one in made]
    written = _Written(number, copies, None, [], told_by_choices(watch.name), choices=told)
    # It closes no window.
    kept = _keep(archive, config, watch, state, state.closed_until, written, now)
    if kept:
        log.info("owner told of choices", watch=watch.id, mail=number, choices=len(made))
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
        events=written.events,
        choices=written.choices,
    )
    sender = config.mail.sender
    copies = [
        Copy(str(one), message_id(watch.id, closed.end, str(one), sender), body, _format(one), withheld)
        for one, body, withheld in written.copies
    ]
    with archive.writing() as tx:
        return alerts.keep_digest(tx, closed, copies, now)


def _format(recipient: Recipient | str) -> str:
    return "html" if isinstance(recipient, str) else recipient.format or "html"


def _worded(
    config: Config,
    watch: Watch,
    listeners: Sequence[_Listener],
    write: Callable[[Audience], RenderedDigest],
) -> list[tuple[Recipient | str, Body, str]]:
    """Each recipient with the words that are written once for its audience."""
    found: dict[Audience, Body] = {}
    copies = []
    for one in listeners:
        of = audience(one.recipient, watch, config, NOTHING_MUTED)
        if of not in found:
            made = write(of)
            found[of] = Body(of.language, of.time_zone, made.subject, made.text, made.html)
        copies.append((one.recipient, found[of], one.withheld))
    return copies


def _content(
    tx: Connection,
    config: Config,
    watch: Watch,
    open_matches: list[Open],
    number: int,
    added: datetime,
    names: Mapping[str, str],
) -> DigestContent:
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
