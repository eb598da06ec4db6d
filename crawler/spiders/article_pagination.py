"""The further pages of an article, fetched one after the other."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawler.error_messages import explain
from crawler.extract.body.article_pagination import MOST_PAGES
from crawler.readers import Unread
from crawler.summary import Tally
from presswatch import urls
from presswatch.model import Article, NotArticle, Page

Fetch = Callable[[str], Awaitable[bytes | None]]
Reread = Callable[[Page], Awaitable[Article | NotArticle]]
log = structlog.get_logger()


async def read_remaining_pages(
    article: Article, page: Page, fetch: Fetch, reread: Reread
) -> tuple[Article, Page]:
    """The article as far as its pages can be had, and the page with those that were read."""
    while article.next_page and len(page.more) + 1 < MOST_PAGES:
        body = await fetch(article.next_page)
        if body is None:
            break
        extended = replace(page, more=(*page.more, body))
        try:
            reading = await reread(extended)
        except Unread as error:
            log.info("further page not read", url=article.next_page, reason=str(error))
            break
        if not isinstance(reading, Article) or reading.next_page == article.next_page:
            break
        article, page = reading, extended
    return article, page


async def fetch_page(crawler: Crawler, tally: Tally, url: str) -> bytes | None:
    """The body of an article's further page; None if it cannot be had or leads elsewhere."""
    try:
        request = Request(url, callback=NO_CALLBACK, dont_filter=True)
        response = await crawler.engine.download_async(request)
    except Exception as error:  # whatever keeps it from us: the article is kept without it
        tally.trouble(url, explain(error))
        return None
    tally.add("pages")
    tally.add("bytes", len(response.body))
    final_url = urls.normalize(response.url) or response.url
    if response.status != 200:
        tally.trouble(url, f"answered {response.status}")
    elif final_url.rstrip("/") == url.rstrip("/"):
        return response.body
    return None
