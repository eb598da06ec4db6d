"""Feeds: RSS, Atom, RDF and JSON Feed."""

import json
import re
from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from crawler.extract.fields.dates import read_time
from crawler.extract.page.links import absolute
from crawler.extract.page.text import squeeze
from presswatch.model import Hints, Link, LinkKind, Listing, Moment, Page, Precision, Unreadable

_MOST_ENTRIES = 500
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.I)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.I | re.S)
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)\b|\"id\"\s*:", re.I)
_RECORDING = re.compile(
    rb"<enclosure\b[^>]{0,500}\btype\s*=\s*[\"'](?:audio|video)/|\"mime_type\"\s*:\s*\"(?:audio|video)", re.I
)
_COMMENT = re.compile(
    rb"<link\b[^<]{0,500}#(?:comments?-|respond)|"
    rb"<title>\s*(?:<!\[CDATA\[)?"
    rb"(?:By: |Von: |Par ?: |Por: |Comment(?:aires?)? (?:on|for|sur) |Kommentar zu )",
    re.I,
)
_READ_FOR_PURPOSE = 200_000


def read_feed(page: Page, hints: Hints) -> Listing | Unreadable:
    """The entries of a feed in its order. A DTD (entity bombs, external entities) is cut off unread."""
    import feedparser

    body = _first_entries(_DOCTYPE.sub(b"", page.body, count=1))
    headers = {"content-type": page.content_type} if page.charset else {}
    parsed = feedparser.parse(
        BytesIO(body), sanitize_html=False, resolve_relative_uris=False, response_headers=headers
    )
    entries = parsed.get("entries", [])[:_MOST_ENTRIES]
    links: dict[str, Link] = {}
    for entry in entries:
        url = absolute(page.final_url, str(entry.get("link") or ""))
        if url and url not in links:
            times = (_published(entry, hints), _modified(entry, hints))
            links[url] = Link(url, LinkKind.FEED, len(links), squeeze(entry.get("title")), *times)
    if not links:
        return Unreadable("the feed has no entry with a link")
    feed = parsed.get("feed", {})
    return Listing(
        LinkKind.FEED, tuple(links.values()), (), squeeze(feed.get("title")), str(feed.get("language") or "")
    )


def purpose(body: bytes) -> str:
    """What a feed holds instead of articles: `comments` or `podcast`; empty for a feed of articles."""
    head = body[:_READ_FOR_PURPOSE]
    half = len(_ENTRY.findall(head)) / 2
    for kind, sign in (("podcast", _RECORDING), ("comments", _COMMENT)):
        if half and len(sign.findall(head)) > half:
            return kind
    return ""


def _first_entries(body: bytes) -> bytes:
    """A feed cut off after as many entries as are read, so that a huge one takes no longer than that."""
    for number, end in enumerate(_ENTRY_END.finditer(body), start=1):
        if number == _MOST_ENTRIES:
            closing = b"</feed>" if b"<feed" in body[:4096] else b"</channel></rss>"
            return body[: end.end()] + (closing if b"<rdf" not in body[:4096].lower() else b"</rdf:RDF>")
    return body


def _published(entry: Any, hints: Hints) -> Moment | None:
    raw = str(entry.get("published") or entry.get("updated") or "")
    return _moment(raw, entry.get("published_parsed") or entry.get("updated_parsed"), hints)


def _modified(entry: Any, hints: Hints) -> Moment | None:
    # Asked as any key it would be the publication where a feed tells that alone.
    raw, parsed = dict.get(entry, "updated"), dict.get(entry, "updated_parsed")
    return _moment(str(raw or ""), parsed, hints)


def _moment(raw: str, parsed: Any, hints: Hints) -> Moment | None:
    if moment := read_time(raw, "feed", hints.zone):
        return moment
    try:
        return (
            Moment(datetime.fromtimestamp(timegm(parsed), UTC), 0, Precision.SECOND, "feed", raw)
            if parsed
            else None
        )
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def read_json_feed(page: Page, hints: Hints) -> Listing | Unreadable:
    """JSON Feed 1.1 (jsonfeed.org)."""
    try:
        feed = json.loads(page.body)
        items = [item for item in feed["items"] if isinstance(item, dict)][:_MOST_ENTRIES]
    except (ValueError, RecursionError, KeyError, TypeError):
        return Unreadable("the page is JSON but not a JSON Feed: it has no list of items")
    links: dict[str, Link] = {}
    for item in items:
        written = str(item.get("url") or item.get("external_url") or item.get("id") or "")
        # An id is an address only where it looks like one.
        url = (
            absolute(page.final_url, written)
            if item.keys() & {"url", "external_url"} or "://" in written
            else ""
        )
        if url and url not in links:
            moment = read_time(str(item.get("date_published") or ""), "feed", hints.zone)
            modified = read_time(str(item.get("date_modified") or ""), "feed", hints.zone)
            title = squeeze(str(item.get("title") or ""))
            links[url] = Link(url, LinkKind.FEED, len(links), title, moment, modified)
    if not links:
        return Unreadable("the feed has no entry with a link")
    following = absolute(page.final_url, str(feed.get("next_url") or ""))
    return Listing(
        LinkKind.FEED,
        tuple(links.values()),
        (following,) if following else (),
        squeeze(str(feed.get("title") or "")),
        str(feed.get("language") or ""),
    )
