"""Settings and mappings of the index in Elasticsearch, made from the table of fields and the analysis."""

import hashlib
import json
from typing import Any

from presswatch import __version__
from presswatch.query.fields import DERIVED, FIELDS, Field, FieldKind, fields_of
from presswatch.query.limits import MAX_GAPS
from presswatch.search import FACETS, schema_versions
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.stems import FIELD as STEM
from presswatch.text.folding import elasticsearch_char_mappings, elasticsearch_token_pattern

# Lucene takes no term longer than 32,766 bytes; four bytes a character at most.
_LONGEST_TERM = 8_000
_WHOLE = {"type": "keyword", "ignore_above": _LONGEST_TERM}
_DATE = {"type": "date", "format": "strict_date_optional_time"}
# What nobody counts the values of.
_LONG = ("summary", "text", "opening", "note")
# Exact fields once more, folded: the words that a query asks for.
FOLDED = "folded"


def settings(config: ElasticsearchConfig) -> dict[str, Any]:
    """The settings of a new index."""
    # Without a number a single node is green, and a cluster keeps a copy.
    copies = {"auto_expand_replicas": "0-1"}
    return {
        "number_of_shards": config.shards,
        **(copies if config.replicas is None else {"number_of_replicas": config.replicas}),
        "codec": config.codec,
        **({"lifecycle.name": config.lifecycle} if config.lifecycle else {}),
        # Said, so that an index nobody searched for a while is refreshed all the same.
        "refresh_interval": "1s",
        "analysis": _analysis(),
    }


def _analysis() -> dict[str, Any]:
    return {
        "char_filter": {"presswatch": {"type": "mapping", "mappings": elasticsearch_char_mappings()}},
        "tokenizer": {
            "presswatch": {"type": "pattern", "pattern": elasticsearch_token_pattern(), "group": 0}
        },
        "analyzer": {
            "presswatch": {"type": "custom", "char_filter": ["presswatch"], "tokenizer": "presswatch"}
        },
    }


def mappings() -> dict[str, Any]:
    """The mappings of a new index. Unknown fields are refused."""
    fields = {field.name: _field(field) for field in FIELDS.values()}
    other = {
        "id": {"type": "keyword"},
        "seq": {"type": "long"},
        "has": {"type": "keyword"},
        "source_name": _WHOLE,
        "revision": {"type": "integer"},
        "vanished": _DATE,
        "modified": _DATE,
        "published_precision": {"type": "keyword"},
        "published_offset": {"type": "integer"},
        "image": _WHOLE,
        FOLDED: {"properties": {name: _folded(name) for name in fields_of(FieldKind.EXACT)}},
        # Only looked for, never shown, sorted or counted.
        STEM: {"type": "keyword", "doc_values": False},
        SPELLING: {"type": "keyword", "doc_values": False},
        ACRONYM: {"type": "keyword", "doc_values": False},
    }
    return {
        "dynamic": "strict",
        "_meta": {
            # The key is the one that existing indices carry.
            "form": schema_versions.ELASTICSEARCH,
            "presswatch": __version__,
            "analysis": _digest(_analysis()),
        },
        "_source": {"excludes": [*DERIVED, FOLDED, STEM, SPELLING, ACRONYM]},
        "properties": fields | other,
    }


def compared(name: str) -> str:
    """Where the values of a field are that are compared and counted as a whole."""
    kind = FIELDS[name].kind if name in FIELDS else None
    if kind is FieldKind.ANALYSED:
        return f"{name}.keyword"
    return f"{FOLDED}.{name}" if kind is FieldKind.EXACT else name


def _folded(name: str) -> dict[str, Any]:
    return _WHOLE if name in FACETS else {**_WHOLE, "doc_values": False}


def _digest(analysis: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(analysis, sort_keys=True).encode()).hexdigest()[:12]


def _field(field: Field) -> dict[str, Any]:
    if field.kind is FieldKind.ANALYSED:
        # No phrase and no NEAR reaches from one value into the next.
        words = {"type": "text", "analyzer": "presswatch", "position_increment_gap": MAX_GAPS + 2}
        return words if field.name in _LONG else words | {"fields": {"keyword": _WHOLE}}
    if field.kind is FieldKind.NUMBER:
        return {"type": "integer"}
    if field.kind is FieldKind.DATE:
        return _DATE
    return _WHOLE
