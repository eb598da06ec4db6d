"""Writes down that a host asked us to stay away, so that the next crawler knows it too."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.spiders.source import SourceSpider
from presswatch.archive import sites
from presswatch.archive.sites import HostRest


class Rests:
    """The handler lets the host rest before this is written: nobody who waits for it goes on meanwhile."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Rests":
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        asked, spider = request.meta.get("host_rest"), self._crawler.spider
        if isinstance(asked, HostRest) and isinstance(spider, SourceSpider):
            await spider.write(lambda tx, _now: sites.rest_host(tx, asked))
        return response
