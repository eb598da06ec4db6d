"""The one table of the fields that a query can name.

Every name is also the name of the attribute of `presswatch.model.Document` and of the field in every index.
"""

from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """How a field is compared."""

    ANALYSED = "analysed"
    EXACT = "exact"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """`many`: the document has a tuple of values, of which any may match. `matches` is for people."""

    name: str
    kind: FieldKind
    matches: str
    many: bool = False


_ALL = (
    Field("title", FieldKind.ANALYSED, "words of the headline"),
    Field("summary", FieldKind.ANALYSED, "words of the summary"),
    Field("text", FieldKind.ANALYSED, "words of the article's text"),
    Field("author", FieldKind.ANALYSED, "words of one author's name", many=True),
    Field("editor", FieldKind.ANALYSED, "words of the editor's name"),
    Field("origin", FieldKind.ANALYSED, "words of the outlet or agency the article was taken from"),
    Field("section", FieldKind.ANALYSED, "words of the section's name"),
    Field("source", FieldKind.EXACT, "the id of any source that found the article", many=True),
    Field("tag", FieldKind.EXACT, "one whole tag", many=True),
    Field("language", FieldKind.EXACT, "the language's two-letter code"),
    Field("url", FieldKind.EXACT, "the whole canonical address"),
    Field("domain", FieldKind.EXACT, "the host, without www., with its port if it has an unusual one"),
    Field("story", FieldKind.EXACT, "the id of the story; for search only"),
    Field("published", FieldKind.DATE, "when the outlet says that it published"),
    Field("first_seen", FieldKind.DATE, "when it was first fetched"),
    Field("revised", FieldKind.DATE, "when the newest revision was fetched"),
    Field("time", FieldKind.DATE, "published where it is believed, else first_seen"),
)

FIELDS: dict[str, Field] = {field.name: field for field in _ALL}

# A word or phrase without a field is looked for in these.
DEFAULT_FIELDS = ("title", "summary", "text")

# What `has:` can ask for; the values of `Document.has`.
HAS = (
    "author",
    "editor",
    "image",
    "origin",
    "published",
    "related",
    "section",
    "summary",
    "tag",
    "text",
)


def fields_of(kind: FieldKind) -> tuple[str, ...]:
    """The names of all fields of this kind, in the table's order."""
    return tuple(field.name for field in FIELDS.values() if field.kind is kind)
