"""The further pages of an article, fetched one after the other."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawler.error_messages import explain
from crawler.extract import Sheet, join, next_sheet
from crawler.extract.body.article_pagination import MOST_PAGES
from crawler.readers import Unread
from crawler.summary import Tally
from presswatch import urls
from presswatch.model import Article, NotArticle, Page

Fetch = Callable[[str], Awaitable[bytes | None]]
ReadSheet = Callable[[Page, tuple[str, ...], int], Awaitable[Sheet | NotArticle]]
log = structlog.get_logger()


async def read_remaining_pages(
    sheet: Sheet, page: Page, fetch: Fetch, read: ReadSheet
) -> tuple[Article, Page]:
    """The article as far as its pages can be had, and the page with those that were read.

    `fetch(url)` gives a further page's body or None, `read(page, addresses, number)` reads it and raises
    Unread. Each page is parsed once.
    """
    while (url := sheet.article.next_page) and len(page.more) + 1 < MOST_PAGES:
        body = await fetch(url)
        if body is None:
            break
        try:
            further = await read(next_sheet(page, url, body), sheet.addresses, len(page.more) + 2)
        except Unread as error:
            log.info("further page not read", url=url, reason=str(error))
            break
        sheet = join(sheet, further, url)
        if sheet.article.next_page == url:
            break
        page = replace(page, more=(*page.more, body))
    return sheet.whole, page


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
