"""From a start page to its links: a feed, a sitemap, or a listing, told apart by looking at it."""

import re

import structlog

from crawler.extract.kind.page_kind import unreadable
from crawler.extract.page.tree import parse
from crawler.extract.start.feeds import read_feed
from crawler.extract.start.listing import read_listing
from crawler.extract.start.sitemaps import read_sitemap
from presswatch.model import Hints, Listing, Page, PageKind, Unreadable

_log = structlog.get_logger()
_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b")
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)\b")
_GZIP = b"\x1f\x8b"


def read_start_page(page: Page, hints: Hints) -> Listing | Unreadable:
    """The links of a start page: of a feed, a sitemap or an HTML listing. Never raises for any bytes."""
    try:
        return _read_any_kind(page, hints)
    except Exception as error:  # one strange page must not cost the run; the reason is kept
        _log.exception("start page could not be read", url=page.final_url)
        return Unreadable(f"the reader failed on it: {type(error).__name__}: {error}"[:300])


def _read_any_kind(page: Page, hints: Hints) -> Listing | Unreadable:
    head = page.body[:4096].lstrip()
    if page.body.startswith(_GZIP) or _SITEMAP.search(head):
        return read_sitemap(page, hints)
    if head.startswith((b"{", b"[")) or _FEED.search(head):
        return read_feed(page, hints)
    if (refused := unreadable(page)) and refused.kind is PageKind.NOT_HTML:
        return Unreadable(refused.reason)
    tree = parse(page)
    if tree is None:
        return Unreadable("the page is empty: no feed, no sitemap and no HTML")
    return read_listing(tree.root, page, hints)
