"""Articles as files of text, one after the other, however many: JSON Lines, CSV, feeds, references."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from email.utils import format_datetime
from itertools import chain
from types import MappingProxyType
from typing import Literal
from urllib.parse import urljoin

from presswatch import csv_cells
from presswatch.model import Document, to_json
from presswatch.outlet_facts import OutletFacts
from presswatch.search import atom, json_feed, ris
from presswatch.search.xml_text import element
from presswatch.text import exact

COLUMNS = (
    "time",
    "source",
    "source_name",
    "language",
    "title",
    "author",
    "section",
    "summary",
    "url",
    "tag",
    "origin",
    "story",
    "first_seen",
    "revised",
    "marked",
    "collection",
    "note",
    "id",
    "text",
    "country",
    "kind",
    "reach",
)
# By which spreadsheets know that a file is UTF-8.
_BYTE_ORDER_MARK = "\ufeff"

# RSS asks for an address; this is where the pages are by default.
_HOME = "http://127.0.0.1:8484/"
# So much of a text stands for a summary.
_BEGINNING = 500

ExportFormat = Literal["jsonl", "csv", "atom", "rss", "json", "ris"]
MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType(
    {
        "jsonl": "application/x-ndjson",
        "csv": "text/csv",
        "atom": "application/atom+xml",
        "rss": "application/rss+xml",
        "json": json_feed.MEDIA_TYPE,
        "ris": ris.MEDIA_TYPE,
    }
)
# What people call them.
NAMES: Mapping[ExportFormat, str] = MappingProxyType(
    {
        "jsonl": "JSON Lines",
        "csv": "CSV",
        "atom": "Atom",
        "rss": "RSS",
        "json": "JSON Feed",
        "ris": "RIS",
    }
)
_ENDINGS: Mapping[ExportFormat, str] = MappingProxyType({"atom": "xml", "rss": "xml", "json": "feed.json"})


def file_ending(format_: ExportFormat) -> str:
    """What the name of such a file ends with, behind a dot."""
    return _ENDINGS.get(format_, format_)


@dataclass(frozen=True, slots=True)
class Exported(Document):
    """An article with what the configuration says of its outlets now; `reach` is that of the largest."""

    country: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    reach: int | None = None


_OF_DOCUMENT = tuple(field.name for field in fields(Document))


def with_facts(documents: Iterable[Document], outlets: Iterable[OutletFacts]) -> Iterator[Exported]:
    """The articles with the facts of their outlets."""
    known = {exact(one.source): one for one in outlets}
    for document in documents:
        own = [known[exact(source)] for source in document.source if exact(source) in known]
        yield Exported(
            **{name: getattr(document, name) for name in _OF_DOCUMENT},
            country=tuple(dict.fromkeys(one.country for one in own if one.country)),
            kind=tuple(dict.fromkeys(one.kind for one in own if one.kind)),
            reach=max((one.reach for one in own if one.reach is not None), default=None),
        )


def serialise(
    documents: Iterable[Document],
    format_: ExportFormat,
    title: str,
    now: datetime,
    outlets: Iterable[OutletFacts] = (),
    home: str = "",
) -> Iterator[str]:
    """The articles in this form, a piece of text each.

    `title` names a feed made `now`, `home` is the address of a page that shows the same.
    """
    match format_:
        case "jsonl":
            return (f"{to_json(document)}\n" for document in with_facts(documents, outlets))
        case "csv":
            return chain([_BYTE_ORDER_MARK], as_csv(with_facts(documents, outlets), COLUMNS))
        case "atom":
            return atom.feed(feed_id(title), title, now, map(_marked_entry, documents), home)
        case "rss":
            return _rss(documents, title, now, home)
        case "json":
            return json_feed.feed(title, map(_marked_entry, documents), home)
        case "ris":
            return ris.references(documents)


def as_csv(documents: Iterable[Document], columns: Iterable[str]) -> Iterator[str]:
    """A head and a row an article (RFC 4180). No cell is a formula: what would be has ' before it."""
    columns = list(columns)
    yield _row(columns)
    for document in documents:
        yield _row([_cell(getattr(document, name)) for name in columns])


def csv_row(values: Iterable[object]) -> str:
    """A row of such a file, of any values."""
    return _row([_cell(value) for value in values])


def _row(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    cell = "; ".join(value) if isinstance(value, tuple) else str(value or "")
    return csv_cells.harmless(cell)


def _rss(documents: Iterable[Document], title: str, now: datetime, home: str) -> Iterator[str]:
    """RSS 2.0 (https://www.rssboard.org/rss-specification), with the authors of Dublin Core."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>\n'
    yield (
        element("title", title)
        + element("link", home or _HOME)
        + element("description", f"presswatch: {title}")
    )
    yield element("lastBuildDate", format_datetime(now, usegmt=True)) + element("generator", "presswatch")
    for document in documents:
        yield "<item>\n" + "".join(_item(document)) + "</item>\n"
    yield "</channel></rss>\n"


def _item(document: Document) -> Iterator[str]:
    yield element("title", document.title or document.url)
    yield element("link", document.url)
    yield element("guid", document.id, isPermaLink="false")
    yield element("pubDate", format_datetime(document.time, usegmt=True))
    yield element("description", _summary(document))
    # RSS's own author is a mail address.
    yield from (element("dc:creator", name) for name in document.author)
    yield from (element("category", name) for name in (document.section, *document.tag) if name)
    yield from (element("category", name, domain=atom.MARKED) for name in document.marked)
    yield from (element("category", name, domain=atom.COLLECTION) for name in document.collection)
    outlet = urljoin(document.url, "/")
    yield from (element("source", name, url=outlet) for name in (document.source_name or document.source)[:1])
    yield from map(atom.note, document.note)


def _summary(document: Document) -> str:
    """What it says of itself, or the beginning of its text, cut between words where it has any."""
    if document.summary or len(document.text) <= _BEGINNING:
        return document.summary or document.text
    beginning = document.text[:_BEGINNING]
    whole = beginning[: max(beginning.rfind(" "), beginning.rfind("\n"), 0)].rstrip()
    return (whole if len(whole) > _BEGINNING // 2 else beginning) + "…"


def feed_id(query: str) -> str:
    """The id of the feed of a search: a URI, and the same for the same query."""
    return f"urn:presswatch:search:{hashlib.sha256(query.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def atom_entry(document: Document) -> atom.Entry:
    """The article as an entry of an Atom feed, without what the desk put on it: others may read a feed."""
    return atom.Entry(
        id=f"urn:presswatch:article:{document.id}",
        title=document.title or document.url,
        link=document.url,
        updated=document.revised,
        published=document.time,
        authors=(*document.author, *(document.source_name or document.source)),
        summary=_summary(document),
        language=document.language,
        image=document.image,
        tags=document.tag,
    )


def _marked_entry(document: Document) -> atom.Entry:
    marked, collections = document.marked, document.collection
    return replace(atom_entry(document), marked=marked, collections=collections, notes=document.note)
