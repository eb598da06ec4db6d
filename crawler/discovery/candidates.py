"""What to try next on a site, as a pure function of its clues and of what was tried."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from crawler.extract.start.site_probe import LinkCandidate, SiteMetadata, SiteProbe
from crawler.extract.start.sitemaps import worth
from presswatch import urls
from presswatch.model import Link, LinkKind, Listing, Unreadable

FEEDS = (
    *("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/feed.json"),
    *("/index.rdf", "/feeds/posts/default"),
)
BELOW = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")
# Where a firm's site has its news, if its home page links to none.
NEWS = ("/blog/", "/news/")
SITEMAPS = (
    *("/sitemap.xml", "/sitemap_index.xml", "/sitemap-index.xml", "/wp-sitemap.xml"),
    *("/news-sitemap.xml", "/sitemap-news.xml"),
)
_DECLARED, _LINKED, _LISTED, _NAMED, _CHILDREN = 6, 4, 4, 4, 3
# Where feeds or sitemaps tell most of it, a few sections show what these leave out.
_SECTIONS, _SECTIONS_ALONE, _FURTHER = 4, 8, 2
# Not the word alone: the press calls its opinion pages so too ("Kommentare", "Commentary").
_COMMENTS = re.compile(
    r"comments? (?:feed|rss)|/comments?(?:[/.?]|$)|-comments\.|kommentar(?:e)?-(?:feed|rss)|"
    r"flux (?:des|pour les) commentaires|feed (?:de|dei) comm?ent",
    re.I,
)
_NEWS = re.compile(
    r"/(?:blogs?|news|newsroom|press(?:room|e)?|aktuelles|nachrichten|actualites|noticias)/$", re.I
)
_PODCAST = re.compile(r"podcast|/audio[/.]|播客", re.I)


# A feed that was guessed below a page is of that page if it shows this part of what the page shows.
_ITS_OWN = 0.5
_PURPOSELESS = {"comments": "a feed of comments", "podcast": "a feed of recordings"}


class Role(StrEnum):
    """What a place is tried as."""

    GIVEN = "given"
    FEED = "feed"
    SITEMAP = "sitemap"
    SECTION = "section"
    FURTHER = "further page"


# A robots.txt may name a feed as its sitemap (sitemaps.org: "Other Sitemap formats").
_KINDS: dict[Role, tuple[LinkKind, ...]] = {
    Role.FEED: (LinkKind.FEED,),
    Role.SITEMAP: (LinkKind.SITEMAP, LinkKind.FEED),
    Role.SECTION: (LinkKind.LISTING,),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address to try. `how` says for people how it was found; `part_of` is the page that it goes on."""

    url: str
    role: Role
    how: str
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """A place that was tried: what stood at `url`, where it answered, or the reason why it is of no use.

    `feeds` are those that a page offers which stands where a feed was looked for, or that a section declares.
    """

    candidate: Candidate
    url: str
    listing: Listing | None = None
    reason: str = ""
    feeds: tuple[LinkCandidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of a site: where it lives, what its home page offers, what its robots.txt names.

    `whole`: all of the site is looked through; else the given page alone and what it goes on with.
    `is_fixed`: no feed of a given page is looked for, as the file of its source says what is read.
    """

    base: str
    home: SiteMetadata
    sitemaps: tuple[str, ...]
    whole: bool
    is_fixed: bool = False


def next_candidate(clues: Clues, tried: Sequence[Tried]) -> Candidate | None:
    """The most promising address that was not tried; None when there is nothing left to try."""
    known = {url for attempt in tried for url in (attempt.candidate.url, attempt.url)}
    return next((candidate for candidate in _candidates(clues, tried) if candidate.url not in known), None)


def set_aside(home: SiteMetadata) -> list[Tried]:
    """The feeds whose very names say that they hold no articles, or none of this edition: not fetched."""
    useless = [
        (offer, _PURPOSELESS[purpose])
        for offer in (*home.declared, *home.linked)
        if (purpose := _purpose(offer))
    ]
    useless += [(offer, "a feed in another language") for offer in home.translated]
    return [
        Tried(Candidate(offer.url, Role.FEED, "declared in the page"), offer.url, reason=reason)
        for offer, reason in useless
    ]


def unfit(role: Role, probe: SiteProbe) -> str:
    """Why what stands at a place is not what it was tried as; empty if it is."""
    seen = probe.seen
    if isinstance(seen, Unreadable):
        return seen.reason
    if probe.purpose:
        return _PURPOSELESS[probe.purpose]
    wanted = _KINDS.get(role)
    if wanted and seen.kind not in wanted:
        return f"it is a {seen.kind}, no {role}"
    return ""


def foreign(given: Tried, found: Listing) -> str:
    """Why a feed below a given page is not that page's; empty if it shows what the page shows."""
    shown, fed = {link.url for link in _links(given)}, {link.url for link in found.links}
    if len(shown & fed) >= _ITS_OWN * min(len(shown), len(fed)):
        return ""
    return f"it shows other articles than {given.url}"


def _purpose(offer: LinkCandidate) -> str:
    for name, words in (("comments", _COMMENTS), ("podcast", _PODCAST)):
        if words.search(offer.title) or words.search(offer.url):
            return name
    return ""


def _candidates(clues: Clues, tried: Sequence[Tried]) -> Iterator[Candidate]:
    if not clues.whole:
        if not clues.is_fixed:
            yield from _below(clues, tried)
        yield from _going_on(tried, Role.GIVEN)
        return
    home = clues.home
    yield from (Candidate(feed.url, Role.FEED, "declared in the page") for feed in home.declared[:_DECLARED])
    yield from (Candidate(feed.url, Role.FEED, "linked in the page") for feed in home.linked[:_LINKED])
    if not _found(tried, Role.FEED):
        yield from _engines(clues, clues.base)
        yield from _listed(tried)
        yield from _conventional(clues.base, FEEDS, Role.FEED)
        if urlsplit(clues.base).path != "/":
            # A site that leads its visitors to `/en/` may have all of its own there.
            yield from _feeds_below(f"{clues.base.rstrip('/')}/")
        yield from _listed(tried)
    named = sorted(clues.sitemaps, key=worth)
    yield from (Candidate(url, Role.SITEMAP, "named in robots.txt") for url in named[:_NAMED])
    if not named:
        yield from (
            Candidate(one.url, Role.SITEMAP, "declared in the page") for one in home.sitemaps[:_NAMED]
        )
    if not _found(tried, Role.SITEMAP):
        yield from _conventional(clues.base, SITEMAPS, Role.SITEMAP)
    yield from _going_on(tried, Role.SITEMAP)
    alone = not _found(tried, Role.FEED) and not _found(tried, Role.SITEMAP)
    sections = _ranked(home.sections, tried)[: _SECTIONS_ALONE if alone else _SECTIONS]
    yield from (Candidate(section.url, Role.SECTION, f"section: {section.title}") for section in sections)
    if not any(attempt.listing for attempt in tried):
        yield from _conventional(clues.base, NEWS, Role.SECTION)
    if not _found(tried, Role.FEED):
        yield from _listed(tried)
        yield from _of_news(tried)
    if alone:
        yield from _going_on(tried, Role.GIVEN)
        yield from _going_on(tried, Role.SECTION)


def _found(tried: Sequence[Tried], role: Role) -> bool:
    """Whether something of use was found, which ends the guessing."""
    mine = (one.listing for one in tried if one.candidate.role is role)
    return any(listing.links or listing.pages for listing in mine if listing)


def _below(clues: Clues, tried: Sequence[Tried]) -> Iterator[Candidate]:
    """The feeds of a given listing: those that it offers below its address, else at usual ones there."""
    given = tried[0]
    parts = urlsplit(clues.base)
    if not given.listing or given.listing.kind is not LinkKind.LISTING or parts.query:
        return
    within = f"{clues.base.rstrip('/')}/"
    if _found(tried, Role.FEED):
        return
    own = [
        Candidate(feed.url, Role.FEED, f"{how} in the page")
        for how, feeds in (("declared", clues.home.declared), ("linked", clues.home.linked))
        for feed in feeds
        if feed.url.startswith(within) and not _purpose(feed)
    ]
    yield from own[:_DECLARED]
    if not own:
        yield from _engines(clues, within)
    if not own and "." not in parts.path.rsplit("/", 1)[-1]:
        yield from _feeds_below(within)


def _engines(clues: Clues, below: str) -> Iterator[Candidate]:
    """The feeds that the page's engine has at usual places below an address."""
    for path in clues.home.engine_feeds:
        base = clues.base if path.startswith("?") else below
        if url := urls.normalize(path, base):
            yield Candidate(url, Role.FEED, "where its engine has one")


def _listed(tried: Sequence[Tried]) -> Iterator[Candidate]:
    """The feeds of pages that list a site's feeds, as many sites have one at /rss, and of sections."""
    for attempt in tried:
        how = "declared in" if attempt.candidate.role is Role.SECTION else "listed at"
        feeds = [feed for feed in attempt.feeds if not _purpose(feed)][:_LISTED]
        yield from (Candidate(feed.url, Role.FEED, f"{how} {attempt.url}") for feed in feeds)


def _of_news(tried: Sequence[Tried]) -> Iterator[Candidate]:
    """The usual addresses of feeds below a site's blog or news."""
    for attempt in tried:
        if attempt.listing and attempt.candidate.role is Role.SECTION and _NEWS.search(attempt.url):
            yield from _feeds_below(attempt.url)


def _ranked(sections: Sequence[LinkCandidate], tried: Sequence[Tried]) -> list[LinkCandidate]:
    """The sections to which most links of the home page belong first, as far as addresses tell."""
    shown = [
        link.url for attempt in tried if attempt.candidate.role is Role.GIVEN for link in _links(attempt)
    ]

    def belonging(section: LinkCandidate) -> int:
        return sum(url.startswith(f"{section.url.rstrip('/')}/") for url in shown)

    return sorted(sections, key=belonging, reverse=True)


def _links(attempt: Tried) -> tuple[Link, ...]:
    return attempt.listing.links if attempt.listing else ()


def _feeds_below(folder: str) -> Iterator[Candidate]:
    """Feeds at usual places below an address."""
    yield from _conventional(folder, [path.lstrip("/") for path in BELOW], Role.FEED)


def _conventional(base: str, paths: Sequence[str], role: Role) -> Iterator[Candidate]:
    for path in paths:
        if url := urls.normalize(path, base):
            yield Candidate(url, role, "at a usual address")


def _going_on(tried: Sequence[Tried], role: Role) -> Iterator[Candidate]:
    """The sitemaps of indexes, the best of them; the next pages of listings, one after another."""
    for attempt in tried:
        if attempt.listing is None or attempt.candidate.role is not role:
            continue
        start = attempt.url
        if attempt.listing.kind is LinkKind.SITEMAP:
            # A sitemap of the index may be an index itself.
            mine = [other.listing for other in tried if other.candidate.part_of == start and other.listing]
            for index in (attempt.listing, *mine):
                for url in index.pages[:_CHILDREN]:
                    yield Candidate(url, Role.FURTHER, "in the index of sitemaps", start)
        else:
            pages = [attempt, *(other for other in tried if other.candidate.part_of == start)]
            last = pages[-1].listing
            if len(pages) <= _FURTHER and last is not None:
                yield from (Candidate(url, Role.FURTHER, "next page", start) for url in last.pages[:1])
