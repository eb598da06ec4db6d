"""What is found out about sites made for it: where articles are listed, and what is said of the rest."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery.choice import Start
from crawler.discovery.results import Discovery
from crawler.preview import discover
from presswatch.model import LinkKind
from support.project import Project
from support.site import Site, serving

NOW = datetime.now(UTC)
XML = "application/xml"
WALL = (
    "<html><head><title>Before you continue</title></head><body><h1>Before you continue</h1>"
    "<p>We and our partners use cookies.</p><button>Accept all cookies</button></body></html>"
)


def rss(paths: Sequence[str], title: str = "The Gazette", extra: str = "", hours: float = 1) -> str:
    """A feed of articles at these paths, one published every so many hours, the newest first."""
    items = "".join(
        f"<item><title>What the council decided, part {place}</title><link>{path}</link>{extra}"
        f"<pubDate>{NOW - timedelta(hours=hours * (place + 1)):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for place, path in enumerate(paths)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'


def urlset(paths: Sequence[str], site: Site, age: timedelta) -> str:
    urls = "".join(
        f"<url><loc>{site.url}{path}</loc><lastmod>{(NOW - age).isoformat()}</lastmod></url>"
        for path in paths
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def index(children: Sequence[tuple[str, timedelta]]) -> str:
    rows = "".join(
        f"<sitemap><loc>{url}</loc><lastmod>{(NOW - age).isoformat()}</lastmod></sitemap>"
        for url, age in children
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'


def articles(site: Site, *numbers: int) -> list[str]:
    """Articles with these numbers, put on the site; their paths."""
    paths = [f"/council-decided-on-bridge-{number:05}.html" for number in numbers]
    for path in paths:
        site.article(path, f"The council decided on bridge {path[-10:-5]} in the end")
    return paths


def home(site: Site, head: str = "", body: str = "") -> None:
    title = "<title>The Gazette | News of the river</title>"
    site.serve("/", f'<html lang="en-GB"><head>{title}{head}</head><body>{body}</body></html>')


def starts(found: Discovery) -> list[str]:
    return [start.url for start in found.chosen]


def said(found: Discovery, url: str) -> Start:
    [start] = [one for one in found.starts if one.url == url]
    return start


@pytest.mark.parametrize("href", ["/news/latest.rdf", "news/latest.rdf", "//{host}/news/latest.rdf"])
def test_a_feed_that_the_page_declares_wherever_it_is(project: Project, site: Site, href: str) -> None:
    link = href.format(host=site.host)
    home(site, f'<link rel="alternate" type="application/rss+xml" href="{link}">')
    site.serve("/news/latest.rdf", rss(articles(site, 1, 2, 3)), content_type=XML)
    asked: list[tuple[str, int]] = []
    found = discover(project.folder, site.url, 2, lambda url, number: asked.append((url, number)))
    assert starts(found) == [f"{site.url}/news/latest.rdf"]
    assert (found.name, found.language, found.zone.zone) == ("The Gazette", "en", "Europe/London")
    assert [sample.article.title for sample in found.samples if sample.article] == [
        "The council decided on bridge 00001 in the end",
        "The council decided on bridge 00002 in the end",
    ]
    assert [number for _, number in asked] == list(range(1, len(asked) + 1)), "progress is told"
    assert found.fetches == len(asked) == len(site.paths())
    assert not (project.data / "archive.sqlite").exists(), "nothing is kept"


def test_a_feed_at_a_usual_address_alone(project: Project, site: Site) -> None:
    home(site, body="<p>Welcome.</p>")
    site.serve("/rss", "<html><body><h1>Our feeds</h1></body></html>")
    site.serve("/atom.xml", rss(articles(site, 1, 2, 3)), content_type=XML)
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/atom.xml"]
    assert said(found, f"{site.url}/atom.xml").how == "at a usual address"
    assert "/feed.json" not in site.paths(), "what is found need not be guessed"


def test_a_feed_that_the_page_links_to(project: Project, site: Site) -> None:
    home(site, body='<footer><a href="/service/rss">RSS</a></footer>')
    site.serve("/service/rss", rss(articles(site, 1, 2, 3)), content_type=XML)
    assert starts(discover(project.folder, site.url, 0)) == [f"{site.url}/service/rss"]


def test_an_index_of_sitemaps_gives_its_news_and_its_newest(project: Project, site: Site) -> None:
    months = [
        (f"{site.url}/sitemap-2026-{month:02}.xml", timedelta(days=400 - month)) for month in range(1, 9)
    ]
    site.serve(
        "/robots.txt", f"Sitemap: {site.url}/all.xml\nUser-agent: *\nDisallow:", content_type="text/plain"
    )
    home(site, body="<p>Welcome.</p>")
    news = (f"{site.url}/sitemap-news.xml.gz", timedelta(hours=1))
    tags = (f"{site.url}/sitemap-tags.xml", timedelta(0))
    site.serve("/all.xml", index([*months, tags, news]), content_type=XML)
    fresh = urlset(articles(site, 1, 2, 3, 4), site, timedelta(hours=3))
    site.serve("/sitemap-news.xml.gz", gzip.compress(fresh.encode()), content_type="application/gzip")
    old = [f"/old-{number}.html" for number in range(30)]
    site.serve("/sitemap-2026-08.xml", urlset(old, site, timedelta(days=380)), content_type=XML)
    found = discover(project.folder, site.url, 2)
    assert site.paths()[site.paths().index("/all.xml") + 1] == "/sitemap-news.xml.gz"
    assert not {"/sitemap-2026-01.xml", "/sitemap-tags.xml"} & set(site.paths()), "a few children are enough"
    assert starts(found) == [f"{site.url}/sitemap-news.xml.gz"]
    assert all(sample.article for sample in found.samples)


def test_a_sitemap_that_robots_txt_names_without_its_host_or_the_page_declares(
    project: Project, site: Site
) -> None:
    paths = articles(site, 1, 2, 3)
    site.serve("/maps/all.xml", urlset(paths, site, timedelta(hours=1)), content_type=XML)
    home(site)
    site.serve("/robots.txt", "Sitemap: /maps/all.xml", content_type="text/plain")
    assert starts(discover(project.folder, site.url, 0)) == [f"{site.url}/maps/all.xml"]
    site.serve("/robots.txt", "", content_type="text/plain")
    home(site, '<link rel="sitemap" href="/maps/all.xml">')
    assert starts(discover(project.folder, site.url, 0)) == [f"{site.url}/maps/all.xml"]


def test_sections_where_there_is_neither_feed_nor_sitemap(project: Project, site: Site) -> None:
    names = ("politics", "harbour", "culture")
    bars = "".join(f'<a href="/{name}/">{name.title()}</a>' for name in names)
    more = '<a href="/login">Sign in</a><a href="/about-us">About us</a><a href="/podcast/">Listen</a>'
    home(site, body=f"<nav>{bars}{more}</nav><p>Welcome.</p>")
    for place, name in enumerate(names):
        first = articles(site, *range(10 * place, 10 * place + 4))
        second = articles(site, *range(10 * place + 4, 10 * place + 8))
        site.listing(f"/{name}/", *first, following=f"/{name}/page/2/")
        site.listing(f"/{name}/page/2/", *second)
    found = discover(project.folder, site.url, 6)
    assert starts(found) == [f"{site.url}/{name}/" for name in names]
    assert [len(start.links) for start in found.chosen] == [8, 8, 8], "with their second pages"
    assert {start.kind for start in found.chosen} == {LinkKind.LISTING}
    assert not {"/login", "/about-us", "/podcast/"} & set(site.paths())
    # One of each section by turns.
    assert [sample.url[-10:-5] for sample in found.samples] == [f"{n:05}" for n in (0, 10, 20, 1, 11, 21)]


def test_sections_are_ranked_by_what_only_they_show(project: Project, site: Site) -> None:
    bar = '<nav><a href="/all/">All news</a><a href="/sport/">Sport</a><a href="/more/">More</a></nav>'
    home(site, body=bar)
    everything = articles(site, *range(1, 9))
    site.listing("/all/", *everything)
    site.listing("/sport/", *everything[:4])
    site.listing("/more/", *articles(site, *range(20, 26)))
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/all/", f"{site.url}/more/"]
    assert (
        said(found, f"{site.url}/sport/").why == f"its 4 recent articles are among the 8 of {site.url}/all/"
    )


def test_feeds_of_comments_and_of_recordings_are_left(project: Project, site: Site) -> None:
    kind = 'rel="alternate" type="application/rss+xml"'
    home(
        site,
        f'<link {kind} title="Gazette » Comments Feed" href="/comments/feed/">'
        f'<link {kind} href="/listen.rss"><link {kind} href="/latest-replies.rss">'
        f'<link {kind} title="Gazette » Feed" href="/main.rss">',
    )
    paths = articles(site, 1, 2, 3, 4)
    site.serve("/main.rss", rss(paths), content_type=XML)
    sound = '<enclosure url="/listen.mp3" length="1" type="audio/mpeg"/>'
    site.serve("/listen.rss", rss(articles(site, 11, 12, 13), extra=sound), content_type=XML)
    replies = rss([f"{path}#comment-{place}" for place, path in enumerate(paths)])
    site.serve("/latest-replies.rss", replies, content_type=XML)
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/main.rss"]
    assert said(found, f"{site.url}/comments/feed/").why == "a feed of comments"
    assert "/comments/feed/" not in site.paths(), "its name says enough"
    assert said(found, f"{site.url}/listen.rss").why == "a feed of recordings"
    assert said(found, f"{site.url}/latest-replies.rss").why == "a feed of comments"


def test_a_feed_that_is_a_cut_copy_of_another(project: Project, site: Site) -> None:
    kind = 'rel="alternate" type="application/rss+xml"'
    home(site, f'<link {kind} href="/short.rss"><link {kind} href="/long.rss"><link {kind} href="/copy.rss">')
    paths = articles(site, *range(1, 13))
    site.serve("/short.rss", rss(paths[:4]), content_type=XML)
    site.serve("/long.rss", rss(paths), content_type=XML)
    site.serve("/copy.rss", rss(paths), content_type=XML)
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/long.rss"]
    short = said(found, f"{site.url}/short.rss")
    assert short.why == f"its 4 recent articles are among the 12 of {site.url}/long.rss"
    assert said(found, f"{site.url}/copy.rss").why == f"the same articles as {site.url}/long.rss"


def test_a_listing_is_taken_beside_a_feed_that_shows_little_of_it(project: Project, site: Site) -> None:
    paths = articles(site, *range(1, 13))
    site.listing("/", *paths)
    site.serve("/feed", rss(paths[:3]), content_type=XML)
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/feed", f"{site.url}/"]


def test_a_feed_without_news_for_years(project: Project, site: Site) -> None:
    paths = articles(site, *range(1, 8))
    site.listing("/", *paths)
    site.serve("/feed", rss(["/bygone-story-1.html", "/bygone-story-2.html"], hours=20_000), content_type=XML)
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/"]
    assert said(found, f"{site.url}/feed").why.startswith("nothing new since 20")


def test_what_robots_txt_closes_is_not_asked_for(project: Project, site: Site) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /\nAllow: /feed", content_type="text/plain")
    home(site)
    site.serve("/feed", rss(["/story-0001.html"]), content_type=XML)
    found = discover(project.folder, site.url, 1)
    assert site.paths() == ["/feed"]
    assert said(found, f"{site.url}/").why == "robots.txt disallows it"
    assert starts(found) == [f"{site.url}/feed"]
    [sample] = found.samples
    assert (sample.article, sample.reason) == (None, "robots.txt disallows it")
    site.serve("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    closed = discover(project.folder, site.url)
    assert closed.chosen == ()
    assert "the home page: robots.txt disallows it. If you know" in closed.reason


def test_behind_a_wall_there_may_be_a_feed(project: Project, site: Site) -> None:
    site.serve("/", WALL)
    found = discover(project.folder, site.url)
    assert found.chosen == ()
    assert "the home page: the page is a consent wall" in found.reason
    site.serve("/rss.xml", rss(articles(site, 1, 2, 3)), content_type=XML)
    site.serve("/politics-and-more-0007.html", WALL)
    found = discover(project.folder, site.url)
    assert starts(found) == [f"{site.url}/rss.xml"]
    assert "consent wall" in said(found, f"{site.url}/").why


def test_a_wall_on_another_host_is_not_the_site(project: Project, site: Site) -> None:
    with serving() as wall:
        project.configure(allow=[site.host, wall.host])
        site.redirect("/", f"{wall.url}/consent?back=/")
        wall.serve("/consent?back=/", WALL)
        site.serve("/feed", rss(articles(site, 1, 2, 3)), content_type=XML)
        found = discover(project.folder, site.url, 0)
    assert wall.paths() == ["/consent?back=/"]
    assert (found.url, found.notes) == (f"{site.url}/", ())
    assert starts(found) == [f"{site.url}/feed"]
    assert "consent wall" in said(found, f"{site.url}/").why


def test_what_is_not_articles_is_counted_by_kind(project: Project, site: Site) -> None:
    home(site, '<link rel="alternate" type="application/rss+xml" href="/feed">')
    site.serve(
        "/feed", rss([*articles(site, 1, 2), "/wall-1.html", "/wall-2.html", "/gone.html"]), content_type=XML
    )
    site.serve("/wall-1.html", WALL)
    site.serve("/wall-2.html", WALL)
    found = discover(project.folder, site.url)
    assert found.rejected == {"consent wall": 2}
    assert [sample.reason for sample in found.samples][-1] == "answered 404 Not Found"


def test_what_the_samples_say_against_it_is_told(project: Project, site: Site) -> None:
    # A listing: a feed would tell the titles that the pages hide.
    paths = articles(site, 1, 2, 3)
    walls = ("/wall-0001.html", "/wall-0002.html")
    site.listing("/news", *paths, *walls)
    for path in walls:
        site.serve(path, WALL)
    for path in paths:
        site.article(path, "The Gazette, the paper of the river")
    titles, authors, others = discover(project.folder, f"{site.url}/news").warnings
    assert titles.startswith("3 of 3 articles have the same title, 'The Gazette, the paper of the river'")
    assert authors.startswith("3 of 3 articles name no author")
    assert others.startswith("2 of 5 linked pages are no articles (2 consent wall)")


def test_a_home_page_that_leads_to_another_host(project: Project, site: Site) -> None:
    with serving() as other:
        project.configure(allow=[site.host, other.host])
        site.redirect("/", f"{other.url}/")
        other.listing("/", *articles(other, 1, 2, 3))
        other.serve("/feed", rss(articles(other, 1, 2, 3)), content_type=XML)
        found = discover(project.folder, site.url, 1)
    assert found.url == f"{other.url}/"
    assert starts(found) == [f"{other.url}/feed"]
    assert found.notes == (f"{site.url}/ leads to another site: what is said here is of {other.url}/",)
    assert set(site.paths()) == {"/"}


def test_articles_that_lead_to_another_host(project: Project, site: Site) -> None:
    with serving() as other:
        project.configure(allow=[site.host, other.host])
        [path] = articles(other, 1)
        site.redirect(path, f"{other.url}{path}")
        site.serve("/feed", rss([path, *articles(site, 2, 3)]), content_type=XML)
        found = discover(project.folder, f"{site.url}/feed")
    assert [bool(sample.article) for sample in found.samples] == [True, True, True]
    assert found.notes == (f"some of its links lead to another site, {other.host}",)


def test_a_site_that_wants_no_more_requests_is_left_alone(project: Project, site: Site) -> None:
    home(site, body='<a href="/one.rss">RSS</a><a href="/two.rss">RSS</a><a href="/three.rss">RSS</a>')
    for name in ("one", "two", "three"):
        site.serve(f"/{name}.rss", status=429)
    found = discover(project.folder, site.url)
    assert site.paths() == ["/", "/one.rss", "/two.rss"]
    assert found.notes == ("not everything was tried: after 3 pages the site stopped answering",)
    assert found.chosen == ()


def test_a_large_site_is_not_asked_for_more_than_is_polite(project: Project, site: Site) -> None:
    bar = "".join(f'<a href="/part-{place}/">Part {place}</a>' for place in range(40))
    home(site, body=f"<nav>{bar}</nav>")
    for place in range(40):
        first = articles(site, *range(100 * place, 100 * place + 3))
        site.listing(f"/part-{place}/", *first, following=f"/part-{place}/2/")
        second = articles(site, *range(100 * place + 3, 100 * place + 6))
        site.listing(f"/part-{place}/2/", *second, following=f"/part-{place}/3/")
    found = discover(project.folder, site.url)
    assert found.fetches == len(site.paths()) <= 40
    assert any(note.startswith("not everything was tried") for note in found.notes)
    assert len(found.samples) == 10


def test_a_feed_that_the_link_header_declares(project: Project, site: Site) -> None:
    told = {
        "Link": '</wp-json/>; rel="https://api.w.org/", </posts>; rel="alternate"; type="application/json"'
    }
    site.serve("/", "<html><body><p>Welcome.</p></body></html>", headers=told)
    items = [
        {"url": f"{site.url}{path}", "title": "What the council decided"} for path in articles(site, 1, 2)
    ]
    site.serve("/posts", json.dumps({"items": items}), content_type="application/json")
    assert starts(discover(project.folder, site.url, 0)) == [f"{site.url}/posts"]


def test_json_that_is_declared_and_no_feed_is_left(project: Project, site: Site) -> None:
    kind = 'rel="alternate" type="application/json"'
    home(site, f'<link {kind} href="/index.json"><link {kind} href="/wp-json/wp/v2/pages/2">')
    site.serve("/index.json", '[{"title": "A page", "permalink": "/page/"}]', content_type="application/json")
    site.serve("/feed", rss(articles(site, 1, 2, 3)), content_type=XML)
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/feed"]
    assert said(found, f"{site.url}/index.json").kind is None
    assert "/wp-json/wp/v2/pages/2" not in site.paths()


def test_the_blog_of_a_site_without_news(project: Project, site: Site) -> None:
    home(site, body='<nav><a href="/products/">Products</a><a href="/blog/">Our blog</a></nav>')
    paths = articles(site, 1, 2, 3, 4)
    site.listing("/blog/", *paths)
    site.serve("/blog/index.xml", rss(paths), content_type=XML)
    assert starts(discover(project.folder, site.url, 0)) == [f"{site.url}/blog/index.xml"]
    home(site, body="<p>Welcome to the makers of bridges.</p>")
    assert starts(discover(project.folder, site.url, 0)) == [f"{site.url}/blog/index.xml"], "linked or not"


def test_a_given_section_is_read_by_its_own_feed(project: Project, site: Site) -> None:
    paths = articles(site, 1, 2, 3, 4)
    site.listing("/harbour/", *paths)
    site.serve("/harbour/feed", rss(paths), content_type=XML)
    assert starts(discover(project.folder, f"{site.url}/harbour/", 0)) == [f"{site.url}/harbour/feed"]
    # What answers there may as well be the feed of the whole site.
    site.serve("/harbour/feed", rss(articles(site, *range(10, 30))), content_type=XML)
    found = discover(project.folder, f"{site.url}/harbour/", 0)
    assert starts(found) == [f"{site.url}/harbour/"]
    why = said(found, f"{site.url}/harbour/feed").why
    assert why == f"it shows other articles than {site.url}/harbour/"


def test_other_editions_are_told_and_not_added(project: Project, site: Site) -> None:
    german = '<link rel="alternate" hreflang="de" href="/de/">'
    feed = '<link rel="alternate" type="application/rss+xml" hreflang="{}" href="{}">'
    home(site, german + feed.format("de", "/de/feed") + feed.format("en", "/feed"))
    site.serve("/feed", rss(articles(site, 1, 2, 3)), content_type=XML)
    site.serve("/de/feed", rss(articles(site, 11, 12, 13)), content_type=XML)
    found = discover(project.folder, site.url, 0)
    assert starts(found) == [f"{site.url}/feed"]
    assert found.notes == (
        f"it has other editions, each a source of its own if you add it: de: {site.url}/de/",
    )
    assert said(found, f"{site.url}/de/feed").why == "a feed in another language"
