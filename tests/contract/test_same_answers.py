"""Every engine and the matcher give the same answer to the same query."""

from collections.abc import Callable

import pytest

from presswatch.model import Document
from presswatch.query import Matcher, matches, parse, resolve
from presswatch.search import Index
from support.library import LIBRARY, NOW, make

QUERIES = [
    "ferry", "FERRY", "ferr*", "harbour ferry", "ferry OR opera", "harbour NOT opera", '"opera house"',
    '"house opera"', "ferry AND NOT (harbour OR port)", "title:ferry", "text:ferry", "summary:ferry",
    "fahre", "Fähre", "FÄHRE", "koln", "strasse", "straße", "echoue", "elu", "l'elu", "渡轮", "港", "港口",
    "口港", "搁浅 港口", "座礁", "フェリー", "ﾌｪﾘｰ", "паром", "Паром мель", "العبارة", "U.S.", "us", "wi-fi",
    '"wi fi"', "fi wi", "wi", "author:lee", 'author:"ann lee"', 'author:"lee bo"', "author:(ann chan)",
    "source:gazette", "source:courier", "source:nobody", "language:de", "language:(de OR fr)", "tag:culture",
    'tag:"big city"', "tag:big", "tag:big*", "domain:gazette.example", "origin:reuters", "has:origin",
    "NOT has:origin AND ferry", "section:国际", "ferry AND language:en", "*", "* NOT language:en",
    "published:2026-11-20", "published:[2026-11-20 TO 2026-11-21]", "published:[now-3h TO now]",
    "first_seen:[now-2h TO now]", "published:>=2026-11-20", "published:<2026-11-01",
    "time:[* TO 2026-11-01]", "has:published", "NOT published:* AND date",
    '"ferry aground"~2', '"ferry harbour"~3', '"ferry harbour"~2',
    "ferry NEAR/2 aground", "stranded NEAR/1 towed", '"ferry night"~4', '"ferry night"~3', '"wi-fi train"~3',
    "(ferry OR harbour) AND (police OR night)", "+ferry -harbour", "minister ferry", "ferry AND grain",
    "ship*", "ships OR wheat", "title:(ferry OR opera)", "title:harbour text:ferry", "url:*",
]  # fmt: skip


def reference(query: str) -> set[str]:
    tree = resolve(parse(query).tree, NOW, "UTC")
    return {document.id for document in LIBRARY if matches(tree, document)}


def test_the_queries_tell_the_documents_apart() -> None:
    answers = {frozenset(reference(query)) for query in QUERIES}
    assert len(answers) > 30


@pytest.mark.parametrize("query", QUERIES)
def test_an_index_answers_as_the_meaning_says(library: Index, query: str) -> None:
    tree = resolve(parse(query).tree, NOW, "UTC")
    found = library.search(tree, len(LIBRARY))
    assert {hit.document.id for hit in found.hits} == reference(query)
    assert found.total == len(found.hits)


def test_the_matcher_answers_as_the_meaning_says() -> None:
    queries = {query: parse(query, purpose="watch") for query in QUERIES}
    matcher = Matcher(queries)
    for document in LIBRARY:
        expected = {
            query
            for query, parsed in queries.items()
            if matches(resolve(parsed.tree, document.first_seen, "UTC"), document)
        }
        assert matcher.match(document) == expected


def test_phrases_do_not_reach_from_one_value_into_the_next(index: Index) -> None:
    documents: list[Document] = [make(1, "x", "y", author=("Ann Lee", "Bo Chan"))]
    index.put(documents)
    search: Callable[[str], int] = lambda query: index.search(parse(query).tree, 5).total  # noqa: E731  # short
    assert [search('author:"lee bo"'), search('author:"lee bo"~50'), search('author:"bo chan"')] == [0, 0, 1]
