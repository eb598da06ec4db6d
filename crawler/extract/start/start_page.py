"""From a start page to its links: a feed, a sitemap, or a listing, told apart by looking at it."""

import re
import zlib
from dataclasses import replace
from datetime import datetime

import structlog

from crawler.extract.kind.page_kind import unreadable
from crawler.extract.page.charset import decode
from crawler.extract.page.links import is_pdf
from crawler.extract.page.tree import parse_text
from crawler.extract.start.feeds import read_feed, read_json_feed
from crawler.extract.start.listing import read_listing
from crawler.extract.start.sitemaps import read_sitemap, read_text_sitemap
from presswatch.model import Entry, Hints, Listing, Moment, Page, PageKind, Unreadable
from presswatch.publication import is_possible

_log = structlog.get_logger()
_GZIP = b"\x1f\x8b"
# The protocol of sitemaps allows 50 MiB in a file.
_MOST_BYTES = 50 * 2**20
# Some servers compress what is compressed.
_MOST_LAYERS = 3
_LOOKED_AT = 65_536
# What an XML declaration says of the encoding holds no longer once a text is decoded.
_XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*>\s*", re.I)
_COMMENT = re.compile(r"<!--.*?(?:-->|$)|<script\b.*?(?:</script|$)", re.S | re.I)
# The first of these elements tells what a page is, whatever stands before it.
_ROOT = re.compile(
    r"<!doctype\s+(html)\b|<(?:[\w.-]+:)?(urlset|sitemapindex|rss|feed|rdf|html|head|body)(?=[\s>/])", re.I
)
_ADDRESSES = re.compile(r"(?:\s*#[^\r\n<>]*[\r\n])*(?:\s*https?://[^\s<>]+[ \t]*(?:[\r\n]|$))+", re.I)


def read_start_page(page: Page, hints: Hints) -> Listing | Unreadable:
    """The links of a start page: of a feed, a sitemap or an HTML listing. Never raises for any bytes."""
    try:
        found = _read_any_kind(page, hints)
    except Exception as error:  # one strange page must not cost the run; the reason is kept
        _log.exception("start page could not be read", url=page.final_url)
        return Unreadable(f"the reader failed on it: {type(error).__name__}: {error}"[:300])
    return _believable(_pdfs_apart(found), page.fetched_at) if isinstance(found, Listing) else found


def _pdfs_apart(found: Listing) -> Listing:
    links = tuple(link for link in found.links if not is_pdf(link.url))
    pdfs = [link.url for link in found.links if is_pdf(link.url)]
    return replace(found, links=links, pdfs=tuple(dict.fromkeys([*pdfs, *found.pdfs]))) if pdfs else found


def _believable(found: Listing, fetched: datetime) -> Listing:
    """Without times that no page can have: far ahead of its fetch, or before the Web."""

    def believed(told: Moment | None) -> Moment | None:
        return told if told and is_possible(told.instant, fetched) else None

    links = []
    for link in found.links:
        own = replace(link, published=believed(link.published))
        links.append(replace(own, modified=believed(own.modified)) if isinstance(own, Entry) else own)
    return replace(found, links=tuple(links))


def decoded(page: Page) -> str:
    """A start page's text; "" where it is compressed and cannot be unpacked."""
    unpacked = _unpacked(page)
    return decode(unpacked.body, unpacked.charset).lstrip() if unpacked else ""


def _unpacked(page: Page) -> Page | None:
    for _ in range(_MOST_LAYERS):
        if page.body.startswith(_GZIP):
            body = _unzip(page.body)
            if body is None:
                return None
            page = replace(page, body=body)
    return page


def _read_any_kind(page: Page, hints: Hints) -> Listing | Unreadable:
    unpacked = _unpacked(page)
    if unpacked is None:
        return Unreadable("it is compressed and its archive is broken or unpacks to over 50 MiB")
    page = unpacked
    text = decode(page.body, page.charset).lstrip()
    head = text[:_LOOKED_AT]
    if head.startswith(("{", "[")):
        return read_json_feed(text, page.final_url, hints, page.links)
    if _ADDRESSES.match(head):
        return read_text_sitemap(text, page.final_url)
    match _root(head):
        case "urlset" | "sitemapindex":
            return read_sitemap(_XML_DECLARATION.sub("", text, count=1), page.final_url, hints)
        case "rss" | "feed" | "rdf":
            return read_feed(_XML_DECLARATION.sub("", text, count=1), page.final_url, hints, page.links)
    if (refused := unreadable(page)) and refused.kind in (PageKind.NOT_HTML, PageKind.PDF):
        return Unreadable(refused.reason)
    tree = parse_text(text)
    if tree is None:
        return Unreadable("the page is empty: no feed, no sitemap and no HTML")
    return read_listing(tree.root, page, hints)


def _root(head: str) -> str:
    """The lower-case name of the element that tells what a page is, "" if none does."""
    found = _ROOT.search(_COMMENT.sub("", head))
    return (found[1] or found[2]).lower() if found else ""


def _unzip(body: bytes) -> bytes | None:
    """All members of a gzip file (RFC 1952 allows several), or what a file that is cut off still gives."""
    unpacked = b""
    while body.startswith(_GZIP):
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            unpacked += unpacker.decompress(body, _MOST_BYTES - len(unpacked))
        except zlib.error:
            return unpacked or None
        if unpacker.unconsumed_tail or len(unpacked) >= _MOST_BYTES:
            return None
        body = unpacker.unused_data
    return unpacked
