"""Why a watch told of an article, or did not: the article's whole way, from a link to the server's answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from presswatch.archive import (
    Archive,
    alerts,
    articles,
    choices,
    known_urls,
    mails,
    match_quarantine,
    reviews,
)
from presswatch.archive.alerts import WatchState
from presswatch.archive.known_urls import KnownUrl, Shown
from presswatch.archive.mails import Delivered, MadeMail, Matched, Noted
from presswatch.archive.match_quarantine import EVERY_ARTICLE
from presswatch.archive.tables import DeliveryState, EventKind, UrlState
from presswatch.config import Config, Watch
from presswatch.config_values import say_duration
from presswatch.document import document
from presswatch.errors import UsageError
from presswatch.model import Record
from presswatch.query import expression, parse
from presswatch.query.predicate import predicate
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import And, Node, Not
from presswatch.query.witness import Evidence, EvidenceOf, Witness
from presswatch.schedule import next_slot
from presswatch.watches.audience import address
from presswatch.watches.event_words import Happening, details, headline
from presswatch.watches.match import in_scope, is_late
from presswatch.watches.spikes import hour_of
from presswatch.watches.windows import is_held_back
from presswatch.watches.wording import Wording

_PLACES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One station: what happened there; `ok` is False where the way ended or waits."""

    stage: str
    said: str
    ok: bool = True


@dataclass(frozen=True, slots=True)
class WatchTrace:
    """What one watch made of the article."""

    watch: str
    matches: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ReviewTrace:
    """A press review, by its id, and what became of those of its mails that told of the article."""

    review: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The way of a page to the archive, and from there to each watch and to press reviews."""

    address: str
    steps: tuple[Step, ...]
    watches: tuple[WatchTrace, ...]
    reviews: tuple[ReviewTrace, ...] = ()


def trace(archive: Archive, config: Config, address: str, watch: str | None, now: datetime) -> Trace:
    """What became of the page at an address, or of the article with that id. Times are told in UTC.

    Of all watches those are told that match or matched, or for which something happened to it; of one
    (`watch`, its id) whatever there is, and nothing of reviews.

    Raises UsageError where there never was such a watch.
    """
    with archive.reading() as tx:
        if watch and config.watch(watch) is None and watch not in alerts.watch_ids(tx):
            raise UsageError(f"there is no watch {watch!r}; presswatch watches list shows them")
        address = _as_known(tx, address)
        record = articles.get(tx, address)
        asked = record.url if record is not None and address == record.id else address
        pages, links = known_urls.find(tx, asked), known_urls.shown_by(tx, asked)
        steps = [*_of_page(pages, links), *_of_article(record, asked)]
        if record is None:
            return Trace(asked, tuple(steps), ())
        matched = {one.watch: one for one in mails.of_article(tx, record.id)}
        noted = _noted(tx, config, record, matched)
        states = alerts.watches(tx)
        chosen = [one for one in config.watches if watch in (None, one.id)]
        told = [
            _of_watch(
                tx,
                config,
                one,
                record,
                matched.get(one.id),
                noted.get(one.id, []),
                states.get(one.id),
                now,
            )
            for one in chosen
        ]
        gone = sorted((matched.keys() | noted.keys()) - {one.id for one in config.watches})
        told += [
            _of_gone(config, id_, record, matched.get(id_), noted.get(id_, []))
            for id_ in gone
            if watch in (None, id_)
        ]
        reviewed = _of_reviews(mails.reviews_of_article(tx, record.id)) if watch is None else []
    shown = [one for one in told if watch or one.matches or one.watch in matched.keys() | noted.keys()]
    return Trace(asked, tuple(steps), tuple(shown), tuple(reviewed))


def _noted(
    tx: Connection, config: Config, record: Record, matched: Mapping[str, Matched]
) -> dict[str, list[Noted]]:
    """The events of each watch that concern an article.

    With those about it the spike that it was a part of, and the silence that followed it.
    """
    further = [(id_, EventKind.SILENCE, one.matched.isoformat()) for id_, one in matched.items()]
    for watch in config.watches:
        if one := matched.get(watch.id):
            local = one.matched.astimezone(ZoneInfo(watch.time_zone or config.time_zone))
            hour = hour_of(local.replace(tzinfo=None))
            further.append((watch.id, EventKind.SPIKE, hour.isoformat()))
    found: dict[str, list[Noted]] = {}
    for noted in mails.events_of_article(tx, record.id, further):
        found.setdefault(noted.event.watch, []).append(noted)
    return found


def _as_known(tx: Connection, address: str) -> str:
    """The address, or where nothing is known of it, the same with another scheme or with one at all."""
    rest = address.partition("://")[2] or address
    for one in (address, f"https://{rest}", f"http://{rest}"):
        if articles.get(tx, one) is not None or known_urls.find(tx, one):
            return one
    return address


def _of_page(pages: Sequence[KnownUrl], links: Sequence[Shown]) -> Iterator[Step]:
    if links:
        first = min(links, key=lambda link: link.first_seen)
        more = f" (and {len(links) - 1} other links)" if len(links) > 1 else ""
        titled = f" as “{first.title}”" if first.title else ""
        yield Step(
            "found", f"{_clock(first.first_seen)} by {first.source}, {first.kind} {first.page}{titled}{more}"
        )
    elif not pages:
        yield Step("found", "no page that was read links to it, and nobody asked for it", ok=False)
    for page in pages:
        if not page.scope:
            yield _of_fetch(page)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _of_fetch(page: KnownUrl) -> Step:
    in_a_row = " in a row" if page.attempts > 1 else ""
    tried = f"tried {_clock(page.tried)}, {_times(page.attempts)}{in_a_row}; " if page.tried else ""
    again = f"; next {_clock(page.next_fetch)}" if page.next_fetch else ""
    match page.state:
        case UrlState.SETTLED:
            return Step("fetched", f"{_clock(page.fetched)}, {_times(page.visits)} in all")
        case UrlState.REJECTED:
            said = f"{_clock(page.fetched)}: no article but {page.kind}"
            return Step("fetched", said + (f" ({page.reason})" if page.reason else ""), ok=False)
        case UrlState.PENDING:
            waits = f"waits for a run of {', '.join(page.waiting) or page.source}"
            return Step("fetched", f"not yet; {waits}{again}", ok=False)
        case _:
            return Step("fetched", f"{page.state}: {tried}{page.reason}{again}", ok=False)


def _of_article(record: Record | None, asked: str) -> Iterator[Step]:
    if record is None:
        yield Step("article", "none is in the archive", ok=False)
        return
    lives = f", which lives at {record.url}" if record.url != asked else ""
    yield Step(
        "article",
        f"“{record.article.title}” ({record.id}){lives}; first seen {_clock(record.first_seen)} by "
        f"{', '.join(record.found_by)}; revision {record.revision}",
    )
    published = record.article.published
    said = (
        f"{_clock(published.instant)}, to the {published.precision}"
        if published
        else "its page names no time"
    )
    yield Step("published", said)
    if record.vanished:
        yield Step("vanished", _clock(record.vanished))
    if record.story != record.id:
        yield Step("story", f"{record.story}, which began with another article")


def _of_watch(
    tx: Connection,
    config: Config,
    watch: Watch,
    record: Record,
    matched: Matched | None,
    noted: Sequence[Noted],
    state: WatchState | None,
    now: datetime,
) -> WatchTrace:
    zone = watch.time_zone or config.time_zone
    tree = parse(watch.query, purpose="watch", saved=config.saved_queries).tree
    article = EvidenceOf(DocumentTerms(document(record)))
    matches = predicate(tree, ZoneInfo(zone))(article.terms)
    steps = []
    if not watch.enabled:
        steps.append(Step("watch", "it is switched off (enabled: false)", ok=False))
    if not in_scope(watch, record):
        steps.append(Step("sources", f"it is only about {', '.join(watch.sources)}", ok=False))
    steps += _clauses(tree, article, zone)
    if matched is None:
        if matches and in_scope(watch, record) and watch.enabled:
            steps.append(_unmatched(tx, watch, record, state))
    else:
        steps.append(Step("matched", f"{_clock(matched.matched)}, revision {matched.revision}"))
        steps += _told(tx, config, watch, record, matched, state, now)
    if noted:
        steps += _happened(config, record, matched, noted, _waits(tx, config, watch, state, now))
    return WatchTrace(watch.id, matches, tuple(steps))


def _of_gone(
    config: Config, watch_id: str, record: Record, matched: Matched | None, noted: Sequence[Noted]
) -> WatchTrace:
    """What is known of a watch that is no longer configured."""
    steps = [Step("watch", "it was removed since, or has another id now", ok=False)]
    if matched is not None:
        steps.append(Step("matched", f"{_clock(matched.matched)}, revision {matched.revision}"))
        if matched.late:
            steps.append(Step("late", "old when first seen, or passed over: not told of", ok=False))
        steps += _mail(matched.mail)
    steps += _happened(config, record, matched, noted, "the watch is not there any more")
    return WatchTrace(watch_id, matches=matched is not None, steps=tuple(steps))


def _happened(
    config: Config, record: Record, matched: Matched | None, noted: Sequence[Noted], waits: str
) -> Iterator[Step]:
    """The events, each with the mail that told of it, and what became of those mails."""
    words = Wording("en", is_html=False)
    names = {source.id: source.name for source in config.sources}
    mails_told: dict[int, MadeMail] = {}
    for event, mail in ((one.event, one.mail) for one in noted):
        about = record if event.article is not None else None
        happening = Happening(event, about, names.get(record.source, record.source))
        more = "; ".join(details(happening, "UTC", words))
        what = headline(happening, words) + (f" ({more})" if more else "")
        told = f"told in mail {mail.number}" if mail else f"not told yet: {waits}"
        yield Step(event.kind, f"{_clock(event.seen)}: {what}; {told}", ok=mail is not None)
        if mail is not None:
            mails_told[mail.number] = mail
    if matched is not None and matched.mail is not None:
        mails_told.pop(matched.mail.number, None)
    for mail in mails_told.values():
        yield from _mail(mail)


def _of_reviews(made: Sequence[MadeMail]) -> list[ReviewTrace]:
    steps: dict[str, list[Step]] = {}
    for mail in made:
        steps.setdefault(mail.watch.removeprefix(reviews.watch_of("")), []).extend(_mail(mail))
    return [ReviewTrace(id_, tuple(taken)) for id_, taken in steps.items()]


def _mail(mail: MadeMail | None) -> Iterator[Step]:
    if mail is None:
        return
    of_articles = f", of {mail.articles} articles" if mail.articles else ""
    yield Step("mail", f"{mail.number}, made {_clock(mail.made)}{of_articles}: “{mail.subject}”")
    for copy in mail.deliveries:
        yield _delivered(copy)


def _clauses(tree: Node, article: EvidenceOf, zone: str) -> Iterator[Step]:
    for clause in tree.children if isinstance(tree, And) else (tree,):
        said = expression(clause)
        if isinstance(clause, Not):
            there = Witness(clause.child, zone).of(article)
            found = f", which is there: {_places(there)}" if there else ""
            yield Step("clause", said + found, ok=predicate(clause, ZoneInfo(zone))(article.terms))
            continue
        holds = predicate(clause, ZoneInfo(zone))(article.terms)
        places = _places(Witness(clause, zone).of(article)) if holds else ""
        yield Step("clause", f"{said}: {places or ('it holds' if holds else 'not in the article')}", ok=holds)


def _places(parts: Sequence[Sequence[Evidence]]) -> str:
    found = [one for part in parts for one in part]
    said = [f"{one.field} “{one.value[start:end]}”" for one in found for start, end in one.spans]
    shown = list(dict.fromkeys(said))
    more = f" and {len(shown) - _PLACES_SHOWN} more" if len(shown) > _PLACES_SHOWN else ""
    return ", ".join(shown[:_PLACES_SHOWN]) + more


def _unmatched(tx: Connection, watch: Watch, record: Record, state: WatchState | None) -> Step:
    """Why an article that the query matches was not matched."""
    for one in match_quarantine.every(tx):
        if one.watch == watch.id and one.article in (record.id, EVERY_ARTICLE):
            return Step("matched", f"not yet, by a fault of presswatch: {one.reason}", ok=False)
    if state is None or state.cursor < record.news_seq:
        return Step("matched", "not yet; the daemon matches it within seconds when it runs", ok=False)
    return Step(
        "matched",
        "no: when it became news the watch was not there, was switched off, or looked for something else",
        ok=False,
    )


def _told(
    tx: Connection,
    config: Config,
    watch: Watch,
    record: Record,
    matched: Matched,
    state: WatchState | None,
    now: datetime,
) -> Iterator[Step]:
    age = config.max_age(watch)
    if matched.late:
        old = is_late(record, age)
        why = f"older than max_age ({say_duration(age)}) when first seen" if old else "passed over on request"
        counted = f"; counted in mail {matched.mail.number}" if matched.mail else ""
        yield Step("late", f"{why}: not told of{counted}", ok=False)
    elif matched.mail is None and not watch.tells.matches:
        yield Step("mail", "none: the watch tells of no new articles (tells.matches: false)", ok=False)
    elif matched.mail is None:
        yield Step("mail", f"none yet: {_waits(tx, config, watch, state, now)}", ok=False)
    yield from _mail(matched.mail)


def _waits(tx: Connection, config: Config, watch: Watch, state: WatchState | None, now: datetime) -> str:
    if state is not None and state.is_paused(now):
        assert state.paused_until is not None
        endless = state.paused_until >= alerts.FOR_EVER
        until = f"somebody resumes it (presswatch watches resume {watch.id})"
        return f"the watch is paused until {until if endless else _clock(state.paused_until)}"
    chosen = choices.current(tx, watch.id, now)
    if all(choices.asked_for_none(chosen, address(one)) for one in watch.recipients):
        return f"every recipient paused or ended its mails (presswatch watches show {watch.id})"
    mailed = alerts.mailed_since(tx, watch.id, now - timedelta(days=1))
    zone = watch.time_zone or config.time_zone
    if is_held_back(watch.quiet, zone, None, mailed, now):
        return "it is quiet now (quiet)"
    if is_held_back(None, zone, watch.at_most, mailed, now):
        return f"there were as many mails as there may be (at_most: {watch.at_most})"
    if watch.window is not None:
        return f"the next is made {_clock(next_slot(watch.window, now))}"
    at_once = config.collecting(watch)
    assert at_once.collect is not None
    assert at_once.gap is not None
    gap = say_duration(at_once.gap)
    return f"it is collected for {say_duration(at_once.collect)}, and {gap} from the mail before"


def _delivered(copy: Delivered) -> Step:
    said = f" ({copy.said})" if copy.said else ""
    match copy.state:
        case DeliveryState.SENT:
            taken = f", written to {copy.path}" if copy.path else ", the server took it"
            return Step("sent", f"to {copy.recipient} {_clock(copy.sent)}{taken}")
        case DeliveryState.FAILED:
            return Step("sent", f"to {copy.recipient}: given up{said}", ok=False)
        case DeliveryState.WITHHELD:
            return Step("sent", f"to {copy.recipient}: withheld{said}", ok=False)
        case _:
            tries = f"; tried {copy.attempts} times" if copy.attempts else ""
            return Step(
                "sent", f"to {copy.recipient}: waits until {_clock(copy.next_attempt)}{tries}{said}", ok=False
            )


def _clock(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC" if instant else "never"
