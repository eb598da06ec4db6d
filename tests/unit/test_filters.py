"""What narrows a query beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.errors import QueryError
from presswatch.query import parse
from presswatch.query.filters import ANYWHERE, Filters, can_be_asked, time_clause, with_values
from presswatch.query.tree import And, Exact, Words

FERRY = parse("ferry")


@pytest.mark.parametrize(
    "value",
    ["a/b & c", 'say "no"', "back\\slash", "star*", "#tag", "(x)", "a:b", "AND", "no # comment", "/* x"],
)
def test_a_value_is_asked_for_as_a_whole(value: str) -> None:
    tree = Filters(values=(("tag", value),)).narrow(FERRY).tree
    assert isinstance(tree, And)
    assert tree.children[1] == Exact("tag", value.lower())


@given(st.text(max_size=30), st.sampled_from(["tag", "section", "source", "language", ANYWHERE]))
def test_whatever_a_value_holds_it_narrows_or_cannot_be_asked_for(value: str, field: str) -> None:
    filters = Filters(values=((field, value),))
    if can_be_asked(field, value):
        typed = with_values("ferry # of boats", filters.values)
        assert parse(typed).tree == filters.narrow(FERRY).tree
    else:
        with pytest.raises(QueryError):
            filters.narrow(FERRY)


def test_a_query_stays_as_it_is_without_filters() -> None:
    assert Filters().narrow(FERRY) is FERRY
    assert with_values("ferry", ()) == "ferry"
    assert with_values("*", (("tag", "x"),)) == 'tag:"x"'


def test_a_word_is_asked_for_anywhere() -> None:
    tree = Filters(values=((ANYWHERE, "radar"),)).narrow(FERRY).tree
    assert isinstance(tree, And)
    assert tree.children[1] == Words(None, ("radar",))


def test_last_days_are_a_time() -> None:
    assert time_clause("last 3d", "") == time_clause("now-3d", "")


@pytest.mark.parametrize("given_", ["tomorow", "2026-13-01", "x] OR *", "*"])
def test_what_is_no_date_is_refused(given_: str) -> None:
    with pytest.raises(QueryError, match="is no date"):
        time_clause(given_, "")
