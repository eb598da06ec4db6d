"""Redesigns of a site: what is proposed finds its articles again, or nothing is proposed."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery.healing import Healing
from crawler.preview import heal_source
from presswatch import config
from presswatch.archive.known_articles import KnownArticle
from support.project import Project
from support.site import Site, serving

NOW = datetime.now(UTC)
NUMBERS = range(100, 124)
XML = "application/xml"
_WORDS = ("bridge", "ferry", "harbour", "school", "market", "theatre", "railway", "library")


def title(number: int) -> str:
    first, second = _WORDS[number % 8], _WORDS[number // 8 % 8]
    return f"The council decides on the {first} and the {second} in case {number}"


def address(number: int) -> str:
    return f"/news/council-{_WORDS[number % 8]}-{number:05}.html"


def published(number: int) -> datetime:
    return NOW - timedelta(hours=3 * (max(NUMBERS) - number) + 12)


def known(site: Site) -> list[KnownArticle]:
    """What the archive has of the site, the newest first."""
    return [
        KnownArticle(frozenset({site.url + address(n)}), title(n), published(n)) for n in reversed(NUMBERS)
    ]


def rss(numbers: Sequence[int], path: Callable[[int], str] = address) -> str:
    items = "".join(
        f"<item><title>{title(n)}</title><link>{path(n)}</link>"
        f"<pubDate>{published(n):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'


def urlset(site: Site, numbers: Sequence[int]) -> str:
    urls = "".join(
        f"<url><loc>{site.url}{address(n)}</loc><lastmod>{published(n).isoformat()}</lastmod></url>"
        for n in numbers
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def cards(numbers: Sequence[int], style: str = "teaser", path: Callable[[int], str] = address) -> str:
    return "".join(
        f'<div class="{style}"><h3 class="{style}-head"><a href="{path(n)}">{title(n)}</a></h3></div>'
        for n in numbers
    )


def page(body: str, head: str = "") -> str:
    return f'<html lang="en"><head><title>The Gazette</title>{head}</head><body>{body}</body></html>'


ALL = [124, 125, *range(123, 99, -1)]  # two are new, as they were published since
OTHERS = range(500, 530)
ADS = "".join(
    f'<div class="partner"><h3><a href="/offers/cheap-holidays-{n:05}.html">A holiday that '
    f"everybody can pay for, offer {n}</a></h3></div>"
    for n in range(900, 912)
)
FEED = '<link rel="alternate" type="application/rss+xml" href="{}">'


def classes_renamed(site: Site) -> None:
    site.serve("/news", page(cards(ALL, "story")))
    site.serve("/", page(cards(ALL[:6], "story")))


def classes_renamed_among_others(site: Site) -> None:
    site.serve("/news", page(ADS + cards(ALL, "story")))
    site.serve("/", page(ADS))


def classes_of_a_build(site: Site) -> None:
    site.serve("/news", page(cards(ALL, "css-1q2w3e")))
    site.serve("/", page(""))


def headings_without_classes(site: Site) -> None:
    rows = "".join(f'<li><a href="{address(n)}">{title(n)}</a></li>' for n in ALL)
    site.serve("/news", page(f"<main><ul>{rows}</ul></main>"))
    site.serve("/", page(""))


def feed_moved_and_declared(site: Site) -> None:
    site.serve("/", page("", FEED.format("/xml/latest")))
    site.serve("/xml/latest", rss(ALL), content_type=XML)


def feed_moved_to_a_usual_address(site: Site) -> None:
    site.serve("/", page("<p>Welcome</p>"))
    site.serve("/rss.xml", rss(ALL), content_type=XML)


def feed_became_the_home_page(site: Site) -> None:
    feed_moved_and_declared(site)
    site.redirect("/feed", "/")


def feed_is_empty(site: Site) -> None:
    feed_moved_and_declared(site)
    site.serve("/feed", rss([]), content_type=XML)


def feed_of_comments_stays(site: Site) -> None:
    site.serve("/", page(cards(ALL), FEED.format("/comments/feed")))
    comments = "".join(
        f"<item><title>Comment on {title(n)} by Ada</title><link>{address(n)}#c{n}</link></item>"
        for n in ALL[:10]
    )
    body = f'<rss version="2.0"><channel><title>Comments</title>{comments}</channel></rss>'
    site.serve("/comments/feed", body, content_type=XML)


def path_changed(site: Site) -> None:
    site.serve("/", page(cards(ALL[:5]) + '<nav><a href="/latest/">Latest news</a></nav>'))
    site.serve("/latest/", page(cards(ALL)))


def path_and_addresses_changed(site: Site) -> None:
    def anew(number: int) -> str:
        return f"/stories/{number}/the-council-decides-{number}"

    site.serve("/", page(cards(ALL, path=anew), FEED.format("/latest.rss")))
    site.serve("/latest.rss", rss(ALL, anew), content_type=XML)


def listing_moved_to_the_home_page(site: Site) -> None:
    site.serve("/", page(cards(ALL)))


def links_by_script_and_a_sitemap(site: Site) -> None:
    site.serve("/news", page('<div id="app"></div><script src="/app.js"></script>'))
    site.serve("/", page('<div id="app"></div>'))
    site.serve("/robots.txt", f"Sitemap: {site.url}/map.xml\n", content_type="text/plain")
    site.serve("/map.xml", urlset(site, ALL), content_type=XML)


def links_by_script_and_a_feed(site: Site) -> None:
    site.serve("/news", page('<div id="app"></div>', FEED.format("/feeds/all.xml")))
    site.serve("/", page('<div id="app"></div>', FEED.format("/feeds/all.xml")))
    site.serve("/feeds/all.xml", rss(ALL), content_type=XML)


def links_by_script_alone(site: Site) -> None:
    site.serve("/news", page('<div id="app"></div>'))
    site.serve("/", page('<div id="app"></div>'))


def only_a_part_is_fed(site: Site) -> None:
    site.serve("/", page("", FEED.format("/sport.xml")))
    site.serve("/sport.xml", rss([n for n in ALL if n % 4 == 0]), content_type=XML)


def other_articles_alone(site: Site) -> None:
    site.serve("/", page(cards(OTHERS), FEED.format("/partner.xml")))
    site.serve("/partner.xml", rss(OTHERS), content_type=XML)


def a_feed_of_everything(site: Site) -> None:
    """Of another desk's news most of it, and the source's own among it."""
    mixed = [n for pair in zip(ALL, range(600, 600 + 3 * len(ALL), 3), strict=True) for n in pair]
    extra = [n for first in mixed for n in (first, first + 1000)]
    items = "".join(
        f"<item><title>{title(n)}</title><link>{address(n)}</link>"
        f"<pubDate>{published(ALL[place // 4]):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for place, n in enumerate(extra)
    )
    site.serve("/", page("", FEED.format("/all.xml")))
    site.serve(
        "/all.xml", f'<rss version="2.0"><channel><title>All</title>{items}</channel></rss>', content_type=XML
    )


def the_site_is_gone(site: Site) -> None:
    site.serve("/", "This domain is for sale", status=200)


def most_read_alone(site: Site) -> None:
    site.serve("/", page(cards([101, 119, 107]) + cards(OTHERS)))


Before = tuple[str, str]


def it_is_being_mended(site: Site) -> None:
    """What stands elsewhere is no reason to leave what comes back in an hour."""
    feed_moved_and_declared(site)
    site.serve("/feed", "Back soon", status=503)


def listing_moved_that_was_read_by_a_selector(site: Site) -> None:
    path_changed(site)


def old_feed_is_redirected_amiss(site: Site) -> None:
    """As smashingmagazine/redesign 261: to an address that is not there either."""
    site.redirect("/feed", "/feed/feed/")
    site.serve("/", page(cards(ALL[:4]), FEED.format("/articles/index.xml")))
    site.serve("/articles/index.xml", rss(ALL), content_type=XML)


def old_feed_says_where_the_new_one_is(site: Site) -> None:
    """As asked for in hoodiehq/hood.ie 105: one entry at the old address says that the feed has moved."""
    moved = "<item><title>This feed has moved, please subscribe again</title><link>/feed.xml</link></item>"
    site.serve("/feed", f'<rss version="2.0"><channel>{moved}</channel></rss>', content_type=XML)
    site.serve("/", page(""))
    site.serve("/feed.xml", rss(ALL), content_type=XML)


def old_feed_is_no_proper_feed(site: Site) -> None:
    """As padrino/padrino-web 19: it answers, with what no reader takes for a feed."""
    site.serve("/feed", '{"status": "ok"}', content_type="application/json")
    site.serve("/", page("", FEED.format("/blog/topnews.rss")))
    site.serve("/blog/topnews.rss", rss(ALL), content_type=XML)


def sitemap_is_written_otherwise(site: Site) -> None:
    """As flairNLP/fundus 789: addresses in CDATA, at a new place."""
    written = urlset(site, ALL).replace("<loc>", "<loc><![CDATA[").replace("</loc>", "]]></loc>")
    site.serve("/", page('<div id="app"></div>'))
    site.serve("/sitemap-news.xml", written, content_type=XML)


def feed_links_are_counted(site: Site) -> None:
    """Addresses with the parameters of a newsletter tool: the titles are the same."""

    def counted(number: int) -> str:
        return f"/r/{number * 7919}?utm_source=rss&amp;c={number}"

    site.serve("/", page("", FEED.format("/rss2")))
    site.serve("/rss2", rss(ALL, counted), content_type=XML)


NEWS, OLD_FEED, SELECTED = ("/news", ""), ("/feed", ""), ("/news", "h2.headline a")
# What was read before, by which selector, and what should be read now: the start pages and selectors.links;
# None: no proposal.
Wanted = tuple[list[str], str | None] | None
REDESIGNS: list[tuple[Callable[[Site], None], Before, Wanted]] = [
    (classes_renamed, SELECTED, (["/news"], "")),
    (classes_renamed_among_others, SELECTED, (["/news"], "div.story a")),
    (classes_of_a_build, SELECTED, (["/news"], "")),
    (headings_without_classes, SELECTED, (["/news"], "")),
    (feed_moved_and_declared, OLD_FEED, (["/xml/latest"], None)),
    (feed_moved_to_a_usual_address, OLD_FEED, (["/rss.xml"], None)),
    (feed_became_the_home_page, OLD_FEED, (["/xml/latest"], None)),
    (feed_is_empty, OLD_FEED, (["/xml/latest"], None)),
    (feed_of_comments_stays, OLD_FEED, (["/"], None)),
    (path_changed, NEWS, (["/latest/"], None)),
    (path_and_addresses_changed, OLD_FEED, (["/latest.rss"], None)),
    (listing_moved_to_the_home_page, NEWS, (["/"], None)),
    (links_by_script_and_a_sitemap, NEWS, (["/map.xml"], None)),
    (links_by_script_and_a_feed, NEWS, (["/feeds/all.xml"], None)),
    (links_by_script_alone, NEWS, None),
    (only_a_part_is_fed, OLD_FEED, None),
    (other_articles_alone, OLD_FEED, None),
    (a_feed_of_everything, OLD_FEED, None),
    (the_site_is_gone, NEWS, None),
    (most_read_alone, NEWS, None),
    (it_is_being_mended, OLD_FEED, None),
    (old_feed_is_redirected_amiss, OLD_FEED, (["/articles/index.xml"], None)),
    (old_feed_says_where_the_new_one_is, OLD_FEED, (["/feed.xml"], None)),
    (old_feed_is_no_proper_feed, OLD_FEED, (["/blog/topnews.rss"], None)),
    (sitemap_is_written_otherwise, NEWS, (["/sitemap-news.xml"], None)),
    (feed_links_are_counted, OLD_FEED, (["/rss2"], None)),
    (listing_moved_that_was_read_by_a_selector, SELECTED, (["/latest/"], "")),
]


def healed(project: Project, site: Site, before: Before, *allow: str) -> Healing:
    path, selector = before
    keys = {"selectors": {"links": selector}} if selector else {}
    project.add_source("gazette", f"{site.url}{path}", allow_addresses=list(allow), **keys)
    source = config.load(project.folder).source("gazette")
    assert source is not None
    return heal_source(project.folder, source, known(site))


@pytest.mark.parametrize(
    ("redesign", "before", "wanted"), REDESIGNS, ids=[one.__name__ for one, *_ in REDESIGNS]
)
def test_a_redesign(
    project: Project,
    site: Site,
    redesign: Callable[[Site], None],
    before: Before,
    wanted: Wanted,
) -> None:
    redesign(site)
    found = healed(project, site, before)
    assert found.broken, "the source is broken"
    proposed = ([url.removeprefix(site.url) for url in found.start], found.selector) if found.start else None
    assert proposed == wanted, json.dumps([found.reason, found.broken])
    assert (found.reason == "") is (wanted is not None)


def test_a_site_that_moved_to_another_host(project: Project, site: Site) -> None:
    """As reactjs/react.dev 5709: the home page leads there, the old feed does not."""
    with serving() as new:
        site.redirect("/", f"{new.url}/")
        new.serve("/", page(cards(ALL), FEED.format("/rss.xml")))
        new.serve("/rss.xml", rss(ALL), content_type=XML)
        assert healed(project, site, OLD_FEED, new.host).start == (f"{new.url}/rss.xml",)
