"""Obeys robots.txt. Scrapy's own middleware has neither a lifetime nor a size limit, and allows on 503."""

import asyncio
from datetime import UTC, datetime
from typing import Self

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http.request import NO_CALLBACK

from crawler import hosts
from crawler.error_messages import explain, fault_kind
from crawler.hosts import HostRests
from crawler.robots import (
    LIFETIME,
    MAX_SIZE,
    Refused,
    Unreadable,
    Verdict,
    answered,
    is_answer,
    site_of,
    unreachable,
    verdicts,
)
from crawler.spiders.source import SourceSpider
from crawler.waits import GivenUp
from presswatch import urls
from presswatch.archive import sites
from presswatch.archive.sites import RobotsFile
from presswatch.errors import AddressRefused

log = structlog.get_logger()

# What a server may declare as the length of its robots.txt; we stop reading at `MAX_SIZE`.
_DECLARED = 64 * 1024 * 1024
# A longer file is parsed in a thread, for it can take half a second.
_LONG = 16 * 1024


_asking: dict[str, asyncio.Lock] = {}


class Robots:
    """Asks each site's robots.txt before the first page, and again when its answer has grown old."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.bytes_received, signals.bytes_received)
        return made

    async def process_request(self, request: Request) -> None:
        if request.meta.get("robots"):
            return
        verdict = await self._verdict(request.url)
        if refusal := verdict.refusal(request.url):
            if "claim" not in request.meta:
                # Scrapy is silent about it, and nobody else will say it in `scrapy shell` and `scrapy fetch`.
                log.warning("refused", url=request.url, reason=refusal)
            raise Refused(refusal) if verdict.rules else Unreadable(refusal, verdict.until, verdict.kind)

    def bytes_received(self, data: bytes, request: Request, spider: Spider) -> None:  # noqa: ARG002  # Scrapy's signal
        if not request.meta.get("robots"):
            return
        request.meta["robots_bytes"] = request.meta.get("robots_bytes", 0) + len(data)
        if request.meta["robots_bytes"] > MAX_SIZE:
            raise StopDownload(fail=False)

    async def _verdict(self, url: str) -> Verdict:
        site = site_of(url)
        async with _asking.setdefault(site, asyncio.Lock()):
            known = verdicts.get(site)
            if known is None or known.until <= datetime.now(UTC):
                known = verdicts[site] = await self._recall(site) or await self._ask(site)
                hosts.slow_down(urls.host(url), known.rules.crawl_delay if known.rules else None)
        return known

    async def _recall(self, site: str) -> Verdict | None:
        """What an earlier run was answered within the last day."""
        spider = self._crawler.spider
        if not isinstance(spider, SourceSpider):
            return None
        since = datetime.now(UTC) - LIFETIME
        kept = await spider.task.context.read(lambda tx: sites.robots_file(tx, site, since))
        return None if kept is None else await judge(kept.status, kept.body, kept.fetched)

    async def _ask(self, site: str) -> Verdict:
        meta = {"robots": True, "download_maxsize": _DECLARED}
        request = Request(f"{site}/robots.txt", meta=meta, callback=NO_CALLBACK, priority=1000)
        now = datetime.now(UTC)
        try:
            response = await self._crawler.engine.download_async(request)
        except (HostRests, AddressRefused, GivenUp):
            # The address may be allowed for the source of another crawler in this process.
            raise
        except Exception as error:  # whatever kept it from us: it cannot be read
            return unreachable(explain(error), now, fault_kind(error))
        spider = self._crawler.spider
        if isinstance(spider, SourceSpider) and is_answer(response.status):
            # One byte more than is read tells that there was more.
            file = RobotsFile(response.status, response.body[: MAX_SIZE + 1], now)
            await spider.write(lambda tx, _now: sites.keep_robots_file(tx, site, file))
        return await judge(response.status, response.body, now)


async def judge(status: int, body: bytes, fetched: datetime) -> Verdict:
    """What an answer means, found without stopping the reactor."""
    if len(body) < _LONG:
        return answered(status, body, fetched)
    return await asyncio.to_thread(answered, status, body, fetched)
