"""Articles on several pages: the next page is told from other articles, and joined."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import read_article
from presswatch.model import Article, Completeness, Hints, Page

URL = "https://gazette.example/politics/the-quay-wall"
PARTS = [
    [f"Part {part}, paragraph {number}: the council looked at the quay wall and found what nobody had said "
     f"before in {part} years, {number} months and a day of leaning." for number in range(5)]
    for part in ("one", "two", "three")
]  # fmt: skip


def html(part: int, following: str = "", *, rel: bool = False, label: str = "") -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARTS[part])
    link = f'<a {"rel=next" if rel else ""} href="{following}">{label}</a>' if following else ""
    title = "The quay wall leans, and everybody knew"
    return f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{text}{link}".encode()


def reading(url: str, first: bytes, *more: bytes) -> Article:
    page = Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), first, "text/html", more=more)
    found = read_article(page, Hints())
    assert isinstance(found, Article)
    return found


@pytest.mark.parametrize(
    ("url", "href"),
    [
        (URL, "?page=2"),
        (URL, f"{URL}?p=2"),
        (f"{URL}?id=7", f"{URL}?id=7&seite=2"),
        (f"{URL}?page=1", f"{URL}?page=2"),
        (URL, f"{URL}/2"),
        (f"{URL}/", f"{URL}/2/"),
        (URL, f"{URL}/page/2/"),
        (f"{URL}.html", f"{URL}-2.html"),
        (f"{URL}.html", f"{URL}_2.html"),
        (f"{URL}.html", f"{URL},2.html"),
    ],
)
@pytest.mark.parametrize(("rel", "label"), [(True, "Next"), (False, "2"), (False, "Page 2")])
def test_the_next_page_is_found_in_every_form(url: str, href: str, rel: bool, label: str) -> None:
    found = reading(url, html(0, href, rel=rel, label=label))
    assert "2" in found.next_page
    assert found.completeness is Completeness.PARTIAL


@pytest.mark.parametrize(
    ("url", "href"),
    [
        (URL, "https://gazette.example/politics/the-quay-wall-falls"),
        (f"{URL}-12.html", f"{URL}-13.html"),
        (URL, f"{URL}/3"),
        (URL, "https://other.example/politics/the-quay-wall/2"),
        (URL, "/politics/2"),
        ("https://gazette.example/", "/2"),
        (URL, f"{URL}/comment-page-2/"),
    ],
)
def test_another_article_is_no_next_page_whatever_the_link_says(url: str, href: str) -> None:
    page = Page(
        url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), html(0, href, rel=True, label="2"), "text/html"
    )
    found = read_article(page, Hints())
    assert getattr(found, "next_page", "") == ""


def test_the_pages_are_joined_in_order_and_nothing_is_there_twice() -> None:
    standfirst = PARTS[0][0]
    second = html(1, f"{URL}/3", label="3").replace(
        b"<p>Part two", f"<p>{standfirst}</p><p>Part two".encode(), 1
    )
    found = reading(URL, html(0, f"{URL}/2", label="2"), second, html(2))
    assert [block.text for block in found.blocks] == [text for part in PARTS for text in part]
    assert (found.next_page, found.completeness) == ("", Completeness.FULL)
    assert found.pages == (f"{URL}/2", f"{URL}/3")
    assert found.canonical_url == URL


def test_an_article_of_which_a_page_is_missing_says_where_it_goes_on() -> None:
    found = reading(URL, html(0, f"{URL}/2", label="2"), html(1, f"{URL}/3", label="3"))
    assert (found.next_page, found.completeness) == (f"{URL}/3", Completeness.PARTIAL)
    assert len(found.blocks) == 10


def test_a_page_of_comments_that_repeats_the_article_adds_nothing() -> None:
    found = reading(URL, html(0, "?page=2", label="2"), html(0, "?page=3", label="3"))
    assert len(found.blocks) == 5
    assert (found.next_page, found.completeness, found.pages) == ("", Completeness.FULL, ())


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_whatever_the_further_pages_hold_the_first_is_read(more: Sequence[bytes]) -> None:
    found = reading(URL, html(0, f"{URL}/2", label="2"), *more)
    assert [block.text for block in found.blocks][:5] == PARTS[0]
