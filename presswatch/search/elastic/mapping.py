"""Settings and mappings of the index in Elasticsearch, made from the table of fields and the analysis."""

from typing import Any

from presswatch.query.fields import DERIVED, FIELDS, Field, FieldKind
from presswatch.query.limits import MAX_GAPS
from presswatch.search import FACETS, schema_versions
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.stems import FIELD as STEM
from presswatch.text.folding import elasticsearch_char_mappings, elasticsearch_token_pattern

# Lucene takes no term longer than 32,766 bytes; four bytes a character at most.
_LONGEST_TERM = 8_000


def settings() -> dict[str, Any]:
    """The settings of a new index."""
    return {
        "number_of_shards": 1,
        # A single node is green, and a cluster keeps a copy.
        "auto_expand_replicas": "0-1",
        "refresh_interval": "1s",
        "analysis": {
            "char_filter": {"presswatch": {"type": "mapping", "mappings": elasticsearch_char_mappings()}},
            "tokenizer": {
                "presswatch": {"type": "pattern", "pattern": elasticsearch_token_pattern(), "group": 0}
            },
            "analyzer": {
                "presswatch": {"type": "custom", "char_filter": ["presswatch"], "tokenizer": "presswatch"}
            },
        },
    }


def mappings() -> dict[str, Any]:
    """The mappings of a new index. Unknown fields are refused."""
    fields = {field.name: _field(field) for field in FIELDS.values()}
    other = {
        "id": {"type": "keyword"},
        "seq": {"type": "long"},
        "has": {"type": "keyword"},
        # Only looked for, never shown, sorted or counted.
        STEM: {"type": "keyword", "doc_values": False},
        SPELLING: {"type": "keyword", "doc_values": False},
        ACRONYM: {"type": "keyword", "doc_values": False},
        # Values as they are shown, where the searched ones are folded.
        "shown": {"type": "object", "enabled": False},
    }
    return {
        "dynamic": "strict",
        # The key is the one that existing indices carry.
        "_meta": {"form": schema_versions.ELASTICSEARCH},
        "_source": {"excludes": [*DERIVED, STEM, SPELLING, ACRONYM]},
        "properties": fields | other,
    }


def facet_field(name: str) -> str:
    """Where the values of a facet are kept whole."""
    return f"{name}.value" if FIELDS[name].kind is FieldKind.ANALYSED else name


def _field(field: Field) -> dict[str, Any]:
    whole = {"type": "keyword", "ignore_above": _LONGEST_TERM}
    if field.kind is FieldKind.ANALYSED:
        # No phrase and no NEAR reaches from one value into the next.
        words = {"type": "text", "analyzer": "presswatch", "position_increment_gap": MAX_GAPS + 2}
        return words | ({"fields": {"value": whole}} if field.name in FACETS else {})
    if field.kind is FieldKind.NUMBER:
        return {"type": "integer"}
    if field.kind is FieldKind.DATE:
        return {"type": "date", "format": "strict_date_optional_time"}
    return whole
