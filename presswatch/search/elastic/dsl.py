"""A query's tree as Elasticsearch's query DSL.

What only says yes or no is a filter, so that the cluster caches it; only words are scored.
"""

from typing import Any

from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.proximity import are_few, choices
from presswatch.query.superset import CanAnswer
from presswatch.query.tree import (
    Acronym,
    All,
    And,
    AtLeast,
    Dates,
    Exact,
    Has,
    Ids,
    Leaf,
    Length,
    Near,
    Node,
    Not,
    NotNear,
    OfOutlets,
    Or,
    Part,
    Range,
    Spelled,
    Stem,
    Words,
    is_plain,
    leaves,
)
from presswatch.search.acronyms import FIELD as ACRONYM
from presswatch.search.elastic.mapping import compared
from presswatch.search.spellings import FIELD as SPELLING
from presswatch.search.spellings import is_spelled_otherwise
from presswatch.search.stems import stem_tree

Clause = dict[str, Any]

# Of words that OR joins, so many are asked for one by one.
_MANY = 100
# The cluster takes so many terms in phrases at least, with the least memory that it runs in.
_MOST_TERMS = 3_000

# A word in the headline says more than one in the text.
_BOOST = {"title": 8.0}


def answers(tree: Node) -> CanAnswer:
    """Tells of which leaves of a tree the cluster's answer is exact.

    A beginning beside other words is none that it can expand: it takes few words for one. And of a query
    with very many phrases it takes none.
    """
    has_room = sum(map(_terms, leaves(tree))) <= _MOST_TERMS

    def can_answer(leaf: Leaf) -> bool:
        match leaf:
            case Words():
                return len(leaf.tokens) == 1 or (has_room and not leaf.prefix)
            case Near():
                parts = (part for group in leaf.groups for part in group)
                has_beginning = any(part.prefix for part in parts)
                return has_room and not (leaf.distance.scope or has_beginning) and are_few(leaf)
            case NotNear() | AtLeast() | Spelled():
                return False
            case _:
                return True

    return can_answer


def _terms(leaf: Leaf) -> int:
    """How many terms the cluster counts in a leaf that is more than one word."""
    match leaf:
        case Words() if len(leaf.tokens) > 1:
            return len(leaf.tokens) * (1 if leaf.field else len(DEFAULT_FIELDS))
        case Near() if are_few(leaf):
            fields = 1 if leaf.field else len(DEFAULT_FIELDS)
            return sum(len(part.tokens) for parts in choices(leaf) for part in parts) * fields
        case _:
            return 0


def clause(tree: Node) -> Clause:
    """The tree as one clause. It must be resolved, and of leaves that the cluster can answer."""
    match tree:
        case All():
            return {"match_all": {}}
        case And():
            return _and(tree)
        case Or():
            return _or(tree)
        case Not():
            return {"bool": {"must_not": [clause(tree.child)]}}
        case Words():
            fields = (tree.field,) if tree.field else DEFAULT_FIELDS
            return _any([*(_in_field(tree, name) for name in fields), *_otherwise(tree)])
        case Near():
            fields = (tree.field,) if tree.field else DEFAULT_FIELDS
            return _any([_near(tree, parts, name) for parts in choices(tree) for name in fields])
        case Exact():
            kind = "prefix" if tree.prefix else "term"
            return {kind: {compared(tree.field): {"value": tree.value}}}
        case Has():
            return {"term": {"has": {"value": tree.value}}}
        case Length():
            limits = {"gte": tree.low, "lte": tree.high}
            return {"range": {"words": {name: at for name, at in limits.items() if at is not None}}}
        case Ids():
            return {"ids": {"values": sorted(tree.ids)}}
        case Range():
            bounds = {"gte": tree.low, "lt": tree.high}
            return {"range": {tree.field: {name: at.isoformat() for name, at in bounds.items() if at}}}
        case Acronym():
            return {"term": {ACRONYM: {"value": tree.value}}}
        case Stem():
            return clause(stem_tree(tree))
        case NotNear() | AtLeast() | Spelled():
            raise ValueError(f"the cluster cannot answer {tree} exactly")
        case Dates() | OfOutlets():
            raise ValueError("resolve the tree first: its dates and outlets depend on who asks")


def _and(tree: And) -> Clause:
    parts: dict[str, list[Clause]] = {"must": [], "filter": [], "must_not": []}
    for child in tree.children:
        if isinstance(child, Not):
            parts["must_not"].append(clause(child.child))
        elif isinstance(child, Exact | Has | Length | Range | Ids):
            parts["filter"].append(clause(child))
        else:
            parts["must"].append(clause(child))
    return {"bool": {name: clauses for name, clauses in parts.items() if clauses}}


def _or(tree: Or) -> Clause:
    plain = list(filter(is_plain, tree.children))
    sources = [one for one in tree.children if isinstance(one, Exact) and one.field == "source"]
    in_one: set[Node] = {*(plain if len(plain) > _MANY else ())}
    in_one |= {*(one for one in sources if len(sources) > _MANY and not one.prefix)}
    others = [child for child in tree.children if child not in in_one]
    clauses = [clause(child) for child in others]
    if len(plain) > _MANY:
        # All in one, as the cluster takes so many clauses and no more. Such a list says little of relevance.
        tokens = sorted(child.tokens[0] for child in plain)
        clauses += [{"terms": {name: tokens}} for name in (*DEFAULT_FIELDS, SPELLING)]
    if in_one.intersection(sources):
        ids = sorted(one.value for one in sources if not one.prefix)
        clauses.append({"terms": {compared("source"): ids}})
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def _any(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else {"dis_max": {"queries": clauses}}


def _otherwise(leaf: Words) -> list[Clause]:
    """Where the other spellings of an article's words are, for a leaf that may be one."""
    if not is_spelled_otherwise(leaf):
        return []
    return [{"prefix" if leaf.prefix else "term": {SPELLING: {"value": leaf.tokens[0]}}}]


def _in_field(leaf: Words, name: str) -> Clause:
    boost = _BOOST.get(name, 1.0)
    if leaf.prefix:
        return {"prefix": {name: {"value": leaf.tokens[0], "boost": boost}}}
    if len(leaf.tokens) == 1:
        return {"term": {name: {"value": leaf.tokens[0], "boost": boost}}}
    return {"match_phrase": {name: {"query": " ".join(leaf.tokens), "boost": boost}}}


def _near(near: Near, parts: tuple[Part, ...], name: str) -> Clause:
    intervals = [_run(part.tokens) for part in parts]
    close = {"ordered": near.distance.ordered, "max_gaps": near.distance.gaps, "intervals": intervals}
    return {"intervals": {name: {"all_of": close, "boost": _BOOST.get(name, 1.0)}}}


def _run(tokens: tuple[str, ...]) -> Clause:
    if len(tokens) == 1:
        return {"match": {"query": tokens[0]}}
    return {"match": {"query": " ".join(tokens), "ordered": True, "max_gaps": 0}}
