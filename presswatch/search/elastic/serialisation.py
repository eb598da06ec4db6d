"""A document as the cluster keeps it."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from presswatch import text
from presswatch.model import Document, from_json
from presswatch.query.evaluation import acronyms_anywhere, spellings_anywhere, tokens_anywhere, values_of
from presswatch.query.fields import DERIVED, FieldKind, fields_of
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.elastic.mapping import FOLDED
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.stems import FIELD as STEM
from presswatch.search.stems import stem_values

_EXACT = fields_of(FieldKind.EXACT)
# Of a document that has nothing.
_NOTHING: dict[str, Any] = {
    field.name: "" if field.type is str else []
    for field in fields(Document)
    if field.type in (str, tuple[str, ...])
}


def to_source(document: Document) -> dict[str, Any]:
    """The document as it is indexed. What it does not have is left out, so that nobody counts it."""
    spelled = spellings_anywhere(document)
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(document).items()
    }
    source = {
        **plain,
        **{name: getattr(document, name) for name in DERIVED},
        FOLDED: _filled({name: [*map(text.exact, values_of(document, name))] for name in _EXACT}),
        STEM: stem_values(tokens_anywhere(document) | spelled, document.language),
        ACRONYM: sorted(acronyms_anywhere(document)),
        SPELLING: sorted(spelled),
    }
    return _filled(source)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    filled = {name: _without_blanks(value) for name, value in values.items()}
    return {name: value for name, value in filled.items() if value not in (None, "", [])}


def _without_blanks(value: Any) -> Any:
    return [one for one in value if one] if isinstance(value, list | tuple) else value


def from_source(source: dict[str, Any]) -> Document:
    """The document that `to_source` made it of."""
    return from_json(Document, json.dumps(_NOTHING | source))
