"""Why a watch told of an article, or did not: the article's whole way, from a link to the server's answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from presswatch.model import LinkKind, Precision, Record
from presswatch.page_kinds import page_kind
from presswatch.query import expression, parse
from presswatch.query.predicate import predicate
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import And, Node, Not
from presswatch.query.witness import Evidence, EvidenceOf, Witness
from presswatch.schedule import next_slot
from presswatch.translatable import Translatable
from presswatch.watches.audience import address
from presswatch.watches.event_words import Happening, details, headline
from presswatch.watches.match import in_scope, is_record_late
from presswatch.watches.spikes import hour_of
from presswatch.watches.windows import is_held_back
from presswatch.watches.wording import Wording

_PLACES_SHOWN = 4
_KINDS = {
    LinkKind.LISTING: Translatable("the listing"),
    LinkKind.FEED: Translatable("the feed"),
    LinkKind.SITEMAP: Translatable("the sitemap"),
    LinkKind.RELATED: Translatable("the related links of"),
    LinkKind.GIVEN: Translatable("by hand"),
}
_STATES = {
    UrlState.REFUSED: Translatable("may not be fetched"),
    UrlState.GONE: Translatable("gone"),
    UrlState.FAILING: Translatable("failing"),
    UrlState.QUARANTINED: Translatable("quarantined"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One station: what happened there; `ok` is False where the way ended or waits. `at` (UTC) is when, None
    where nobody knows; people are not told it where `said` tells it."""

    stage: str
    said: Translatable
    ok: bool = True
    at: datetime | None = None


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


def trace(
    archive: Archive,
    config: Config,
    address: str,
    watch: str | None,
    now: datetime,
    language: str = "en",
) -> Trace:
    """What became of the page at an address, or of the article with that id.

    What happened to it is worded in `language`, as mails word it.
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
        words = Wording(language, is_html=False)
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
                words,
            )
            for one in chosen
        ]
        gone = sorted((matched.keys() | noted.keys()) - {one.id for one in config.watches})
        told += [
            _of_gone(config, id_, record, matched.get(id_), noted.get(id_, []), words)
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
        said = Translatable(
            "%(time)s by %(source)s, %(kind)s %(page)s",
            time=first.first_seen,
            source=first.source,
            kind=_KINDS[first.kind],
            page=first.page,
        )
        if first.title:
            said = Translatable("%(found)s as “%(title)s”", found=said, title=first.title)
        yield Step("found", _with(said, _other_links(len(links) - 1)), at=first.first_seen)
    elif not pages:
        said = Translatable("no page that was read links to it, and nobody asked for it")
        yield Step("found", said, ok=False)
    for page in pages:
        if not page.scope:
            yield _of_fetch(page)


def _other_links(number: int) -> Translatable | None:
    return (
        Translatable.counted("and %(num)s other link", "and %(num)s other links", number) if number else None
    )


def _with(said: Translatable, further: str | None) -> Translatable:
    """What is said, with what is added to it in parentheses."""
    return Translatable("%(said)s (%(further)s)", said=said, further=further) if further else said


def _then(*said: str | None) -> Translatable:
    """What is said one after another; what is None or empty is not."""
    parts = [one for one in said if one]
    told = Translatable("%(said)s", said=parts[0])
    for one in parts[1:]:
        told = Translatable("%(said)s; %(then)s", said=told, then=one)
    return told


def _of_fetch(page: KnownUrl) -> Step:
    again = Translatable("next %(time)s", time=page.next_fetch) if page.next_fetch else None
    match page.state:
        case UrlState.SETTLED:
            said = Translatable.counted(
                "%(time)s, %(num)s time in all",
                "%(time)s, %(num)s times in all",
                page.visits,
                time=_instant(page.fetched),
            )
            return Step("fetched", said, at=page.fetched)
        case UrlState.REJECTED:
            said = Translatable(
                "%(time)s: no article but %(kind)s", time=_instant(page.fetched), kind=page_kind(page.kind)
            )
            return Step("fetched", _with(said, page.reason), ok=False, at=page.fetched)
        case UrlState.PENDING:
            source = ", ".join(page.waiting) or page.source
            waits = Translatable("not yet; waits for a run of %(source)s", source=source)
            return Step("fetched", _then(waits, again), ok=False)
        case _:
            said = _then(_STATES[page.state], _tried(page), page.reason, again)
            return Step("fetched", said, ok=False, at=page.tried)


def _tried(page: KnownUrl) -> Translatable | None:
    if page.tried is None:
        return None
    return Translatable.counted(
        "tried %(time)s, once",
        "tried %(time)s, %(num)s times in a row",
        page.attempts,
        time=page.tried,
    )


def _of_article(record: Record | None, asked: str) -> Iterator[Step]:
    if record is None:
        yield Step("article", Translatable("none is in the archive"), ok=False)
        return
    named = Translatable("“%(title)s” (%(id)s)", title=record.article.title, id=record.id)
    lives = Translatable("lives at %(url)s", url=record.url) if record.url != asked else None
    seen = Translatable(
        "first seen %(time)s by %(sources)s", time=record.first_seen, sources=", ".join(record.found_by)
    )
    revision = Translatable("revision %(number)s", number=record.revision)
    yield Step("article", _then(named, lives, seen, revision), at=record.first_seen)
    published = record.article.published
    if published is None:
        yield Step("published", Translatable("its page names no time"), at=record.first_seen)
    elif published.precision is Precision.DAY:
        yield Step("published", Translatable("%(day)s, to the day", day=f"{published.instant:%Y-%m-%d}"))
    else:
        said = Translatable("%(time)s, to the minute", time=published.instant)
        yield Step("published", said, at=published.instant)
    if record.vanished:
        yield Step("vanished", Translatable("%(time)s", time=record.vanished), at=record.vanished)
    if record.story != record.id:
        began = Translatable("%(id)s, which began with another article", id=record.story)
        yield Step("story", began, at=record.first_seen)


def _of_watch(
    tx: Connection,
    config: Config,
    watch: Watch,
    record: Record,
    matched: Matched | None,
    noted: Sequence[Noted],
    state: WatchState | None,
    now: datetime,
    words: Wording,
) -> WatchTrace:
    zone = watch.time_zone or config.time_zone
    tree = parse(watch.query, purpose="watch", saved=config.saved_queries).tree
    article = EvidenceOf(DocumentTerms(document(record)))
    matches = predicate(tree, ZoneInfo(zone))(article.terms)
    steps = []
    if not watch.enabled:
        steps.append(Step("watch", Translatable("it is switched off (enabled: false)"), ok=False, at=now))
    if not in_scope(watch, record.sources):
        only = Translatable("it is only about %(sources)s", sources=", ".join(watch.sources))
        steps.append(Step("sources", only, ok=False, at=now))
    # What was not matched is looked at now.
    steps += _clauses(tree, article, zone, matched.matched if matched else now)
    if matched is None:
        if matches and in_scope(watch, record.sources) and watch.enabled:
            steps.append(replace(_unmatched(tx, watch, record, state), at=now))
    else:
        steps.append(_matched(matched))
        steps += _told(tx, config, watch, record, matched, state, now)
    if noted:
        steps += _happened(config, record, matched, noted, _waits(tx, config, watch, state, now), words)
    return WatchTrace(watch.id, matches, tuple(steps))


def _of_gone(
    config: Config,
    watch_id: str,
    record: Record,
    matched: Matched | None,
    noted: Sequence[Noted],
    words: Wording,
) -> WatchTrace:
    """What is known of a watch that is no longer configured."""
    steps = [Step("watch", Translatable("it was removed since, or has another id now"), ok=False)]
    if matched is not None:
        steps.append(_matched(matched))
        if matched.late:
            late = Translatable("old when first seen, or passed over: not told of")
            steps.append(Step("late", late, ok=False, at=matched.matched))
        steps += _mail(matched.mail)
    is_gone = Translatable("the watch is not there any more")
    steps += _happened(config, record, matched, noted, is_gone, words)
    return WatchTrace(watch_id, matches=matched is not None, steps=tuple(steps))


def _matched(matched: Matched) -> Step:
    said = Translatable("%(time)s, revision %(number)s", time=matched.matched, number=matched.revision)
    return Step("matched", said, at=matched.matched)


def _happened(
    config: Config,
    record: Record,
    matched: Matched | None,
    noted: Sequence[Noted],
    waits: Translatable,
    words: Wording,
) -> Iterator[Step]:
    """The events, each with the mail that told of it, and what became of those mails."""
    names = {source.id: source.name for source in config.sources}
    mails_told: dict[int, MadeMail] = {}
    for event, mail in ((one.event, one.mail) for one in noted):
        about = record if event.article is not None else None
        happening = Happening(event, about, names.get(record.source, record.source))
        more = "; ".join(details(happening, "UTC", words))
        what = headline(happening, words) + (f" ({more})" if more else "")
        seen = Translatable("%(time)s: %(what)s", time=event.seen, what=what)
        told = (
            Translatable("told in mail %(number)s", number=str(mail.number))
            if mail
            else Translatable("not told yet: %(reason)s", reason=waits)
        )
        yield Step(event.kind, _then(seen, told), ok=mail is not None, at=event.seen)
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
    told = {"number": str(mail.number), "time": mail.made, "subject": mail.subject}
    if mail.articles:
        said = Translatable.counted(
            "%(number)s, made %(time)s, of %(num)s article: “%(subject)s”",
            "%(number)s, made %(time)s, of %(num)s articles: “%(subject)s”",
            mail.articles,
            **told,
        )
    else:
        said = Translatable("%(number)s, made %(time)s: “%(subject)s”", **told)
    yield Step("mail", said, at=mail.made)
    for copy in mail.deliveries:
        yield _delivered(copy, mail.made)


def _clauses(tree: Node, article: EvidenceOf, zone: str, at: datetime) -> Iterator[Step]:
    for clause in tree.children if isinstance(tree, And) else (tree,):
        said = expression(clause)
        if isinstance(clause, Not):
            there = Witness(clause.child, zone).of(article)
            told = Translatable("%(clause)s", clause=said)
            if there:
                told = Translatable(
                    "%(clause)s, which is there: %(places)s", clause=said, places=_places(there)
                )
            yield Step("clause", told, ok=predicate(clause, ZoneInfo(zone))(article.terms), at=at)
            continue
        holds = predicate(clause, ZoneInfo(zone))(article.terms)
        places = _places(Witness(clause, zone).of(article)) if holds else Translatable("not in the article")
        told = Translatable("%(clause)s: %(places)s", clause=said, places=places or Translatable("it holds"))
        yield Step("clause", told, ok=holds, at=at)


def _places(parts: Sequence[Sequence[Evidence]]) -> str:
    found = [one for part in parts for one in part]
    said = [f"{one.field} “{one.value[start:end]}”" for one in found for start, end in one.spans]
    shown = list(dict.fromkeys(said))
    places = ", ".join(shown[:_PLACES_SHOWN])
    if len(shown) <= _PLACES_SHOWN:
        return places
    return Translatable("%(places)s and %(more)s more", places=places, more=len(shown) - _PLACES_SHOWN)


def _unmatched(tx: Connection, watch: Watch, record: Record, state: WatchState | None) -> Step:
    """Why an article that the query matches was not matched."""
    for one in match_quarantine.every(tx):
        if one.watch == watch.id and one.article in (record.id, EVERY_ARTICLE):
            fault = Translatable("not yet, by a fault of presswatch: %(reason)s", reason=one.reason)
            return Step("matched", fault, ok=False)
    if state is None or state.cursor < record.news_seq:
        waits = Translatable("not yet; the daemon matches it within seconds when it runs")
        return Step("matched", waits, ok=False)
    said = Translatable(
        "no: when it became news the watch was not there, was switched off, or looked for something else"
    )
    return Step("matched", said, ok=False)


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
        old = is_record_late(record, age)
        why = (
            Translatable("older than max_age (%(age)s) when first seen: not told of", age=say_duration(age))
            if old
            else Translatable("passed over on request: not told of")
        )
        number = str(matched.mail.number) if matched.mail else ""
        counted = Translatable("counted in mail %(number)s", number=number) if number else None
        yield Step("late", _then(why, counted), ok=False, at=matched.matched)
    elif matched.mail is None and not watch.tells.matches:
        none = Translatable("none: the watch tells of no new articles (tells.matches: false)")
        yield Step("mail", none, ok=False, at=now)
    elif matched.mail is None:
        reason = _waits(tx, config, watch, state, now)
        yield Step("mail", Translatable("none yet: %(reason)s", reason=reason), ok=False, at=now)
    yield from _mail(matched.mail)


def _waits(
    tx: Connection, config: Config, watch: Watch, state: WatchState | None, now: datetime
) -> Translatable:
    if state is not None and state.is_paused(now):
        assert state.paused_until is not None
        if state.paused_until < alerts.FOR_EVER:
            return Translatable("the watch is paused until %(time)s", time=state.paused_until)
        return Translatable(
            "the watch is paused until somebody resumes it (%(command)s)",
            command=f"presswatch watches resume {watch.id}",
        )
    chosen = choices.current(tx, watch.id, now)
    if all(choices.asked_for_none(chosen, address(one)) for one in watch.recipients):
        return Translatable(
            "every recipient paused or ended its mails (%(command)s)",
            command=f"presswatch watches show {watch.id}",
        )
    mailed = alerts.mailed_since(tx, watch.id, now - timedelta(days=1))
    zone = watch.time_zone or config.time_zone
    if is_held_back(watch.quiet, zone, None, mailed, now):
        return Translatable("it is quiet now (quiet)")
    if is_held_back(None, zone, watch.at_most, mailed, now):
        return Translatable(
            "there were as many mails as there may be (at_most: %(most)s)", most=watch.at_most
        )
    if watch.window is not None:
        return Translatable("the next is made %(time)s", time=next_slot(watch.window, now))
    at_once = config.collecting(watch)
    assert at_once.collect is not None
    assert at_once.gap is not None
    return Translatable(
        "it is collected for %(time)s, and %(gap)s from the mail before",
        time=say_duration(at_once.collect),
        gap=say_duration(at_once.gap),
    )


def _delivered(copy: Delivered, made: datetime) -> Step:
    """`made` is when its mail was."""
    told = {"recipient": copy.recipient}
    match copy.state:
        case DeliveryState.SENT:
            sent = Translatable("to %(recipient)s %(time)s", **told, time=_instant(copy.sent))
            taken = (
                Translatable("written to %(path)s", path=copy.path)
                if copy.path
                else Translatable("the server took it")
            )
            return Step("sent", _then(sent, taken), at=copy.sent)
        case DeliveryState.FAILED:
            return Step(
                "sent",
                _with(Translatable("to %(recipient)s: given up", **told), copy.said),
                ok=False,
                at=made,
            )
        case DeliveryState.WITHHELD:
            return Step(
                "sent",
                _with(Translatable("to %(recipient)s: withheld", **told), copy.said),
                ok=False,
                at=made,
            )
        case _:
            waits = Translatable(
                "to %(recipient)s: waits until %(time)s", **told, time=_instant(copy.next_attempt)
            )
            tries = Translatable.counted("tried %(num)s time", "tried %(num)s times", copy.attempts)
            return Step("sent", _with(_then(waits, tries if copy.attempts else None), copy.said), ok=False)


def _instant(instant: datetime | None) -> datetime | Translatable:
    return instant or Translatable("never")
