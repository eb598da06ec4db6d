"""What would be found at a URL, before a source is made of it. Nothing is kept."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Any, Self, TypeVar, cast

import structlog
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler import http_responses
from crawler.discovery.explore import Closed, Explorer, ServerFault, Tell, Web, how_to_render
from crawler.discovery.healing import FEWEST, Healing, Seen, heal
from crawler.discovery.link_selectors import learn_links
from crawler.discovery.proposal import proposal
from crawler.discovery.results import Discovery
from crawler.error_messages import explain
from crawler.extract import TraceEntry, read_article_traced, read_start_page
from crawler.parent import end_with_parent
from crawler.politeness import politeness
from crawler.readers import Readers
from crawler.robots import Refused, known_rules
from crawler.run import scrapy_settings
from presswatch import chromium, config, urls
from presswatch.archive.known_articles import KnownArticle
from presswatch.chromium import NoBrowser, NotRendered
from presswatch.config import Config, Source
from presswatch.errors import AddressRefused, PresswatchError, UnavailableError, UsageError
from presswatch.forkserver import forkserver, share_forkserver
from presswatch.logs import set_up_logs
from presswatch.model import Article, Entry, Hints, LinkKind, NotArticle, Page, PageKind, Unreadable

# Longer than the explorer asks for pages, and one of them takes.
_SECONDS = 420.0
# What is said of all of a host: that it wants no more requests for now, or what is behind it is away.
_STAY_AWAY = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_ASKED_TOO_MUCH = "it wants fewer requests; try again later"
_IN_TROUBLE = "its server is in trouble; try again later"
# Pages of which it is told what they may lack.
_BESIDES = 5


@dataclass(frozen=True, slots=True)
class _Requested:
    """The address that the child requests, and the number of its requests so far."""

    url: str
    number: int


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one of many addresses came to: a proposal, or the `fault` that kept us from one."""

    url: str
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _JobContext:
    """What a job in the child process uses. `besides` says of rendered pages what they may lack, and why."""

    web: Web
    readers: Readers
    settings: Config
    tell: Tell
    told: Callable[[_Looked], None]
    besides: list[str] = field(default_factory=list)


log = structlog.get_logger()

T = TypeVar("T")
Explained = tuple[Article | NotArticle, tuple[TraceEntry, ...]]
Job = Callable[[_JobContext], Awaitable[object]]


def discover(
    config_folder: Path,
    url: str,
    articles: int = 10,
    tell: Tell = lambda _url, _n: None,
    *,
    verify_tls: bool = True,
    render: bool = False,
) -> Discovery:
    """Look politely, in a process of its own, at what there is to read at a URL, and read some articles.

    A home page stands for its whole site. `tell` is called with each address that is asked for, and which one
    it is. Without `verify_tls` any certificate of the URL's host is accepted. With `render` a browser makes
    the pages. Raises UsageError for what is no URL, ConfigError, UnavailableError when nothing answers, and
    NoBrowser.
    """
    start = _address(url)
    job = partial(_discover, url=start, articles=articles, render=render)
    told = _in_child(config_folder, start, job, tell, () if verify_tls else (start,), render=render)
    return cast(Discovery, told)


def look_at_source(
    config_folder: Path, source: Source, hints: Hints, articles: int, tell: Tell = lambda _url, _n: None
) -> Discovery:
    """What a source's start pages show now, and some of the articles, all had and read as in its runs.

    `hints` are what is known of it. Raises as `discover` does.
    """
    job = partial(_look_at_source, source=source, hints=hints, articles=articles)
    return cast(Discovery, _in_child(config_folder, "", job, tell, source=source))


def discover_many(
    config_folder: Path,
    outlets: Sequence[Sequence[str]],
    articles: int,
    tell: Tell,
    keep: Callable[[str, Mapping[str, Any]], None],
) -> None:
    """Look at many outlets, several hosts at once and each as politely as one alone, in a process of its own.

    Of the addresses of an outlet (in normal form) the first is looked at, and the next only where that makes
    no source. `keep` is called with each address that was looked at, as soon as it was: with its proposal
    (crawler.discovery.proposal), or the `fault` that kept us from one, and whether its host is `away`. `tell`
    is called with each address that is asked for, and the number of requests so far at its outlet. Raises as
    `discover` does.
    """
    job = partial(_discover_many, outlets=outlets, articles=articles)
    _in_child(config_folder, "", job, tell, keep=keep, readers=None)


def look_at_homes(
    config_folder: Path, homes: Sequence[str], keep: Callable[[str, Mapping[str, Any]], None]
) -> None:
    """Ask for many home pages, several hosts at once and each politely, in a process of its own.

    `keep` is called with each one as it was given, as soon as its answer is there: its `state` is `answers`,
    `moved` (it leads to another site), `refused` (its host does not give it) or `away` (no answer), `said`
    says more. Raises as `discover` does.
    """
    _in_child(config_folder, "", partial(_ask_homes, homes=homes), lambda _url, _n: None, keep=keep)


def read_live(
    config_folder: Path, url: str, hints: Hints, entries: tuple[Entry, ...] = (), *, render: bool = False
) -> Explained:
    """Fetch a page politely, in a process of its own, and read it, with the reader's witnesses.

    `hints` are what is known of its source; `entries` are those of feeds and sitemaps that lead to it. With
    `render` a browser makes the page.
    Raises as `discover` does, and Closed.
    """
    start = _address(url)
    job = partial(_read, url=start, hints=hints, entries=entries, render=render)
    return cast(Explained, _in_child(config_folder, start, job, lambda _url, _n: None, render=render))


def heal_source(
    config_folder: Path, source: Source, known: Sequence[KnownArticle], tell: Tell = lambda _url, _n: None
) -> Healing:
    """What a source's file should say so that its known articles are found again (crawler.discovery.healing).

    Raises as `discover` does.
    """
    start = _address(source.start[0])
    job = partial(_heal, source=source, known=tuple(known))
    return cast(Healing, _in_child(config_folder, start, job, tell, source=source))


async def _heal(context: _JobContext, source: Source, known: Sequence[KnownArticle]) -> Healing:
    seen = [await _see(context, source, start, known) for start in source.start_pages]
    home = urls.normalize("/", source.site or seen[0].url) or seen[0].url
    told = heal(seen, (), known, home)
    if not told.broken or len(known) < FEWEST or any(one.away for one in seen):
        return told
    hints = config.hints(source)
    without = replace(hints, selectors=replace(hints.selectors, links=""))
    broken = told.broken.keys()
    explorer = Explorer(
        context.web, context.readers, without, context.tell, aside=broken, rendered=source.render
    )
    found = await explorer.explore(home, 0, datetime.now(UTC))
    return heal(seen, found.starts, known, found.url, selects=bool(hints.selectors.links))


async def _see(context: _JobContext, source: Source, url: str, known: Sequence[KnownArticle]) -> Seen:
    """A start page as the source's runs see it; where its selector finds nothing, as another would."""
    hints = config.hints(source)
    try:
        page = await context.web.fetch(url)
        read = await context.readers.run(read_start_page, page, hints)
    except PresswatchError as error:
        return Seen(url, reason=str(error), away=isinstance(error, UnavailableError))
    missed = bool(hints.selectors.links) and (isinstance(read, Unreadable) or read.missed)
    if missed:
        without = replace(hints, selectors=replace(hints.selectors, links=""))
        addresses = {address for one in known for address in one.addresses}
        learnt = await context.readers.run(partial(learn_links, known=addresses), page, without)
        if learnt is not None:
            shown = learnt.listing
            return Seen(url, shown.kind, shown.links, missed=True, selector=learnt.selector)
    if isinstance(read, Unreadable):
        return Seen(url, reason=read.reason)
    if read.kind is LinkKind.LISTING and not urls.same_site(url, page.final_url):
        return Seen(url, reason=f"it leads to another site, {page.final_url}")
    return Seen(url, read.kind, read.links, missed=missed)


async def _discover(context: _JobContext, url: str, articles: int, *, render: bool = False) -> Discovery:
    hints = Hints(zone=context.settings.time_zone)
    explorer = Explorer(context.web, context.readers, hints, context.tell, rendered=render)
    return _with_besides(context, await explorer.explore(url, articles, datetime.now(UTC)))


async def _look_at_source(context: _JobContext, source: Source, hints: Hints, articles: int) -> Discovery:
    explorer = Explorer(context.web, context.readers, hints, context.tell, rendered=source.render)
    return _with_besides(context, await explorer.look(source.start_pages, articles, datetime.now(UTC)))


def _with_besides(context: _JobContext, found: Discovery) -> Discovery:
    """Nobody needs to know what pages lack that were read well without it."""
    if found.chosen and all(sample.article for sample in found.samples):
        return found
    return replace(found, notes=(*found.notes, *context.besides[:_BESIDES]))


async def _discover_many(context: _JobContext, outlets: Sequence[Sequence[str]], articles: int) -> None:
    async def look(outlet: Sequence[str]) -> None:
        await _look_at(context, outlet, articles)

    await _by_host(context, [(outlet[0], outlet) for outlet in outlets], look)


async def _ask_homes(context: _JobContext, homes: Sequence[str]) -> None:
    async def ask(home: str) -> None:
        context.told(_Looked(home, await _answer(context.web, home)))

    await _by_host(context, [(home, home) for home in homes], ask)


async def _answer(web: Web, home: str) -> dict[str, str]:
    try:
        page = await web.fetch(urls.normalize(home) or home)
    except UnavailableError as error:
        return {"state": "away", "said": str(error)}
    except PresswatchError as error:
        return {"state": "refused", "said": str(error)}
    if urls.same_site(page.final_url, home):
        return {"state": "answers", "said": page.final_url}
    return {"state": "moved", "said": f"it leads to {page.final_url}"}


async def _by_host(
    context: _JobContext, wanted: Sequence[tuple[str, T]], do: Callable[[T], Awaitable[None]]
) -> None:
    """Several hosts at once; what has its address at one host one after another, as it would only wait."""
    lanes: defaultdict[str, list[T]] = defaultdict(list)
    for url, one in wanted:
        lanes[urls.host(url)].append(one)
    free = asyncio.Semaphore(context.settings.crawl.slots)

    async def go(lane: Sequence[T]) -> None:
        async with free:
            for one in lane:
                await do(one)

    await asyncio.gather(*(go(lane) for lane in lanes.values()))


async def _look_at(context: _JobContext, outlet: Sequence[str], articles: int) -> None:
    for url in outlet:
        try:
            answer = proposal(await _discover(context, url, articles))
        except PresswatchError as error:
            # What our own configuration keeps us from is not away.
            is_away = isinstance(error, UnavailableError) and not isinstance(error.__cause__, AddressRefused)
            answer = {"fault": str(error), "away": is_away}
        except Exception as error:
            # One page that we stumble over is no reason to leave the others.
            log.exception("a look failed", url=url)
            answer = {"fault": f"a fault of presswatch: {type(error).__name__}: {error}"}
        context.told(_Looked(url, answer))
        if answer.get("source"):
            return


async def _read(
    context: _JobContext, url: str, hints: Hints, entries: tuple[Entry, ...], *, render: bool
) -> Explained:
    page = replace(await context.web.fetch(url), entries=entries)
    seen, trace = await context.readers.run(read_article_traced, page, hints)
    if isinstance(seen, NotArticle):
        besides = list(context.besides)
        if seen.kind is PageKind.EMPTY and not render:
            besides.append(f"where scripts make its text, {how_to_render('extract', url)}")
        seen = replace(seen, reason="; ".join((seen.reason, *besides)))
    return seen, trace


def _address(url: str) -> str:
    start = urls.normalize(url)
    if start is None:
        raise UsageError(
            f"{url!r} is no address of a page; it begins with http:// or https://{urls.hint(url)}"
        )
    return start


def _in_child(
    config_folder: Path,
    url: str,
    job: Job,
    tell: Tell,
    unverified: tuple[str, ...] = (),
    keep: Callable[[str, Mapping[str, Any]], None] = lambda _url, _answer: None,
    readers: int | None = 1,
    source: Source | None = None,
    *,
    render: bool = False,
) -> object:
    """What the job came to. Raises the PresswatchError that ended it.

    Pages are asked for as of this `source`: with its login, delay and addresses; None: as of no source's. A
    browser makes them where it or `render` says so.
    `readers` is how many pages are read at once; None: as many as the configuration says.
    """
    settings = config.load(config_folder)
    if (render or (source is not None and source.render)) and (lacking := chromium.missing()):
        raise NoBrowser(f"{lacking}; docs/rendering.md says more")
    context = forkserver(["crawler.preload", "crawler.preview"])
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(
        target=_child_main, args=(sending, settings, job, unverified, readers, source, render)
    )
    child.start()
    sending.close()
    until = monotonic() + _SECONDS
    try:
        while receiving.poll(max(until - monotonic(), 0)):
            told = receiving.recv()
            if isinstance(told, _Requested):
                tell(told.url, told.number)
            elif isinstance(told, _Looked):
                keep(told.url, told.answer)
                until = monotonic() + _SECONDS
            elif isinstance(told, NoBrowser):
                raise told
            elif isinstance(told, PresswatchError):
                raise type(told)(f"{url}: {told}" if url else str(told))
            else:
                return told
        raise UnavailableError(f"{url or 'the outlets'}: no answer within {_SECONDS:g} s")
    except EOFError as error:
        raise UnavailableError(f"{url or 'the outlets'}: the process that fetched it died") from error
    finally:
        child.terminate()
        child.join()


def _child_main(
    sending: Connection,
    settings: Config,
    job: Job,
    unverified: tuple[str, ...],
    readers_wanted: int | None,
    source: Source | None,
    render: bool,
) -> None:
    set_up_logs(logging.ERROR)
    end_with_parent()
    share_forkserver()
    crawl = settings.crawl
    at_once = readers_wanted or crawl.reading_processes
    with closing(Readers(at_once, crawl.read_time, crawl.read_memory)) as readers:
        process = AsyncCrawlerProcess(scrapy_settings(settings))
        crawler = process.create_crawler(_Spider)
        told = {"settings": settings, "readers": readers, "job": job}
        asked = {"unverified": unverified, "source": source, "render": render}
        process.crawl(crawler, **told, **asked, sending=sending)
        process.start()
    if isinstance(crawler.spider, _Spider):
        sending.send(crawler.spider.told)


class _Spider(Spider):
    """Does one job, which asks for pages one after another; `told` is what came of it."""

    name = "preview"

    def __init__(
        self, settings: Config, readers: Readers, job: Job, sending: Connection, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._job = job
        self._context = _JobContext(
            self, readers, settings, lambda url, n: sending.send(_Requested(url, n)), sending.send
        )
        self.told: object = UnavailableError("it was not looked at")

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        settings: Config,
        unverified: tuple[str, ...],
        source: Source | None,
        render: bool,
        **kwargs: Any,
    ) -> Self:
        for name, value in politeness(settings, source, unverified, render=render).items():
            crawler.settings.set(name, value, priority="spider")
        # What waits for a connection of ours would seem to wait for its host.
        crawler.settings.set("CONCURRENT_REQUESTS", settings.crawl.slots, priority="spider")
        return super().from_crawler(crawler, *args, settings=settings, **kwargs)

    async def start(self) -> AsyncIterator[Request]:
        nothing: tuple[Request, ...] = ()
        try:
            self.told = await self._job(self._context)
        except PresswatchError as error:
            self.told = error
        # Scrapy wants a generator.
        for request in nothing:
            yield request

    async def fetch(self, url: str) -> Page:
        """The page. Raises Closed, UnavailableError when its host cannot be had, and NoBrowser."""
        try:
            response = await self.crawler.engine.download_async(Request(url))
        except Refused as error:
            refused = str(error)
            raise (Closed(refused) if known_rules(url) else UnavailableError(refused)) from error
        except NoBrowser:
            raise
        except NotRendered as error:
            raise Closed(explain(error)) from error
        except Exception as error:
            raise UnavailableError(explain(error)) from error
        self._context.besides.extend(f"{url}: {flag}" for flag in response.flags)
        answer = http_responses.fetched(response, datetime.now(UTC))
        said = f"answered {http_responses.status_name(answer.status)}"
        if answer.status in _STAY_AWAY:
            is_ill = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            raise UnavailableError(f"{said}: {_IN_TROUBLE if is_ill else _ASKED_TOO_MUCH}")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ServerFault(f"{said}: {_IN_TROUBLE}")
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise Closed(said)
        return http_responses.page(url, response, answer)

    def sitemaps(self, url: str) -> Sequence[str]:
        rules = known_rules(url)
        return () if rules is None else rules.sitemaps
