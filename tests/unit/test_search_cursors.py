"""Cursors of searches: known, or told to be strange."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.search.cursors import CursorError, read, written

NUMBERS = st.lists(st.integers(-(1 << 62), 1 << 62) | st.floats(-1e15, 1e15), min_size=1, max_size=3)


@given(NUMBERS)
def test_a_cursor_holds_its_place(place: list[int | float]) -> None:
    assert read(written("index 1", "newest", place), "index 1", "newest", len(place)) == place


@given(st.text(min_size=1) | st.sampled_from([written("index 1", "newest", [1, 2])]))
def test_no_other_cursor_is_read(cursor: str) -> None:
    for index, sort, length in (
        ("index 2", "newest", 2),
        ("index 1", "relevance", 2),
        ("index 1", "newest", 1),
    ):
        with pytest.raises(CursorError):
            read(cursor, index, sort, length)


@pytest.mark.parametrize("place", [["1"], [None], [True], [[1]], [float("nan")], [float("inf")], [1 << 64]])
def test_what_is_no_number_of_an_order_is_no_place(place: list[int]) -> None:
    with pytest.raises(CursorError):
        read(written("index 1", "newest", place), "index 1", "newest", 1)
