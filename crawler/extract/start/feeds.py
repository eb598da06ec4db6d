"""Feeds: RSS, Atom, RDF and JSON Feed."""

import json
import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from crawler.extract.fields.dates import read_time
from crawler.extract.page.links import absolute
from crawler.extract.page.text import plain, squeeze
from crawler.extract.start import entries as told
from crawler.extract.start.feed_pace import feed_pace
from crawler.extract.start.hubs import hub_of_json, named_hub
from presswatch.model import Entry, Hints, Link, LinkKind, Listing, Moment, Precision, Unreadable
from presswatch.urls import same_site

_MOST_ENTRIES = 500
_ENTRY_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.I)
_DTD, _DTD_BEGINS, _DTD_ENDS = re.compile(r"<!DOCTYPE\b", re.I), re.compile(r"[\[>]"), re.compile(r"\]\s*>")
_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)\b|\"id\"\s*:", re.I)
_RECORDING = re.compile(
    r"<enclosure\b[^>]{0,500}\btype\s*=\s*[\"'](?:audio|video)/|\"mime_type\"\s*:\s*\"(?:audio|video)", re.I
)
_COMMENT = re.compile(
    r"<link\b[^<]{0,500}#(?:comments?-|respond)|"
    r"<title>\s*(?:<!\[CDATA\[)?"
    r"(?:By: |Von: |Par ?: |Por: |Comment(?:aires?)? (?:on|for|sur) |Kommentar zu )",
    re.I,
)
_READ_FOR_PURPOSE = 200_000
_HTML = ("text/html", "application/xhtml+xml")


def read_feed(text: str, url: str, hints: Hints, header: str = "") -> Listing | Unreadable:
    """The entries of a feed in its order; it may have none yet.

    A DTD (entity bombs, external entities) is cut off unread.
    `url` is where the feed stands: relative links are of `xml:base`, else of the site that the feed names.
    `header` is HTTP's Link header.
    """
    import feedparser

    body = _first_entries(_without_dtd(text)).encode("utf-8", "replace")
    parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    feed = parsed.get("feed", {})
    base = absolute(url, str(feed.get("link") or "")) or url
    links: dict[str, Link] = {}
    for entry in parsed.get("entries", [])[:_MOST_ENTRIES]:
        address = absolute(base, _address(entry))
        if address and address not in links:
            links[address] = Entry(
                address,
                LinkKind.FEED,
                len(links),
                _title(entry),
                _published(entry, hints),
                _modified(entry, hints),
                told.names(entry.get("authors")),
                told.categories(entry.get("tags")),
                told.first_paragraph(entry.get("summary")),
            )
    # One without entries is a feed only if nothing of it is missing.
    if not links and (parsed.get("entries") or parsed.get("bozo")):
        return Unreadable("the feed has no entry with a link")
    return Listing(
        LinkKind.FEED,
        told.own(links.values(), url),
        _following(feed, url),
        _title(feed),
        str(feed.get("language") or ""),
        pace=feed_pace(text, feed),
        hub=named_hub(feed.get("links", ()), header, url),
    )


def _following(feed: Mapping[str, Any], url: str) -> tuple[str, ...]:
    """The feed's next page or its archive before (RFC 5005, sections 3 and 4)."""
    named = (
        absolute(url, str(link.get("href") or ""))
        for link in feed.get("links", ())
        if link.get("rel") in ("next", "prev-archive")
    )
    return tuple(page for page in named if page and page != url and same_site(page, url))[:1]


def _without_dtd(text: str) -> str:
    """A feed without its DTD, or what stands before one that does not end."""
    found = _DTD.search(text)
    if found is None:
        return text
    end = _DTD_BEGINS.search(text, found.end())
    if end and end[0] == "[":
        end = _DTD_ENDS.search(text, end.end())
    return text[: found.start()] + (text[end.end() :] if end else "")


def _address(entry: Any) -> str:
    """Where an entry's article stands: its own address beside a feed service's link, else its link, else its
    id if that is an address (`rdf:about`, `guid`).
    """
    links = [(link.get("rel"), str(link.get("href") or "")) for link in entry.get("links", ())]
    told = [entry.get("feedburner_origlink"), *(href for rel, href in links if rel == "canonical")]
    if own := next((url for url in told if isinstance(url, str) and "://" in url), ""):
        return own
    link = str(entry.get("link") or "")
    if link in (href for rel, href in links if rel != "alternate"):
        # The parser takes the text of any link element for the article's address, of a picture's too.
        link = next((href for rel, href in links if rel == "alternate" and href), link)
    named = str(entry.get("id") or "")
    return link or (named if "://" in named else "")


def _title(entry: Any) -> str:
    """A title in plain words: HTML is read as such (RFC 4287, 3.1.1.2), other text is taken as it is."""
    title = str(entry.get("title") or "")
    return plain(title) if (entry.get("title_detail") or {}).get("type") in _HTML else squeeze(title)


def purpose(text: str) -> str:
    """What a feed holds instead of articles: `comments` or `podcast`; empty for a feed of articles."""
    head = text[:_READ_FOR_PURPOSE]
    half = len(_ENTRY.findall(head)) / 2
    for kind, sign in (("podcast", _RECORDING), ("comments", _COMMENT)):
        if half and len(sign.findall(head)) > half:
            return kind
    return ""


def _first_entries(text: str) -> str:
    """A feed cut off after as many entries as are read, so that a huge one takes no longer than that."""
    for number, end in enumerate(_ENTRY_END.finditer(text), start=1):
        if number == _MOST_ENTRIES:
            closing = "</feed>" if "<feed" in text[:4096] else "</channel></rss>"
            return text[: end.end()] + (closing if "<rdf" not in text[:4096].lower() else "</rdf:RDF>")
    return text


def _published(entry: Any, hints: Hints) -> Moment | None:
    raw = str(entry.get("published") or entry.get("updated") or "")
    return _moment(raw, entry.get("published_parsed") or entry.get("updated_parsed"), hints)


def _modified(entry: Any, hints: Hints) -> Moment | None:
    # Asked as any key it would be the publication where a feed tells that alone.
    raw, parsed = dict.get(entry, "updated"), dict.get(entry, "updated_parsed")
    if raw == dict.get(entry, "published"):
        return None
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


def read_json_feed(text: str, url: str, hints: Hints, header: str = "") -> Listing | Unreadable:
    """JSON Feed 1.1 (jsonfeed.org), which stands at `url`. `header` is HTTP's Link header."""
    try:
        feed = json.loads(text)
        items = [item for item in feed["items"] if isinstance(item, dict)][:_MOST_ENTRIES]
    except (ValueError, RecursionError, KeyError, TypeError):
        return Unreadable("the page is JSON but not a JSON Feed: it has no list of items")
    links: dict[str, Link] = {}
    for item in items:
        written = str(item.get("url") or item.get("external_url") or item.get("id") or "")
        # An id is an address only where it looks like one.
        address = absolute(url, written) if item.keys() & {"url", "external_url"} or "://" in written else ""
        if address and address not in links:
            moment = read_time(str(item.get("date_published") or ""), "feed", hints.zone)
            modified = read_time(str(item.get("date_modified") or ""), "feed", hints.zone)
            title = squeeze(str(item.get("title") or ""))
            links[address] = Entry(
                address,
                LinkKind.FEED,
                len(links),
                title,
                moment,
                modified,
                told.names(item.get("authors") or item.get("author")),
                told.categories(item.get("tags")),
                told.first_paragraph(item.get("summary")),
            )
    if not links and (items or "jsonfeed.org" not in str(feed.get("version"))):
        return Unreadable("the feed has no entry with a link")
    following = absolute(url, str(feed.get("next_url") or ""))
    return Listing(
        LinkKind.FEED,
        told.own(links.values(), url),
        (following,) if following else (),
        squeeze(str(feed.get("title") or "")),
        str(feed.get("language") or ""),
        hub=named_hub(hub_of_json(feed), header, url),
    )
