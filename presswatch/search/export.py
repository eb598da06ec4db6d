"""Articles as files: JSON Lines, CSV and RSS, one after the other, however many there are."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from presswatch.model import Document, to_json

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
    "id",
    "text",
)
# With one of these a cell begins a formula in a spreadsheet, which can send what is in it elsewhere.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


ExportFormat = Literal["jsonl", "csv", "rss"]


def serialise(
    documents: Iterable[Document], format_: ExportFormat, title: str, now: datetime
) -> Iterator[str]:
    """The articles in this form, a piece of text each. `title` names an RSS feed made `now`."""
    match format_:
        case "jsonl":
            return (f"{to_json(document)}\n" for document in documents)
        case "csv":
            return as_csv(documents, COLUMNS)
        case "rss":
            return _rss(documents, title, now)


def as_csv(documents: Iterable[Document], columns: Iterable[str]) -> Iterator[str]:
    """A head and a row an article (RFC 4180). No cell is a formula: what would be has ' before it."""
    columns = list(columns)
    yield _row(columns)
    for document in documents:
        yield _row([_cell(getattr(document, name)) for name in columns])


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
    yield _element("title", title) + _element("link", "") + _element("description", f"presswatch: {title}")
    yield _element("lastBuildDate", format_datetime(now))
    for document in documents:
        yield "<item>\n" + "".join(_item(document)) + "</item>\n"
    yield "</channel></rss>\n"


def _item(document: Document) -> Iterator[str]:
    yield _element("title", document.title)
    yield _element("link", document.url)
    yield _element("guid", document.id, isPermaLink="false")
    yield _element("pubDate", format_datetime(document.time))
    yield _element("description", document.summary or document.text[:500])
    yield from (_element("author", name) for name in document.author)
    yield from (_element("category", name) for name in (document.section, *document.tag) if name)
    yield from (_element("source", name, url=document.url) for name in document.source[:1])


def _element(name: str, value: str, **attributes: str) -> str:
    written = "".join(f" {key}={quoteattr(attribute)}" for key, attribute in attributes.items())
    return f"<{name}{written}>{escape(_NOT_XML.sub('', value))}</{name}>\n"
