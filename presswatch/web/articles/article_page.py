"""The page of an article: what was read of it and from what, its revisions, and what became of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection
from starlette.responses import Response

from presswatch import languages
from presswatch.archive import articles, mails, marks, publisher_signals, related, removals, stories
from presswatch.archive.articles import RevisionHead
from presswatch.archive.mails import Matched
from presswatch.archive.marks import OnArticle
from presswatch.archive.related import Neighbour
from presswatch.archive.removals import Removal
from presswatch.archive.tables import DeliveryState
from presswatch.config import Config
from presswatch.difference import Line, difference
from presswatch.model import (
    Article,
    Completeness,
    LinkKind,
    Moment,
    Page,
    Precision,
    PublisherSignals,
    Record,
    from_json,
)
from presswatch.query import Passage
from presswatch.watches.safe_text import single_line
from presswatch.watches.wording import Wording
from presswatch.web.access import Role
from presswatch.web.articles.article_text import article_text
from presswatch.web.articles.related_graph import related_graph
from presswatch.web.asking import Asked
from presswatch.web.marks import mark_words
from presswatch.web.marks.mark_words import OFFERED, who
from presswatch.web.outlet_words import told

# So many articles of its story, and related ones in each direction, are listed.
_OF_STORY, _RELATED = 20, 60
# And so many lines of a change; nobody reads more.
_LINES = 2_000
# A language as a page may name it (BCP 47), and no other text.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CHANGE = re.compile(r"(\d{1,9})\.\.(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Known:
    """All that a page tells of an article: what other tables of the archive say beside its record."""

    record: Record
    heads: Sequence[RevisionHead]
    signals: PublisherSignals
    page: Page
    story: Sequence[Record]
    led_from: Sequence[Neighbour]
    leads_to: Sequence[Neighbour]
    steps: Mapping[str, str]
    matched: Sequence[Matched]
    put: OnArticle
    tags_offered: Sequence[str]
    collections_offered: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fact:
    """A field that was read of an article: its name, what it says, and by what it was told, "" if unknown."""

    name: str
    value: str
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs between two revisions."""

    name: str
    before: str
    after: str


def article(asked: Asked) -> Response:
    """An article; `q` marks what a query finds in it, `revision` shows an earlier one."""
    id_, number = asked.request.path_params["article"], asked.value("revision")
    with asked.service.archive.reading() as tx:
        record = articles.get(tx, id_)
        if record is None:
            return no_article(asked, removals.removal_of(tx, id_))
        shown = _of_revision(tx, record, number) if number else record
        known = _known(tx, shown) if shown else None
    if known is None:
        return asked.message(404, asked.words.gettext("This revision of the article is not kept."))
    query = asked.value("q").strip()
    text = article_text(known.record, query, asked.config, asked.service.now())
    values = _values(asked, known) | {"query": query, "text": text, "newest": record.revision}
    return asked.page("article", 200, **values)


def revisions(asked: Asked) -> Response:
    """What changed from one revision to another: `/revisions/1..3`, or the fields `older` and `newer`."""
    id_, words = asked.request.path_params["article"], asked.words
    given = asked.request.path_params.get("change") or f"{asked.value('older')}..{asked.value('newer')}"
    with asked.service.archive.reading() as tx:
        record = articles.get(tx, id_)
        if record is None:
            return no_article(asked, removals.removal_of(tx, id_))
        heads = articles.revision_heads(tx, [record.id])[record.id]
        parsed = _CHANGE.fullmatch(given)
        numbers = sorted({int(number) for number in parsed.groups()}) if parsed else []
        chosen = articles.revisions(tx, record.id, numbers)
    if len(chosen) != 2:
        fault = words.gettext("Choose two revisions of this article that are kept.") if given != ".." else ""
        return asked.page(
            "revisions",
            404 if fault else 200,
            record=record,
            heads=heads,
            compared=(),
            fault=fault,
            zone=asked.config.time_zone,
        )
    older, newer = chosen
    lines = difference(older.article, newer.article)
    return asked.page(
        "revisions",
        record=record,
        heads=heads,
        compared=chosen,
        fault="",
        paragraphs=_by_paragraph(lines[:_LINES]),
        more=max(len(lines) - _LINES, 0),
        changes=[*_changes(older.article, newer.article, words, asked.config.time_zone)],
        zone=asked.config.time_zone,
    )


def raw(asked: Asked) -> Response:
    """The kept page of a revision, as it was fetched: to be saved, never to be shown by a browser."""
    id_, number = asked.request.path_params["article"], asked.value("revision")
    part = asked.value("part")
    with asked.service.archive.reading() as tx:
        record = articles.get(tx, id_)
        if record is None:
            return no_article(asked, removals.removal_of(tx, id_))
        try:
            wanted = int(number) if number.isdecimal() and len(number) < 10 else record.revision
            page, _hints = articles.raw_page(tx, record.id, wanted)
        except KeyError:
            return asked.message(404, asked.words.gettext("This revision of the article is not kept."))
    bodies = (page.body, *page.more)
    place = int(part) if part.isdecimal() and len(part) < 5 else 1
    if not page.body or not 0 < place <= len(bodies):
        return asked.message(410, asked.words.gettext("The page that was read here is kept no more."))
    file = f"{record.id}-{wanted}{f'-{place}' if place > 1 else ''}.html"
    headers = {
        "content-disposition": f'attachment; filename="{file}"',
        # Whatever a browser makes of it, it is nobody's page and runs nothing.
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Response(bodies[place - 1], media_type="application/octet-stream", headers=headers)


def no_article(asked: Asked, removal: Removal | None) -> Response:
    """The answer where there is no such article; one that was removed on request is told of."""
    if removal is None:
        return asked.page("no_article", 404, removal=None, zone=asked.config.time_zone)
    # Who asked for it, and why, is no reader's business.
    reason = removal.reason if asked.reader.role >= Role.EDITOR else ""
    return asked.page("no_article", 410, removal=removal, reason=reason, zone=asked.config.time_zone)


def told_time(moment: Moment, words: Wording, zone: str) -> str:
    """A time as a page tells it, no more exactly than there."""
    if moment.precision is Precision.DAY:
        return languages.day(moment.instant, words.language)
    return languages.clock(moment.instant, words.language, zone)


def _told_change(read: Article, words: Wording, zone: str) -> str:
    """When it was changed; "" where that is, as it is told, the same as when it was published."""
    if read.modified is None:
        return ""
    changed = told_time(read.modified, words, zone)
    if read.published is None:
        return changed
    told = {changed, *(languages.day(read.modified.instant, words.language),)}
    return "" if told_time(read.published, words, zone) in told else changed


def _of_revision(tx: Connection, record: Record, number: str) -> Record | None:
    """The article as it was then."""
    wanted = int(number) if number.isdecimal() and len(number) < 10 else 0
    if wanted == record.revision:
        return record
    found = articles.revisions(tx, record.id, [wanted])
    return replace(record, revision=wanted, article=found[0].article) if found else None


def _known(tx: Connection, record: Record) -> Known:
    addresses = (record.url, *record.aliases)
    page, _hints = articles.raw_page(tx, record.id, record.revision)
    return Known(
        record=record,
        heads=articles.revision_heads(tx, [record.id]).get(record.id, []),
        signals=publisher_signals.said_of(tx, record.id),
        page=page,
        story=articles.records(tx, stories.members(tx, record.story)),
        led_from=related.led_from(tx, record.id, addresses),
        leads_to=related.leads_to(tx, record.id, addresses),
        steps=related.articles_at(tx, [step.url for step in record.path]),
        matched=mails.of_article(tx, record.id),
        put=marks.on(tx, [record.id])[record.id],
        tags_offered=marks.recent_tags(tx, OFFERED),
        collections_offered=marks.collection_names(tx, OFFERED),
    )


def _values(asked: Asked, known: Known) -> dict[str, object]:
    config, words, record = asked.config, asked.words, known.record
    read = record.article
    mirrored = languages.direction(words.language) == "rtl"
    of_story = sorted(known.story, key=lambda one: (one.time, one.first_seen))
    return {
        "record": record,
        "article": read,
        "spoken": read.language if _LANGUAGE.fullmatch(read.language) else "",
        "published": told_time(read.published, words, config.time_zone) if read.published else "",
        "modified": _told_change(read, words, config.time_zone),
        "facts": [*_facts(known, words, config.time_zone)],
        "signals": [*_signals(known.signals, words)],
        "entries": known.page.entries,
        "parts": len(known.page.more) + 1 if known.page.body else 0,
        "heads": known.heads,
        "story": of_story[:_OF_STORY],
        "articles_of_story": len(of_story),
        "led_from": known.led_from[:_RELATED],
        "leads_to": known.leads_to[:_RELATED],
        "links": (len(known.led_from), len(known.leads_to)),
        "graph": related_graph(read.title or record.url, known.led_from, known.leads_to, mirrored=mirrored),
        "steps": [(step, known.steps.get(step.url)) for step in record.path],
        "kinds": link_words(words),
        "matched": [(one, config.watch(one.watch), from_json(Passage, one.passage)) for one in known.matched],
        "put": known.put,
        "done": mark_words.done(asked.value("done"), words),
        "can_mark": asked.reader.role >= Role.EDITOR,
        "tags_offered": known.tags_offered,
        "collections_offered": known.collections_offered,
        "who": partial(who, words=words),
        "longest": {"tag": marks.LONGEST_TAG, "name": marks.LONGEST_NAME, "note": marks.LONGEST_NOTE},
        "sees_recipients": asked.reader.role >= Role.EDITOR,
        "may_remove": asked.reader.role >= Role.OPERATOR,
        "states": _delivery_words(words),
        "names": source_names(config),
        "outlet": [*told(source.facts, words)] if (source := config.source(record.source)) else [],
        "lacking": "" if read.completeness is Completeness.FULL else completeness(read.completeness, words),
        "zone": config.time_zone,
    }


def source_names(config: Config) -> dict[str, str]:
    """The sources' names by their ids."""
    return {source.id: source.name for source in config.sources}


def link_words(words: Wording) -> dict[LinkKind, str]:
    """By what an article is found, for people."""
    return {
        LinkKind.LISTING: words.gettext("a listing"),
        LinkKind.FEED: words.gettext("a feed"),
        LinkKind.SITEMAP: words.gettext("a sitemap"),
        LinkKind.RELATED: words.gettext("a related article"),
        LinkKind.GIVEN: words.gettext("somebody, by hand"),
    }


def _delivery_words(words: Wording) -> dict[DeliveryState, str]:
    return {
        DeliveryState.QUEUED: words.gettext("waits to be sent"),
        DeliveryState.SENDING: words.gettext("is being sent"),
        DeliveryState.SENT: words.gettext("sent"),
        DeliveryState.FAILED: words.gettext("given up"),
        DeliveryState.WITHHELD: words.gettext("withheld, as its recipient asked"),
    }


def _facts(known: Known, words: Wording, zone: str) -> Iterator[Fact]:
    """What was read, and what is kept of how it was told."""
    yield from (fact for fact in _fields(known.record.article, words, zone) if fact.value)
    yield Fact(words.gettext("Lives at"), known.record.url)
    if known.record.aliases:
        yield Fact(words.gettext("Also at"), " ".join(known.record.aliases))
    yield Fact(words.gettext("Extractor"), known.record.extractor)


def _fields(read: Article, words: Wording, zone: str) -> Iterator[Fact]:
    """The fields of a reading but summary and text; of what the page does not say with an empty value."""
    yield Fact(words.gettext("Headline"), read.title)
    yield Fact(words.gettext("Shortened headline"), read.title_cut)
    yield Fact(words.gettext("Section"), read.section)
    yield Fact(words.gettext("Authors"), ", ".join(read.authors))
    yield Fact(words.gettext("Editor"), read.editor)
    yield Fact(words.gettext("Taken from"), read.origin)
    yield _moment(words.gettext("Published"), read.published, words, zone)
    yield _moment(words.gettext("Modified"), read.modified, words, zone)
    yield Fact(words.gettext("Language"), read.language)
    yield Fact(words.gettext("Tags"), ", ".join(read.tags))
    yield Fact(words.gettext("Image"), read.image.url if read.image else "")
    yield Fact(words.gettext("Completeness"), completeness(read.completeness, words))


def _moment(name: str, moment: Moment | None, words: Wording, zone: str) -> Fact:
    if moment is None:
        return Fact(name, "")
    told = {"origin": single_line(moment.origin), "said": words.isolated(single_line(moment.raw))}
    if moment.assumed_zone:
        by = words.gettext("%(origin)s says %(said)s, and the zone is that of the source", **told)
    else:
        by = words.gettext("%(origin)s says %(said)s", **told)
    return Fact(name, told_time(moment, words, zone), by)


def completeness(known: Completeness, words: Wording) -> str:
    """How much of the article its page showed, in words."""
    return {
        Completeness.FULL: words.gettext("full"),
        Completeness.PARTIAL: words.gettext("partial: some of its pages could not be had"),
        Completeness.PAYWALLED: words.gettext("behind a paywall: only what is shown to everybody"),
        Completeness.CUT: words.gettext("cut off by its page"),
    }[known]


def _signals(said: PublisherSignals, words: Wording) -> Iterator[str]:
    """What the publisher says of the use of its article."""
    if said.noarchive:
        yield words.gettext("Its publisher does not want it archived (noarchive).")
    if said.noindex:
        yield words.gettext("Its publisher does not want it in search engines (noindex).")
    if said.tdm_reserved:
        yield words.gettext("Its publisher reserves text and data mining.")


def _by_paragraph(lines: Sequence[Line]) -> list[tuple[int, list[Line]]]:
    """The changed lines by the paragraph that they stand in; 0 is headline and summary."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        found.setdefault(line.paragraph, []).append(line)
    return list(found.items())


def _changes(older: Article, newer: Article, words: Wording, zone: str) -> Iterator[Change]:
    """The fields that differ besides headline, summary and text, of which `difference` tells."""
    pairs = zip(_fields(older, words, zone), _fields(newer, words, zone), strict=True)
    for before, after in list(pairs)[1:]:
        if before.value != after.value:
            yield Change(before.name, before.value, after.value)
