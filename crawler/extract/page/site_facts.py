"""What repeats over a source's pages is the site, and no article: learnt from pages, not known of any.

A page shows its traits, without any fact: what is learnt of others must not hide what would undo it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import ceil

from lxml.html import HtmlElement

from crawler.extract.page.address_forms import learn_forms
from crawler.extract.page.markup import Markup, gather, strings
from crawler.extract.page.outline import HEADINGS, Piece, outline
from crawler.extract.page.selectors import remove
from crawler.extract.page.text import BLOCK_TAGS, content, is_dense, key, squeeze
from crawler.extract.page.tree import Tree, parse
from presswatch.model import Facts, Hints, Page
from presswatch.urls import site

# Nothing is learnt from fewer pages that differ in title or headings, nor from what fewer of them show.
FEWEST = 3
# Of the pages, so many end their titles alike, have one heading or summary, one short line, one long line:
# what an agency says again in each report of one matter is in fewer.
_TITLES, _BANNERS, _SUMMARIES, _SHORT_LINES, _LONG_LINES = 0.6, 0.3, 0.1, 0.5, 0.3
# Characters of a line that nobody writes again by chance; in scripts without spaces.
_LONG, _LONG_DENSE = 40, 15
# How often a line is said on one page to be a refrain, how long it may be, and on how many pages it is one.
_SAID, _REFRAIN, _REFRAIN_PAGES = 3, 100, 2
# Cells and terms are the same in table after table, and are text.
_TABULAR = frozenset(("td", "th", "dt", "dd", "caption"))
# Of the pages that an author of the house's name stands on; the characters of a line that holds authors.
_HOUSES, _BYLINE = 0.8, 80
# The pieces of a box that may be a byline.
_FEW = 4
# What is told of a page at most, and of a line.
_MOST_LINES, _LONGEST, _MOST_HEADINGS = 400, 400, 20
_DIGITS = re.compile(r"\d+")
# What sets a site's name off a title; some write a letter like a bar (U+3163). The marks that end a sentence
# or a quotation are the title's own.
_SEPARATOR = re.compile(r"\s*(?:[^\w\s.?!…'\"’”»]|[_\u3163])+\s*")
_LEAST_REST = 4


@dataclass(frozen=True, slots=True)
class Traits:
    """What a page shows that may be its site's. `lines` are its lines without links, each once; `refrains`
    those said several times; `authors` whom its markup names, `sites` what it calls its site, the host's name
    among it; `bylines` the elements in which one of those authors stands, and what stands in such elements;
    `address` is where it stands itself.
    """

    title: str
    shared_title: str
    headings: tuple[str, ...]
    summaries: tuple[str, ...]
    lines: tuple[str, ...]
    refrains: tuple[str, ...]
    authors: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    bylines: tuple[tuple[str, tuple[str, ...]], ...] = ()
    address: str = ""


def traits(page: Page, hints: Hints) -> Traits | None:
    """What a page shows that may be its site's; None where there is nothing to read. Pure."""
    tree = parse(page)
    return None if tree is None else traits_of(tree, page, hints)


def traits_of(tree: Tree, page: Page, hints: Hints) -> Traits:
    """The same of a page that was parsed already."""
    remove(tree.root, hints.selectors.remove)
    markup, pieces = gather(tree.root, page.final_url), outline(tree.root).pieces
    lines: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for piece in pieces:
        if _may_be_furniture(piece) and (name := key(piece.text)):
            lines[name] += 1
            shown.setdefault(name, piece.text)
    authors = _declared_authors(markup)
    return Traits(
        squeeze(markup.title)[:_LONGEST],
        squeeze(next(iter(markup.metas.get("og:title", ())), ""))[:_LONGEST],
        _distinct(map(content, islice(tree.root.iter("h1", "h2", "h3"), _MOST_HEADINGS))),
        _distinct([*markup.metas.get("og:description", ()), *markup.metas.get("description", ())]),
        tuple(shown.values())[:_MOST_LINES],
        tuple(shown[name] for name, said in lines.items() if said >= _SAID and len(shown[name]) < _REFRAIN),
        authors,
        _distinct([*markup.metas.get("og:site_name", ()), _host_name(page.final_url)]),
        _bylines(pieces, authors),
        page.final_url,
    )


def learn(pages: Iterable[Traits]) -> Facts:
    """What repeats over these pages. Pure.

    Pages with the same title and headings are one: a copy proves nothing.
    """
    known = list({(one.title, one.headings): one for one in pages}.values())
    if len(known) < FEWEST:
        return Facts()

    def shared(told: Callable[[Traits], Iterable[str]], part: float, fewest: int = FEWEST) -> tuple[str, ...]:
        return _shared([told(one) for one in known], max(fewest, ceil(part * len(known))))

    titles = [_distinct(one.title for one in known), _distinct(one.shared_title for one in known)]
    long = shared(lambda one: filter(_is_long, one.lines), _LONG_LINES)
    short = shared(lambda one: one.lines, _SHORT_LINES)
    return Facts(
        title_begins=tuple(sorted({begin for texts in titles for begin in _begins(texts)})),
        title_ends=tuple(sorted({end for texts in titles for end in _ends(texts)})),
        banners=shared(lambda one: {one.title, one.shared_title, *one.headings} - {""}, _BANNERS),
        summaries=shared(lambda one: one.summaries, _SUMMARIES),
        lines=tuple(sorted({*long, *short})),
        refrains=shared(lambda one: one.refrains, 0, _REFRAIN_PAGES),
        houses=tuple(
            name for name in shared(lambda one: one.authors, _HOUSES) if _is_like_a_site(name, known)
        ),
        bylines=_bylines_of(known),
        addresses=learn_forms(one.address for one in known),
        pages=len(known),
    )


@lru_cache(maxsize=64)
def keys_of(texts: tuple[str, ...]) -> frozenset[str]:
    """The keys by which a reader knows learnt texts again."""
    return frozenset(filter(None, map(key, texts)))


def without_site(title: str, facts: Facts) -> str:
    """A title without what the source's titles begin and end with."""
    for end in sorted(facts.title_ends, key=len, reverse=True):
        if title.endswith(end) and len(key(title)) - len(key(end)) >= _LEAST_REST:
            title = title.removesuffix(end)
            break
    for begin in sorted(facts.title_begins, key=len, reverse=True):
        if title.startswith(begin) and len(key(title)) - len(key(begin)) >= _LEAST_REST:
            return title.removeprefix(begin)
    return title


def names_of_site(facts: Facts) -> list[str]:
    """What the titles begin and end with, without the separators, and the accounts: the house's names and its
    sections'.
    """
    ends = [_SEPARATOR.sub(" ", text).strip() for text in (*facts.title_begins, *facts.title_ends)]
    return [*ends, *facts.houses]


def place_of(element: HtmlElement) -> str:
    """An element by its tag and its classes, without what numbers one of many; "" without a class."""
    names = [name for name in (element.get("class") or "").split() if not _DIGITS.search(name)]
    return f"{element.tag}.{'.'.join(sorted(names))}"[:_LONGEST] if names else ""


def within_line(element: HtmlElement) -> Iterator[HtmlElement]:
    """The inline elements of a box, without those of the boxes in it."""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in BLOCK_TAGS:
            yield child
            yield from within_line(child)


def _declared_authors(markup: Markup) -> tuple[str, ...]:
    told = [name for node in markup.articles for name in strings(node.get("author"))]
    told += [name for meta in ("author", "article:author") for name in markup.metas.get(meta, ())]
    return tuple(name for name in _distinct(told)[:_MOST_HEADINGS] if "://" not in name and key(name))


def _host_name(url: str) -> str:
    """What a host is called below its public suffix: `gazette` of www.gazette.example."""
    return site(url).partition(".")[0]


def _bylines(pieces: Sequence[Piece], authors: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The elements that hold one of these authors and hardly more, each with all that stands in its like."""
    names = set(map(key, authors))
    if not names:
        return ()
    found: dict[str, list[str]] = {}
    seen: set[HtmlElement] = set()
    for piece in pieces:
        box = piece.box
        if len(piece.text) > _BYLINE or box.end - box.start > _FEW or box.element in seen:
            continue
        seen.add(box.element)
        for element in (box.element, *within_line(box.element)):
            if (place := place_of(element)) and (text := content(element)) and len(text) <= _BYLINE:
                found.setdefault(place, []).append(text)
    said = {place: _distinct(texts) for place, texts in found.items()}
    return tuple((place, texts) for place, texts in said.items() if any(key(text) in names for text in texts))


def _bylines_of(known: Sequence[Traits]) -> tuple[str, ...]:
    """The elements in which authors of these pages stand, and nothing else: two of them at least, as what
    holds one name on every page may hold anything.
    """
    told: dict[str, list[tuple[str, bool]]] = {}
    for one in known:
        names = set(map(key, one.authors))
        for place, texts in one.bylines:
            told.setdefault(place, []).extend((key(text), key(text) in names) for text in texts)
    return tuple(
        sorted(
            place
            for place, said in told.items()
            if len(said) >= FEWEST and all(right for _, right in said) and len({name for name, _ in said}) > 1
        )
    )


def _is_like_a_site(name: str, known: Sequence[Traits]) -> bool:
    """Whether an author is called as the site is, or as its initials are."""
    own = key(name)
    for called in {called for one in known for called in one.sites}:
        whole, initials = key(called), "".join(word[0] for word in called.split())
        if min(len(own), len(whole)) >= _LEAST_REST and (own in whole or whole in own):
            return True
        if len(initials) > 1 and own == key(initials):
            return True
    return False


def _may_be_furniture(piece: Piece) -> bool:
    is_link = 2 * piece.linked > len(piece.text)
    return not is_link and piece.box.tag not in HEADINGS and piece.box.tag not in _TABULAR


def _is_long(line: str) -> bool:
    return len(line) >= (_LONG_DENSE if is_dense(line) else _LONG)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for one in texts if (text := squeeze(one)[:_LONGEST])))


def _shared(told: Sequence[Iterable[str]], least: int) -> tuple[str, ...]:
    """The texts that so many of them tell, as one of them writes it."""
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for texts in told:
        own = {key(text): text for text in texts}
        counts.update(own.keys())
        for name, text in own.items():
            shown.setdefault(name, text)
    return tuple(sorted(shown[name] for name, number in counts.items() if name and number >= least))


def _ends(titles: Sequence[str]) -> set[str]:
    """What most titles end with from a separator on, and what some have before that: a section's name."""
    counts = Counter(
        title[at.start() :] for title in titles for at in _SEPARATOR.finditer(title) if _parts(title, at)
    )
    least = max(FEWEST, ceil(_TITLES * len(titles)))
    most = tuple(tail for tail, number in counts.items() if number >= least)
    return {tail for tail, number in counts.items() if number >= FEWEST and tail.endswith(most)}


def _begins(titles: Sequence[str]) -> set[str]:
    """What most titles begin with up to a separator."""
    counts = Counter(
        title[: at.end()] for title in titles for at in _SEPARATOR.finditer(title) if _parts(title, at)
    )
    least = max(FEWEST, ceil(_TITLES * len(titles)))
    return {head for head, number in counts.items() if number >= least}


def _parts(title: str, at: re.Match[str]) -> bool:
    """Whether words stand on both sides of a separator."""
    return bool(key(title[: at.start()]) and key(title[at.end() :]))
