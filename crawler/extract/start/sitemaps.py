"""Sitemaps (sitemaps.org protocol 0.9, the news extension, indexes, text files)."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from crawler.extract import vocabulary as words
from crawler.extract.fields.dates import read_time
from crawler.extract.page.links import absolute
from crawler.extract.page.text import squeeze
from crawler.extract.start import entries
from presswatch.model import Entry, Hints, Link, LinkKind, Listing, Moment, Unreadable

# The protocol allows 50,000 addresses in a file; what is newest comes first and is enough.
_MOST_LINKS = 1_000
_MOST_READ = 50_000
_MOST_PAGES = 100
_ROOTS = ("urlset", "sitemapindex")
_BEGIN = re.compile(r"<(?:[\w.-]+:)?(?:urlset|sitemapindex)\b", re.I)
_END, _END_WITHIN = re.compile(r"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>|/>\s*$", re.I), 2_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What an index's sitemaps are called: those of the news, and those of pages that are no articles.
_NEWS = re.compile(r"(?:^|[^a-z])(?:google-?)?news(?!letter)|actualit|noticias|nachrichten|aktuell", re.I)
_NO_ARTICLES = re.compile(
    rf"(?:^|[^a-z])(?:{words.TAG_PATHS}|{words.TOPIC_PATHS}|{words.PEOPLE_PATHS}|{words.USER_PATHS}|{words.SECTION_PATHS}|"
    rf"{words.IMAGE_PATHS}|{words.GOODS_PATHS}|{words.EVENT_PATHS}|videos?|taxonom\w+|pages?|static)(?=$|[^a-z])",
    re.I,
)
# As in addresses with a query that nobody has escaped; XML knows no other names than these.
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)", re.I)
_DATED = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/]?(0[1-9]|1[0-2])(?:\d\d)?)?(?!\d)")
# A sitemap of the news holds two days (Google's rule): one that has not changed for longer is not kept up.
_STALE = timedelta(days=3)


def read_sitemap(text: str, url: str, hints: Hints) -> Listing | Unreadable:
    """The newest addresses of a sitemap, newest first; of an index, its sitemaps in `pages`.

    What holds sitemaps is an index, whatever its root is called.

    These are in the order in which they are worth reading: of the news, newest first, of no articles.
    `url` is where the sitemap stands.
    """
    root = _parsed(text)
    if root is not None and _name(root) not in _ROOTS and (begin := _BEGIN.search(text)):
        # What a program says before, such as a warning, is no part of it.
        root = _parsed(text[begin.start() :])
    if root is None:
        return Unreadable("the sitemap is not XML")
    elements = list(islice(root, _MOST_READ))
    if elements and not text.rstrip().endswith(">") and not _END.search(text, len(text) - _END_WITHIN):
        # It is cut off, perhaps within the last address.
        elements.pop()
    links = _newest([_told(one) for one in elements if _name(one) != "sitemap"], url, hints)
    maps = _newest([_told(one) for one in elements if _name(one) == "sitemap"], url, hints)
    if not links and not maps:
        return Unreadable("the sitemap holds no address")
    if maps:
        maps.sort(key=partial(_worth, maps[0].published))
    newest: dict[str, Link] = {}
    for link in links:
        newest.setdefault(link.url, replace(link, position=len(newest)))
    pages = tuple(dict.fromkeys(link.url for link in maps))[:_MOST_PAGES]
    return Listing(LinkKind.SITEMAP, entries.own(tuple(newest.values())[:_MOST_LINKS], url), pages)


def _newest(told: list[dict[str, str]], url: str, hints: Hints) -> list[Link]:
    """The newest of these entries, newest first."""
    # Sorted as written first, since reading every one of 50,000 times and addresses would take too long.
    told.sort(key=_newness, reverse=True)
    links = [link for one in told[: 2 * _MOST_LINKS] if (link := _link(one, url, hints))]
    links.sort(key=lambda link: link.published.instant if link.published else _EPOCH, reverse=True)
    return links


def read_text_sitemap(text: str, url: str) -> Listing | Unreadable:
    """The addresses of a sitemap that is a text file with one in each line, in its order."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    said = " ".join(islice(lines, 2 * _MOST_LINKS)).split()
    found = dict.fromkeys(address for one in said if (address := absolute(url, one)))
    if not found:
        return Unreadable("the sitemap holds no address")
    links = [Link(one, LinkKind.SITEMAP, position) for position, one in enumerate(islice(found, _MOST_LINKS))]
    return Listing(LinkKind.SITEMAP, tuple(links))


def is_news(url: str) -> bool:
    """Whether a sitemap's address says that it holds the news of the last days, under a lasting name."""
    name = urlsplit(url).path
    return bool(_NEWS.search(name)) and not _DATED.search(name)


def worth(url: str) -> int:
    """How early a sitemap is worth reading, by its address: 0 of the news, 2 of no articles, else 1."""
    if is_news(url):
        return 0
    return 2 if _NO_ARTICLES.search(urlsplit(url).path.rsplit("/", 1)[-1]) else 1


def _newness(told: Mapping[str, str]) -> str:
    if said := told.get("publication_date") or told.get("lastmod"):
        return said[:19]
    dated = _DATED.search(told.get("loc", ""))
    return f"{dated[1]}-{dated[2] or '00'}" if dated else ""


def _worth(newest: Moment | None, link: Link) -> int:
    stale = newest and link.published and newest.instant - link.published.instant > _STALE
    return worth(link.url) or bool(stale)


def _bare(said: str, base: str) -> bool:
    """Whether an address begins with the sitemap's own host, as one without its scheme does."""
    host = (urlsplit(base).netloc or "").lower()
    first = said.partition("/")[0].lower()
    return bool(host) and first.removeprefix("www.") == host.removeprefix("www.")


def _told(element: etree._Element) -> dict[str, str]:
    """The texts of an entry's elements by their names: its own and those of the news extension.

    Pictures, videos and translations have a `loc`, a `title` and times of their own.
    """
    told: dict[str, str] = {}
    own = _namespace(element)
    for part in islice(element.iter(), 40):
        if (
            isinstance(part.tag, str)
            and part.text
            and (_namespace(part) == own or "news" in _namespace(part))
        ):
            told.setdefault(_name(part), part.text.strip())
    return told


def _parsed(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        return etree.fromstring(_AMPERSAND.sub("&amp;", text).encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None


def _name(element: etree._Element) -> str:
    """What an element is called, without its namespace or the prefix that stands for none."""
    return re.split("[}:]", str(element.tag))[-1].lower()


def _namespace(element: etree._Element) -> str:
    """The namespace of an element, or the prefix that stands for none."""
    prefix, separator, _ = str(element.tag).rpartition("}" if "}" in str(element.tag) else ":")
    return prefix.lstrip("{") if separator else ""


def _link(told: dict[str, str], base: str, hints: Hints) -> Link | None:
    said = told.get("loc", "")
    # A word alone, as programs write a value that they do not have ("None", "null"), is no address.
    if _bare(said, base):
        said = f"//{said}"
    url = absolute(base, said) if re.search(r"[/.?]", said) else ""
    if not url:
        return None
    changed = read_time(told.get("lastmod", ""), "sitemap", hints.zone)
    published = read_time(told.get("publication_date", ""), "sitemap", hints.zone)
    modified = changed if changed != published else None
    published = published or changed
    title, keywords = squeeze(told.get("title")), told.get("keywords", "").split(",")
    return Entry(
        url, LinkKind.SITEMAP, 0, title, published, modified, categories=entries.categories(keywords)
    )
