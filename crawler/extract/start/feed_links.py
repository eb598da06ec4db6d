"""The feeds that a page offers: declared in its head or its HTTP headers, or linked in its text."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.page.links import absolute
from crawler.extract.page.text import content
from presswatch.urls import same_site

# What feeds are served as, registered or not. `type=entry` is one article (RFC 5023, 16.6).
_TYPE = re.compile(
    r"(?:application|text)/(?:(?:x[.-])?(?:rss|atom|rdf)(?:\+xml)?|(?:feed\+)?json|xml)(?:\s*;(?!\s*type=entry).*)?",
    re.I,
)
# Interfaces for programs, which WordPress declares on every page: no feeds, though of JSON or XML.
_INTERFACE = re.compile(r"/wp-json(?:/|$)|[?&]rest_route=|/oembed(?:[/.?]|$)|xmlrpc\.php|/opensearch", re.I)
_PATH = re.compile(
    r"/(?:feeds?|rss\d?|atom)(?:/[\w-]+)?/?$|/(?:feeds?|rss)/[^?]+\.xml$|\.(?:rss|atom|rdf)$|(?:rss|atom|feed)[^/]*\.(?:xml|json|rdf|php)$|"
    r"[?&](?:feed|format|type|output|alt)=(?:rss2?|atom|rdf)\b",
    re.I,
)
_CALLED = re.compile(
    r"\brss\d?\b|\b(?:atom|rdf|xml|json|news|web)[\s_-]?feeds?\b|^\W*(?:atom|rdf|xml)(?: [\d.]+)?\W*$", re.I
)
_SERVICE = re.compile(r"(?:feeds?|rss)\d*\.", re.I)
_LONGEST_NAME = 60
# A link of HTTP's Link header and its parameters (RFC 8288).
_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"]*))?)*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))')


def address(base: str, href: str) -> str:
    """The normal form of a feed's address, `feed:` before it or not; empty if it is none to fetch."""
    href = href.strip()
    if href[:5].lower() == "feed:":
        rest = href[5:]
        href = f"http:{rest}" if rest.startswith("//") else rest
    return absolute(base, href)


def declared(root: HtmlElement, base: str, header: str = "") -> Iterator[tuple[str, str, str]]:
    """The feeds of a page's `<link>` elements, wherever these stand, and of its Link header (RFC 8288).

    Each with its title and the language that the link says, both often empty.
    """
    for link in (*root.iter("link"), *headed(header)):
        url = address(base, link.get("href") or "")
        if url and not _INTERFACE.search(url) and _says_feed(link, url):
            yield url, (link.get("title") or "").strip(), (link.get("hreflang") or "").strip()


def headed(header: str) -> Iterator[dict[str, str]]:
    """The links of a Link header as the elements that they stand for."""
    for target, parameters in _LINK.findall(header):
        told = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(parameters)}
        yield {**told, "href": target}


def linked(root: HtmlElement, base: str, own: str) -> Iterator[tuple[str, str]]:
    """The feeds that a page links to, by their addresses or by what the link is called.

    What is only called so may be a page that lists feeds. Of other sites those of services for feeds.
    """
    for anchor in root.iter("a"):
        href = anchor.get("href") or ""
        url = address(base, href)
        if not url or url == own:
            continue
        typed = _TYPE.fullmatch((anchor.get("type") or "").strip()) is not None
        told = typed or href.strip()[:5].lower() == "feed:" or _PATH.search(url) is not None
        if not (told or _is_called(anchor)) or _INTERFACE.search(url):
            continue
        if same_site(url, own) or _SERVICE.match(urlsplit(url).hostname or ""):
            yield url, content(anchor)[:_LONGEST_NAME]


def _says_feed(link: HtmlElement | dict[str, str], url: str) -> bool:
    rels, kind = (link.get("rel") or "").lower().split(), (link.get("type") or "").strip()
    if not {"alternate", "feed"} & set(rels) and (rels or not _PATH.search(url)):
        return False
    if kind:
        return _TYPE.fullmatch(kind) is not None
    # Without a type it may as well be the page in another language or for phones.
    return "feed" in rels or _PATH.search(url) is not None or bool(_CALLED.search(link.get("title") or ""))


def _is_called(anchor: HtmlElement) -> bool:
    """Whether a link says that it leads to a feed: in a few words, by its title or its picture."""
    said = [content(anchor), anchor.get("title") or "", anchor.get("aria-label") or ""]
    said += [picture.get("alt") or "" for picture in anchor.iter("img")]
    return any(len(name) <= _LONGEST_NAME // 2 and _CALLED.search(name) for name in said)
