"""What is read from every page of the sample press is what the press says of it."""

from datetime import UTC, datetime
from urllib.request import urlopen

import pytest

from crawler.extract import read_article, read_start_page
from presswatch.demo.press import LAST_STEP, Expected, Press
from presswatch.model import Article, Hints, LinkKind, Listing, NotArticle, Page, PageKind

NOW = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
UNKNOWN = "未知"
# What the old system says of who edited an article of which it knows no editor.
EDITORS = {"meridian": "admin"}


def fetch(url: str) -> Page:
    with urlopen(url, timeout=10) as answer:
        charset = answer.headers.get_content_charset() or ""
        return Page(
            url, answer.url, answer.status, NOW, answer.read(), answer.headers["Content-Type"], charset
        )


def facts(article: Article) -> dict[str, object]:
    return {
        "title": article.title,
        "cut": article.title_cut or article.title,
        "section": article.section,
        "authors": article.authors,
        "editor": article.editor,
        "origin": article.origin,
        "published": article.published and article.published.instant,
        "language": article.language,
        "url": article.canonical_url,
        "tags": set(article.tags),
        "text": tuple(block.text for block in article.blocks),
        "damaged": any(block.damaged for block in article.blocks),
        "related": tuple(link.url.partition("?")[0] for link in article.related),
    }


def truth(expected: Expected) -> dict[str, object]:
    story = expected.story
    return {
        "title": story.title,
        "cut": expected.title_cut,
        "section": story.section,
        "authors": story.authors,
        "editor": story.editor or EDITORS.get(story.outlet, ""),
        "origin": "" if story.origin == UNKNOWN else story.origin,
        "published": story.published,
        "language": expected.language,
        "url": expected.url,
        "tags": set(story.tags),
        "text": expected.paragraphs,
        "damaged": False,
        "related": expected.related,
    }


@pytest.mark.parametrize("step", [0, LAST_STEP])
def test_every_article_is_read_as_it_was_written(press: Press, step: int) -> None:
    for _ in range(step):
        press.advance()
    for expected in press.expected:
        zone = press.outlets[expected.story.outlet].zone
        article = read_article(fetch(expected.url), Hints(zone=zone))
        assert isinstance(article, Article), expected.url
        assert facts(article) == truth(expected)


@pytest.mark.parametrize(
    ("outlet", "path", "kind", "links"),
    [
        ("meridian", "", LinkKind.LISTING, 5),
        ("harbour", "", LinkKind.FEED, 10),
        ("harbour", "/feed/json/", LinkKind.FEED, 10),
        ("kuestenblatt", "", LinkKind.SITEMAP, 0),
        # One of them robots.txt forbids.
        ("kuestenblatt", "/sitemap-news.xml.gz", LinkKind.SITEMAP, 7),
        ("kuestenblatt", "/sitemap-archiv.xml", LinkKind.SITEMAP, 3),
        # One of them is a consent wall.
        ("estuaire", "", LinkKind.FEED, 9),
        ("xinhai", "", LinkKind.LISTING, 7),
        ("faro", "", LinkKind.LISTING, 4),
    ],
)
def test_every_start_page_is_known_for_what_it_is(
    press: Press, outlet: str, path: str, kind: LinkKind, links: int
) -> None:
    there = press.outlets[outlet]
    listing = read_start_page(fetch(there.url + path if path else there.start), Hints(zone=there.zone))
    assert isinstance(listing, Listing)
    assert (listing.kind, len(listing.links)) == (kind, links)


@pytest.mark.parametrize(
    ("outlet", "path", "kind"),
    [
        ("meridian", "/plus/member.php", PageKind.LOGIN),
        ("meridian", "/plus/view.php?aid=9", PageKind.NOT_FOUND),
        ("estuaire", "/edition-du-soir", PageKind.CONSENT),
        ("estuaire", "/", PageKind.INDEX),
        ("estuaire", "/mer", PageKind.EMPTY),
        ("meridian", "/html/business/", PageKind.EMPTY),
        ("faro", "/?autor=1", PageKind.LOGIN),
    ],
)
def test_what_is_no_article_is_known_for_what_it_is(
    press: Press, outlet: str, path: str, kind: PageKind
) -> None:
    read_as = read_article(fetch(press.outlets[outlet].url + path), Hints())
    assert isinstance(read_as, NotArticle)
    assert read_as.kind == kind
