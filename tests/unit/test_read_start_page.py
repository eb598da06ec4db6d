# ruff: noqa: E501  # pages and what is expected of them stay on their own lines
"""Start pages told apart by looking: feeds, sitemaps and listings, whole, broken and hostile."""

import gzip
import time
from datetime import UTC, datetime

import pytest

from crawler.extract import read_start_page
from presswatch.model import Hints, LinkKind, Listing, Page, Selectors, Unreadable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def page(body: str | bytes, url: str = "https://p.example/start", content_type: str = "") -> Page:
    return Page(url, url, 200, NOW, body.encode() if isinstance(body, str) else body, content_type)


def listing(body: str | bytes, url: str = "https://p.example/start", hints: Hints | None = None) -> Listing:
    found = read_start_page(page(body, url), hints or Hints())
    assert isinstance(found, Listing), found
    return found


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>The Coast</title><language>en-gb</language>
<item><title>Ferry &amp; tide</title><link>/a/ferry?utm_source=rss</link><pubDate>Wed, 18 Nov 2026 09:00:00 +0100</pubDate></item>
<item><title>No link</title></item>
<item><title>Old harbour</title><link>https://p.example/a/harbour</link></item></channel></rss>"""


def test_rss() -> None:
    found = listing(RSS)
    assert (found.kind, found.title, found.language) == (LinkKind.FEED, "The Coast", "en-gb")
    assert [link.url for link in found.links] == ["https://p.example/a/ferry", "https://p.example/a/harbour"]
    assert found.links[0].title == "Ferry & tide"
    assert found.links[0].published is not None
    assert (found.links[0].published.instant, found.links[0].published.offset) == (
        datetime(2026, 11, 18, 8, tzinfo=UTC),
        60,
    )


def test_atom_and_rdf() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>C</title><entry><title>T</title>
    <link rel="alternate" href="/a/t"/><updated>2026-11-18T09:00:00Z</updated></entry></feed>"""
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>C</title></channel><item><title>T</title>
    <link>https://p.example/a/t</link><dc:date>2026-11-18T09:00:00Z</dc:date></item></rdf:RDF>"""
    for body in (atom, rdf):
        (link,) = listing(body).links
        assert (link.url, link.title) == ("https://p.example/a/t", "T")
        assert link.published is not None
        assert link.published.instant == datetime(2026, 11, 18, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "links",
    [
        # A feed service leads through itself, and tells the outlet's own address beside it.
        '<link rel="alternate" href="https://service.example/~r/1/"/><f:origLink>https://p.example/a/t</f:origLink>',
        '<link rel="alternate" href="https://service.example/~r/1/"/><link rel="canonical" href="https://p.example/a/t"/>',
        # A picture's address written as text is not the article's.
        '<link rel="alternate" href="/a/t"/><link rel="enclosure" type="image/png">https://p.example/t.png</link>',
        '<link rel="enclosure" href="https://p.example/t.png"/><link href="/a/t"/><link rel="self" href="/a/t.xml"/>',
        '<link rel="alternate" href=""/><id>https://p.example/a/t</id>',
    ],
)
def test_where_an_entrys_article_stands(links: str) -> None:
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">
    <title>C</title><entry><title>T</title>{links}</entry></feed>"""
    assert [link.url for link in listing(body).links] == ["https://p.example/a/t"]


def feed_of(times: list[str]) -> str:
    items = "".join(
        f"<item><title>Story {number}</title><link>/a/{number}</link><pubDate>{time}</pubDate></item>"
        for number, time in enumerate(times)
    )
    return f'<rss version="2.0"><channel><title>The Coast</title>{items}</channel></rss>'


def test_the_time_at_which_a_list_was_written_is_no_articles_time() -> None:
    at_once = [f"Wed, 18 Nov 2026 09:00:0{second} +0000" for second in range(6)]
    urls = [
        f"<url><loc>https://p.example/{n}</loc><lastmod>2026-11-18T09:00:00Z</lastmod></url>"
        for n in range(6)
    ]
    for body in (feed_of(at_once), sitemap("".join(urls))):
        assert {link.published for link in listing(body).links} == {None}
    by_and_by = [f"Wed, 18 Nov 2026 09:0{minute}:00 +0000" for minute in range(6)]
    days = [f"<url><loc>https://p.example/{n}</loc><lastmod>2026-11-18</lastmod></url>" for n in range(6)]
    few = at_once[:3]
    for body in (feed_of(by_and_by), sitemap("".join(days)), feed_of(few)):
        assert None not in {link.published for link in listing(body).links}


def changes(body: str) -> list[datetime | None]:
    return [link.modified.instant if link.modified else None for link in listing(body).links]


def test_what_feeds_and_sitemaps_announce_as_changed() -> None:
    assert changes(RSS) == [None, None], "a publication is no change"
    day = datetime(2026, 11, 18, tzinfo=UTC)
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>C</title><entry><title>T</title>
    <link href="/a/t"/><published>2026-11-01T09:00:00Z</published><updated>2026-11-18T00:00:00Z</updated>
    </entry></feed>"""
    assert changes(atom) == [day]
    assert changes(
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/a", "date_modified": "2026-11-18T00:00:00Z"}]}'
    ) == [day]
    assert changes(sitemap("<url><loc>https://p.example/a</loc><lastmod>2026-11-18</lastmod></url>")) == [day]


HEADLINES = [f"What the ministry decided on matter {number}" for number in range(1, 4)]


@pytest.mark.parametrize(
    ("row", "pdfs"),
    [
        ('<li><a href="/{n}.pdf">{title} (PDF, 200 kB)</a></li>', 3),
        ('<li><p>{title}</p><a href="/{n}.PDF?v=2">Download</a></li>', 3),
        (
            '<li><h3><a href="/news/{n}-decided-on-this.html">{title}</a></h3><a href="/{n}.pdf">as a PDF</a></li>',
            0,
        ),
        (
            '<li><a href="/news/{n}-decided-on-this.html">{title}</a></li><li><a href="/{n}.pdf">{title}</a></li>',
            3,
        ),
        ('<footer><a href="/{n}.pdf">{title}</a></footer>', 0),
    ],
)
def test_pdfs_of_a_listing_are_told_by_themselves(row: str, pdfs: int) -> None:
    articles = "".join(
        f'<li><h3><a href="/news/story-{n:04}.html">{title}</a></h3></li>'
        for n, title in enumerate(HEADLINES)
    )
    rows = "".join(row.format(n=n, title=title) for n, title in enumerate(HEADLINES))
    found = listing(f"<html><body><main><ul>{articles}</ul><ul>{rows}</ul></main></body></html>")
    assert len(found.pdfs) == pdfs
    assert not any("pdf" in link.url.lower() for link in found.links)


def test_pdfs_of_a_feed_and_of_a_page_that_shows_nothing_else() -> None:
    found = listing(RSS.replace("/a/ferry", "/a/ferry.pdf"))
    assert found.pdfs == ("https://p.example/a/ferry.pdf",)
    assert [link.url for link in found.links] == ["https://p.example/a/harbour"]
    rows = "".join(f'<li><a href="/{n}.pdf">{title}</a></li>' for n, title in enumerate(HEADLINES))
    refused = read_start_page(page(f"<html><body><ul>{rows}</ul></body></html>"), Hints())
    assert isinstance(refused, Unreadable)
    assert refused.reason.endswith("it links 3 PDFs, which are not read")


def test_json_feed() -> None:
    found = listing(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "C", "next_url": "/feed/2.json", "items": ['
        '{"id": "1", "url": "/a/t", "title": "T", "date_published": "2026-11-18T09:00:00+02:00"}, {"id": "2"}]}'
    )
    assert [link.url for link in found.links] == ["https://p.example/a/t"]
    assert found.pages == ("https://p.example/feed/2.json",)


def test_a_malformed_feed_gives_what_it_holds() -> None:
    broken = RSS.replace("</channel></rss>", "").replace("Ferry &amp; tide", "Ferry & tide")
    assert len(listing(broken).links) == 2


def sitemap(entries: str, name: str = "urlset") -> str:
    return (
        f'<?xml version="1.0"?><{name} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{name}>'
    )


def test_a_sitemap_is_read_newest_first_also_zipped_and_with_news() -> None:
    body = sitemap(
        "<url><loc>https://p.example/old</loc><lastmod>2026-11-01</lastmod></url>"
        "<url><loc>https://p.example/none</loc></url>"
        '<url><loc>https://p.example/new</loc><n:news xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
        "<n:publication_date>2026-11-19T08:00:00Z</n:publication_date><n:title>The  new one</n:title></n:news></url>"
    )
    for raw in (body.encode(), gzip.compress(body.encode())):
        found = listing(raw)
        assert found.kind is LinkKind.SITEMAP
        assert [link.url.rsplit("/", 1)[1] for link in found.links] == ["new", "old", "none"]
        assert (found.links[0].title, found.links[0].position) == ("The new one", 0)


@pytest.mark.parametrize(
    ("body", "links", "pages"),
    [
        # What holds sitemaps is an index, whatever its root is called.
        (sitemap("<sitemap><loc>/s1.xml</loc></sitemap>"), [], ["/s1.xml"]),
        (sitemap("<url><loc>/a</loc></url><sitemap><loc>/s.xml</loc></sitemap>", "sitemapindex"), ["/a"], ["/s.xml"]),
        (sitemap("<URL><LOC>/a</LOC></URL>"), ["/a"], []),
        ("<br />\n<b>Notice</b>: odd <br />\n" + sitemap("<url><loc>/a</loc></url>"), ["/a"], []),
        (sitemap("<url><loc>/a</loc></url><url><loc>/budget-of-the-town</loc></url>")[:-36], ["/a"], []),
        (sitemap("<url><loc>p.example/a</loc></url><url><loc>www.p.example/b</loc></url>"), ["/a", "www:/b"], []),
        ("# pages of the town\nhttps://p.example/a\n# more\nhttps://p.example/b", ["/a", "/b"], []),
    ],
)  # fmt: skip
def test_a_sitemap_that_is_written_otherwise(body: str, links: list[str], pages: list[str]) -> None:
    found = listing(body)
    shown = [
        link.url.replace("https://p.example", "").replace("https://www.p.example", "www:")
        for link in found.links
    ]
    assert (shown, [page.removeprefix("https://p.example") for page in found.pages]) == (links, pages)


@pytest.mark.parametrize("said", ["2099-01-01", "1970-01-01T00:00:00Z", "0000-00-00"])
def test_a_time_that_no_page_can_have_is_none(said: str) -> None:
    bodies = (
        sitemap(f"<url><loc>/a</loc><lastmod>{said}</lastmod></url>"),
        f"<rss><channel><item><title>T</title><link>/a</link><pubDate>{said}</pubDate></item></channel></rss>",
    )
    assert [link.published for body in bodies for link in listing(body).links] == [None, None]


def test_a_sitemap_index_gives_its_sitemaps_newest_first() -> None:
    found = listing(
        sitemap(
            "<sitemap><loc>/s1.xml</loc><lastmod>2026-10-01</lastmod></sitemap>"
            "<sitemap><loc>/s2.xml.gz</loc><lastmod>2026-11-01</lastmod></sitemap>",
            "sitemapindex",
        )
    )
    assert found.links == ()
    assert found.pages == ("https://p.example/s2.xml.gz", "https://p.example/s1.xml")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@pytest.mark.parametrize(
    "body",
    [
        BOMB + "]>" + RSS.split("?>")[1].replace("Old harbour", "&j;"),
        '<?xml version="1.0"?>'
        + BOMB
        + "]>"
        + sitemap("<url><loc>https://p.example/a</loc><lastmod>&j;</lastmod></url>").split("?>")[1],
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        + RSS.split("?>")[1].replace("Old harbour", "&f;"),
        sitemap(
            "".join(
                f"<url><loc>https://p.example/a/{n}</loc><lastmod>2026-11-0{n % 9 + 1}</lastmod></url>"
                for n in range(50_000)
            )
        ),
        RSS.replace("</channel>", "<item><title>T</title><link>/x</link></item>" * 20_000 + "</channel>"),
        gzip.compress(b"<urlset>" + b" " * 60_000_000),
        b"\x1f\x8b broken",
        "<rss>" + "<a>" * 50_000,
        "[" * 100_000,
    ],
    ids=[
        "bomb-feed",
        "bomb-sitemap",
        "external",
        "50000",
        "20000-items",
        "gzip-bomb",
        "broken-gzip",
        "deep",
        "json",
    ],
)
def test_hostile_start_pages_are_read_or_refused_soon(body: str | bytes) -> None:
    begun = time.thread_time()
    found = read_start_page(page(body), Hints())
    assert time.thread_time() - begun < 4, "seconds of CPU"
    if isinstance(found, Listing):
        assert len(found.links) <= 1_000
        assert not any("root:" in link.title or len(link.title) > 10_000 for link in found.links)
    else:
        assert found.reason


FRONT = """<html lang="de"><head><title>Nachrichten von der Küste</title></head><body>
<nav><a href="/abo/das-beste-angebot-fuer-alle-leser-1">Das beste Angebot für alle Leser des Blattes</a></nav>
<main>
<article><a href="/politik/neue-faehre-nach-norden-4711.html"><img alt="Bild"></a>
<h2><a href="/politik/neue-faehre-nach-norden-4711.html?utm_source=front">Neue Fähre nach Norden wird getauft</a></h2>
<time datetime="2026-11-19T10:00:00+01:00">gestern</time><p>Sie fährt ab Mai.</p></article>
<article><a href="/kultur/der-letzte-leuchtturm-4712.html"><h3>Der letzte Leuchtturm geht vom Netz</h3>
<p>Ein Abschied mit Musik und vielen Worten, die lange nachklingen werden.</p></a></article>
<ul><li><a href="/sport/regatta-endet-mit-ueberraschung-4713.html">Regatta endet mit einer Überraschung</a></li></ul>
<a href="/politik">Politik</a> <a href="/thema/faehren">Alles über Fähren und ihre Häfen</a>
<a href="https://anderswo.example/eine-ganz-andere-seite-1.html">Eine ganz andere Seite mit langem Namen</a>
<div class="pager"><a href="?p=1">1</a> <a href="?p=2">2</a> <a href="?p=2" class="x">Weiter ›</a></div></main>
<footer><a href="/impressum">Impressum und alles was dazu gehört</a></footer></body></html>"""


def test_a_listing_yields_its_articles_in_order_with_titles_times_and_the_next_page() -> None:
    found = listing(FRONT, "https://p.example/nachrichten")
    assert found.kind is LinkKind.LISTING
    assert [(link.url.rsplit("-", 1)[1], link.title, link.position) for link in found.links] == [
        ("4711.html", "Neue Fähre nach Norden wird getauft", 0),
        ("4712.html", "Der letzte Leuchtturm geht vom Netz", 1),
        ("4713.html", "Regatta endet mit einer Überraschung", 2),
    ]
    assert found.links[0].published is not None
    assert found.links[0].published.instant == datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert found.pages == ("https://p.example/nachrichten?p=2",)
    assert (found.title, found.language) == ("Nachrichten von der Küste", "de")


@pytest.mark.parametrize(
    ("own", "hrefs", "following"),
    [
        ("/news/", {"1": "/news/", "2": "/news/page/2/", "3": "/news/page/3/"}, "/news/page/2/"),
        ("/news/page/2/", {"1": "/news/", "2": "#", "3": "/news/page/3/"}, "/news/page/3/"),
        ("/news?page=9", {"9": "?page=9", "10": "?page=10", "11": "?page=11"}, "/news?page=10"),
        ("/gn/index.html", {"1": "index.html", "2": "index_2.html"}, "/gn/index_2.html"),
        ("/news", {"2": "/news/2"}, "/news/2"),
        ("/news/", {"1": "/2026/11/1/", "2": "/2026/11/2/"}, ""),  # a calendar
        ("/news/", {"1": "/a-story-of-two-towns-4711.html", "2": "/story-2-of-many-towns-4712.html"}, ""),
        ("/news/page/3/", {"1": "/news/", "2": "/news/page/2/"}, ""),
    ],
)
def test_a_listing_whose_pages_are_numbered(own: str, hrefs: dict[str, str], following: str) -> None:
    stories = "".join(
        f'<h2><a href="/politik/neue-faehre-nach-norden-471{n}.html">Neue Fähre nach Norden getauft</a></h2>'
        for n in range(3)
    )
    pages = "".join(f'<li><a href="{href}">{number}</a></li>' for number, href in hrefs.items())
    found = listing(f"<html><body>{stories}<ul>{pages}</ul></body></html>", f"https://p.example{own}")
    assert found.pages == ((f"https://p.example{following}",) if following else ())


def test_a_sources_selector_decides_what_is_a_link() -> None:
    found = listing(FRONT, hints=Hints(selectors=Selectors(links="main ul a")))
    assert [link.title for link in found.links] == ["Regatta endet mit einer Überraschung"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "empty"),
        ("<html><body><p>Hello</p></body></html>", "nothing on the page"),
        ("<html><title>Just a moment...</title><body>Checking your browser</body></html>", "bot challenge"),
        ("<urlset></urlset>", "no address"),
        ("{}", "not a JSON Feed"),
        ("<rss><channel><title>The", "no entry"),
        ("<rss><channel><item><title>A</title></item></channel></rss>", "no entry"),
        ('{"items": []}', "no entry"),
        ("<urlset><url><loc>None</loc></url></urlset>", "no address"),
    ],
)
def test_what_cannot_be_used_says_why(body: str, words: str) -> None:
    found = read_start_page(page(body), Hints())
    assert isinstance(found, Unreadable)
    assert words in found.reason


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0"?><rss version="2.0"><channel><title>The Coast</title></channel></rss>',
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Coast</title></feed>',
        '{"version": "https://jsonfeed.org/version/1.1", "title": "The Coast", "items": []}',
    ],
)
def test_a_feed_may_have_no_entry_yet(body: str) -> None:
    found = read_start_page(page(body), Hints())
    assert isinstance(found, Listing)
    assert (found.kind, found.links, found.title) == (LinkKind.FEED, (), "The Coast")


LINKED = ["https://p.example/a/ferry", "https://p.example/a/harbour"]
CARDS = "".join(
    f"<article><h2><a href='/a/harbour-plan-{n}.html'>Harbour plan {n} passes in the town council</a></h2><p>Teaser.</p></article>"
    for n in range(3)
)
JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "https://p.example/a/ferry"}, {"id": "7", "url": "/a/harbour"}, {"id": "8"}]}'
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    ' xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">'
    + "".join(
        f"<url><image:image><image:loc>/p.jpg</image:loc><image:title>A quay</image:title></image:image>"
        f"<video:video><video:publication_date>2019-01-01</video:publication_date></video:video><loc>{url}</loc></url>"
        for url in LINKED
    )
    + "</urlset>"
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("\ufeff" + JSON, LinkKind.FEED),
        (JSON.encode("utf-16"), LinkKind.FEED),
        ("<b>Warning</b>: in functions.php\n" + RSS, LinkKind.FEED),
        ("<!-- " + "made by a machine " * 500 + "-->" + RSS, LinkKind.FEED),
        (
            RSS.replace("1.0", "1.0' encoding='utf-16")
            .replace("\"1.0'", "'1.0'")
            .replace('utf-16"', "utf-16'")
            .encode("utf-16"),
            LinkKind.FEED,
        ),
        (SITEMAP, LinkKind.SITEMAP),
        ("\r\n".join(LINKED), LinkKind.SITEMAP),
        ("\ufeff" + "\n".join(LINKED) + "\n", LinkKind.SITEMAP),
        (gzip.compress("\n".join(LINKED).encode()), LinkKind.SITEMAP),
        (gzip.compress(SITEMAP[:200].encode()) + gzip.compress(SITEMAP[200:].encode()), LinkKind.SITEMAP),
        (gzip.compress(RSS.encode()), LinkKind.FEED),
    ],
    ids=[
        "JSON with a mark",
        "JSON in UTF-16",
        "RSS after a warning",
        "RSS after a long comment",
        "RSS in UTF-16",
        "sitemap with pictures and videos",
        "text",
        "text with a mark",
        "text, compressed",
        "sitemap in two members",
        "RSS, compressed",
    ],
)
def test_what_a_start_page_is_tells_its_root_element_or_its_text(body: str | bytes, kind: LinkKind) -> None:
    found = listing(body)
    assert (found.kind, sorted(link.url for link in found.links)) == (kind, LINKED)
    assert [link.published for link in found.links if kind is LinkKind.SITEMAP] in ([], [None, None])


@pytest.mark.parametrize(
    "before",
    [
        "<!doctype html><html><body><feed-switcher></feed-switcher>",
        "<!doctype html><title>News</title><body><rss-button></rss-button>",
        "<!doctype html><!-- <rdf:RDF> a licence </rdf:RDF> --><body>",
        "<script>var shape = '<rss>';</script><title>News</title><body>",
        "<html><body><svg><metadata><rdf:RDF></rdf:RDF></metadata></svg>",
    ],
)
def test_a_listing_that_holds_elements_named_like_a_feed_is_a_listing(before: str) -> None:
    found = listing(f"{before}<main>{CARDS}</main>")
    assert (found.kind, len(found.links)) == (LinkKind.LISTING, 3)


def test_addresses_that_are_ids_are_articles_where_they_lie_together_under_headlines() -> None:
    ids = ("c4wzt9kyqplo", "cq3hbvnlxdwo", "c2w8xq71lk9o", "cmzfgrjwtyko")
    rows = "".join(
        f'<h3><a href="/news/articles/{one}">The council votes on the quay of {one}</a></h3>' for one in ids
    )
    page = Page("https://p.example/news", "https://p.example/news", 200, NOW, f"<main>{rows}</main>".encode())
    listing = read_start_page(page, Hints())
    assert isinstance(listing, Listing)
    assert [link.url for link in listing.links] == [f"https://p.example/news/articles/{one}" for one in ids]
