"""One run of one source, from its start pages to its last article."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any, Self, TypeVar

import structlog
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from sqlalchemy import Connection
from twisted.python.failure import Failure

from crawler import hosts, http_responses
from crawler.error_messages import explain, fault_kind
from crawler.extract import (
    EXTRACTOR,
    Traits,
    learn,
    read_article,
    read_sheet,
    read_start_page,
    traits,
)
from crawler.hints import learn_hints
from crawler.hosts import HostRests
from crawler.items import ArticleParsed, Failed, Gone, Item, ListingParsed, Postponed, Refused, Rejected
from crawler.lanes import SLOW_AFTER
from crawler.parent import is_orphan
from crawler.politeness import politeness
from crawler.publisher_signals import publisher_signals, refusal
from crawler.readers import LimitMet, Reader, Unread
from crawler.reading import read_and_prepare
from crawler.redirects import OffSite
from crawler.robots import Refused as RobotsRefused
from crawler.robots import Unreadable
from crawler.spiders import article_pagination
from crawler.spiders.listing_pagination import ListingPagination
from crawler.summary import StartPage, Tally
from crawler.task import Task, by_hand
from crawler.waits import GivenUp, Waits
from presswatch import chromium, config, urls
from presswatch.archive import articles, backfill, frontier, postings, runs, site_facts, sites
from presswatch.archive.articles import Reading
from presswatch.archive.frontier import Claim, Fetched, Follow
from presswatch.archive.prepared import prepare
from presswatch.archive.sites import HostRest
from presswatch.archive.tables import Wait
from presswatch.errors import AddressRefused, LeaseLost, PresswatchError, UnavailableError
from presswatch.model import Article, FaultKind, LinkKind, Listing, NotArticle, Page, PageKind, to_json

Result = TypeVar("Result")
log = structlog.get_logger()

# Claims that a run holds at a time: one in the air, the others being read or waiting for their turn, which
# comes within so many seconds.
MOST_AHEAD, LEAST_AHEAD, AHEAD_SECONDS = 8, 2, 10
# Pages that failed before and fail again get this part of a run's fetches, one in any run.
RETRIED_PART = 20
# What proves to be no article costs the run's budget nothing, up to this part of as many pages besides.
REJECTED_PART = 2
# A host so many of whose pages met the limits of a reader in one run has had its share of the reading time.
_LIMITS_MET = 2


class SourceSpider(Spider):
    """The base of all spiders. Its frontier is the archive: the URLs that it fetches are leased there."""

    def __init__(self, task: Task, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.task = task
        self.tally = Tally()
        limits, crawl = task.source.limits, task.context.config.crawl
        self.follow = Follow(limits.related_depth, limits.cross_site, tuple(crawl.revisit))
        self._began = monotonic()
        self._writes_until = self._began + crawl.run_time.total_seconds()
        self._budget = limits.pages
        self._rejects_left = limits.pages // REJECTED_PART
        # A backfill may ask for as many pages besides.
        self._old_budget = limits.pages
        self._fetches = self._failed_retries = 0
        self._retrying: set[int] = set()
        self._hints = config.hints(task.source)
        self._in_progress: dict[int, ListingPagination | None] = {}
        self._next_pages: deque[tuple[str, LinkKind, ListingPagination]] = deque()
        self._changed = asyncio.Event()
        self.waits = Waits()
        # Of the readers' queue a run has no more than they can read at once: what others sent has its turn.
        self._reading = asyncio.Semaphore(crawl.reading_processes)
        self._limits_met: Counter[str] = Counter()
        self._held_up: dict[str, str] = {}
        self._ended_early = False
        self._complete = False
        self._failure = ""
        # What we could not do ourselves is no failure of the source.
        self._failed_ourselves = False

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *args: Any, source: str = "", task: Task | None = None, **kwargs: Any
    ) -> Self:
        """`task` comes from our own runner, `source` (an id) from `scrapy crawl`: that is a run by hand.

        A run by hand that cannot begin ends the process with a message: Scrapy would print a traceback.
        """
        try:
            task = task or by_hand(crawler, source)
        except PresswatchError as error:
            raise SystemExit(f"scrapy crawl: {error}") from error
        spider = super().from_crawler(crawler, *args, task=task, **kwargs)
        for name, value in politeness(task.context.config, task.source).items():
            crawler.settings.set(name, value, priority="spider")
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """The run. Scrapy does not end the crawl while this goes on."""
        try:
            async for request in self._run_loop():
                yield request
            self._complete = True
        except GivenUp:
            log.info("run ended early", source=self.task.source.id, reason=self._failure)
        except LeaseLost as lost:
            self.lose(str(lost))
        except Exception as error:
            log.exception("run broke off", source=self.task.source.id)
            self.abort(explain(error))

    async def _run_loop(self) -> AsyncIterator[Request]:
        """Start pages and where they lead come first, so that the budget goes to the newest articles."""
        if self.task.source.render and (missing := chromium.missing()):
            self.abort(missing)
            return
        await self._learn_facts()
        await self._learn_hints()
        await self._learn_rests()
        claims = await self._claim_starts()
        for claim in claims:
            yield self._request(claim, self._new_pagination(claims))
        while self._in_progress or self._next_pages:
            for page, kind, pagination in self._take_next_pages():
                if further := await self._claim_next_page(page, kind):
                    yield self._request(further, pagination)
            if self._in_progress:
                await self._wait_for_change()
        while True:
            for claim in await self._claim_articles():
                yield self._request(claim, None)
            if not self._in_progress:
                if (older := await self._claim_older_page()) is None:
                    return
                yield self._request(older, None)
            await self._wait_for_change()

    async def parse(self, response: Response) -> AsyncIterator[Item]:
        """Every answer comes here, whatever its status."""
        claim: Claim = response.meta["claim"]
        now = datetime.now(UTC)
        answer = http_responses.fetched(response, now)
        self.tally.add("pages")
        self.tally.add("bytes", len(response.body))
        retry_after = http_responses.retry_after(response, now)
        if outcome := http_responses.outcome_by_status(claim, answer, retry_after):
            yield outcome
            return
        try:
            if claim.scope:
                yield await self._parse_start_page(claim, answer, response)
            else:
                yield await self._parse_article(claim, answer, response)
        except GivenUp:
            return
        except Unread as error:
            # The readers of a crawler whose daemon was killed may be killed with it.
            if not is_orphan():
                yield Failed(claim, str(error), FaultKind.OURS, answer.status)
        except Exception as error:  # a claim that does not end would keep the run waiting
            log.exception("parsing failed", url=claim.url)
            reason = f"parsing failed: {type(error).__name__}: {error}"
            yield Failed(claim, reason, FaultKind.OURS, answer.status)

    def parse_listing(self, response: Response) -> Listing | None:  # noqa: ARG002  # for spiders of one's own
        """The links of a start page or a further page of it; None lets the reader find them.

        A spider of one's own overrides this where no reader can know the page. It is only called for answers
        with status 200 to 299 that changed since the last run. What it raises is the page's failure.
        """
        return None

    def failed(self, failure: Failure) -> Iterator[Item]:
        """Every request without an answer comes here.

        When the crawl is being stopped or the run is ended early, it is handed back.
        """
        claim: Claim = failure.request.meta["claim"]  # type: ignore[attr-defined]  # Scrapy puts it there
        error: Any = failure.value  # a Failure always has one
        if isinstance(error, GivenUp) or not self.crawler.engine.running:
            return
        if isinstance(error, chromium.NoBrowser):
            # It would be the same for every page.
            self.abort(str(error))
            self.end_early(str(error))
            return
        if isinstance(error, HostRests | Unreadable):
            kind = error.kind if isinstance(error, Unreadable) else FaultKind.RESTING
            yield Postponed(claim, explain(error), kind, error.until)
            return
        if isinstance(error, RobotsRefused | OffSite | AddressRefused):
            yield Refused(claim, explain(error), only_this_source=not isinstance(error, RobotsRefused))
        else:
            yield Failed(claim, explain(error), fault_kind(error))

    def page_after(self, item: Item) -> str | None:
        """The page that is read after this one if it brings new links."""
        pagination = self._in_progress.get(item.claim.id)
        if pagination is None or not isinstance(item, ListingParsed):
            return None
        return pagination.page_after(item.listing)

    def claim_ended(self, item: Item, fresh: int) -> None:
        """What was claimed has ended: it is in the archive, or will be found there as still leased."""
        # Claimed twice where this run was taken for lost while it lived: the first to end counts.
        pagination = self._in_progress.pop(item.claim.id, None)
        self._settle_budgets(item)
        if pagination is not None:
            listing = item.listing if isinstance(item, ListingParsed) else None
            if (page := pagination.next_page(listing, fresh)) is not None:
                self._next_pages.append((page, pagination.kind, pagination))
        self._changed.set()

    def _settle_budgets(self, item: Item) -> None:
        self._retrying.discard(item.claim.id)
        if item.claim.wait is Wait.OLD:
            # Its host may be in trouble, so it is asked for no more of what can wait.
            if isinstance(item, Failed | Postponed):
                self._old_budget = 0
            return
        if item.claim.wait is Wait.RETRY and isinstance(item, Failed | Gone | Refused | Rejected):
            self._failed_retries += 1
        if isinstance(item, Rejected) and self._rejects_left > 0:
            self._rejects_left -= 1
            self._budget += 1

    def abort(self, reason: str) -> None:
        """Start nothing more, because of a fault of ours: the archive cannot be written to, say."""
        self._failed_ourselves = self._failed_ourselves or not self._failure
        self._failure = self._failure or reason
        self._budget = self._old_budget = 0
        self._changed.set()

    def end_early(self, reason: str) -> None:
        """End the run now: what is in flight is given up, what is claimed is due again."""
        if self._ended_early:
            return
        self._failure = self._failure or reason
        self._budget = self._old_budget = 0
        self._ended_early = True
        self.waits.give_up(reason)
        self._changed.set()

    def held_up(self, host: str, reason: str) -> None:
        """End the run now, and let the host rest that held it up."""
        self._held_up[host] = reason
        self.end_early(f"{host} {reason}")

    def lose(self, reason: str) -> None:
        """Start nothing more, because the run is another crawler's by now."""
        if not self._failure:
            log.warning("lease lost", source=self.task.source.id, reason=reason)
        self.abort(reason)

    async def end(self) -> None:
        """Write the run's own summary as the last thing; a run that was stopped is handed back instead.

        A run that was taken for lost (this machine slept, say) is somebody else's by now and left alone.
        """
        try:
            for rest in await self.write(self._end):
                hosts.rest(rest)
        except LeaseLost as lost:
            self.lose(str(lost))

    async def write(self, work: Callable[[Connection, datetime], Result]) -> Result:
        """`work(tx, now)` in one durable transaction; waits for a locked archive while the run has time.

        Raises LeaseLost, writing nothing, when the run is another crawler's by now.
        """
        run = self.task.run

        def checked(tx: Connection, now: datetime) -> Result:
            runs.check(tx, run)
            return work(tx, now)

        return await self.task.context.write(checked, self._writes_until)

    def _end(self, tx: Connection, now: datetime) -> list[HostRest]:
        if self._complete or self._failure:
            self._finish(tx, now)
            return self._keep_standing(tx, now)
        runs.hand_back(tx, self.task.run.id)
        return []

    def _keep_standing(self, tx: Connection, now: datetime) -> list[HostRest]:
        """Keep which hosts answered in time and which did not; those that rest for it."""
        for host, pace in self.waits.pace(monotonic()).items():
            if host in self._held_up:
                continue
            (sites.keep_in_time if pace < SLOW_AFTER else sites.keep_slow)(tx, host, now)
        return [sites.rest_held_up(tx, host, reason, now) for host, reason in self._held_up.items()]

    def _finish(self, tx: Connection, now: datetime) -> None:
        run, source = self.task.run.id, self.task.source.id
        frontier.release(tx, run)
        left = frontier.waiting(tx, source, now)
        summary = self.tally.summary(left, self._ended_by(), self._failure_kind())
        reason = self._failure or self.tally.reason
        by_source = not (self._failed_ourselves or self.tally.by_reader)
        runs.finish(tx, run, to_json(summary), reason, now, by_source=by_source)
        if not reason:
            starts = self.task.source.start_pages
            # What waits for a host that rests is no sooner had by another run.
            cut_off = left if self._ended_by() in ("pages", "time") else 0
            postings.count(tx, source, self.task.source.time_zone or "UTC", starts, run, now, cut_off)
        counts = {"pages": summary.pages, "new": summary.new, "revised": summary.revised, "left": left}
        # The writer's thread knows of no run.
        log.info("run ended", source=source, run=run, **counts, **({"reason": reason} if reason else {}))

    def _failure_kind(self) -> FaultKind | None:
        if not self._failure:
            return None
        return FaultKind.OURS if self._failed_ourselves else FaultKind.TOO_SLOW

    def _ended_by(self) -> str:
        if monotonic() >= self._claims_until():
            return "time"
        return "pages" if self._budget <= 0 else "hosts"

    def _claims_until(self) -> float:
        """Until when URLs are claimed: the last one must still have its turn, be fetched and be read."""
        crawl, delay = self.task.context.config.crawl, self._delay()
        last = (crawl.timeout + crawl.read_time).total_seconds() + claims_ahead(delay) * delay
        whole = crawl.run_time.total_seconds()
        return self._began + max(whole - last, whole / 2)

    def _delay(self) -> float:
        """Seconds between two requests to a host."""
        crawl, source = self.task.context.config.crawl, self.task.source
        own = crawl.delay if source.limits.delay is None else source.limits.delay
        return max(own.total_seconds(), *(hosts.crawl_delay(host) for host in source.hosts))

    async def _learn_hints(self) -> None:
        """Learn from the source's latest articles how it writes."""
        self._hints = await self.task.context.read(
            partial(learn_hints, source=self.task.source.id, given=self._hints)
        )

    @property
    def article_forms(self) -> tuple[str, ...]:
        """What the addresses of the source's articles are like."""
        return self._hints.facts.addresses

    async def _learn_facts(self) -> None:
        """Learn what repeats over the source's latest pages, where enough of them are new."""
        source, context = self.task.source.id, self.task.context
        pages = await context.read(lambda tx: site_facts.pages_to_learn_from(tx, source))
        if pages:
            shown = await asyncio.gather(*map(self._traits, pages))
            facts = learn(traits for traits in shown if traits is not None)
            await self.write(lambda tx, now: site_facts.keep(tx, source, facts, now))

    async def _traits(self, page: Page) -> Traits | None:
        async with self._reading:
            try:
                return await self.task.context.readers.run(traits, page, self._hints)
            except Unread as error:
                log.warning("nothing is learnt from a kept page", url=page.url, reason=str(error))
                return None

    async def _learn_rests(self) -> None:
        """Learn which hosts asked earlier crawlers to stay away, as a redirect may lead to any of them."""
        now = datetime.now(UTC)
        for asked in await self.task.context.read(lambda tx: sites.resting(tx, now)):
            hosts.rest(asked)

    async def _parse_start_page(self, claim: Claim, answer: Fetched, response: Response) -> Item:
        listing = self.parse_listing(response)
        page = http_responses.page(claim.url, response, answer)
        if listing is None:
            parsed = await self._read(read_start_page, page)
            if not isinstance(parsed, Listing):
                return Failed(claim, parsed.reason, FaultKind.UNREADABLE, answer.status)
            listing = parsed
        if listing.kind is LinkKind.LISTING and not self._may_follow(claim.url, answer.final_url):
            moved = f"it leads to another site; if it moved, start at {answer.final_url}"
            return Failed(claim, moved, FaultKind.ELSEWHERE)
        is_index = listing.pages and not listing.links
        kept = http_responses.without_validators(answer) if is_index else answer
        return ListingParsed(claim, kept, listing)

    async def _parse_article(self, claim: Claim, answer: Fetched, response: Response) -> Item:
        said = publisher_signals(response.headers, response.body)
        if unwanted := refusal(said, self.task.context.config.crawl):
            return Refused(claim, unwanted)
        page = replace(http_responses.page(claim.url, response, answer), entries=claim.entries)
        hints = self._hints
        read = await self._read(read_and_prepare, page)
        if isinstance(read, NotArticle):
            return Rejected(claim, answer, read)
        sheet, prepared = read
        if prepared is None:
            article, page = await article_pagination.read_remaining_pages(
                sheet,
                page,
                self._fetch_article_page,
                lambda further, addresses, number: self._read(
                    partial(read_sheet, addresses=addresses, number=number), further
                ),
            )
            prepared = await asyncio.to_thread(prepare, page, article)
        else:
            article = sheet.whole
        # What was not read to its end is read anew at the next visit, though its first page be the same.
        kept = http_responses.without_validators(answer) if article.next_page else answer
        earlier = await self._read_earlier(claim, page, article)
        return ArticleParsed(Reading(claim, kept, page, hints, article, prepared, EXTRACTOR, earlier), said)

    async def _read_earlier(self, claim: Claim, page: Page, article: Article) -> Article | NotArticle | None:
        """What the kept page says by today's reading, where that may differ from how it was read before."""
        if claim.article is None and claim.url == page.final_url:
            return None
        hints = self._hints
        kept = await self.task.context.read(
            lambda tx: articles.page_to_compare(tx, page, article, hints, EXTRACTOR)
        )
        if kept is None:
            return None
        try:
            return await self._read(read_article, kept)
        except Unread as error:
            log.warning("the kept page cannot be compared", url=claim.url, reason=str(error))
            return NotArticle(PageKind.ERROR, str(error))

    async def _read(self, reader: Reader[Result], page: Page) -> Result:
        """What `reader` makes of the page. Raises Unread, GivenUp when the run has been ended."""
        async with self._reading:
            if self._ended_early:
                raise GivenUp(self._failure)
            try:
                return await self.task.context.readers.run(reader, page, self._hints)
            except LimitMet as error:
                host = urls.host(page.url)
                self._limits_met[host] += 1
                if self._limits_met[host] >= _LIMITS_MET:
                    self.held_up(host, f"has {_LIMITS_MET} pages that cannot be read within limits: {error}")
                raise

    async def _fetch_article_page(self, url: str) -> bytes | None:
        if monotonic() >= self._claims_until() or self._budget <= 0:
            return None
        self._budget -= 1
        return await article_pagination.fetch_page(self.crawler, self.tally, url)

    def _may_follow(self, url: str, led_to: str) -> bool:
        """Whether the links of a listing that answered elsewhere are this source's to follow."""
        return self.follow.cross_site or urls.same_site(url, led_to)

    async def _claim_starts(self) -> Sequence[Claim]:
        source, run, now = self.task.source, self.task.run.id, datetime.now(UTC)
        given = source.start_pages
        starts: Sequence[str] = given
        if source.timing is None:
            starts = await self.task.context.read(lambda tx: postings.readable(tx, source.id, given, now))
        claims = await self.write(lambda tx, now: frontier.claim_starts(tx, source.id, starts, run, now))
        for resting in set(starts) - {claim.url for claim in claims}:
            reason = "it failed too often and is left alone for a day"
            self.tally.start_page(StartPage(resting, "resting", reason=reason, kind=FaultKind.RESTING))
        return claims

    async def _claim_next_page(self, page: str, kind: LinkKind) -> Claim | None:
        source, run = self.task.source.id, self.task.run.id
        return await self.write(lambda tx, now: frontier.claim_page(tx, source, page, kind, run, now))

    async def _claim_articles(self) -> Sequence[Claim]:
        """More, when half of those claimed before have ended: several in one transaction."""
        room = self._room()
        limit, old = max(min(room, self._budget), 0), max(min(room, self._old_budget), 0)
        if (not limit and not old) or len(self._in_progress) > claims_ahead(self._delay()) // 2:
            return ()
        source, run, retries = self.task.source.id, self.task.run.id, self._retries()
        return await self.write(
            lambda tx, now: frontier.claim_articles(tx, source, run, now, limit, retries, old)
        )

    async def _claim_older_page(self) -> Claim | None:
        """The page that the source's backfill goes on with, when what it found before was read."""
        if min(self._room(), self._old_budget) <= 0:
            return None
        source, run = self.task.source.id, self.task.run.id

        def claimed(tx: Connection, now: datetime) -> Claim | None:
            page = backfill.take_page(tx, source, now)
            return frontier.claim_page(tx, source, page, LinkKind.LISTING, run, now) if page else None

        # Read whole, as a page that is as it was still leads on.
        if claim := await self.write(claimed):
            return replace(claim, wait=Wait.OLD, etag=None, last_modified=None, body_hash=None)
        return None

    def _retries(self) -> int:
        """How many pages that failed before may be tried now. One that is had makes room for the next."""
        most = max(1, self._fetches // RETRIED_PART)
        return most - self._failed_retries - len(self._retrying)

    def _capacity(self) -> int:
        return min(self._room(), self._budget)

    def _room(self) -> int:
        """How many more URLs the run may hold now."""
        if monotonic() >= self._claims_until():
            return 0
        return claims_ahead(self._delay()) - len(self._in_progress)

    def _take_next_pages(self) -> Iterator[tuple[str, LinkKind, ListingPagination]]:
        while self._next_pages and self._capacity() > 0:
            yield self._next_pages.popleft()
        if self._capacity() <= 0 and not self._in_progress:
            self._next_pages.clear()

    def _new_pagination(self, claims: Iterable[Claim]) -> ListingPagination:
        return ListingPagination(self.task.source.limits.listing_pages, {claim.url for claim in claims})

    def _request(self, claim: Claim, pagination: ListingPagination | None) -> Request:
        self._in_progress[claim.id] = pagination
        if claim.wait is Wait.OLD:
            self._old_budget -= 1
        else:
            self._budget -= 1
        self._fetches += 1
        if claim.wait is Wait.RETRY:
            self._retrying.add(claim.id)
        return Request(claim.url, self.parse, errback=self.failed, meta={"claim": claim}, dont_filter=True)

    async def _wait_for_change(self) -> None:
        """Wait until something in hand has ended.

        Raises UnavailableError if the run's time is over first, GivenUp when the run is ended.
        """
        try:
            await asyncio.wait_for(self._changed.wait(), self._writes_until - monotonic())
        except TimeoutError as error:
            raise UnavailableError(
                f"{len(self._in_progress)} pages did not end within the run's time"
            ) from error
        self._changed.clear()
        if self._ended_early:
            raise GivenUp(self._failure)


def claims_ahead(delay: float) -> int:
    """How many URLs a run holds at a time that waits so many seconds between two requests."""
    if not delay:
        return MOST_AHEAD
    return max(LEAST_AHEAD, min(MOST_AHEAD, int(AHEAD_SECONDS / delay)))
