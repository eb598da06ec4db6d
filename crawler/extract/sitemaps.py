"""Sitemaps (sitemaps.org protocol 0.9, the news extension, indexes, gzip)."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from crawler.extract.dates import read_time
from crawler.extract.links import absolute
from crawler.extract.text import squeeze
from presswatch.model import Hints, Link, LinkKind, Listing, Page, Unreadable

# The protocol allows 50,000 addresses and 50 MiB in a file; what is newest comes first and is enough.
_MOST_BYTES = 50 * 2**20
_MOST_LINKS = 1_000
_MOST_READ = 50_000
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
    told = [_told(element) for element in islice(root, _MOST_READ)]
    # Sorted as written first, since reading every one of 50,000 times and addresses would take too long.
    told.sort(key=lambda one: (one.get("publication_date") or one.get("lastmod") or "")[:19], reverse=True)
    found = (_link(one, page, hints) for one in told[: 2 * _MOST_LINKS])
    links = [link for link in found if link]
    links.sort(key=lambda link: link.published.instant if link.published else _EPOCH, reverse=True)
    if not links:
        return Unreadable("the sitemap holds no address")
    if etree.QName(root).localname == "sitemapindex":
        return Listing(LinkKind.SITEMAP, (), tuple(dict.fromkeys(link.url for link in links))[:_MOST_PAGES])
    newest: dict[str, Link] = {}
    for link in links:
        newest.setdefault(link.url, replace(link, position=len(newest)))
    return Listing(LinkKind.SITEMAP, tuple(newest.values())[:_MOST_LINKS])


def _unzip(body: bytes) -> bytes | None:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacker.decompress(body, _MOST_BYTES)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else unpacked


def _told(element: etree._Element) -> dict[str, str]:
    """The texts of an entry's elements by their names without namespace."""
    told: dict[str, str] = {}
    for part in islice(element.iter(), 40):
        if isinstance(part.tag, str) and part.text:
            told.setdefault(part.tag.rpartition("}")[2], part.text.strip())
    return told


def _link(told: dict[str, str], page: Page, hints: Hints) -> Link | None:
    url = absolute(page.final_url, told.get("loc", ""))
    if not url:
        return None
    moment = read_time(told.get("publication_date") or told.get("lastmod") or "", "sitemap", hints.zone)
    return Link(url, LinkKind.SITEMAP, 0, squeeze(told.get("title")), moment)
