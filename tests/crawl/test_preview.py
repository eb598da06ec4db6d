"""What is said of one given page: a listing, a feed, a sitemap, an article, or none of these."""

from pathlib import Path

import pytest

from crawler.discovery.explore import Closed
from crawler.preview import discover, look_at_source, read_live
from presswatch import config
from presswatch.errors import UnavailableError, UsageError
from presswatch.model import Article, Hints, LinkKind, NotArticle
from support.project import Project
from support.site import Site


def test_a_listing_with_samples_of_its_articles(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/nothing-0002.html", "/story-0003.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")

    found = discover(project.folder, f"{site.url}/news", articles=2)

    [start] = found.chosen
    assert (start.kind, len(start.links), start.how) == (LinkKind.LISTING, 3, "as given")
    first, second = found.samples
    assert first.article is not None
    assert first.article.title == "The bridge over the river will be closed"
    assert (second.article, second.reason) == (None, "answered 404 Not Found")
    asked = [path for path in site.paths() if not path.startswith("/news/")]
    assert asked == ["/news", "/story-0001.html", "/nothing-0002.html"], "of the site nothing else"
    assert found.notes == ()
    assert not (project.data / "archive.sqlite").exists(), "nothing is kept"


def test_what_a_source_reads_now(project: Project, site: Site) -> None:
    site.listing("/", "/story-0001.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.serve("/feed", "<rss version='2.0'><channel></channel></rss>", content_type="application/rss+xml")
    selectors = {"title": "article p"}
    project.add_source("gazette", f"{site.url}/", f"{site.url}/gone", selectors=selectors)
    [source] = config.load(project.folder).sources

    found = look_at_source(project.folder, source, config.hints(source), articles=1)

    home, gone = found.starts
    assert (home.chosen, home.how, len(home.links)) == (True, "as its file says", 1)
    assert (gone.chosen, gone.why) == (False, "answered 404 Not Found")
    [sample] = found.samples
    assert sample.article is not None
    assert "was the subject of a long debate" in sample.article.title, "as its file says"
    assert "/feed" not in site.paths(), "its file says what is read"


def test_a_given_listing_may_have_a_feed(project: Project, site: Site) -> None:
    rows = "".join(
        f'<h2><a href="/story-000{n}.html">What the council decided, part {n}</a></h2>' for n in "123"
    )
    link = '<link rel="alternate" type="application/rss+xml" href="feed.rss">'
    site.serve("/news/", f"<html><head>{link}</head><body>{rows}</body></html>")
    found = discover(project.folder, f"{site.url}/news/", articles=0)
    assert [start.url for start in found.chosen] == [f"{site.url}/news/"]
    assert found.notes == (f"the page declares a feed, {site.url}/news/feed.rss",)


def test_a_listing_goes_on_and_an_index_leads_to_its_sitemaps(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html", "/story-0003.html", following="/news?p=2")
    site.listing("/news?p=2", "/story-0004.html", "/story-0005.html", "/story-0006.html")
    [start] = discover(project.folder, f"{site.url}/news", articles=0).chosen
    assert (len(start.links), start.fetches) == (6, 2)
    child = f"<urlset><url><loc>{site.url}/story-0001.html</loc><lastmod>2026-11-01</lastmod></url></urlset>"
    site.serve("/child.xml", child, content_type="application/xml")
    rows = f"<sitemapindex><sitemap><loc>{site.url}/child.xml</loc></sitemap></sitemapindex>"
    site.serve("/index.xml", rows, content_type="application/xml")
    [start] = discover(project.folder, f"{site.url}/index.xml", articles=0).chosen
    assert (start.kind, len(start.links), start.fetches) == (LinkKind.SITEMAP, 1, 2)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/none", "answered 404 Not Found"),
        ("/private", "robots.txt disallows it"),
        ("/empty", "no feed, no sitemap and no HTML"),
        ("/paper", "it is a PDF, not HTML"),
        ("/wall", "a consent wall"),
    ],
)
def test_why_a_page_cannot_be_a_start_page(project: Project, site: Site, path: str, reason: str) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /private", content_type="text/plain")
    site.serve("/empty", "<html></html>")
    site.serve("/paper", b"%PDF-1.7 ...", content_type="application/pdf")
    site.serve("/wall", "<title>Before you continue</title><h1>Before you continue</h1><p>We use cookies</p>")
    found = discover(project.folder, f"{site.url}{path}")
    assert found.chosen == ()
    assert reason in found.reason


def test_an_article_is_recognised(project: Project, site: Site) -> None:
    site.article("/story-0001.html", "The bridge over the river will be closed")
    found = discover(project.folder, f"{site.url}/story-0001.html")
    assert found.article is not None
    assert found.article.title == "The bridge over the river will be closed"
    assert (found.chosen, found.reason) == (
        (),
        "it is an article; give the page that lists such articles",
    )


def test_a_page_is_read_live(project: Project, site: Site) -> None:
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.serve("/wall", "<title>Sign in</title><h1>Sign in</h1><form><input type=password></form>")
    read, witnesses = read_live(project.folder, f"{site.url}/story-0001.html", Hints())
    assert isinstance(read, Article)
    assert [one.origin for one in witnesses if one.field == "title" and one.believed]
    wall, _ = read_live(project.folder, f"{site.url}/wall", Hints())
    assert isinstance(wall, NotArticle)
    with pytest.raises(Closed, match="/none: answered 404 Not Found"):
        read_live(project.folder, f"{site.url}/none", Hints())


def test_the_guard_watches_here_too(project: Project, site: Site) -> None:
    project.configure(allow=[])
    with pytest.raises(UnavailableError, match="not the public Web"):
        discover(project.folder, f"{site.url}/")
    assert site.asked == []


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_looked_at_later(project: Project, site: Site, status: int) -> None:
    site.serve("/", "<h1>Sorry</h1>", status=status)
    with pytest.raises(UnavailableError, match=rf"/: answered {status} .*; try again later"):
        discover(project.folder, f"{site.url}/")
    assert set(site.paths()) == {"/"}, "nothing is guessed of a server in trouble"


def test_a_host_that_is_not_there(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"gazette\.invalid/: .*host name is not known"):
        discover(project.folder, "https://gazette.invalid/")


def test_what_is_no_address(project: Project) -> None:
    with pytest.raises(UsageError, match="begins with http"):
        discover(project.folder, "gazette")
    with pytest.raises(UsageError, match=r"do you mean https://gazette\.example/news"):
        discover(project.folder, "gazette.example/news")
