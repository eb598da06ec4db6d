"""Why an article was found: the places that are marked alone make the query true."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch import text
from presswatch.errors import QueryError
from presswatch.model import Document
from presswatch.query import matches, parse, resolve
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.tree import Node
from support.library import LIBRARY, NOW, PRESS, make
from support.passages import passage, witness
from support.questions import questions

SHELF = [*LIBRARY, *PRESS]


def marked_alone(tree: Node, article: Document) -> Document:
    """The article with every word that is not marked made another, as long and where it was."""
    evidence = [one for part in witness(tree, article) for one in part]
    values = {}
    for name in DEFAULT_FIELDS:
        value = getattr(article, name)
        spans = [span for one in evidence if one.field == name for span in one.spans]
        letters = list(value)
        for token in text.tokens(value):
            if not any(start < token.end and token.start < end for start, end in spans):
                letters[token.start : token.end] = "q" * (token.end - token.start)
        values[name] = "".join(letters)
    return replace(article, title=values["title"], summary=values["summary"], text=values["text"])


@settings(max_examples=400)
@given(query=questions(SHELF), article=st.sampled_from(SHELF))
def test_what_is_marked_alone_makes_the_query_true(query: str, article: Document) -> None:
    try:
        tree = resolve(parse(query).tree, NOW, "UTC")
    except QueryError:
        return
    if matches(tree, article) and "words:" not in query:
        assert matches(tree, marked_alone(tree, article)), query
    elif not matches(tree, article):
        assert witness(tree, article) == ()


def marks(query: str, article: Document) -> list[str]:
    shown = passage(article, parse(query).tree)
    return [
        fragment.text[start:end]
        for fragment in (shown.title, shown.body, *shown.more)
        for start, end in fragment.spans
    ]


ARTICLE = make(
    1,
    "Council meets",
    "Acme opens a plant. "
    + "Nothing to see here. " * 40
    + "The river was poisoned, said Anna Müller. "
    + "More of nothing. " * 40
    + "A fine of ten million is due.",
    author=("Anna Müller", "Ben Roe"),
    tag=("Fähren", "Industry"),
)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        # A branch that is false marks nothing.
        ("(acme fine) OR (acme nowhere) OR plant", ["Acme", "plant", "fine"]),
        ("plant OR (river nowhere)", ["plant"]),
        ("plant -nowhere", ["plant"]),
        ("river NEAR/3 poisoned NOT plant NEAR/2 river", ["river", "poisoned"]),
        ("acme NOT NEAR/5 river", ["Acme"]),
        ('exact:"Acme"', ["Acme"]),
        ("river NEAR/s Müller", ["river", "Müller"]),
        ("author:müller tag:fähren plant", ["plant"]),
    ],
)
def test_only_what_is_true_is_marked(query: str, words: list[str]) -> None:
    assert marks(query, ARTICLE) == words


def test_each_part_of_a_query_is_shown_with_the_rarest_first() -> None:
    shown = passage(ARTICLE, parse("(acme OR plant) AND (poisoned OR toxic) AND fine").tree)
    assert [
        fragment.text[start:end] for fragment in (shown.body, *shown.more) for start, end in fragment.spans
    ] == [
        "Acme",
        "plant",
        "poisoned",
        "fine",
    ]
    assert all(len(fragment.text) <= 240 for fragment in (shown.body, *shown.more))


def test_the_part_that_the_title_shows_needs_no_passage() -> None:
    shown = passage(ARTICLE, parse("council AND poisoned").tree)
    assert [shown.title.text[start:end] for start, end in shown.title.spans] == ["Council"]
    assert "poisoned" in shown.body.text
    assert shown.more == ()


def test_values_of_fields_are_named() -> None:
    shown = passage(ARTICLE, parse("author:anna tag:fähren source:gazette river").tree)
    assert [(one.field, one.value) for one in shown.values] == [("author", "Anna Müller"), ("tag", "Fähren")]


def test_a_date_is_asked_in_the_zone_of_the_watch() -> None:
    article = replace(ARTICLE, time=NOW.replace(hour=23), first_seen=NOW.replace(hour=23))
    query = parse("time:today (plant OR (river time:2026-11-21))").tree
    assert [
        fragment.text[a:b]
        for fragment in [passage(article, query, zone="UTC").body]
        for a, b in fragment.spans
    ] == ["plant"]
    assert [len(fragment.spans) for fragment in passage(article, query, zone="Europe/Berlin").more] == [1]


def test_a_very_long_word_is_cut() -> None:
    shown = passage(make(1, "t", "x" * 50_000 + " acme " + "y" * 50_000), parse("acme").tree)
    assert len(shown.body.text) <= 260
    shown = passage(make(1, "t", "a" + "x" * 50_000), parse("ax*").tree)
    assert len(shown.body.text) <= 260


def test_a_passage_is_of_the_text_unless_only_the_summary_has_the_words() -> None:
    article = make(1, "t", "Of the text: the ferry left.", summary="Ferry, ferry: the summary is cut o")
    assert passage(article, parse("ferry").tree).body.text.startswith("Of the text")
    assert passage(article, parse("summary").tree).body.text.startswith("Ferry, ferry")
