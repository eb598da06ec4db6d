"""A line of exported JSON Lines, read back."""

import json
from datetime import UTC, datetime

import pytest

from presswatch.search.export import serialise
from presswatch.search.exported_line import read
from support.library import NOW, make

URL = "https://gazette.example/1"


def test_an_exported_article_is_read_back() -> None:
    made = make(0, "Ferry aground", "One.\nTwo.", author=("Ann Lee",), section="Sea", url=URL)
    [line] = serialise([made], "jsonl", "", NOW)
    back = read(line.encode(), datetime(2030, 1, 1, tzinfo=UTC))
    article = back.article
    assert (back.url, article.title, article.text, article.authors) == (
        URL,
        made.title,
        made.text,
        made.author,
    )
    assert (article.section, article.language, article.summary) == (made.section, made.language, made.summary)
    assert (back.sources, back.first_seen) == (made.source, made.first_seen)
    assert article.published is None or article.published.instant == made.published


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "is no JSON at character 2"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "expected an object with url"),
        ('{"url": "htp://a.example/x", "title": "T"}', "do you mean http://a.example/x?"),
        (f'{{"url": "{URL}"}}', "expected a title or a text"),
        (f'{{"url": "{URL}", "title": "T"}}', "source: expected the ids of sources"),
        (f'{{"url": "{URL}", "title": "T", "source": ["A b"]}}', "source 'A b': expected small"),
        (f'{{"url": "{URL}", "title": 3, "source": "a"}}', "title: expected text"),
        (f'{{"url": "{URL}", "title": "T", "source": "a", "author": [1]}}', "author: expected a list"),
        (f'{{"url": "{URL}", "title": "T", "source": "a", "published": "soon"}}', "published: expected a"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_said(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"expected|no JSON") as error:
        read(line.encode(), NOW)
    assert said in str(error.value)


def test_what_is_to_come_was_not_seen_and_half_a_character_is_none() -> None:
    line = {"url": URL, "title": "T \ud83d", "source": "a", "first_seen": "2999-01-01T00:00:00Z"}
    one = read(json.dumps(line).encode(), NOW)
    assert (one.first_seen, one.article.title) == (NOW, "T ?")
