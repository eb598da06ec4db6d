"""Addresses as pages write them, and which of them can be an article."""

import re
from urllib.parse import unquote, urlsplit

from crawler.extract import vocabulary as words
from presswatch.urls import is_home, normalize, same_site

_NOT_FETCHED = ("#", "javascript:", "mailto:", "tel:", "data:", "whatsapp:", "sms:", "about:")
_HUB_PATH = words.in_path(
    words.TAG_PATHS,
    words.TOPIC_PATHS,
    words.PEOPLE_PATHS,
    words.SECTION_PATHS,
    words.SEARCH_PATHS,
    words.ACCOUNT_PATHS,
    words.SUBSCRIPTION_PATHS,
    words.PODCAST_PATHS,
    words.SHOP_PATHS,
    words.HOUSE_PATHS,
    words.LEGAL_PATHS,
    words.PLAY_PATHS,
    words.WEATHER_PATHS,
    words.ADVERTISING_PATHS,
    words.ARCHIVE_PATHS,
    words.MACHINE_PATHS,
)
# Looked for ahead, as two such segments may share a slash.
_HUB = re.compile(rf"(?=({_HUB_PATH}))", re.I)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|xml|ics|docx?|css|js)$", re.I)
_MARK = re.compile(r"\d{4,}|\.s?html?$|[0-9a-f]{8,}|\b[a-z]{1,3}\d{3,}")
# An id that is no word: letters and digits among each other.
_OPAQUE = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{8,}", re.I)


def absolute(base: str, href: str) -> str:
    """The normal form of an address on a page at `base`; empty if it is none to fetch."""
    href = href.strip()
    if not href or href.lower().startswith(_NOT_FETCHED):
        return ""
    return normalize(href, base) or ""


def may_be_article(url: str, page_url: str, text: str = "", *, anywhere: bool = False) -> bool:
    """Whether a normal address on one's own site looks like an article's, not a front's, hub's or file's.

    `page_url` is an article's or a listing's of that site, in normal form; `text` is what the link says: a
    headline
    is longer than the name of a section. `anywhere`: other sites count too.
    """
    if not url or is_home(url) or not (anywhere or same_site(url, page_url)):
        return False
    parts, page = urlsplit(url), urlsplit(page_url)
    path = parts.path.rstrip("/")
    if path == page.path.rstrip("/") and (path != "" and len(parts.query) >= len(page.query)):
        return False
    if is_no_article(url, page_url):
        return False
    last = unquote(path.rsplit("/", 1)[-1])
    words = len(re.findall(r"[^\W_]+", last))
    says = is_headline(text)
    if words > 1 and _shape(path) == _shape(page.path.rstrip("/")) and re.search(r"\d{4}", path):
        return True
    if (
        _MARK.search(last)
        or re.search(r"\d{3,}", parts.query)
        or (path.count("/") > 2 and re.search(r"/\d{4,}", path))
    ):
        return says or words >= 4
    return (
        words >= 4
        or (words >= 3 and says)
        or (says and path.count("/") >= 2 and (words > 1 or len(last) > 12 or bool(_OPAQUE.fullmatch(last))))
    )


def is_no_article(url: str, page_url: str) -> bool:
    """Whether an address names a file, or a hub such as a tag's that the page itself is not below."""
    path, own = urlsplit(url).path.rstrip("/"), urlsplit(page_url).path
    return bool(_FILE.search(path)) or any(hub not in own for hub in _HUB.findall(path + "/"))


def is_pdf(url: str) -> bool:
    """Whether an address is that of a PDF by its name."""
    return urlsplit(url).path.lower().endswith(".pdf")


def _shape(path: str) -> tuple[str, ...]:
    """What the addresses of one site's articles have in common: the digits in each part of the path."""
    return tuple(re.sub(r"\d", "0", re.sub(r"[^\d]+", "a", part)) for part in path.split("/")[:-1])


def is_headline(text: str) -> bool:
    """Whether a link's text is long enough for a headline, in scripts with and without spaces."""
    if any("\u2e80" < character < "\uff00" for character in text[:40]):
        return len(text) >= 8
    return len(text) >= 20 and text.count(" ") >= 2
