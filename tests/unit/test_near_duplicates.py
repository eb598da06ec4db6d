"""When the words of two pages are those of one article."""

from datetime import UTC, datetime, timedelta

import pytest

from presswatch import near_duplicates, urls
from presswatch.model import Article, Block, BlockKind, Moment, Precision

WORDS = [f"word{number}" for number in range(102)]
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def article(title: str, *words: str, published: datetime | None = None) -> Article:
    moment = None if published is None else Moment(published, 0, Precision.MINUTE, "test", "")
    block = Block(BlockKind.PARAGRAPH, " ".join(words))
    return Article(title=title, blocks=(block,), canonical_url="", published=moment)


def appended(count: int) -> list[str]:
    """The 100 shingles of WORDS and so many more."""
    return [*WORDS, *(f"more{number}" for number in range(count))]


def test_resemblance_and_containment() -> None:
    assert near_duplicates.resemblance(WORDS, appended(100)) == 0.5
    assert near_duplicates.containment(WORDS, appended(100)) == 1
    assert near_duplicates.resemblance(["one", "two"], ["one", "two"]) == 1
    assert near_duplicates.resemblance([], []) == near_duplicates.containment([], WORDS) == 0


def test_a_copy_shares_half_of_the_shingles_or_most_of_the_shorter_ones() -> None:
    whole = article("Quay", *WORDS)

    def others(count: int) -> list[str]:
        return [f"other{number}" for number in range(count)]

    assert near_duplicates.is_copy(whole, article("Quay | Gazette", *appended(100)))
    # Shingles in common: 80 and 60 of the 100 that each has.
    assert near_duplicates.is_copy(whole, article("Quay", *WORDS[:82], *others(20)))
    assert not near_duplicates.is_copy(whole, article("Quay", *WORDS[:62], *others(40)))
    assert not near_duplicates.is_copy(whole, article("Museum", *appended(1)))
    assert near_duplicates.is_copy(whole, article("Museum", *WORDS))
    assert not near_duplicates.is_copy(article("Quay"), article("Quay"))


@pytest.mark.parametrize(("more", "same"), [(42, True), (43, False)])
def test_an_edit_shares_seven_tenths_of_the_shingles(more: int, same: bool) -> None:
    one, other = article("Quay rebuilt", *WORDS), article("Council: quay", *appended(more))
    assert near_duplicates.is_edit(one, other) is same
    assert near_duplicates.is_moved(one, other) is same


def test_what_names_different_things_is_no_edit() -> None:
    alba, borgo = article("Weather in Alba", *WORDS, "Alba"), article("Weather in Borgo", *WORDS, "Borgo")
    assert not near_duplicates.is_edit(alba, borgo)
    assert near_duplicates.is_edit(article("3 hurt", *WORDS, "3"), article("4 hurt", *WORDS, "4"))


def test_the_same_title_takes_one_text_in_the_other_or_the_same_time() -> None:
    added, replaced = appended(3), ["another", *WORDS[1:]]
    later = NOON + timedelta(minutes=1)
    assert near_duplicates.is_same(article("Quay", *WORDS), article("Quay", *added))
    assert not near_duplicates.is_same(article("Quay", *WORDS), article("Quay", *replaced))
    one = article("Quay", *WORDS, published=NOON)
    assert near_duplicates.is_same(one, article("Quay", *replaced, published=NOON))
    assert not near_duplicates.is_same(one, article("Quay", *added, published=later))


@pytest.mark.parametrize(
    ("path", "numbers"),
    [
        ("/g/ferry-quay-70001.html", {"70001"}),
        ("/70001/ferry-quay", {"70001"}),
        ("/issue-70001/ferry-quay", set()),
        ("/70001/local/ferry-quay", set()),
        ("/ferry-1234", set()),
        ("/ferry-20261125", set()),
        ("/ferry-202611251230", set()),
        ("/ferry-261125", set()),
        ("/ferry?id=70001", set()),
    ],
)
def test_the_number_by_which_a_site_knows_an_article(path: str, numbers: set[str]) -> None:
    assert urls.article_numbers(f"https://paper.example{path}") == numbers


@pytest.mark.parametrize(
    ("above", "page", "expected"),
    [
        ("/politics/", "/politics/ferry-quay", True),
        ("/politics", "/politics/2026/11/ferry-quay", True),
        ("/ferry-quay", "/ferry-quay/amp", False),
        ("/ferry-quay/", "/ferry-quay/page/2", False),
        ("/politics", "/politicians/ferry", False),
        ("/article", "/article?id=1", False),
        ("/ferry-quay/amp", "/ferry-quay", False),
    ],
)
def test_what_lies_below_an_address(above: str, page: str, expected: bool) -> None:
    site = "https://paper.example"
    assert urls.is_above(site + above, site + page) is expected
    assert not urls.is_above(f"https://other.example{above}", site + page)
