"""Which differences between two readings of an article are only counters of the site."""

from dataclasses import replace

import pytest

from presswatch.archive.counters import only_counters_grew
from presswatch.model import Article, Block, BlockKind

FIRST = "The quay will be rebuilt within three years, the council decided."


def read(*lines: str) -> Article:
    return Article("Ferry quay", tuple(Block(BlockKind.PARAGRAPH, line) for line in (FIRST, *lines)), "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "This article was read 1204 times and has 133 comments.",
            "This article was read 1377 times and has 134 comments.",
        ),
        ("998 views", "1,024 views"),
        ("Dieser Artikel wurde 998 Mal gelesen", "Dieser Artikel wurde 1.024 Mal gelesen"),
        ("Просмотров: 12", "Просмотров: 13"),
        ("12 回閲覧", "15 回閲覧"),
    ],
)
def test_a_counter_that_grows_is_no_edit(before: str, after: str) -> None:
    assert only_counters_grew(read(before), read(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Three people died and 12 were injured.", "Three people died and 14 were injured."),
        ("This article was read 1204 times.", "This article was read 1104 times."),
        ("This article was read 1204 times.", "This article was printed 1377 times."),
        ("Read 12 times.", "Read 13 times, said the mayor."),
    ],
)
def test_any_other_difference_is_an_edit(before: str, after: str) -> None:
    assert not only_counters_grew(read(before), read(after))


def test_an_edit_beside_a_counter_is_an_edit() -> None:
    before, after = read("Read 12 times."), read("Read 13 times.")
    assert not only_counters_grew(before, replace(after, title="Ferry quay not to be rebuilt"))
    assert not only_counters_grew(before, read("Read 13 times.", "The mayor resigned."))
