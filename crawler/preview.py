"""What would be found at a URL, before a source is made of it. Nothing is kept."""

import logging
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler import answers
from crawler.extract import look, read
from crawler.politeness import politeness
from crawler.readers import Readers
from crawler.run import end_with_parent, scrapy_settings
from crawler.troubles import explain
from presswatch import config, urls
from presswatch.config import Config
from presswatch.errors import PresswatchError, UnavailableError, UsageError
from presswatch.logs import set_up_logs
from presswatch.model import Article, Hints, Listing, Page

# Longer than any polite crawl of a few pages takes.
_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the linked articles: as it was read, or why there is none."""

    url: str
    article: Article | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands at `url`: its links (`listing`), or why it cannot be a start page (`reason`).

    `article` is there when the page is itself an article. `samples` are the first of the linked articles.
    """

    url: str
    listing: Listing | None = None
    reason: str = ""
    article: Article | None = None
    samples: tuple[Sample, ...] = ()


def preview(config_folder: Path, url: str, articles: int = 3) -> Preview:
    """Fetch a URL politely in a process of its own, look at it and read its first articles.

    Raises UsageError for what is no URL, ConfigError, and UnavailableError when the process died.
    """
    start = urls.normalize(url)
    if start is None:
        raise UsageError(f"{url!r} is no address of a page; it begins with http:// or https://")
    settings = config.load(config_folder)
    context = get_context("forkserver")
    context.set_forkserver_preload(["crawler.preview"])
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_preview, args=(sending, settings, start, articles))
    child.start()
    sending.close()
    try:
        if receiving.poll(_SECONDS):
            told: Preview = receiving.recv()
            return told
        raise UnavailableError(f"{start}: no answer within {_SECONDS:g} s")
    except EOFError as error:
        raise UnavailableError(f"{start}: the process that fetched it died") from error
    finally:
        child.terminate()
        child.join()


def _preview(sending: Connection, settings: Config, url: str, articles: int) -> None:
    set_up_logs(logging.ERROR)
    end_with_parent()
    crawl = settings.crawl
    with closing(Readers(1, crawl.read_time, crawl.read_memory)) as readers:
        process = AsyncCrawlerProcess(scrapy_settings(settings))
        crawler = process.create_crawler(_Spider)
        process.crawl(crawler, settings=settings, url=url, articles=articles, readers=readers)
        process.start()
    if isinstance(crawler.spider, _Spider):
        sending.send(crawler.spider.told)


class _Spider(Spider):
    """One page and some that it links to, one after another; `told` is what was found so far."""

    name = "preview"

    def __init__(self, settings: Config, url: str, articles: int, readers: Readers, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._hints = Hints(zone=settings.time_zone)
        self._articles = articles
        self._readers = readers
        self.told = Preview(url)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, settings: Config, **kwargs: Any) -> Self:
        for name, value in politeness(settings).items():
            crawler.settings.set(name, value, priority="spider")
        return super().from_crawler(crawler, *args, settings=settings, **kwargs)

    async def start(self) -> AsyncIterator[Request]:
        nothing: tuple[Request, ...] = ()
        self.told = await self._look(self.told.url)
        links = self.told.listing.links if self.told.listing else ()
        for link in links[: self._articles]:
            sample = await self._sample(link.url)
            self.told = replace(self.told, samples=(*self.told.samples, sample))
        # Scrapy wants a generator.
        for request in nothing:
            yield request

    async def _look(self, url: str) -> Preview:
        try:
            page = await self._fetch(url)
            seen = await self._readers.run(look, page, self._hints)
            itself = await self._readers.run(read, page, self._hints)
        except PresswatchError as error:
            return Preview(url, reason=str(error))
        article = itself if isinstance(itself, Article) else None
        if isinstance(seen, Listing):
            return Preview(url, listing=seen, article=article)
        return Preview(url, reason=seen.reason, article=article)

    async def _sample(self, url: str) -> Sample:
        try:
            page = await self._fetch(url)
            seen = await self._readers.run(read, page, self._hints)
        except PresswatchError as error:
            return Sample(url, None, str(error))
        return (
            Sample(url, seen)
            if isinstance(seen, Article)
            else Sample(url, None, f"{seen.kind}: {seen.reason}")
        )

    async def _fetch(self, url: str) -> Page:
        """The page. Raises UnavailableError saying why it cannot be had."""
        try:
            response = await self.crawler.engine.download_async(Request(url))
        except Exception as error:
            raise UnavailableError(explain(error)) from error
        answer = answers.fetched(response, datetime.now(UTC))
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise UnavailableError(f"answered {answers.named(answer.status)}")
        return answers.page(url, response, answer)
