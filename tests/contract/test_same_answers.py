"""Every engine and the matcher give the same answer to the same query."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from presswatch.errors import QueryError
from presswatch.model import Document
from presswatch.query import Matcher, matches, parse, resolve
from presswatch.query.tree import Node
from presswatch.search import Index
from support.indexing import put
from support.library import LIBRARY, NOW, PRESS, make
from support.questions import questions

SHELF = [*LIBRARY, *PRESS]
QUERIES = [
    line
    for line in (Path(__file__).parent / "queries.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
# The watches know none of these.
SEARCH_ONLY = ("story:",)


def understood(query: str) -> Node:
    return resolve(parse(query).tree, NOW, "UTC")


def reference(tree: Node) -> set[str]:
    return {document.id for document in SHELF if matches(tree, document)}


def answer(index: Index, tree: Node) -> set[str]:
    found = index.search(tree, len(SHELF))
    assert found.total == len(found.hits)
    return {hit.document.id for hit in found.hits}


def test_the_queries_tell_the_articles_apart() -> None:
    answers = [frozenset(reference(understood(query))) for query in QUERIES]
    assert len(QUERIES) >= 300
    assert sum(bool(found) for found in answers) >= 220
    assert len(set(answers)) >= 120


@pytest.mark.parametrize("query", QUERIES)
def test_an_index_answers_as_the_meaning_says(library: Index, query: str) -> None:
    tree = understood(query)
    assert answer(library, tree) == reference(tree)


@settings(max_examples=500)
@given(query=questions(SHELF))
def test_an_index_answers_what_nobody_thought_of(library: Index, query: str) -> None:
    try:
        tree = understood(query)
    except QueryError:
        return
    assert answer(library, tree) == reference(tree)


def test_the_matcher_answers_as_the_meaning_says() -> None:
    queries = {
        query: parse(query, purpose="watch") for query in QUERIES if not any(map(query.count, SEARCH_ONLY))
    }
    assert len(queries) >= 280
    matcher = Matcher(queries)
    for document in SHELF:
        expected = {
            query
            for query, parsed in queries.items()
            if matches(resolve(parsed.tree, document.first_seen, "UTC"), document)
        }
        assert matcher.match(document) == expected


@settings(max_examples=300)
@given(query=questions(SHELF))
def test_the_matcher_answers_what_nobody_thought_of(query: str) -> None:
    try:
        asked = parse(query, purpose="watch")
    except QueryError:
        return
    matcher = Matcher({"watch": asked})
    for document in SHELF:
        expected = matches(resolve(asked.tree, document.first_seen, "UTC"), document)
        assert bool(matcher.match(document)) == expected


def test_phrases_do_not_reach_from_one_value_into_the_next(index: Index) -> None:
    documents: list[Document] = [make(1, "x", "y", author=("Ann Lee", "Bo Chan"))]
    put(index, documents)
    search: Callable[[str], int] = lambda query: index.search(parse(query).tree, 5).total  # noqa: E731  # short
    assert [search('author:"lee bo"'), search('author:"lee bo"~50'), search('author:"bo chan"')] == [0, 0, 1]
