"""Every engine and the matcher find the same by country, kind and reach of an outlet, and count alike."""

import pytest

from presswatch.outlet_facts import OutletFacts, SavedQueries, by_reach, grouped
from presswatch.query import Matcher, matches, parse, resolve
from presswatch.query.tree import Node
from presswatch.search import Count, Index
from presswatch.search.outlet_facets import outlet_facets, reach_of
from support.library import LIBRARY, NOW, PRESS

SHELF = [*LIBRARY, *PRESS]
SOURCES = sorted({source for document in SHELF for source in document.source})
COUNTRIES, KINDS = ("PT", "DE", "", "GB"), ("daily", "agency", "")
FACTS = tuple(
    OutletFacts(source, COUNTRIES[at % 4], KINDS[at % 3], 1_000 * at or None)
    for at, source in enumerate(SOURCES)
)
# More sources than a cluster takes clauses, none of which has an article.
MANY = tuple(OutletFacts(f"far-{number}", "BR", "blog", 7) for number in range(3_000))
SAVED = SavedQueries({"here": "country:pt OR country:de"}, (*FACTS, *MANY))
QUERIES = (
    "country:pt",
    "country:Portugal",
    "country:(pt OR uk)",
    "country:*",
    "country:br",
    "country:fr",
    "* NOT country:pt",
    "* NOT country:fr",
    "* NOT country:br",
    "@here ferry",
    "@here AND NOT kind:agency",
    "kind:daily",
    "kind:(agency OR blog) OR ferry",
    "reach:>1000",
    "reach:[1000 TO 2000]",
    "reach:<=1000 country:de",
    "reach:*",
    "ferry OR country:fr",
    "(country:br OR country:pt) AND harbour*",
)


def understood(query: str) -> Node:
    return resolve(parse(query, saved=SAVED).tree, NOW, "UTC")


def reference(query: str) -> set[str]:
    """By the facts themselves: what is asked is not resolved."""
    tree = parse(query, saved=SAVED).tree
    return {document.id for document in SHELF if matches(tree, document)}


def test_the_queries_tell_the_articles_apart() -> None:
    answers = [frozenset(reference(query)) for query in QUERIES]
    assert len(SOURCES) >= 3
    assert len(set(answers)) >= 10


@pytest.mark.parametrize("query", QUERIES)
def test_an_index_finds_what_the_facts_say(library: Index, query: str) -> None:
    found = library.search(understood(query), len(SHELF))
    assert {hit.document.id for hit in found.hits} == reference(query)
    assert found.total == len(found.hits)


def test_the_matcher_finds_what_the_facts_say() -> None:
    matcher = Matcher({query: parse(query, purpose="watch", saved=SAVED) for query in QUERIES})
    for document in SHELF:
        assert matcher.match(document) == {query for query in QUERIES if document.id in reference(query)}


def test_countries_and_kinds_are_counted_as_narrowing_by_them_finds(library: Index) -> None:
    counted = outlet_facets(library, understood("*"), (*FACTS, *MANY), 10)
    assert counted["country"]
    assert counted["kind"]
    for field, counts in counted.items():
        assert counts == tuple(sorted(counts, key=lambda one: (-one.articles, one.value)))
        for one in counts:
            assert len(reference(f"{field}:{one.value}")) == one.articles
    assert set(grouped(FACTS, "country")) >= {one.value for one in counted["country"]}
    assert outlet_facets(library, understood("country:fr"), FACTS, 10) == {}


def test_an_article_of_two_sources_of_one_country_counts_once(library: Index) -> None:
    everywhere = tuple(OutletFacts(source, "PT") for source in SOURCES)
    articles = sum(bool(document.source) for document in SHELF)
    assert outlet_facets(library, understood("*"), everywhere, 1) == {"country": (Count("pt", articles),)}


def test_reach_is_summed_over_articles(library: Index) -> None:
    told = {one.source: one.reach or 0 for one in FACTS}
    groups = by_reach(FACTS)
    expected = sum(
        int(reach) * sum(not set(sources).isdisjoint(document.source) for document in SHELF)
        for reach, sources in groups.items()
    )
    assert expected == sum(told[source] for document in SHELF for source in document.source)
    assert reach_of(library, understood("*"), FACTS) == expected
