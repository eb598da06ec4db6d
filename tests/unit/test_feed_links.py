"""The feeds that a page offers, as engines and people write them."""

from datetime import UTC, datetime

import pytest

from crawler.extract.start.site_probe import SiteMetadata, probe_site
from presswatch.model import Hints, Page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SITE = "https://gazette.example"


def probe(head: str = "", body: str = "", links: str = "", url: str = f"{SITE}/") -> SiteMetadata:
    html = f'<html lang="en"><head><title>Gazette</title>{head}</head><body>{body}</body></html>'
    return probe_site(Page(url, url, 200, NOW, html.encode(), "text/html", links=links), Hints()).home


def declared(head: str = "", body: str = "", links: str = "", url: str = f"{SITE}/") -> list[str]:
    return [feed.url.removeprefix(SITE) for feed in probe(head, body, links, url).declared]


@pytest.mark.parametrize(
    ("head", "feed"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/f">', "/f"),
        ('<link rel="alternate" type="application/atom+xml" href="./feed.xml">', "/feed.xml"),
        ('<link href="&#x2F;atom.xml" rel="alternate" type="application/atom+xml"/>', "/atom.xml"),
        ('<link rel="alternate" type="application/rss&#43;xml" href="/index.xml">', "/index.xml"),
        ('<link rel="alternate" type="application/feed+json" href="/feed.json">', "/feed.json"),
        ('<link rel="alternate" type="application/json" href="/index.json">', "/index.json"),
        ('<link rel="alternate" type="text/xml" href="news.rss">', "/news.rss"),
        ('<link rel="alternate" type="application/xml" href="/f">', "/f"),
        ('<link rel="alternate" type="application/rdf+xml" href="/heise.rdf">', "/heise.rdf"),
        ('<link rel="alternate" type="application/x.atom+xml" href="/f">', "/f"),
        ('<link rel="alternate" type="application/rss" href="/f">', "/f"),
        ('<link rel="alternate" type="text/rss+xml" href="/f">', "/f"),
        ('<link rel="alternate" type="APPLICATION/RSS+XML; charset=utf-8" href="/f">', "/f"),
        ('<link rel="ALTERNATE nofollow" type="application/rss+xml" href="/f">', "/f"),
        ("<link rel=alternate type=application/rss+xml href=/feed.xml>", "/feed.xml"),
        ('<link rel="feed" href="/latest">', "/latest"),
        ('<link rel="feed" type="application/atom+xml" href="/latest">', "/latest"),
        ('<link rel="alternate" href="/feed.xml">', "/feed.xml"),
        ('<link rel="alternate" title="RSS" href="/f?id=3">', "/f?id=3"),
        ('<link href="/rss.xml">', "/rss.xml"),
        ('<link type="application/rss+xml" href="/rss.xml">', "/rss.xml"),
        (f'<link rel="alternate" type="application/rss+xml" href="feed:{SITE}/f">', "/f"),
        ('<link rel="feed" href="feed://gazette.example/f">', "http://gazette.example/f"),
        ('<link rel="alternate" type="application/rss+xml" href="/f?a=rss&b=c">', "/f?a=rss&b=c"),
    ],
)  # fmt: skip
def test_a_feed_is_declared(head: str, feed: str) -> None:
    assert declared(head) == [feed]


def test_a_feed_is_declared_wherever_the_element_stands() -> None:
    link = '<div><link rel="alternate" type="application/rss+xml" href="/f"></div>'
    assert declared(body=link) == ["/f"]
    assert declared(link.replace("/f", "f"), url=f"{SITE}/blog/") == ["/blog/f"]


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x">',
        '<link rel="alternate" type="text/xml+oembed" href="/wp-json/oembed/1.0/embed?url=x&format=xml">',
        '<link rel="alternate" type="application/atom+xml;type=entry" href="/entry.atom">',
        '<link rel="service.post" type="application/atom+xml" href="/feeds/1/posts/default">',
        '<link rel="EditURI" type="application/rsd+xml" href="/xmlrpc.php?rsd">',
        '<link rel="search" type="application/opensearchdescription+xml" href="/search.xml">',
        '<link rel="sitemap" type="application/xml" href="/sitemap.xml">',
        '<link rel="alternate" hreflang="de" href="/de/">',
        '<link rel="alternate" media="only screen and (max-width: 640px)" href="https://m.gazette.example/">',
        '<link rel="alternate" type="text/html" href="/feed">',
        '<link rel="alternate" href="android-app://com.gazette/http/gazette.example">',
        '<link rel="alternate" type="application/feed+json" title="No address">',
        '<link rel="alternate" type="application/feed+json" href>',
        '<link rel="stylesheet" type="text/css" href="/feed.css">',
    ],
)
def test_what_is_no_feed_is_not_declared(head: str) -> None:
    assert declared(head) == []


@pytest.mark.parametrize(
    ("header", "feeds"),
    [
        ('</feed.atom>; rel="alternate"; type="application/atom+xml"', ["/feed.atom"]),
        ("</a.json>;rel=alternate;type=application/feed+json, </b>; rel=feed", ["/a.json", "/b"]),
        ('</f>; title="a, b; c"; rel="self alternate"; type="application/rss+xml"', ["/f"]),
        ('</wp-json/>; rel="https://api.w.org/", </?p=2>; rel=shortlink', []),
        ("<", []),
    ],
)
def test_feeds_of_the_link_header(header: str, feeds: list[str]) -> None:
    assert declared(links=header) == feeds


@pytest.mark.parametrize(
    ("anchor", "feeds"),
    [
        ('<a href="/rss/politics.xml">Politics</a>', ["/rss/politics.xml"]),
        ('<a href="/feeds/posts/default?alt=rss">Follow</a>', ["/feeds/posts/default?alt=rss"]),
        ('<a href="/service/abo.php?id=3">RSS-Feed</a>', ["/service/abo.php?id=3"]),
        ('<a href="/service/abo"><img src="i.png" alt="RSS"></a>', ["/service/abo"]),
        ('<a href="/abo" title="Newsfeed"><i></i></a>', ["/abo"]),
        ('<a href="/abo" aria-label="RSS"></a>', ["/abo"]),
        ('<a href="/f" type="application/atom+xml">Subscribe</a>', ["/f"]),
        (f'<a href="feed:{SITE}/f">Subscribe</a>', ["/f"]),
        ('<a href="/export.asp?output=rss">Export</a>', ["/export.asp?output=rss"]),
        ('<a href="https://feeds.feedburner.com/gazette">RSS</a>', ["https://feeds.feedburner.com/gazette"]),
        ('<a href="https://feeds.burner.example/rss">News</a>', ["https://feeds.burner.example/rss"]),
        ('<a href="/atomkraft">Atomkraft</a>', []),
        ('<a href="/sitemap.xml">XML Sitemap</a>', []),
        ('<a href="/why-rss-is-dead-0001.html">Why RSS is dead, and what comes next</a>', []),
    ],
)  # fmt: skip
def test_feeds_that_a_page_links_to(anchor: str, feeds: list[str]) -> None:
    assert [feed.url.removeprefix(SITE) for feed in probe(body=anchor).linked] == feeds


def test_editions_are_told_apart_from_sections_and_feeds() -> None:
    found = probe(
        '<link rel="alternate" hreflang="x-default" href="/">'
        '<link rel="alternate" hreflang="en" href="/">'
        '<link rel="alternate" hreflang="de-AT" href="/de/">'
        '<link rel="alternate" type="application/rss+xml" hreflang="de" href="/de/feed/">'
        '<link rel="alternate" type="application/rss+xml" hreflang="en-GB" href="/feed/">',
        '<nav><a href="/sport/">Sport</a><a href="/fr/" hreflang="fr" lang="fr">Français</a></nav>',
        links=f'<{SITE}/es/>; rel="alternate"; hreflang="es"',
    )
    assert {edition.title: edition.url.removeprefix(SITE) for edition in found.editions} == {
        "de-AT": "/de/",
        "fr": "/fr/",
        "es": "/es/",
    }
    assert [section.url.removeprefix(SITE) for section in found.sections] == ["/sport/"]
    assert [feed.url.removeprefix(SITE) for feed in found.declared] == ["/feed/"]
    assert [feed.url.removeprefix(SITE) for feed in found.translated] == ["/de/feed/"]
