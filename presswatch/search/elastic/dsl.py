"""A query's tree as Elasticsearch's query DSL.

What only says yes or no is a filter, so that the cluster caches it; only words are scored.
"""

from typing import Any

from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.tree import (
    Acronym,
    All,
    And,
    Dates,
    Exact,
    Has,
    Near,
    Node,
    Not,
    Or,
    Range,
    Stem,
    Words,
)
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.spellings import is_spelled_otherwise
from presswatch.search.stems import stem_tree

Clause = dict[str, Any]

# A word in the headline says more than one in the text.
_BOOST = {"title": 8.0}


def clause(tree: Node) -> Clause:
    """The tree as one clause. It must be resolved."""
    match tree:
        case All():
            return {"match_all": {}}
        case And():
            return _and(tree)
        case Or():
            return {"bool": {"should": [clause(child) for child in tree.children], "minimum_should_match": 1}}
        case Not():
            return {"bool": {"must_not": [clause(tree.child)]}}
        case Words() | Near():
            fields = (tree.field,) if tree.field else DEFAULT_FIELDS
            return _any([*(_in_field(tree, name) for name in fields), *_otherwise(tree)])
        case Exact():
            kind = "prefix" if tree.prefix else "term"
            return {kind: {tree.field: {"value": tree.value}}}
        case Has():
            return {"term": {"has": {"value": tree.value}}}
        case Range():
            bounds = {"gte": tree.low, "lt": tree.high}
            return {"range": {tree.field: {name: at.isoformat() for name, at in bounds.items() if at}}}
        case Acronym():
            return {"term": {ACRONYM: {"value": tree.value}}}
        case Stem():
            return clause(stem_tree(tree))
        case Dates():
            raise ValueError("resolve the tree first: its dates depend on who asks")


def _and(tree: And) -> Clause:
    parts: dict[str, list[Clause]] = {"must": [], "filter": [], "must_not": []}
    for child in tree.children:
        if isinstance(child, Not):
            parts["must_not"].append(clause(child.child))
        elif isinstance(child, Exact | Has | Range):
            parts["filter"].append(clause(child))
        else:
            parts["must"].append(clause(child))
    return {"bool": {name: clauses for name, clauses in parts.items() if clauses}}


def _any(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"dis_max": {"queries": clauses}}


def _otherwise(leaf: Words | Near) -> list[Clause]:
    """Where the other spellings of an article's words are, for a leaf that may be one."""
    if not is_spelled_otherwise(leaf):
        return []
    return [{"prefix" if leaf.prefix else "term": {SPELLING: {"value": leaf.tokens[0]}}}]


def _in_field(leaf: Words | Near, name: str) -> Clause:
    boost = _BOOST.get(name, 1.0)
    if isinstance(leaf, Words) and not leaf.prefix:
        if len(leaf.tokens) == 1:
            return {"term": {name: {"value": leaf.tokens[0], "boost": boost}}}
        return {"match_phrase": {name: {"query": " ".join(leaf.tokens), "boost": boost}}}
    if isinstance(leaf, Words) and len(leaf.tokens) == 1:
        return {"prefix": {name: {"value": leaf.tokens[0], "boost": boost}}}
    return {"intervals": {name: {**_intervals(leaf), "boost": boost}}}


def _intervals(leaf: Words | Near) -> Clause:
    if isinstance(leaf, Words):
        *whole, last = leaf.tokens
        parts = [*map(_token, whole), {"prefix": {"prefix": last}}]
        return {"all_of": {"ordered": True, "max_gaps": 0, "intervals": parts}}
    runs = [_run(part) for part in leaf.parts]
    return {"all_of": {"ordered": False, "max_gaps": leaf.gaps, "intervals": runs}}


def _run(tokens: tuple[str, ...]) -> Clause:
    if len(tokens) == 1:
        return _token(tokens[0])
    return {"match": {"query": " ".join(tokens), "ordered": True, "max_gaps": 0}}


def _token(token: str) -> Clause:
    return {"match": {"query": token}}
