"""Going through a site: one place after another, until there is no more to try or enough was asked."""

import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Protocol

from crawler.discovery.candidates import (
    Candidate,
    Clues,
    Role,
    Tried,
    foreign,
    next_candidate,
    set_aside,
    unfit,
)
from crawler.discovery.choice import Start, choose, given, samples_of
from crawler.discovery.facts import Facts, facts, own_site, times
from crawler.discovery.first_reading import FirstReading, read_again, read_first
from crawler.discovery.pace import pace
from crawler.discovery.results import Discovery, Sample
from crawler.discovery.warnings import warnings
from crawler.extract import Traits, learn, read_article
from crawler.extract.start.site_probe import LinkCandidate, SiteMetadata, SiteProbe, probe_site
from crawler.readers import Reader, Readers, Result
from presswatch import chromium, model, urls
from presswatch.chromium import NoBrowser
from presswatch.errors import PresswatchError, UnavailableError
from presswatch.model import Article, Entry, Hints, LinkKind, Listing, NotArticle, Page, PageKind, Unreadable

# Pages asked of a site to find it out; as many more as articles are to be shown.
MOST_FETCHES = 30
# Until when, in seconds, candidates are tried, and until when articles are read: a long delay ends it sooner.
_TRYING, _READING = 200.0, 300.0
# After so many failures in a row, with no answer or one that asks us to stay away, a site is left alone.
_STRIKES = 2
# Editions in other languages that are told.
_EDITIONS = 20

Tell = Callable[[str, int], None]


class Closed(PresswatchError):
    """This page is not to be had, while others of its host may be: 404, or robots.txt names it."""


class ServerFault(UnavailableError):
    """The server failed on this page (500): it may be had later, and others of its host now."""


class Web(Protocol):
    """How pages are had: politely, and only those that may be."""

    async def fetch(self, url: str) -> Page:
        """The page. Raises Closed, ServerFault; UnavailableError when nothing is to be had from its host."""
        ...

    def sitemaps(self, url: str) -> Sequence[str]:
        """What the robots.txt of this URL's host names as sitemaps, as far as it was read."""
        ...


@dataclass(frozen=True, slots=True)
class _Visit:
    """A linked page: as it was fetched, or why it was not."""

    url: str
    page: Page | None
    reason: str = ""


class Explorer:
    """One site looked through. `tell` is called with each address that is asked for, and which one it is.

    `clock` says seconds, from any beginning. Addresses in `aside` are not tried again. `rendered`: the Web's
    pages are as their scripts have made them.
    """

    def __init__(
        self,
        web: Web,
        readers: Readers,
        hints: Hints,
        tell: Tell,
        clock: Callable[[], float] = monotonic,
        aside: Collection[str] = (),
        *,
        rendered: bool = False,
    ) -> None:
        self._web, self._readers, self._hints, self._tell = web, readers, hints, tell
        self._clock, self._began = clock, clock()
        self._aside = aside
        self._rendered = rendered
        self._scripts = ""
        self._fetches = 0
        self._strikes = 0
        self._tried: list[Tried] = []
        self._notes: list[str] = []

    async def explore(self, url: str, articles: int, now: datetime) -> Discovery:
        """What there is to read at a URL in normal form: on the whole site if it is a home page.

        At most `articles` of the linked articles are read. Raises UnavailableError when nothing answers.
        """
        clues, itself = await self._begin(url)
        starts: tuple[Start, ...] = ()
        if itself is None:
            begun = {one.url for one in self._tried}
            self._tried += [
                Tried(Candidate(one, Role.GIVEN, "as before"), one, reason="it was tried before")
                for one in self._aside
                if one not in begun
            ]
            await self._go_through(clues)
            starts = choose(self._tried, now)
        return await self._discovery(clues, starts, itself, articles, now)

    async def look(self, starts: Sequence[str], articles: int, now: datetime) -> Discovery:
        """What a source reads: its start pages, in normal form, and articles as the reader is told of it.

        Raises NoBrowser.
        """
        clues = Clues(starts[0], SiteMetadata(), (), whole=False, is_fixed=True)
        for url in starts:
            self._tried.append(await self._try(clues, Candidate(url, Role.GIVEN, "as its file says")))
        await self._go_through(clues)
        return await self._discovery(clues, given(self._tried), None, articles, now)

    async def _discovery(
        self, clues: Clues, starts: tuple[Start, ...], itself: Article | None, articles: int, now: datetime
    ) -> Discovery:
        self._notes += _documents(self._tried, starts)
        chosen = [start for start in starts if start.chosen]
        visits = [await self._visit(one, _entries(chosen, one)) for one in samples_of(starts, articles)]
        known, repeated = await self._facts(clues, visits, itself)
        hints = self._hints
        if not clues.is_fixed:
            zone = known.zone.zone or hints.zone
            hints = replace(hints, zone=zone, language=known.language, site_name=known.name, facts=repeated)
        samples = [await self._sample(visit, hints) for visit in visits]
        if not self._rendered:
            self._notes += _without_text(clues.base, samples)
        read_well = [sample.article for sample in samples if sample.article]
        return Discovery(
            url=clues.base,
            name=known.name,
            language=known.language,
            zone=known.zone,
            pace=pace(times(chosen, read_well), now),
            starts=starts,
            samples=tuple(samples),
            article=itself,
            reason="" if chosen else self._why_nothing(clues, itself),
            notes=(*self._notes, *_elsewhere(visits)),
            warnings=warnings(samples),
            fetches=self._fetches,
            repeated=repeated,
            country=known.country,
            country_reason=known.country_reason,
            site=own_site(chosen, [sample.article for sample in samples if sample.article]),
            render=self._rendered,
        )

    async def _begin(self, url: str) -> tuple[Clues, Article | None]:
        """The clues that the given page holds, and itself if it is an article."""
        whole = urls.is_home(url)
        candidate = Candidate(url, Role.GIVEN, "the home page" if whole else "as given")
        try:
            page = await self._fetch(url)
        except Closed as error:
            self._tried.append(Tried(candidate, url, reason=str(error)))
            return Clues(url, SiteMetadata(), self._sitemaps(url), whole), None
        probe = await self._readers.run(probe_site, page, self._hints)
        base = urls.normalize(page.final_url) or url
        if whole and not urls.is_home(base) and not isinstance(probe.seen, Listing):
            base = url  # a wall that it redirects to, perhaps of another host, is not the site
        if not urls.same_site(base, url):
            self._notes.append(f"{url} leads to another site: what is said here is of {base}")
        self._tried.append(_tried(candidate, base, probe))
        self._scripts = self._said_of_scripts(base, probe)
        if whole:
            self._tried += set_aside(probe.home)
        elif feeds := probe.home.declared:
            self._notes.append(f"the page declares a feed, {feeds[0].url}")
        if editions := probe.home.editions[:_EDITIONS]:
            told = ", ".join(f"{edition.title}: {edition.url}" for edition in editions)
            self._notes.append(f"it has other editions, each a source of its own if you add it: {told}")
        clues = Clues(base, probe.home, self._sitemaps(base), whole)
        if isinstance(probe.seen, Listing) and probe.seen.kind is not LinkKind.LISTING:
            return clues, None  # a feed holds articles, and is none, though it may read like one
        itself = await self._read(read_article, _Visit(url, page), self._hints)
        return clues, itself if isinstance(itself, Article) else None

    def _sitemaps(self, base: str) -> tuple[str, ...]:
        """What robots.txt names, also where it leaves out the host, as it should not."""
        named = (urls.normalize(one, base) for one in self._web.sitemaps(base))
        return tuple(dict.fromkeys(url for url in named if url))

    async def _go_through(self, clues: Clues) -> None:
        while candidate := next_candidate(clues, self._tried):
            if self._fetches >= MOST_FETCHES or self._is_over(_TRYING):
                stopped = "that is enough for one look"
                if self._strikes >= _STRIKES:
                    stopped = "the site stopped answering"
                self._notes.append(f"not everything was tried: after {self._fetches} pages {stopped}")
                return
            self._tried.append(await self._try(clues, candidate))

    async def _try(self, clues: Clues, candidate: Candidate) -> Tried:
        try:
            page = await self._fetch(candidate.url)
            probe = await self._readers.run(probe_site, page, self._hints)
        except NoBrowser:
            raise
        except PresswatchError as error:
            return Tried(candidate, candidate.url, reason=str(error))
        url = urls.normalize(page.final_url) or candidate.url
        if any(one.url == url for one in self._tried):
            return Tried(candidate, candidate.url, reason=f"it leads to {url}")
        found = _tried(candidate, url, probe)
        below = found.listing if not clues.whole and candidate.role is Role.FEED else None
        if below and (reason := foreign(self._tried[0], below)):
            return replace(found, listing=None, reason=reason)
        return found

    async def _visit(self, url: str, entries: tuple[Entry, ...]) -> _Visit:
        if self._is_over(_READING):
            return _Visit(url, None, "not asked for: the time was over, or the site no longer answers")
        try:
            return _Visit(url, replace(await self._fetch(url), entries=entries))
        except NoBrowser:
            raise
        except PresswatchError as error:
            return _Visit(url, None, str(error))

    async def _facts(
        self, clues: Clues, visits: Sequence[_Visit], itself: Article | None
    ) -> tuple[Facts, model.Facts]:
        """What is said of the site, and what repeats over its articles."""
        articles = [itself] if itself else []
        homes: list[SiteMetadata] = []
        shown: list[Traits] = []
        for visit in visits:
            one = await self._read(read_first, visit, self._hints)
            if isinstance(one, FirstReading) and isinstance(one.seen, Article) and one.home and one.shown:
                articles.append(one.seen)
                homes.append(one.home)
                shown.append(one.shown)
        return facts(clues, self._tried, articles, homes), learn(shown)

    async def _sample(self, visit: _Visit, hints: Hints) -> Sample:
        """The page as a source of which this is known would read it."""
        seen = await self._read(read_again, visit, hints)
        if isinstance(seen, Article):
            return Sample(visit.url, seen)
        if isinstance(seen, NotArticle):
            return Sample(visit.url, None, seen.kind, seen.reason)
        return Sample(visit.url, None, reason=seen)

    async def _read(self, reader: Reader[Result], visit: _Visit, hints: Hints) -> Result | str:
        """What a reader makes of a visited page; a text says why it could not be read."""
        if visit.page is None:
            return visit.reason
        try:
            return await self._readers.run(reader, visit.page, hints)
        except PresswatchError as error:
            return str(error)

    async def _fetch(self, url: str) -> Page:
        self._fetches += 1
        self._tell(url, self._fetches)
        try:
            page = await self._web.fetch(url)
        except (Closed, ServerFault):
            self._strikes = 0
            raise
        except UnavailableError:
            self._strikes += 1
            raise
        self._strikes = 0
        return page

    def _is_over(self, seconds: float) -> bool:
        return self._strikes >= _STRIKES or self._seconds() > seconds

    def _seconds(self) -> float:
        return self._clock() - self._began

    def _why_nothing(self, clues: Clues, itself: Article | None) -> str:
        if itself is not None:
            return "it is an article; give the page that lists such articles"
        why = self._tried[0].reason or "nothing on it is new"
        why = f"{why}; {self._scripts}" if self._scripts else why
        if not clues.whole:
            return why
        nothing = f"no feed, no sitemap and no page that lists articles was found; the home page: {why}"
        return f"{nothing}. If you know a page that lists its articles, give that one"

    def _said_of_scripts(self, url: str, probe: SiteProbe) -> str:
        """What a person should know of a page that its scripts make, as a clause; empty of any other."""
        if self._rendered:
            return "its scripts ran, and left next to no text and links" if probe.is_scripted else ""
        if probe.is_scripted:
            made = "the page holds scripts and next to no text and links, so its readers' browsers make it"
            return f"{made}: {how_to_render('sources add', url)}"
        if probe.has_scripts and isinstance(probe.seen, Unreadable):
            return f"where its scripts make the list of articles, {how_to_render('sources add', url)}"
        return ""


def how_to_render(command: str, url: str) -> str:
    """What to do so that a browser makes this page, here and now."""
    words = f"`presswatch {command} --render {shlex.quote(url)}` reads what they make"
    lacking = chromium.missing()
    return f"{lacking} (docs/rendering.md); then {words}" if lacking else words


def _without_text(url: str, samples: Sequence[Sample]) -> list[str]:
    empty = sum(sample.kind is PageKind.EMPTY for sample in samples)
    if not empty:
        return []
    how = how_to_render("sources add", url)
    return [
        f"{empty} of its {len(samples)} articles have no text as they are sent; where scripts make it, {how}"
    ]


def _tried(candidate: Candidate, url: str, probe: SiteProbe) -> Tried:
    if (
        candidate.role is Role.FEED
        and isinstance(probe.seen, Listing)
        and probe.seen.kind is LinkKind.SITEMAP
    ):
        # Some sites have a sitemap at an address that others have a feed at.
        candidate = replace(candidate, role=Role.SITEMAP)
    reason = unfit(candidate.role, probe)
    listing = probe.seen if isinstance(probe.seen, Listing) and not reason else None
    feeds: tuple[LinkCandidate, ...] = ()
    if candidate.role is Role.FEED:
        feeds = (*probe.home.declared, *probe.home.linked)
    elif candidate.role is Role.SECTION:
        feeds = probe.home.declared
    return Tried(candidate, url, listing, reason, feeds)


def _documents(tried: Sequence[Tried], starts: Sequence[Start]) -> list[str]:
    """What is to be said of the PDFs that the chosen start pages show."""
    chosen = {start.url for start in starts if start.chosen}
    shown = {pdf for one in tried if one.listing and one.url in chosen for pdf in one.listing.pdfs}
    return [f"it shows {len(shown)} PDFs, which are counted and not read"] if shown else []


def _entries(chosen: Sequence[Start], url: str) -> tuple[Entry, ...]:
    """What the chosen feeds and sitemaps say of a page."""
    links = (link for start in chosen for link in start.links)
    return tuple(link for link in links if isinstance(link, Entry) and link.url == url)


def _elsewhere(visits: Sequence[_Visit]) -> list[str]:
    """What is to be said of links that lead to other sites: a source follows these as they are."""
    led = {
        urls.site(visit.page.final_url)
        for visit in visits
        if visit.page and not urls.same_site(visit.page.final_url, visit.url)
    }
    return [f"some of its links lead to another site, {site}" for site in sorted(led)]
