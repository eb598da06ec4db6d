# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""What feeds and sitemaps say of an article, as a witness beside the article's own page."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from crawler.extract import read_article, read_start_page
from crawler.preview import read_live
from presswatch.model import Article, Entry, Hints, LinkKind, Listing, Page, Precision
from support.newsroom import make_due
from support.project import Project
from support.site import Site

TITLE = "The bridge over the river will be closed"
SENTENCE = "The town council debated for a long time whether the bridge over the river can be repaired."
# As plain systems write it: the site's name as first heading, a day, and nobody.
BARE = (
    f"<html lang=en><head><title>The Gazette</title></head><body><h1><a href=/>The Gazette</a></h1><h2>{TITLE}</h2>"
    f"<p>20 November 2026</p>{''.join(f'<p>{SENTENCE} Part {n}.</p>' for n in 'abcdef')}</body></html>"
)
FEED = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Gazette</title>
<item><title>{title}</title><link>{url}</link><pubDate>Fri, 20 Nov 2026 09:41:00 +0100</pubDate>
<dc:creator>Mara Lindqvist</dc:creator><category>Town</category><category>bridges</category></item></channel></rss>"""


def test_what_the_feed_says_completes_a_bare_page(project: Project, site: Site) -> None:
    site.serve("/story-0001.html", BARE)
    site.serve("/feed", FEED.format(title=TITLE, url=f"{site.url}/story-0001.html"), content_type="text/xml")
    project.add_source("gazette", f"{site.url}/feed")
    project.crawl("gazette")
    record = project.article(f"{site.url}/story-0001.html")
    assert record is not None
    read = record.article
    assert (read.title, read.authors, read.section, read.tags) == (
        TITLE,
        ("Mara Lindqvist",),
        "Town",
        ("bridges",),
    )
    assert read.published is not None
    assert (read.published.instant, read.published.origin) == (
        datetime(2026, 11, 20, 8, 41, tzinfo=UTC),
        "feed",
    )


def test_what_the_feed_said_is_kept_until_the_page_can_be_had(project: Project, site: Site) -> None:
    path, url = "/story-0001.html", f"{site.url}/story-0001.html"
    site.serve(path, "busy", status=500)
    site.serve("/feed", FEED.format(title=TITLE, url=url), content_type="text/xml")
    project.add_source("gazette", f"{site.url}/feed")
    project.crawl("gazette")
    assert project.article(url) is None
    # The entry has left the feed when the page answers.
    site.serve("/feed", FEED.format(title="Another", url=f"{site.url}/x.html"), content_type="text/xml")
    site.serve(path, BARE)
    with closing(project.archive()) as archive, archive.writing() as tx:
        make_due(tx, datetime.now(UTC))
    project.crawl("gazette")
    record = project.article(url)
    assert record is not None
    assert record.article.authors == ("Mara Lindqvist",)


def read(body: str, *entries: Entry) -> Article:
    url = "https://p.example/2026/bridge"
    page = Page(
        url, url, 200, datetime(2026, 11, 21, tzinfo=UTC), body.encode(), "text/html", entries=entries
    )
    found = read_article(page, Hints())
    assert isinstance(found, Article), found
    return found


def heard(feed: str, url: str = "https://p.example/feed") -> list[Entry]:
    page = Page(url, url, 200, datetime(2026, 11, 21, tzinfo=UTC), feed.encode(), "text/xml")
    listing = read_start_page(page, Hints())
    assert isinstance(listing, Listing), listing
    return [link for link in listing.links if isinstance(link, Entry)]


def test_the_page_is_believed_before_its_feed() -> None:
    [entry] = heard(FEED.format(title="Bridge closed!", url="https://p.example/2026/bridge"))
    head = (
        f'<meta property="og:title" content="{TITLE}"><meta name="author" content="Tom Brask">'
        '<meta property="article:published_time" content="2026-11-19T07:00:00Z">'
        '<meta property="article:section" content="Council"><meta property="article:tag" content="rivers">'
    )
    told = read(BARE.replace("<head>", f"<head>{head}"), entry)
    assert (told.title, told.authors, told.section, told.tags) == (
        TITLE,
        ("Tom Brask",),
        "Council",
        ("rivers",),
    )
    assert told.published is not None
    assert told.published.instant == datetime(2026, 11, 19, 7, tzinfo=UTC)


def test_a_sitemap_of_the_news_is_a_witness_too() -> None:
    sitemap = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://p.example/2026/bridge</loc>
    <lastmod>2026-11-20T12:00:00Z</lastmod><news:news><news:publication_date>2026-11-20T08:41:00Z</news:publication_date>
    <news:title>{TITLE}</news:title><news:keywords>bridges, rivers</news:keywords></news:news></url></urlset>"""
    [entry] = heard(sitemap, "https://p.example/sitemap.xml")
    told = read(BARE, entry)
    assert (told.title, told.tags) == (TITLE, ("bridges", "rivers"))
    assert told.published is not None
    assert (told.published.precision, told.published.origin) == (Precision.SECOND, "sitemap")
    assert told.modified is not None
    assert told.modified.instant == datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("lastmod", ["2026-11-20T12:00:00Z", "2026-11-15"])
def test_a_mere_change_is_no_publication(lastmod: str) -> None:
    sitemap = (
        f"<urlset><url><loc>https://p.example/2026/bridge</loc><lastmod>{lastmod}</lastmod></url></urlset>"
    )
    [entry] = heard(sitemap, "https://p.example/sitemap.xml")
    told = read(BARE, entry)
    assert told.published is not None
    assert (told.published.raw, told.published.origin) == ("20 November 2026", "byline")


def test_who_collects_the_articles_of_others_is_no_witness() -> None:
    items = "".join(
        f"<item><title>T</title><link>https://{host}/a</link><author>A Collector</author></item>"
        for host in ("one.example", "two.example")
    )
    page_url = "https://planet.example/feed"
    page = Page(
        page_url,
        page_url,
        200,
        datetime(2026, 11, 21, tzinfo=UTC),
        f"<rss><channel>{items}</channel></rss>".encode(),
    )
    listing = read_start_page(page, Hints())
    assert isinstance(listing, Listing)
    assert [(link.kind, isinstance(link, Entry)) for link in listing.links] == [(LinkKind.FEED, False)] * 2


def test_explain_names_what_the_feed_says(project: Project, site: Site) -> None:
    site.serve("/story-0001.html", BARE)
    [entry] = heard(FEED.format(title=TITLE, url="https://p.example/2026/bridge"))
    project.add_source("gazette", f"{site.url}/feed")
    _, witnesses = read_live(project.folder, f"{site.url}/story-0001.html", Hints(), (entry,))
    told = {(one.field, one.said) for one in witnesses if one.origin == "feed"}
    assert told >= {("title", TITLE), ("authors", "Mara Lindqvist"), ("section", "Town"), ("tags", "bridges")}
