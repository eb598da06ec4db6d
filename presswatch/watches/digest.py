"""The step that closes windows: what a watch has found becomes one mail, kept before it is sent."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from presswatch import text
from presswatch.archive import Archive, alerts, articles, choices, events
from presswatch.archive.alerts import Body, Closed, Copy, Open, Untold, WatchState
from presswatch.archive.choices import NOTHING_MUTED, Choice, Muted
from presswatch.archive.events import Event
from presswatch.archive.signing_key import signing_key
from presswatch.config import Config, Recipient, Watch
from presswatch.errors import PresswatchError
from presswatch.query import in_short, parse
from presswatch.watches.audience import Audience, address, audience
from presswatch.watches.choices_mail import ABOUT_ARTICLES, render_choices
from presswatch.watches.content import (
    SHOWN,
    DigestContent,
    Item,
    MoreStory,
    Other,
    StoryItem,
    render,
)
from presswatch.watches.copies import Reader, written_copies
from presswatch.watches.event_words import happenings
from presswatch.watches.links import Links, mail_page
from presswatch.watches.nil_report import nil_report, render_nil_report
from presswatch.watches.ranking import fair_choice, ranked
from presswatch.watches.told_values import told_by_choices, told_by_digest, told_by_nil_report
from presswatch.watches.windows import is_collected, is_held_back, window_end

# What recipients choose is told to their watch's owner together, so long after the first of it.
OWNER_WAITS = timedelta(minutes=2)
# Mails that are kept in one transaction: the first of them waits for the last to be written.
_TOGETHER = 10

log = structlog.get_logger()


class _Made(NamedTuple):
    """A mail that is written and not kept yet, and what the log says when it is."""

    closed: Closed
    copies: Sequence[Copy]
    log: str
    counted: Mapping[str, int]


class _Wanted(NamedTuple):
    """A mail to be made for a watch: what writes it under its number, or finds that there is none to make."""

    watch: Watch
    write: Callable[[int], _Made | None]


class _Listener(NamedTuple):
    """A recipient, what is muted for it, and why it gets no mail now, "" if it does."""

    recipient: Recipient | str
    muted: Muted
    withheld: str


def close_step(archive: Archive, config: Config, now: datetime) -> bool:
    """Close the windows that have ended, and tell owners what recipients chose; whether a mail was made.

    A fault in one watch's mail does not keep the others waiting: it is raised when they are done.
    """
    faults: list[Exception] = []
    made = _tell_owners(archive, config, now, faults)
    with archive.reading() as tx:
        untold = together(config, alerts.untold(tx), events.untold(tx))
        # Of many watches most have nothing to tell: what is known of those is not even read.
        asked = [watch.id for watch in config.watches if watch.deliver != "instant" or watch.id in untold]
        states = alerts.watches(tx, asked)
    ended = _ended(config, states, now)
    # What came late waits for a mail that has something to tell.
    quiet = {
        watch.id: end for watch, end in ended if watch.window and not (watch.id in untold or watch.nil_report)
    }
    if quiet:
        with archive.writing() as tx:
            alerts.close_windows(tx, quiet)
    wanted: list[_Wanted] = []
    for watch, end in ended:
        if watch.id in untold or watch.nil_report:
            with _gathered(faults, watch):
                wanted += _wanted(archive, config, watch, states[watch.id], untold.get(watch.id), end, now)
    for first in range(0, len(wanted), _TOGETHER):
        made |= _make(archive, wanted[first : first + _TOGETHER], now, faults)
    if faults:
        raise faults[0]
    return made


def _make(archive: Archive, wanted: Sequence[_Wanted], now: datetime, faults: list[Exception]) -> bool:
    """Write mails beside the archive's other work, then keep them together; whether any was kept.

    That of a watch of which somebody else closed a window meanwhile is not.
    """
    with archive.writing() as tx:
        numbers = [alerts.next_mail(tx) for _ in wanted]
    written: list[tuple[Watch, _Made]] = []
    for (watch, write), number in zip(wanted, numbers, strict=True):
        with _gathered(faults, watch):
            if made := write(number):
                written.append((watch, made))
    if not written:
        return False
    kept: list[_Made] = []
    with archive.writing() as tx:
        for watch, made in written:
            with _gathered(faults, watch), archive.savepoint(tx):
                if alerts.keep_digest(tx, made.closed, made.copies, now):
                    kept.append(made)
    for closed, _copies, said, counted in kept:
        log.info(said, watch=closed.watch, mail=closed.number, **counted)
    return bool(kept)


@contextmanager
def _gathered(faults: list[Exception], watch: Watch) -> Iterator[None]:
    """Note a fault in one watch's mail, so that the others go on."""
    try:
        yield
    except PresswatchError:
        raise
    except Exception as error:
        error.add_note(f"while writing the mail of the watch {watch.id}")
        faults.append(error)


def _tell_owners(archive: Archive, config: Config, now: datetime, faults: list[Exception]) -> bool:
    """Tell the owners of watches what recipients chose: that waits for no window; whether there was any."""
    with archive.reading() as tx:
        chosen = choices.watches_with_untold(tx)
        states = alerts.watches(tx, chosen) if chosen else {}
        made = {id_: choices.untold(tx, id_) for id_ in states}
    wanted = [
        _Wanted(watch, partial(_of_choices, archive, config, watch, states[watch.id], made[watch.id]))
        for watch in config.watches
        if watch.enabled
        and watch.owner
        and watch.id in states
        and now - made[watch.id][0].made >= OWNER_WAITS
    ]
    return bool(wanted) and _make(archive, wanted, now, faults)


def together(
    config: Config, found: Mapping[str, Untold], happened: Mapping[str, Untold]
) -> dict[str, Untold]:
    """What each watch has to tell: matches if it tells of these, and whatever else happened."""
    silent = {watch.id for watch in config.watches if not watch.tells.matches}
    untold = {id_: one for id_, one in found.items() if id_ not in silent}
    for id_, one in happened.items():
        before = untold.get(id_, one)
        untold[id_] = Untold(before.news + one.news, min(before.first, one.first))
    return untold


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


def _wanted(
    archive: Archive,
    config: Config,
    watch: Watch,
    state: WatchState,
    untold: Untold | None,
    end: datetime,
    now: datetime,
) -> Iterator[_Wanted]:
    """The mail of a window that has ended, if there is to be one now."""
    if not _may_mail(archive, config, watch, state, untold, now):
        return
    listeners = _listeners(archive, watch, now)
    if untold is None:
        yield _Wanted(watch, partial(_nothing, archive, config, watch, state, end, listeners))
    elif not all(one.withheld for one in listeners):
        # While nobody wants mails, what is found waits for whoever does first.
        yield _Wanted(watch, partial(_news, archive, config, watch, state, end, listeners))


def _news(
    archive: Archive,
    config: Config,
    watch: Watch,
    state: WatchState,
    end: datetime,
    listeners: Sequence[_Listener],
    number: int,
) -> _Made | None:
    """The mail of a window in which something was found; None if there is nothing to tell of by now."""
    links = Links(config.web.public_url, signing_key(archive))
    with archive.reading() as tx:
        found = alerts.open_matches(tx, watch.id)
        happened = events.open_events(tx, watch.id)
        window = _Window(tx, config, watch, state.added, number, links, found, happened)
        content = window.content(NOTHING_MUTED)
        if not content.stories and not content.happenings:
            return None
        first = content.stories[0] if content.stories else None
        told = first.first.record.story if first and first.told else ""
        answers = alerts.first_mail_about(tx, watch.id, told) if told else None
        end = alerts.free_end(tx, watch.id, end)
        readers = [window.reader(one) for one in listeners]
        copies = written_copies(readers, window.body, watch.id, end, config.mail.sender)
    closed = Closed(
        number=number,
        watch=watch.id,
        start=state.closed_until,
        end=end,
        owner=watch.owner,
        answers=answers,
        matches=[match.id for match in found],
        told=told_by_digest(content),
        events=[event.id for event in happened],
    )
    return _Made(closed, copies, "digest closed", {"articles": content.news})


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


class _Window:
    """What one window has to tell, to those who muted some of it as well."""

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
        self._page = _page(links, number)
        self._found = [one for one in found if watch.tells.matches or one.late]
        self._names = {source.id: source.name for source in config.sources}
        about = [one.article for one in happened if one.article is not None]
        records = {record.id: record for record in articles.records(tx, about)}
        self._happened = happenings(happened, records, self._names)
        self._contents: dict[Muted, DigestContent] = {}

    def reader(self, listener: _Listener) -> Reader:
        """How a recipient reads. For who muted all that there is the mail is as it would be, and withheld."""
        muted, withheld = self._concerning(listener.muted), listener.withheld
        content = self.content(muted)
        if not content.stories and not content.happenings:
            muted, withheld = NOTHING_MUTED, withheld or "all of it is muted"
        read = audience(listener.recipient, *_defaults(self._config, self._watch), muted)
        return Reader(listener.recipient, read, withheld)

    def body(self, audience: Audience) -> Body:
        """The words for an audience."""
        return render(self.content(audience.muted), audience).body(audience)

    def _concerning(self, muted: Muted) -> Muted:
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

    def _content(self, muted: Muted) -> DigestContent:
        heard = [one for one in self._found if one.late or not muted.has(one.story, one.source)]
        content = digest_content(
            self._tx, self._config, self._watch, heard, self._number, self._added, self._names
        )
        told = [
            one
            for one in self._happened
            if one.record is None or not muted.has(one.record.story, one.record.source)
        ]
        unheard = len(self._found) - len(heard) + len(self._happened) - len(told)
        return replace(content, happenings=told, muted=unheard, page=self._page)


def _nothing(
    archive: Archive,
    config: Config,
    watch: Watch,
    state: WatchState,
    end: datetime,
    listeners: Sequence[_Listener],
    number: int,
) -> _Made:
    """The mail of a window in which nothing was found."""
    links = Links(config.web.public_url, signing_key(archive))
    with archive.reading() as tx:
        found = alerts.open_matches(tx, watch.id)
        late = sum(one.late for one in found)
        report = nil_report(tx, config, watch, state.closed_until, end, late, len(found) - late)
        report = replace(report, page=_page(links, number))
        end = alerts.free_end(tx, watch.id, end)
    defaults = _defaults(config, watch)
    readers = [Reader(one.recipient, audience(one.recipient, *defaults), one.withheld) for one in listeners]

    def write(audience: Audience) -> Body:
        return render_nil_report(report, audience).body(audience)

    copies = written_copies(readers, write, watch.id, end, config.mail.sender)
    closed = Closed(
        number=number,
        watch=watch.id,
        start=state.closed_until,
        end=end,
        owner=watch.owner,
        answers=None,
        matches=[match.id for match in found],
        told=told_by_nil_report(report),
    )
    return _Made(closed, copies, "nothing found", {"troubles": len(report.troubles)})


def _understood(query: str, config: Config) -> str:
    """How a query was understood; "" where that says what was typed, but for how words are written."""
    short = in_short(parse(query, purpose="watch", saved=config.saved_queries).tree)

    def said(typed: str) -> list[list[str]]:
        return [text.words(part) for part in re.split(r"[()]", typed)]

    return "" if said(query) == said(short) else short


def _page(links: Links, number: int) -> str:
    """Where the recipients of a mail choose what to be told of, "" where no pages are reachable."""
    return links.choice(links.placeholder(number)) if links.are_public else ""


def _defaults(config: Config, watch: Watch) -> tuple[str, str]:
    """The language and the zone in which recipients read who say nothing of them."""
    return config.alerts.language, watch.time_zone or config.time_zone


def _of_choices(
    archive: Archive, config: Config, watch: Watch, state: WatchState, made: Sequence[Choice], number: int
) -> _Made:
    """A mail that tells a watch's owner what its recipients chose: links are forwarded with mails."""
    with archive.reading() as tx:
        ids = {one.subject for one in made if one.kind in ABOUT_ARTICLES}
        titles = {record.id: record.article.title for record in articles.records(tx, ids)}
        # It closes no window.
        end = alerts.free_end(tx, watch.id, state.closed_until)
    titles |= {source.id: source.name for source in config.sources}
    owner = Recipient(address=watch.owner)

    def write(audience: Audience) -> Body:
        return render_choices(watch.id, watch.name, made, titles, audience).body(audience)

    readers = [Reader(owner, audience(owner, *_defaults(config, watch)))]
    copies = written_copies(readers, write, watch.id, end, config.mail.sender)
    closed = Closed(
        number=number,
        watch=watch.id,
        start=state.closed_until,
        end=end,
        owner=watch.owner,
        answers=None,
        matches=(),
        told=told_by_choices(watch.name),
        choices=[one.id for one in made],
    )
    return _Made(closed, copies, "owner told of choices", {"choices": len(made)})


def digest_content(
    tx: Connection,
    config: Config,
    watch: Watch,
    open_matches: Sequence[Open],
    number: int,
    added: datetime,
    names: Mapping[str, str],
) -> DigestContent:
    """What a mail with this number tells of these matches; `names` are the sources', by their ids."""
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
        understood=_understood(watch.query, config),
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
        address=mail_page(config.web.public_url, watch.id, number),
    )
