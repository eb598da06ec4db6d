"""A page with a plain article, for tests of what is read of it."""

from datetime import UTC, datetime

from crawler.extract import read_article
from presswatch.model import Article, Hints, Page

# When it is fetched.
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://www.p.example/news/a-long-winter-at-sea-4711.html"
TITLE = "A long winter at sea"


def paragraphs(who: str = "keepers of the lighthouse") -> list[str]:
    """Four paragraphs of running text."""
    return [
        f"<p>Paragraph {n} tells how the {who} went about their work in that long winter, and what"
        " the harbour master wrote in his letters about it, which were found only last year.</p>"
        for n in ("one", "two", "three", "four")
    ]


TEXT = "".join(paragraphs())


def read(page: str, url: str = URL, hints: Hints | None = None) -> Article:
    """What is read of a page that has to be an article."""
    found = read_article(Page(url, url, 200, NOW, page.encode()), hints or Hints())
    assert isinstance(found, Article), found
    return found
