"""Sitemaps (sitemaps.org protocol 0.9, the news extension, indexes, gzip)."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from crawler.extract.dates import read_time
from crawler.extract.links import absolute
from crawler.extract.text import squeeze
from presswatch.model import Hints, Link, LinkKind, Listing, Page, Unreadable

# The protocol allows 50,000 addresses and 50 MiB in a file; what is newest comes first and is enough.
_MOST_BYTES = 50 * 2**20
_MOST_LINKS = 1_000
_MOST_PAGES = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_sitemap(page: Page, hints: Hints) -> Listing | Unreadable:
    """The newest addresses of a sitemap, newest first; of an index, its sitemaps the same way in `pages`."""
    body = _unzip(page.body)
    if body is None:
        return Unreadable("the sitemap is compressed and its archive is broken or unpacks to over 50 MiB")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        return Unreadable("the sitemap is not XML")
    links = [link for element in root if (link := _link(element, page, hints))]
    links.sort(key=lambda link: link.published.instant if link.published else _EPOCH, reverse=True)
    if not links:
        return Unreadable("the sitemap holds no address")
    if etree.QName(root).localname == "sitemapindex":
        return Listing(LinkKind.SITEMAP, (), tuple(link.url for link in links[:_MOST_PAGES]))
    unique = {link.url: link for link in reversed(links)}
    newest = list(reversed(unique.values()))[:_MOST_LINKS]
    return Listing(LinkKind.SITEMAP, tuple(replace(link, position=n) for n, link in enumerate(newest)))


def _unzip(body: bytes) -> bytes | None:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(body, _MOST_BYTES)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else unpacked


def _link(element: etree._Element, page: Page, hints: Hints) -> Link | None:
    told: dict[str, str] = {}
    for part in element.iter():
        if isinstance(part.tag, str) and part.text:
            told.setdefault(etree.QName(part).localname, part.text.strip())
    url = absolute(page.final_url, told.get("loc", ""))
    if not url:
        return None
    moment = read_time(told.get("publication_date") or told.get("lastmod") or "", "sitemap", hints.zone)
    return Link(url, LinkKind.SITEMAP, 0, squeeze(told.get("title")), moment)
