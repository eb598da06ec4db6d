"""A CSS selector for the links of a listing, learnt from links that are known to be articles."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple

from lxml.html import HtmlElement

from crawler.extract.page.charset import decode
from crawler.extract.page.links import absolute
from crawler.extract.page.markup import gather
from crawler.extract.page.selectors import select
from crawler.extract.page.tree import parse_text
from crawler.extract.start.start_page import read_start_page
from presswatch.model import Hints, Listing, Page

# So many elements around a link may give it its name.
_HIGHEST = 5
# A selector has to find so much more of what is known among what it finds than the general way does.
_BETTER = 0.1


class Learnt(NamedTuple):
    """What a page shows by `selector`, "" for the general way."""

    selector: str
    listing: Listing


class _Score(NamedTuple):
    """How many known articles are found, and which part of what is found they are."""

    hits: int
    part: float


def learn_links(page: Page, hints: Hints, known: Collection[str]) -> Learnt | None:
    """How the links of a page are found that its source's selector misses; None where no way finds them.

    `hints` have no selector for links; `known` are addresses of articles in normal form. The general way is
    taken where it finds as many of them as any selector, and hardly more beside.
    """
    tree = parse_text(decode(page.body, page.charset))
    if tree is None:
        return None
    general = read_start_page(page, hints)
    shown = {link.url for link in general.links} if isinstance(general, Listing) else set[str]()
    scores = {"": _score(shown, known)}
    base = gather(tree.root, page.final_url).base
    leading = [one for one in tree.root.iter("a") if absolute(base, one.get("href") or "") in known]
    for css in dict.fromkeys(css for anchor in leading for css in _named(anchor)):
        scores[css] = _score(_shown(tree.root, css, base), known)
    most = max(score.hits for score in scores.values())
    fitting = {css: score.part for css, score in scores.items() if score.hits == most}
    purest = max(fitting.values())
    if fitting.get("", 0.0) > purest - _BETTER:
        return Learnt("", general) if isinstance(general, Listing) else None
    best = min((css for css, part in fitting.items() if css and part == purest), key=len)
    chosen = replace(hints, selectors=replace(hints.selectors, links=best))
    listing = read_start_page(page, chosen)
    return Learnt(best, listing) if isinstance(listing, Listing) else None


def _shown(root: HtmlElement, css: str, base: str) -> set[str]:
    found = select(root, css)
    links = (link for one in found for link in ([one] if one.tag == "a" else one.iter("a")))
    return {url for link in links if (url := absolute(base, link.get("href") or ""))}


def _score(shown: Collection[str], known: Collection[str]) -> _Score:
    hits = sum(url in known for url in shown)
    return _Score(hits, hits / len(shown) if shown else 0.0)


def _named(anchor: HtmlElement) -> Iterator[str]:
    """Selectors that a link has by its own classes, or by those of what it lies in."""
    element: HtmlElement | None = anchor
    for _ in range(_HIGHEST):
        if element is None or element.tag in ("body", "html"):
            return
        for name in (element.get("class") or "").split():
            # What is made anew at each build says nothing tomorrow.
            if name.isascii() and name.replace("-", "").replace("_", "").isalpha():
                own = f"{element.tag}.{name}"
                yield own if element is anchor else f"{own} a"
        element = element.getparent()
