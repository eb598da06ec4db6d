"""What the pages of a site agree on: its name, its language, its zone, where it is, when it publishes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.discovery.candidates import Clues, Tried
from crawler.discovery.choice import Start
from crawler.discovery.naming import language, site_name
from crawler.discovery.zones import Stamp, ZoneGuess, guess_country, guess_zone
from crawler.extract.start.site_probe import SiteMetadata
from presswatch import urls
from presswatch.model import Article, LinkKind, Listing, Moment, Precision
from presswatch.outlets import ONE_SITE, led_to


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source's file says of its site besides where to start; why its country, "" without evidence."""

    name: str
    language: str
    zone: ZoneGuess
    country: str
    country_reason: str


def facts(
    clues: Clues, tried: Sequence[Tried], articles: Sequence[Article], pages: Sequence[SiteMetadata]
) -> Facts:
    """The facts told by what was tried, by articles as they were read, and by what their pages tell."""
    feeds = [
        attempt.listing for attempt in tried if attempt.listing and attempt.listing.kind is LinkKind.FEED
    ]
    host = urls.domain(clues.base)
    titles = [feed.title for feed in feeds if feed.title]
    tags = [*clues.home.languages, *(tag for page in pages for tag in page.languages)]
    tags += [feed.language for feed in feeds]
    spoken = language((article.language for article in articles), clues.home.languages, tags)
    # A tag with a region tells most: it comes first.
    telling = sorted((tag for tag in tags if language([tag], (), ()) == spoken), key=len, reverse=True)
    zone = guess_zone(_stamps(tried, articles), telling or [spoken], host)
    country, told_by = guess_country(telling, host)
    return Facts(site_name(clues.home, pages, titles, host), spoken, zone, country, told_by)


def own_site(starts: Sequence[Start], articles: Sequence[Article]) -> str:
    """The home page of the outlet that start pages of other sites, such as feed services, lead to.

    "" where it is their own, or where they lead to several outlets. `articles` are some that they lead to.
    """
    led = [link.url for start in starts for link in start.links]
    sites = Counter(map(urls.site, led))
    if not sites or max(sites.values()) < ONE_SITE * len(led):
        return ""
    # A service may lead there through itself: where an article stands tells more than a link.
    ends = [article.canonical_url for article in articles] or led
    return led_to([start.url for start in starts], [(end,) for end in ends])


def times(starts: Iterable[Start], articles: Iterable[Article]) -> list[Moment]:
    """When the articles of these start pages, and these articles, were published, each once."""
    told = {link.url: link.published for start in starts for link in start.links if link.published}
    for article in articles:
        shown, read = told.get(article.canonical_url), article.published
        # A feed that tells the minute tells more than a page that tells the day.
        if read and (shown is None or read.precision is not Precision.DAY):
            told[article.canonical_url] = read
    return list(told.values())


def _stamps(tried: Sequence[Tried], articles: Sequence[Article]) -> list[Stamp]:
    """The times with their offsets, of those who tell best: articles, else feeds and listings, else sitemaps.

    A sitemap often has the clock of the machine that wrote it, and a feed UTC.
    """
    own = _told(time for article in articles for time in (article.published, article.modified))
    listings = [attempt.listing for attempt in tried if attempt.listing]
    shown = _told(_times(listing for listing in listings if listing.kind is not LinkKind.SITEMAP))
    mapped = _told(_times(listing for listing in listings if listing.kind is LinkKind.SITEMAP))
    telling = (stamps for stamps in (own, shown, mapped) if sum(1 for _, minutes in stamps if minutes) > 1)
    return next(telling, [*own, *shown, *mapped])


def _times(listings: Iterable[Listing]) -> Iterator[Moment | None]:
    return (link.published for listing in listings for link in listing.links)


def _told(moments: Iterable[Moment | None]) -> list[Stamp]:
    return [
        (moment.instant, moment.offset)
        for moment in moments
        if moment and moment.offset is not None and not moment.assumed_zone
    ]
