"""The search page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from presswatch import languages
from presswatch.archive import marks, saved_searches
from presswatch.archive.signing_key import signing_key
from presswatch.errors import PresswatchError, QueryError, UnavailableError
from presswatch.query import Query, expression, resolve
from presswatch.query.filters import time_clause, with_values
from presswatch.query.tree import Node, Range
from presswatch.search.cursors import CursorError
from presswatch.search.export import NAMES
from presswatch.search.outlet_facets import outlet_facets
from presswatch.search.unknown_values import unknown_values
from presswatch.translatable import Translatable
from presswatch.watches.links import Links
from presswatch.watches.safe_text import single_line, truncate
from presswatch.watches.wording import Wording
from presswatch.web.access import Role
from presswatch.web.asking import Asked
from presswatch.web.marks import mark_words
from presswatch.web.marks.mark_words import OFFERED, who
from presswatch.web.search import facet_list, other_programs, timeline_chart
from presswatch.web.search.facet_list import Facet, Names, Value
from presswatch.web.search.other_programs import PROGRAMS
from presswatch.web.search.search_address import SearchAddress
from presswatch.web.search.story_items import ItemPage, item_page
from presswatch.web.search.timeline_chart import Column

# More sources than this are typed, not chosen: a list of thousands is larger than the rest of the page.
_LISTED_SOURCES = 150
# Of a story unfolded in the page.
_SHOWN_OF_STORY = 5
_LISTED_SEARCHES = 40
# A watch that is made of a search is called by its query.
_NAME_LENGTH = 100
_LISTED_OWN = 10
# Languages that are offered besides those of the sources.
_LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "tr", "uk", "zh")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with what was asked. `field` is that of the form.

    Of the query `before`, `at` and `behind` are its text before, at and behind the place it stumbles at; all
    are empty where no place is known.
    """

    field: str
    reason: str
    before: str = ""
    at: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that narrows the search, and where it is taken away."""

    name: str
    value: str
    path: str


@dataclass(frozen=True, slots=True)
class Around:
    """What is told of the whole result; `trouble` is why it is not."""

    columns: tuple[Column, ...] = ()
    facets: tuple[Facet, ...] = ()
    words: tuple[Value, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a page shows of an answer. `trouble` is why there is none.

    `restarted`: its cursor is not known, so that this is the first page.
    """

    status: int = 200
    page: ItemPage | None = None
    tree: Node | None = None
    trouble: str = ""
    restarted: bool = False
    notices: Sequence[Translatable] = ()


def search(asked: Asked) -> Response:
    """What matches the query `q`; without one the newest articles."""
    address = SearchAddress.from_values(asked.parameters)
    names = Names(asked.config, asked.service.archive, asked.words.language)
    program, changes, fault = asked.value("from"), list[Translatable](), None
    if program:
        address, changes, fault = _converted(address, program)
    query, fault = (None, fault) if fault else understood_of(address, asked)
    found = _found(address, asked) if fault is None else Found(400)
    if found.restarted:
        address = replace(address, after="")
    return asked.page_in_parts(
        "search",
        found.status,
        address=address,
        understood=expression(query.tree) if query and address.query else "",
        notices=[*changes, *(query.notices if query else ()), *found.notices],
        programs=_programs(address, fault, found) if not program else {},
        fault=fault,
        found=found,
        done=mark_words.done(asked.value("done"), asked.words),
        chips=chips_of(address, names, asked.words),
        most_others=_SHOWN_OF_STORY,
        most_saved=_LISTED_SEARCHES,
        around=lambda: _around(found.tree, address, names, asked),
        source_name=names.source,
        choices=_choices(address, asked),
        forms=NAMES,
        feed=feed_of(address, asked) if fault is None else "",
        watch=watch_query(address, asked) if fault is None else "",
        watch_name=truncate(single_line(address.query), _NAME_LENGTH) if address.query != "*" else "",
        zone=asked.config.time_zone,
        searches=asked.config.searches,
        who=partial(who, words=asked.words),
        **_marks(found, asked),
        **_saved(address, asked),
    )


def _marks(found: Found, asked: Asked) -> dict[str, object]:
    """What is on the hits, as the archive has it now, and the names that can be put on them.

    Nothing while the archive is busy: the hits are shown all the same.
    """
    ids = [item.hit.document.id for item in found.page.items] if found.page else []
    is_editor = asked.reader.role >= Role.EDITOR
    try:
        with asked.service.archive.reading() as tx:
            put = marks.on(tx, ids)
            tags = marks.recent_tags(tx, OFFERED) if is_editor and ids else []
            names = marks.collection_names(tx, OFFERED) if is_editor and ids else []
    except UnavailableError:
        put, tags, names = {}, [], []
    return {"put": put, "can_mark": is_editor, "tags_offered": tags, "collections_offered": names}


def _saved(address: SearchAddress, asked: Asked) -> dict[str, object]:
    """The reader's own saved searches that they used last, and the one that is shown, if it is one."""
    here, account = address.saved_as, asked.reader.name
    try:
        with asked.service.archive.reading() as tx:
            mine = saved_searches.of_account(tx, account, count=_LISTED_OWN)
            shown = saved_searches.at(tx, account, here)
    except UnavailableError:
        mine, shown = [], None
    return {"own": mine, "saved": shown, "longest_name": saved_searches.LONGEST_NAME}


def _converted(
    address: SearchAddress, program: str
) -> tuple[SearchAddress, list[Translatable], Fault | None]:
    """The query of another program as one of ours, and what was changed; or why it cannot be read."""
    try:
        made = other_programs.converted(address.query, program)
    except QueryError as error:
        return address, [], _fault(address.query, error)
    return replace(address, query=made.query), other_programs.notices(made), None


def _programs(address: SearchAddress, fault: Fault | None, found: Found) -> dict[str, str]:
    """By name of a program: where the query is read as one of its own. For what may be one."""
    is_doubtful = fault is not None or not (found.page and found.page.total)
    if not address.query or not (is_doubtful or other_programs.looks_foreign(address.query)):
        return {}
    return {
        name: f"{address.behind('').path()}&{urlencode({'from': program})}"
        for program, name in PROGRAMS.items()
    }


def understood_of(address: SearchAddress, asked: Asked) -> tuple[Query | None, Fault | None]:
    """The query, or what is wrong with it or with what narrows it."""
    try:
        query = address.parsed(asked.config.saved_queries)
    except QueryError as error:
        return None, _fault(address.query, error)
    filters = address.filters
    for field, since, until in (("since", filters.since, ""), ("until", "", filters.until)):
        try:
            time_clause(since, until)
        except QueryError as error:
            return query, Fault(field, error.said)
    if filters.since and filters.until and _is_reversed(filters.since, filters.until, asked):
        return query, Fault("order", asked.words.gettext("From is after Until, so that no time is within."))
    try:
        filters.narrow(query, asked.config.saved_queries)
    except QueryError as error:
        return query, Fault("values", error.said)
    return query, None


def _is_reversed(since: str, until: str, asked: Asked) -> bool:
    """Whether the first of two dates, as a query writes them, is after the second one."""
    clause = resolve(time_clause(since, until), asked.service.now(), asked.config.time_zone)
    if not isinstance(clause, Range) or clause.low is None or clause.high is None:
        return False
    return clause.low >= clause.high


def _fault(text: str, error: QueryError) -> Fault:
    at = error.position
    if at is None or not text:
        return Fault("q", error.said)
    # What is missing is missing at the end.
    at = min(at, len(text))
    return Fault("q", error.said, text[:at], text[at : at + 1], text[at + 1 :])


def _found(address: SearchAddress, asked: Asked) -> Found:
    try:
        index = asked.service.index
        tree = address.tree(asked.config, asked.service.archive, asked.service.now())
        restarted = False
        try:
            page = item_page(index, tree, address)
        except CursorError:
            page, restarted = item_page(index, tree, replace(address, after="")), True
        sources = {source.id for source in asked.config.sources}
        notices = unknown_values(index, tree, sources, is_empty=not page.total)
        return Found(page=page, tree=tree, restarted=restarted, notices=notices)
    except UnavailableError as error:
        return Found(503, trouble=error.said)
    except PresswatchError as error:
        return Found(500, trouble=error.said)


def _around(tree: Node | None, address: SearchAddress, names: Names, asked: Asked) -> Around:
    if tree is None:
        return Around()
    try:
        index, zone = asked.service.index, asked.config.time_zone
        columns = timeline_chart.columns(index.timeline(tree, zone), zone, asked.words)
        counted = index.facets(tree, facet_list.VALUES)
        counted |= outlet_facets(index, tree, asked.config.outlets, facet_list.VALUES)
        names.learn_stories(one.value for one in counted.get("story", ()) if one.articles > 1)
        facets = facet_list.facet_list(counted, address, names, asked.words)
        # No word tells more of all articles than of all.
        telling = index.significant(tree, facet_list.VALUES) if address.is_narrow else ()
    except PresswatchError as error:
        return Around(trouble=error.said)
    words = facet_list.significant_words(telling, address)
    return Around(tuple(columns), tuple(facets), words)


def chips_of(address: SearchAddress, names: Names, words: Wording) -> list[Chip]:
    """All that narrows a search beside its query."""
    filters = address.filters
    names.learn_stories(value for field, value in filters.values if field == "story")
    times = (
        (words.gettext("From"), filters.since, address.between("", filters.until)),
        (words.gettext("Until"), filters.until, address.between(filters.since, "")),
    )
    return [
        *(Chip(name, value, without.path()) for name, value, without in times if value),
        *(
            Chip(
                facet_list.field_name(field, words),
                names.of(field, value),
                address.without(field, value).path(),
            )
            for field, value in filters.values
        ),
    ]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers, as pairs of a value and its name; no sources where there are too many to choose.

    `hidden` are the parameters that it passes on as they are.
    """

    source: str
    language: str
    sources: tuple[tuple[str, str], ...]
    languages: tuple[tuple[str, str], ...]
    hidden: tuple[tuple[str, str], ...]


def _choices(address: SearchAddress, asked: Asked) -> Choices:
    values = list(address.filters.values)
    chosen = {field: next((v for f, v in values if f == field), "") for field in ("source", "language")}
    shown = {*chosen.items()}
    sources = {source.id: source.name for source in asked.config.sources}
    if chosen["source"]:
        sources.setdefault(chosen["source"], chosen["source"])
    codes = {source.language for source in asked.config.sources} | {*_LANGUAGES, chosen["language"]}
    spoken = [(code, languages.name_of(code, asked.words.language)) for code in codes if code]
    kept = replace(address, filters=replace(address.filters, since="", until=""), query="", after="")
    return Choices(
        source=chosen["source"],
        language=chosen["language"],
        sources=tuple(sorted(sources.items(), key=lambda one: one[1].casefold()))
        if len(sources) <= _LISTED_SOURCES
        else (),
        languages=tuple(sorted(spoken, key=lambda one: one[1].casefold())),
        hidden=tuple(pair for pair in kept.parameters if pair not in shown),
    )


def feed_of(address: SearchAddress, asked: Asked) -> str:
    """The address of the feed, "" while the archive does not tell the key that signs it."""
    try:
        return Links("", signing_key(asked.service.archive)).search_feed(address.to_json())
    except UnavailableError:
        return ""


def watch_query(address: SearchAddress, asked: Asked) -> str:
    """The query for a watch of this: it looks ahead, and at no story. "" for who may make none."""
    if asked.reader.role < Role.EDITOR or not address.is_narrow:
        return ""
    values = tuple(pair for pair in address.filters.values if pair[0] != "story")
    return with_values(address.query or "*", values)
