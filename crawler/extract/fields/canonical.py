"""Where an article lives: its canonical address, as far as it can be believed, and its copies."""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from crawler.extract.page.links import absolute
from crawler.extract.page.markup import Markup, strings
from crawler.extract.page.trace import trace_field
from presswatch.urls import is_copy, is_home, same_site

# Of more that a page names none is looked at.
_MOST_TOLD = 10
_WORD = re.compile(r"[^\W_]+")
_TOO_COMMON = frozenset(
    ("html", "htm", "php", "article", "news", "story", "index", "amp", "the", "and", "der", "die", "de", "la")
)


def find_canonical(markup: Markup) -> tuple[str, tuple[str, ...]]:
    """The believed canonical address in normal form, and the addresses of its AMP, print and mobile copies.

    An address for another site, for the home page or for a clearly different article is not believed.
    """
    own = absolute(markup.url, markup.url) or markup.url
    links, metas = markup.links.get("canonical", ()), markup.metas.get("og:url", ())
    named = [("rel=canonical", absolute(markup.base, href)) for href in links[:_MOST_TOLD]]
    named += [("og:url", absolute(markup.base, href)) for href in metas[:_MOST_TOLD]]
    told = [url for _origin, url in named]
    declared = [absolute(markup.base, text) for node in markup.articles[:1] for text in _addresses(node)]
    canonical = next((url for url in told if _believable(url, own, (*told, *declared))), own)
    for origin, url in named:
        verdict = "it is this article's" if url == canonical else "another site, a front or another article"
        trace_field("canonical", origin, url, verdict, believed=url == canonical)
    trace_field("canonical", "address", own, "where it was found", believed=own == canonical)
    copies = [
        absolute(markup.base, href)
        for href in (*markup.links.get("amphtml", ()), *markup.links.get("copy", ()))
    ]
    if own != canonical and is_copy(own):
        copies.append(own)
    return canonical, tuple(
        dict.fromkeys(url for url in copies if url and url != canonical and same_site(url, own))
    )


def _addresses(node: object) -> list[str]:
    if not isinstance(node, dict):
        return []
    return [text for name in ("url", "@id", "mainEntityOfPage") for text in strings(node.get(name))]


def _believable(url: str, own: str, witnesses: Sequence[str]) -> bool:
    if not url or not same_site(url, own) or (is_home(url) and not is_home(own)):
        return False
    if url == own or _resemble(url, own):
        return True
    # A new address of the same article, if a second field says so too and the address is no front's.
    return witnesses.count(url) > 1 and len(urlsplit(url).path) > 12


def _resemble(one: str, other: str) -> bool:
    """Whether two addresses share a number or most of their words."""
    first, second = _words(one), _words(other)
    numbers = {word for word in first & second if word.isdecimal() and len(word) >= 5}
    if numbers or not first or not second:
        return bool(numbers) or urlsplit(one).path.strip("/") == urlsplit(other).path.strip("/")
    return len(first & second) >= 0.6 * min(len(first), len(second)) and len(first & second) >= 1


def _words(url: str) -> set[str]:
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rsplit("/", 2)[-2:]
    words = set(_WORD.findall(unquote(" ".join((*last, parts.query))).lower()))
    return {word for word in words - _TOO_COMMON if len(word) > 2}
