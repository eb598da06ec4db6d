"""A page whose text is mostly teasers of other articles is an index; an article with a few is not."""

from datetime import UTC, datetime

import pytest

from crawler.extract import read_article
from presswatch.model import Article, Hints, NotArticle, Page, PageKind

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://p.example/news/a-long-winter-at-sea-4711.html"
WORDS = "The keepers of the lighthouse went about their work in that long winter as they always had."


def read(cards: int, paragraphs: int) -> Article | NotArticle:
    """A page of as many teasers and as many paragraphs of its own, each of the same length."""
    teasers = "".join(
        f'<div><h2><a href="/news/2026/11/a-story-from-the-coast-{n}.html">Story {n} from the north coast</a>'
        f"</h2><p>{WORDS}</p></div>"
        for n in range(cards)
    )
    own = f"<p>{WORDS}</p>" * paragraphs
    body = f"<html lang=en><title>A long winter</title><h1>A long winter</h1><div>{own}</div>{teasers}</html>"
    return read_article(Page(URL, URL, 200, NOW, body.encode(), "text/html"), Hints())


@pytest.mark.parametrize(("cards", "paragraphs"), [(3, 1), (6, 2), (9, 3)])
def test_three_quarters_of_teasers_make_an_index(cards: int, paragraphs: int) -> None:
    result = read(cards, paragraphs)
    assert isinstance(result, NotArticle)
    assert (result.kind, result.reason) == (
        PageKind.INDEX,
        f"its text is the teasers of {cards} other articles",
    )


@pytest.mark.parametrize(("cards", "paragraphs"), [(2, 0), (2, 1), (5, 2), (8, 3)])
def test_fewer_teasers_make_no_index(cards: int, paragraphs: int) -> None:
    result = read(cards, paragraphs)
    assert not isinstance(result, NotArticle) or "teasers" not in result.reason
