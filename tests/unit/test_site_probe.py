"""What a page tells of its site: feeds, sections, names, languages; and what a feed holds."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.start.feeds import purpose
from crawler.extract.start.site_probe import SiteMetadata, probe_site
from crawler.extract.start.sitemaps import is_news
from presswatch.model import Hints, LinkKind, Listing, Page, Unreadable

HOME = "https://www.gazette.example/"
PAGE = """<!doctype html><html lang="en-GB"><head><title>The Gazette | News</title>
<meta property="og:site_name" content="The Gazette"><meta property="og:locale" content="en_GB">
<link rel="alternate" type="application/rss+xml" title="All news" href="//feeds.gazette.example/all.rss">
<link rel="alternate" type="application/atom+xml" href="feeds/atom">
<link rel="alternate feed" type="application/feed+json" href="/feed.json#top">
<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
<link rel="alternate" hreflang="de" href="https://www.gazette.example/de/">
<link rel="stylesheet" type="text/css" href="/style.css"></head><body>
<header><nav><a href="/">SiteMetadata</a><a href="/sport/">Sport</a><a href="sport">Sport again</a>
<a href="/category/culture/">Culture</a><a href="/login">Sign in</a><a href="/newsletter/">Letter</a>
<a href="https://shop.example/">Shop</a><a href="/sport/page/2/">2</a><a href="?s=x">Search</a>
<a href="/2026/11/20/council-votes-on-the-quay-wall/">Council votes on the quay wall</a></nav></header>
<main><a href="/politics/">Politics</a><h2><a href="/2026/11/20/ferry-aurora-aground-off-saltmouth/">
Ferry Aurora aground off Saltmouth: all on board are safe</a></h2></main>
<footer><a href="/service/rss/">RSS</a><a href="https://elsewhere.example/rss">Friends</a></footer></body></html>"""


def page(body: str | bytes, content_type: str = "text/html") -> Page:
    content = body.encode() if isinstance(body, str) else body
    return Page(HOME, HOME, 200, datetime(2026, 11, 20, tzinfo=UTC), content, content_type)


def test_what_a_home_page_offers() -> None:
    found = probe_site(page(PAGE), Hints())
    assert isinstance(found.seen, Listing)
    home = found.home
    assert [(offer.url, offer.title) for offer in home.declared] == [
        ("https://feeds.gazette.example/all.rss", "All news"),
        (f"{HOME}feeds/atom", ""),
        (f"{HOME}feed.json", ""),
    ]
    assert [offer.url for offer in home.linked] == [f"{HOME}service/rss/"]
    assert [(offer.url, offer.title) for offer in home.sections] == [
        (f"{HOME}sport/", "Sport"),
        (f"{HOME}category/culture/", "Culture"),
    ]
    assert home.names == ("The Gazette",)
    assert home.languages == ("en-GB", "en-GB")


def generated(by: str) -> str:
    return f'<meta name="generator" content="{by}">'


@pytest.mark.parametrize(
    ("head", "feeds"),
    [
        (generated("SPIP 4.3.5 [1234]"), ("spip.php?page=backend",)),
        ('<link rel="stylesheet" href="local/cache-css/0a1b.css">', ("spip.php?page=backend",)),
        ('<a href="spip.php?article217">Le bac</a>', ("spip.php?page=backend",)),
        (generated("Drupal 10 (https://www.drupal.org)"), ("rss.xml",)),
        ('<img src="/sites/default/files/2026-11/ferry.jpg">', ("rss.xml",)),
        (generated("Plone - https://plone.org/"), ("RSS", "news/RSS")),
        (generated("TYPO3 CMS"), ("?type=9818", "?type=100")),
        ('<script src="/typo3temp/assets/merged.js"></script>', ("?type=9818", "?type=100")),
        (generated("Joomla! - Open Source Content Management"), ("?format=feed&type=rss",)),
        (generated("Ghost 5.80"), ("rss/",)),
        (generated("Hexo 7.3.0"), ("atom.xml", "rss2.xml")),
        (generated("WordPress 6.6"), ("feed/", "?feed=rss2")),
        ('<script src="https://substackcdn.com/bundle/main.js"></script>', ("feed",)),
        (
            '<img src="//static1.squarespace.com/static/1/logo.png">',
            ("?format=rss", "blog?format=rss", "news?format=rss"),
        ),
        (generated("Wix.com Website Builder"), ("blog-feed.xml",)),
        (generated("A house system 3.1"), ()),
        # A page that speaks of an engine is not made by it.
        (generated("Hugo 0.123") + '<a href="https://www.drupal.org/">We left Drupal</a>', ()),
    ],
)
def test_where_the_engine_of_a_page_has_its_feed(head: str, feeds: tuple[str, ...]) -> None:
    html = f"<html><head><title>The Gazette</title></head><body>{head}<p>News of the town.</p></body></html>"
    assert probe_site(page(html), Hints()).home.engine_feeds == feeds


@pytest.mark.parametrize(
    ("url", "feeds"),
    [
        ("https://medium.com/@maud-quill", ("/feed/@maud-quill",)),
        ("https://the-gazette.substack.com/", ("feed",)),
        ("https://gazette.blogspot.de/", ("feeds/posts/default",)),
    ],
)
def test_where_a_host_of_many_has_the_feed_of_one(url: str, feeds: tuple[str, ...]) -> None:
    told = Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), b"<html><p>News</p></html>", "text/html")
    assert probe_site(told, Hints()).home.engine_feeds == feeds


def test_without_navigation_short_links_are_sections() -> None:
    body = '<div class="top"><a href="/">首页</a> <a href="/news/">新闻</a> <a href="/tiyu/">体育</a></div>'
    found = probe_site(page(f"<html><body>{body}</body></html>"), Hints())
    assert [offer.url for offer in found.home.sections] == [f"{HOME}news/", f"{HOME}tiyu/"]


def test_a_feed_is_no_home_page() -> None:
    body = "<rss><channel><title>T</title><item><title>A</title><link>/a</link></item></channel></rss>"
    found = probe_site(page(body, "application/xml"), Hints())
    assert isinstance(found.seen, Listing)
    assert (found.seen.kind, found.home, found.purpose) == (LinkKind.FEED, SiteMetadata(), "")


def item(link: str, extra: str = "", title: str = "Ferry aground") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{extra}</item>"


SOUND = '<enclosure url="/a.mp3" length="1" type="audio/mpeg" />'
PICTURE = '<enclosure url="/a.jpg" length="1" type="image/jpeg" />'


@pytest.mark.parametrize(
    ("items", "holds"),
    [
        ([item("/a"), item("/b")], ""),
        ([item("/a", PICTURE), item("/b", PICTURE)], ""),
        ([item("/a", SOUND), item("/b", SOUND)], "podcast"),
        ([item("/a", SOUND), item("/b"), item("/c")], ""),
        ([item("/a#comment-1"), item("/a#comment-2")], "comments"),
        ([item("/a", title="By: Maud"), item("/a", title="Comment on Ferry by Tom"), item("/b")], "comments"),
        (['{"id": "1", "attachments": [{"mime_type": "audio/mpeg"}]}'], "podcast"),
        ([], ""),
    ],
)
def test_what_a_feed_holds(items: list[str], holds: str) -> None:
    assert purpose("\n".join(items)) == holds


def test_what_a_feed_holds_is_told_of_its_text_whatever_its_bytes() -> None:
    items = "".join(item(f"/a#comment-{n}") for n in range(3))
    raw = f'<?xml version="1.0" encoding="utf-16"?><rss><channel>{items}</channel></rss>'.encode("utf-16")
    url = f"{HOME}feed"
    assert (
        probe_site(
            Page(url, url, 200, datetime(2026, 11, 20, tzinfo=UTC), raw, "application/xml"), Hints()
        ).purpose
        == "comments"
    )


@pytest.mark.parametrize(
    ("url", "news"),
    [
        ("https://g.example/sitemap-news.xml.gz", True),
        ("https://g.example/google-news.xml", True),
        ("https://g.example/news-sitemap.xml?page=1", True),
        ("https://g.example/sitemaps/news-2019-03.xml", False),
        ("https://g.example/sitemap.xml", False),
        ("https://news.example/sitemap.xml", False),
        ("https://g.example/newsletter.xml", False),
    ],
)
def test_which_sitemap_holds_the_news(url: str, news: bool) -> None:
    assert is_news(url) is news


@given(
    st.one_of(
        st.binary(max_size=400), st.text(max_size=200).map(lambda text: PAGE.replace("sport", text).encode())
    )
)
def test_no_page_breaks_it(body: bytes) -> None:
    found = probe_site(page(body), Hints())
    assert isinstance(found.seen, Listing | Unreadable)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<div id="root"></div><script src="/app.js"></script>', True),
        ('<noscript>You need JavaScript.</noscript><div id="app">Loading</div><script>go()</script>', True),
        # What is said in JSON-LD is no program.
        ('<h1>Closed</h1><script type="application/ld+json">{}</script>', False),
        ("<p>" + "The ferry ran aground off the harbour. " * 8 + "</p><script>go()</script>", False),
        ("".join(f'<a href="/{n}">Ferry {n}</a>' for n in range(9)) + "<script>go()</script>", False),
    ],
)
def test_a_page_that_scripts_make_is_told(body: str, told: bool) -> None:
    html = f"<html><head><title>The Gazette</title></head><body>{body}</body></html>"
    assert probe_site(page(html), Hints()).is_scripted is told
