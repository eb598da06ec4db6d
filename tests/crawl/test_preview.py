"""What would be found at a URL, before a source is made of it."""

import pytest

from crawler.preview import preview
from presswatch.errors import UsageError
from presswatch.model import LinkKind
from support.desk import Desk
from support.site import Site


def test_a_listing_with_samples_of_its_articles(desk: Desk, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/nothing-0002.html", "/story-0003.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")

    found = preview(desk.folder, f"{site.url}/news", articles=2)

    assert found.listing is not None
    assert (found.listing.kind, len(found.listing.links)) == (LinkKind.LISTING, 3)
    first, second = found.samples
    assert first.article is not None
    assert first.article.title == "The bridge over the river will be closed"
    assert (second.article, second.reason) == (None, "answered 404 Not Found")
    assert "/story-0003.html" not in site.paths()
    assert not (desk.data / "archive.sqlite").exists(), "nothing is kept"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/none", "answered 404 Not Found"), ("/private", "robots.txt disallows it"), ("/empty", "")],
)
def test_why_a_page_cannot_be_a_start_page(desk: Desk, site: Site, path: str, reason: str) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /private", content_type="text/plain")
    site.serve("/empty", "<html></html>")
    found = preview(desk.folder, f"{site.url}{path}")
    assert found.listing is None
    assert found.reason
    assert reason in found.reason


def test_an_article_is_recognised(desk: Desk, site: Site) -> None:
    site.article("/story-0001.html", "The bridge over the river will be closed")
    found = preview(desk.folder, f"{site.url}/story-0001.html")
    assert found.article is not None
    assert found.article.title == "The bridge over the river will be closed"


def test_the_guard_watches_here_too(desk: Desk, site: Site) -> None:
    desk.configure(allow=[])
    found = preview(desk.folder, f"{site.url}/news")
    assert "not the public Web" in found.reason
    assert site.asked == []


def test_what_is_no_address(desk: Desk) -> None:
    with pytest.raises(UsageError, match="begins with http"):
        preview(desk.folder, "gazette")
