"""The one table of the fields that a query can name.

From it are derived what `presswatch.document` reads of a record, the tables of the embedded index, the
mapping of Elasticsearch, the matcher of watches, and the test of docs/search.md. A field's name is also the
name of its attribute of `presswatch.model.Document` and of the field in every index.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from presswatch import text
from presswatch.model import Article, Marks
from presswatch.urls import without_www

Value = str | tuple[str, ...] | datetime | None

_USUAL_PORTS = {"http": 80, "https": 443}


class FieldKind(StrEnum):
    """How a field is compared."""

    ANALYSED = "analysed"
    EXACT = "exact"
    DATE = "date"
    NUMBER = "number"


class Indexable(Protocol):
    """What the values are read from: `presswatch.model.Record` has it, and what the archive's feed loads."""

    @property
    def id(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def story(self) -> str: ...
    @property
    def sources(self) -> tuple[str, ...]: ...
    @property
    def source_tags(self) -> tuple[str, ...]: ...
    @property
    def source_names(self) -> tuple[str, ...]: ...
    @property
    def revision(self) -> int: ...
    @property
    def vanished(self) -> datetime | None: ...
    @property
    def first_seen(self) -> datetime: ...
    @property
    def revised(self) -> datetime: ...
    @property
    def time(self) -> datetime: ...
    @property
    def article(self) -> Article: ...
    @property
    def marks(self) -> Marks: ...


@dataclass(frozen=True, slots=True)
class Field:
    """`value` gives the document's value of it: a text, with `many` a tuple of texts of which any may match,
    or for a date an aware instant or None. It is None where the document itself tells, of its other fields.
    `matches` is for people.
    """

    name: str
    kind: FieldKind
    matches: str
    value: Callable[[Indexable], Value] | None
    many: bool = False


def _composed(value: str) -> str:
    """Unicode NFC, so that a letter is one character whatever way the page spelt it."""
    return unicodedata.normalize("NFC", value)


def _all_composed(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_composed, values))


def _language(record: Indexable) -> str:
    """The article's language cut to its first part ("en-GB" to "en"), or else recognised from its text."""
    article = record.article
    stated = article.language.replace("_", "-").split("-")[0].lower()
    return stated or text.language(_composed(f"{article.title}\n{article.summary}\n{article.text}"))


def _domain(record: Indexable) -> str:
    """The host without `www.`, with its port where that is not the scheme's usual one."""
    parts = urlsplit(record.url)
    host = without_www(parts.hostname or "")
    usual = parts.port is None or parts.port == _USUAL_PORTS.get(parts.scheme)
    return host if usual else f"{host}:{parts.port}"


def _tags(record: Indexable) -> tuple[str, ...]:
    """The article's tags, then those of its sources."""
    return tuple(dict.fromkeys(_all_composed((*record.article.tags, *record.source_tags))))


def _published(record: Indexable) -> datetime | None:
    published = record.article.published
    return published.instant if published else None


_ANALYSED, _EXACT, _DATE = FieldKind.ANALYSED, FieldKind.EXACT, FieldKind.DATE
_NUMBER = FieldKind.NUMBER
_ALL = (
    Field("title", _ANALYSED, "words of the headline", lambda of: _composed(of.article.title)),
    Field("summary", _ANALYSED, "words of the summary", lambda of: _composed(of.article.summary)),
    Field("text", _ANALYSED, "words of the article's text", lambda of: _composed(of.article.text)),
    Field(
        "author",
        _ANALYSED,
        "words of one author's name",
        lambda of: _all_composed(of.article.authors),
        many=True,
    ),
    Field("editor", _ANALYSED, "words of the editor's name", lambda of: _composed(of.article.editor)),
    Field(
        "origin",
        _ANALYSED,
        "words of the outlet or agency the article was taken from",
        lambda of: _composed(of.article.origin),
    ),
    Field("section", _ANALYSED, "words of the section's name", lambda of: _composed(of.article.section)),
    Field("opening", _ANALYSED, "the first 100 words of the article's text", None),
    Field(
        "note",
        _ANALYSED,
        "words of one note that somebody of the desk wrote on the article",
        lambda of: _all_composed(of.marks.notes),
        many=True,
    ),
    Field(
        "source",
        _EXACT,
        "the id of the source whose own article it is: its outlet",
        lambda of: of.sources,
        many=True,
    ),
    Field(
        "tag",
        _EXACT,
        "one whole tag: of the article, or of its source (`tags:` in its file)",
        _tags,
        many=True,
    ),
    Field(
        "marked",
        _EXACT,
        "one whole tag that somebody of the desk put on the article",
        lambda of: _all_composed(of.marks.tags),
        many=True,
    ),
    Field(
        "collection",
        _EXACT,
        "the whole name of a collection that the article is in",
        lambda of: _all_composed(of.marks.collections),
        many=True,
    ),
    Field("language", _EXACT, "the language's two-letter code", _language),
    Field("url", _EXACT, "the whole canonical address", lambda of: of.url),
    Field("domain", _EXACT, "the host, without www., with its port if it has an unusual one", _domain),
    Field("story", _EXACT, "the id of the story; for search only", lambda of: of.story),
    Field("published", _DATE, "when the outlet says that it published", _published),
    Field("first_seen", _DATE, "when it was first fetched", lambda of: of.first_seen),
    Field("revised", _DATE, "when the newest revision was fetched", lambda of: of.revised),
    # Cut to the second, as every engine orders by it.
    Field(
        "time",
        _DATE,
        "published where it is believed, else first_seen",
        lambda of: of.time.replace(microsecond=0),
    ),
    Field("words", _NUMBER, "how many words the text has, as in `words:>300`, `words:[100 TO 300]`", None),
)

FIELDS: dict[str, Field] = {field.name: field for field in _ALL}

# What a document tells of its other fields, so that nobody keeps it.
DERIVED = tuple(name for name, field in FIELDS.items() if field.value is None)

# A word or phrase without a field is looked for in these.
DEFAULT_FIELDS = ("title", "summary", "text")
# And one that `lead:` asks for in these.
LEAD_FIELDS = ("title", "summary", "opening")

# What `has:` can ask for, the values of `Document.has`: the article has it where this is not empty.
HAS: dict[str, Callable[[Indexable], object]] = {
    "author": lambda of: of.article.authors,
    "collection": lambda of: of.marks.collections,
    "editor": lambda of: of.article.editor,
    "image": lambda of: of.article.image,
    "marked": lambda of: of.marks.tags,
    "note": lambda of: of.marks.notes,
    "origin": lambda of: of.article.origin,
    "published": lambda of: of.article.published,
    "related": lambda of: of.article.related,
    "section": lambda of: of.article.section,
    "summary": lambda of: of.article.summary,
    "tag": _tags,
    "text": lambda of: of.article.text.strip(),
}


def fields_of(kind: FieldKind) -> tuple[str, ...]:
    """The names of all fields of this kind, in the table's order."""
    return tuple(field.name for field in FIELDS.values() if field.kind is kind)
