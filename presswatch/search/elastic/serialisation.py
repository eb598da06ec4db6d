"""A document as the cluster keeps it."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from presswatch import text
from presswatch.model import Document, from_json
from presswatch.query.evaluation import acronyms_anywhere, spellings_anywhere, tokens_anywhere
from presswatch.query.fields import DERIVED, FieldKind, fields_of
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.stems import FIELD as STEM
from presswatch.search.stems import stem_values

_EXACT = fields_of(FieldKind.EXACT)


def to_source(document: Document) -> dict[str, Any]:
    """The document as it is indexed: exact fields folded, and kept as they are shown beside."""
    source = asdict(document)
    shown = {name: source[name] for name in _EXACT}
    for name in _EXACT:
        value = source[name]
        source[name] = text.exact(value) if isinstance(value, str) else [text.exact(one) for one in value]
    differing = {name: value for name, value in shown.items() if _listed(value) != source[name]}
    plain = {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in source.items()
    }
    spelled = spellings_anywhere(document)
    return {
        **plain,
        **{name: getattr(document, name) for name in DERIVED},
        "shown": differing,
        STEM: stem_values(tokens_anywhere(document) | spelled, document.language),
        ACRONYM: sorted(acronyms_anywhere(document)),
        SPELLING: sorted(spelled),
    }


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def from_source(source: dict[str, Any]) -> Document:
    """The document that `to_source` made it of."""
    shown = source.pop("shown")
    return from_json(Document, json.dumps(source | shown))
