"""Articles as files: JSON Lines, CSV, Atom and RSS, one after the other, however many there are."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from email.utils import format_datetime
from types import MappingProxyType
from typing import Literal

from presswatch.model import Document, to_json
from presswatch.outlet_facts import OutletFacts
from presswatch.search import atom
from presswatch.search.xml_text import element
from presswatch.text import exact

COLUMNS = (
    "time",
    "source",
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
# With one of these a cell begins a formula in a spreadsheet, which can send what is in it elsewhere.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

# So much of a text stands for a summary.
_BEGINNING = 500

ExportFormat = Literal["jsonl", "csv", "atom", "rss"]
MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType(
    {
        "jsonl": "application/x-ndjson",
        "csv": "text/csv",
        "atom": "application/atom+xml",
        "rss": "application/rss+xml",
    }
)


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
) -> Iterator[str]:
    """The articles in this form, a piece of text each. `title` names a feed made `now`."""
    match format_:
        case "jsonl":
            return (f"{to_json(document)}\n" for document in with_facts(documents, outlets))
        case "csv":
            return as_csv(with_facts(documents, outlets), COLUMNS)
        case "atom":
            return atom.feed(feed_id(title), title, now, map(_marked_entry, documents))
        case "rss":
            return _rss(documents, title, now)


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
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) or cell.startswith(_FORMULA) else cell


def _rss(documents: Iterable[Document], title: str, now: datetime) -> Iterator[str]:
    """RSS 2.0."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>\n'
    yield element("title", title) + element("link", "") + element("description", f"presswatch: {title}")
    yield element("lastBuildDate", format_datetime(now))
    for document in documents:
        yield "<item>\n" + "".join(_item(document)) + "</item>\n"
    yield "</channel></rss>\n"


def _item(document: Document) -> Iterator[str]:
    yield element("title", document.title)
    yield element("link", document.url)
    yield element("guid", document.id, isPermaLink="false")
    yield element("pubDate", format_datetime(document.time))
    yield element("description", _summary(document))
    yield from (element("author", name) for name in document.author)
    yield from (element("category", name) for name in (document.section, *document.tag) if name)
    yield from (element("category", name, domain=atom.MARKED) for name in document.marked)
    yield from (element("category", name, domain=atom.COLLECTION) for name in document.collection)
    yield from (element("source", name, url=document.url) for name in document.source[:1])
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
    )


def _marked_entry(document: Document) -> atom.Entry:
    marked, collections = document.marked, document.collection
    return replace(atom_entry(document), marked=marked, collections=collections, notes=document.note)
