"""Renders the pages of sources that say so; above what unpacks answers, below what follows redirects."""

import re
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse, Response

from crawler import hosts
from crawler.outgoing import Outgoing
from crawler.render_proxy import RenderProxy
from crawler.resolver import general_guard
from presswatch import chromium, urls

# Feeds and sitemaps that are served as HTML stay as they are.
_NO_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b", re.DOTALL
)


class Render:
    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("PRESSWATCH_RENDER"):
            raise NotConfigured
        # Made when a page is to be rendered: what it needs may not be installed.
        self._crawler = crawler
        self._renderer: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.close, signals.spider_closed)
        return made

    async def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get("robots") or not isinstance(response, HtmlResponse) or response.status != 200:
            return response
        if _NO_PAGE.match(response.body[:2048]):
            return response
        if reason := chromium.missing():
            raise chromium.NoBrowser(reason)
        async with hosts.turn(urls.host(response.url), 0.0):
            rendered: Response = await self._opened().render(response)
        return rendered

    async def close(self) -> None:
        if self._renderer is not None:
            await self._renderer.close()

    def _opened(self) -> Any:
        if self._renderer is None:
            from crawler.rendering import Renderer

            settings = self._crawler.settings
            general, reach = general_guard(settings), settings.get("PRESSWATCH_REACH")
            guard = general if reach is None else general.for_source(*reach)
            outgoing: Outgoing = settings.get("PRESSWATCH_OUTGOING") or Outgoing()
            self._renderer = Renderer(self._crawler, RenderProxy(guard, outgoing.proxy))
        return self._renderer
