# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Whatever the bytes, the reader returns; whatever the page is made for, it returns soon."""

import pickle
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import read_article, read_start_page
from crawler.extract.fields.repair import mend
from crawler.extract.page.links import absolute
from presswatch.model import (
    Article,
    Completeness,
    Hints,
    Listing,
    NotArticle,
    Page,
    Unreadable,
    from_json,
    to_json,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://p.example/news/2026/a-long-story-about-harbours.html"
PARAGRAPHS = "".join(
    f"<p>The {n} harbour was quiet in the morning and the ships waited outside its walls for the tide to come"
    " in, as they had done on every day of that week.</p>"
    for n in ("first", "second", "third", "fourth")
)
HEAD = "<html lang=en><head><title>A long story about harbours</title></head><body><h1>A long story about harbours</h1>"


def page(body: bytes, charset: str = "") -> Page:
    return Page(URL, URL, 200, NOW, body, "text/html", charset)


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div class=related>",
            "</div>",
            "<h1>",
            "</h1>",
            "<h2>Related articles</h2>",
            "<a href='/a-b-c-d-1'>",
        ),
        *(
            "</a>",
            "<ul><li>",
            "<table><td>",
            "<blockquote>",
            "<time datetime='2026-13-45'>",
            "<img alt='x'>",
            "<svg>",
            "<!--",
        ),
        *(
            '<script type=\'application/ld+json\'>{"@type":"NewsArticle","author":[{}],"datePublished":7}</script>',
            "<br><br>",
        ),
        *(
            '<script type=\'application/ld+json\'>[{"@graph":[null,1,{"@type":["Article",3]}]}]</script>',
            "<base href='http://['>",
        ),
        *(
            "<link rel=canonical href='http://[::1'>",
            "<meta property='og:url' content='\x00'>",
            "&#0;",
            "&#xD800;",
            "\ufffd",
            "\u202e",
        ),
        *(
            "The harbour was quiet in the morning and the ships waited outside the walls for the tide.",
            "2026-02-30 25:61",
            "来源：",
        ),
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=600),
        st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass")),
    )
)
def test_no_bytes_make_the_reader_raise(body: bytes) -> None:
    article, start = read_article(page(body), Hints()), read_start_page(page(body), Hints())
    assert isinstance(article, Article | NotArticle)
    assert isinstance(start, Listing | Unreadable)
    assert "the reader failed" not in getattr(article, "reason", "")
    assert "the reader failed" not in getattr(start, "reason", "")


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["", "utf-8", "gb2312", "shift_jis", "utf-16", "rot13", "x-unknown", "\x00"]),
    st.binary(max_size=100),
)
def test_no_charset_makes_the_reader_raise(charset: str, noise: bytes) -> None:
    found = read_article(
        page(HEAD.encode() + PARAGRAPHS.encode() + noise, charset), Hints(zone="No/Where", language="??")
    )
    assert isinstance(found, Article | NotArticle)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_addresses_and_repairs_are_fixed_points(text: str) -> None:
    once = absolute(URL, text)
    assert absolute(URL, once) == once
    assert mend(mend(text)) == mend(text)


MONSTERS = {
    "spans": HEAD + "<p>" + "<span>word </span>" * 80_000,
    "levels": HEAD + "<div>" * 100_000 + PARAGRAPHS,
    "inline levels": HEAD + "<b><i><u>" * 3_000 + PARAGRAPHS,
    "json-ld": HEAD.replace(
        "</head>", '<script type="application/ld+json">{"headline":"' + '\\"x' * 80_000 + "</script></head>"
    )
    + PARAGRAPHS,
    "deep json-ld": HEAD.replace(
        "</head>", '<script type="application/ld+json">' + '{"@graph":[' * 50_000 + "</script></head>"
    )
    + PARAGRAPHS,
    "spanning cells": HEAD
    + "<table>"
    + "<tr><td rowspan=1000 colspan=1000>x</td></tr>" * 2_000
    + "</table>"
    + PARAGRAPHS,
    "links": HEAD
    + PARAGRAPHS
    + "<h3>Related articles</h3>"
    + "".join(f"<li><a href='/a-long-story-{n}.html'>A story of the day {n}</a>" for n in range(9_000)),
    "headings": HEAD + PARAGRAPHS + "<h3>Related articles</h3><a href='/tag/x'>x</a>" * 8_000,
    "title": HEAD.replace("A long story about harbours", "a - b | " * 50_000) + PARAGRAPHS,
    "breaks": HEAD + "word<br>" * 30_000 + PARAGRAPHS,
    "keywords": HEAD.replace("</head>", '<meta name=keywords content="' + "a,b " * 300_000 + '"></head>')
    + PARAGRAPHS,
    "class": HEAD + '<p class="' + "related " * 200_000 + '">x</p>' + PARAGRAPHS,
    "lists": HEAD + "<ul><li>" * 900 + PARAGRAPHS,
    "one word": HEAD + "<p>" + "a" * 2_000_000,
}


@pytest.mark.parametrize("name", MONSTERS)
def test_monsters_take_seconds_at_most_and_are_not_silently_empty(name: str) -> None:
    begun = time.thread_time()
    found = read_article(page(MONSTERS[name].encode()), Hints())
    assert time.thread_time() - begun < 8  # seconds of CPU; a worker is killed at 10
    assert isinstance(found, Article) or found.reason
    if name in ("levels", "inline levels", "spans"):
        assert isinstance(found, Article)
        assert found.completeness is Completeness.CUT


def test_a_reading_survives_pickle_and_json() -> None:
    found = read_article(page((HEAD + PARAGRAPHS).encode()), Hints())
    assert isinstance(found, Article)
    assert pickle.loads(pickle.dumps(found)) == found
    assert from_json(Article, to_json(found)) == found


def test_a_reading_is_pure() -> None:
    given_page = page((HEAD + PARAGRAPHS).encode())
    assert read_article(given_page, Hints()) == read_article(given_page, Hints())
