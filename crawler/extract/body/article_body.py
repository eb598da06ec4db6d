"""The article's own text, as blocks.

Two readings have to agree on it: our own choice of the box that holds the running text, and trafilatura's of
what within that box is text. What stands among the paragraphs in the same kind of box needs no second vote.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

from lxml import etree
from lxml.html import Element, HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document

from crawler.extract.body.boilerplate import (
    boilerplate_boxes,
    link_lists,
    others_articles,
    recommended_boxes,
    text_length,
)
from crawler.extract.body.tables import data_tables
from crawler.extract.fields.names import BY
from crawler.extract.page.outline import HEADINGS, Anchor, Box, Outline, Piece, is_heading
from crawler.extract.page.text import key
from crawler.extract.page.tree import without_spans
from crawler.extract.related.headings import is_link_line, leads_to_related

# It reports every page without text as an error; we return that as a value.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

# In characters of running text: what one of a link costs, and all in one box.
_LINK_COST, _MOST_COST = 0.4, 100
_WITHIN_A_LINE = (
    "abbr",
    "b",
    "bdi",
    "cite",
    "em",
    "font",
    "i",
    "mark",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "u",
)
_MANY = 2_000
# Characters of a headline that no other line is by chance.
_LEAST_TITLE = 15
_LEAST_OPENING = 20
# What a short line of the text may stand in.
_SHORT_TEXT = ("li", "pre")
_DATED = re.compile(r"\d{4}|\d[:.]\d\d")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"”“»’')）」]*$")
_INDIVIDUAL = re.compile(r"\S*\d\S*|\b(?:first|last|initial|odd|even)\b|\s+")
_LEAD = re.compile(
    r"lead|intro|standfirst|stand-?first|summary|excerpt|(?:^|[\s_-])(?:deck?|description|chapeau|sapo|"
    r"abstract|vorspann"
    r"|perex|ingress|preamble|anleser|entradilla|bajada|subtitle|sub-?title|sub-?headline|sub-?head|"
    r"teaser-?text)"
)


@dataclass(frozen=True, slots=True)
class Body:
    """The pieces that are the article's text, by index in the outline; `lead` those before its box."""

    pieces: tuple[int, ...]
    lead: tuple[int, ...]
    box: Box | None


def find_body(
    outline: Outline,
    titles: Sequence[str],
    summaries: Sequence[str],
    leads_elsewhere: Callable[[Anchor], bool] = lambda _: False,
) -> Body:
    """The article's text; `summaries` are what the page's markup says of it, to know a standfirst by.

    `leads_elsewhere` tells whether a link is that of another article of the site.
    """
    weights = [text_length(piece) for piece in outline.pieces]
    boilerplate = boilerplate_boxes(outline, weights, titles)
    boilerplate |= others_articles(outline, weights, leads_elsewhere)
    boilerplate |= recommended_boxes(outline, weights, leads_elsewhere)
    box = _densest(outline, weights, boilerplate)
    if box is None:
        return Body(_flash(outline, titles, boilerplate), (), None)
    lists = link_lists(outline)
    pieces = outline.pieces
    settings = _Settings(outline)
    keys = [key(piece.text) if box.start <= n < box.end else "" for n, piece in enumerate(pieces)]
    inside = [n for n in range(box.start, box.end) if pieces[n].box not in boilerplate and n not in lists]
    core = _core(settings, inside, weights)

    @cache
    def voted() -> str:
        # It takes as long as a third of all else, and most pages have nothing to be voted on.
        return _second_vote(outline, box, boilerplate)

    chosen = [
        n
        for n in inside
        if not _is_link(pieces[n])
        and (settings.within(n, core) or (_may_be_text(pieces[n], weights[n]) and keys[n] in voted()))
    ]
    running = [n for n in chosen if weights[n] and settings.within(n, core)]
    if not running:
        return Body((), (), box)
    chosen, running = _under_headline(outline, chosen, running, weights, titles)
    opening = [
        n for n in chosen if weights[n] and _after_title(outline, running[0], titles) <= n < running[0]
    ]
    first = _begin(outline, chosen, opening[0] if opening else running[0], titles)
    end = _end(outline, chosen, running[-1])
    tables = [range(table.start, table.end) for table in data_tables(outline, box, boilerplate, voted)]
    # One that stands right behind the text belongs to it too.
    between = [n for table in tables if first <= table.start <= end + 1 for n in table]
    chosen = sorted({*between, *(n for n in chosen if first <= n <= end)})
    lead = _lead(outline, box, first, titles, summaries, "".join(keys[n] for n in chosen), boilerplate)
    return Body((*lead, *chosen), tuple(lead), box)


def _under_headline(
    outline: Outline,
    chosen: list[int],
    running: list[int],
    weights: Sequence[int],
    titles: Sequence[str],
) -> tuple[list[int], list[int]]:
    """The pieces from the headline on, where it stands among them, is not said above, and has a good part of
    the text behind it: much that stands before it in other boxes is a ticker or a note of the site's.
    """
    known = {name for title in titles if len(name := key(title)) >= _LEAST_TITLE}
    heads = (
        n
        for n, piece in enumerate(outline.pieces)
        if piece.box.tag in ("h1", "h2") and key(piece.text) in known
    )
    head = next(heads, len(outline.pieces))
    if head in chosen and not outline.pieces[head].linked:
        behind = [n for n in running if n > head]
        own = outline.pieces[head].box.parent
        if any(outline.pieces[n].box.parent is own for n in running if n < head):
            return chosen, running
        total, after = (sum(weights[n] for n in some) for some in (running, behind))
        # A standfirst above the headline is shorter than this.
        if total / 3 <= after <= 0.8 * total:
            return [n for n in chosen if n >= head], behind
    return chosen, running


def given_body(outline: Outline, elements: Sequence[HtmlElement]) -> Body | None:
    """The text within the elements that a source's file names; None if they hold none."""
    if not elements:
        return None
    weights = [text_length(piece) for piece in outline.pieces]
    boilerplate = boilerplate_boxes(outline, weights)
    wanted = {box for box in outline.boxes if any(box.element is element for element in elements)}
    pieces = [
        n
        for box in outline.boxes
        if box in wanted
        for n in range(box.start, box.end)
        if box in boilerplate or outline.pieces[n].box not in boilerplate
    ]
    chosen = tuple(n for n in dict.fromkeys(pieces) if not _is_link(outline.pieces[n]))
    return Body(chosen, (), next(iter(wanted))) if chosen else None


def _densest(outline: Outline, weights: Sequence[int], boilerplate: set[Box]) -> Box | None:
    """The innermost box with the most running text, after what else stands in it is taken off: of each box
    within it so much at most as a few links cost, as a calendar or a list of shops between two paragraphs
    parts no article.
    """
    worths = dict.fromkeys(outline.boxes, 0.0)
    for piece, weight in zip(outline.pieces, weights, strict=True):
        if piece.box not in boilerplate:
            worths[piece.box] += weight or -_LINK_COST * max(piece.linked, 10)
    # Boxes stand behind those around them.
    for box in reversed(outline.boxes):
        if box.parent is not None:
            worths[box.parent] += max(worths[box], -_MOST_COST)
    best, most = None, 0.0
    for box in outline.boxes:
        if worths[box] and worths[box] >= most:
            best, most = box, worths[box]
    return best


Setting = tuple[str, str]


class _Settings:
    """In what kind of box each piece's own block stands, and what its own block is called."""

    def __init__(self, outline: Outline) -> None:
        self.pieces = outline.pieces
        self.known: dict[Box, tuple[Setting, ...]] = {}
        self.kinds: dict[str, str] = {}

    def of(self, n: int) -> tuple[Setting, ...]:
        box = self.pieces[n].box
        if box not in self.known:
            self.known[box] = self._around(box)
        return self.known[box]

    def within(self, n: int, core: set[Setting]) -> bool:
        return not core.isdisjoint(self.of(n))

    def _around(self, own: Box) -> tuple[Setting, ...]:
        box = own.parent
        while box is not None and box.tag in ("ul", "ol", "li", "blockquote") and box.parent is not None:
            box = box.parent
        parent = (box.tag, self._kind(box.words)) if box is not None else ("", "")
        named = self._kind(own.words.partition(" ")[0])
        return (parent, ("own " + own.tag, named)) if named else (parent,)

    def _kind(self, words: str) -> str:
        """A name without what tells one box from its likes: numbers and hashes, first and last."""
        if words not in self.kinds:
            self.kinds[words] = _INDIVIDUAL.sub("", words)
        return self.kinds[words]


def _core(settings: _Settings, inside: Sequence[int], weights: Sequence[int]) -> set[Setting]:
    """The settings that hold the bulk of the running text."""
    held: Counter[Setting] = Counter()
    for n in inside:
        if weights[n]:
            for setting in settings.of(n):
                held[setting] += weights[n]
    total = sum(weights[n] for n in inside)
    return {setting for setting, weight in held.items() if weight > 0.25 * total}


def _is_link(piece: Piece) -> bool:
    if len(piece.text) >= 250 or piece.linked * 2 < len(piece.text):
        return False
    is_line = is_link_line(piece.text, piece.linked)
    return is_line or piece.linked > 0.8 * len(piece.text) or leads_to_related(piece.text)


def _may_be_text(piece: Piece, weight: int) -> bool:
    return bool(weight or is_heading(piece) or piece.box.tag in _SHORT_TEXT)


def _begin(outline: Outline, chosen: Sequence[int], first: int, titles: Sequence[str]) -> int:
    """The first of the pieces without links that stand between the headline and the first long paragraph."""
    after_title = _after_title(outline, first, titles)
    taken = {n for n in chosen if n >= after_title}
    while first - 1 in taken and _may_open(outline.pieces[first - 1]):
        first -= 1
    if first - 1 in taken and _heads(outline.pieces[first - 1], outline.pieces[first]):
        first -= 1
    return first


def _heads(above: Piece, piece: Piece) -> bool:
    """Whether a line is the heading of the part that begins with this piece, and no byline that is one."""
    if above.box.tag not in HEADINGS or above.linked or above.box.parent is not piece.box.parent:
        return False
    return not (BY.match(above.text) or _DATED.search(above.text))


def _may_open(piece: Piece) -> bool:
    """Whether a piece without links above the text is a sentence, or else a line of which most words are
    written small, as those of a standfirst are and those of a byline, with its names and times, are not.
    """
    if piece.linked:
        return False
    if _SENTENCE_END.search(piece.text):
        return True
    words = piece.text.split()
    return len(piece.text) >= _LEAST_OPENING and 2 * sum(word[0].islower() for word in words) > len(words)


def _end(outline: Outline, chosen: Sequence[int], last: int) -> int:
    """The last of the short sentences that follow the last long paragraph in the same box."""
    taken = frozenset(chosen)
    while last + 1 in taken and _goes_with(outline, last + 1, last):
        last += 1
    return last


def _goes_with(outline: Outline, n: int, paragraph: int) -> bool:
    """Whether a piece is a sentence without links in the same kind of block as a paragraph beside it."""
    piece, beside = outline.pieces[n], outline.pieces[paragraph]
    together = piece.box.parent is beside.box.parent and piece.box.tag == beside.box.tag
    return together and piece.linked == 0 and bool(_SENTENCE_END.search(piece.text))


def _flash(outline: Outline, titles: Sequence[str], boilerplate: set[Box]) -> tuple[int, ...]:
    """The short sentences under the headline of a page that has no long paragraph: flash news."""
    known = {name for title in titles if (name := key(title))}
    headed = (
        n for n, piece in enumerate(outline.pieces) if piece.box.tag == "h1" and key(piece.text) in known
    )
    found: list[int] = []
    for n in range(next(headed, len(outline.pieces)) + 1, len(outline.pieces)):
        if outline.pieces[n].box.tag in HEADINGS:
            break
        if outline.pieces[n].box not in boilerplate and _goes_with(outline, n, found[0] if found else n):
            found.append(n)
    return tuple(found)


def _second_vote(outline: Outline, box: Box, boilerplate: set[Box]) -> str:
    """Trafilatura's text of a copy of the box without its boilerplate, as a key."""
    positions = {element: position for position, element in enumerate(box.element.iter())}
    copied = deepcopy(box.element)
    copies = list(copied.iter())
    for inner in outline.boxes:
        outermost = inner in boilerplate and inner.parent is not None and inner.parent not in boilerplate
        position = positions.get(inner.element, 0)
        # Position 0 is the box itself; one whose parent is gone went with an element around it.
        if outermost and position and copies[position].getparent() is not None:
            copies[position].drop_tree()
    if sum(1 for _ in copied.iter(*_WITHIN_A_LINE)) > _MANY:
        _melt(copied)
    document = bare_extraction(_page_around(without_spans(copied)), fast=True, include_comments=False)
    return key(document.text or "") if isinstance(document, Document) else ""


def _melt(element: HtmlElement) -> None:
    """Takes the tags within lines off, which tell trafilatura nothing: its time grows with their square."""
    etree.strip_tags(element, *_WITHIN_A_LINE)
    for inner in element.iter():
        # Set anew, what stood in several nodes is one.
        inner.text, inner.tail = inner.text, inner.tail


def _page_around(element: HtmlElement) -> HtmlElement:
    root, body, article = Element("html"), Element("body"), Element("article")
    root.append(body)
    body.append(article)
    article.append(element)
    return root


def _lead(
    outline: Outline,
    text_box: Box,
    first: int,
    titles: Sequence[str],
    summaries: Sequence[str],
    text: str,
    boilerplate: set[Box],
) -> list[int]:
    """The standfirst between headline and text: called so, known as the summary or
    right in the text's own box, and not repeated.
    """
    known = [key(summary)[:60] for summary in summaries if len(summary) >= 40]
    sure: list[int] = []
    likely: list[int] = []
    after_title = _after_title(outline, first, titles)
    headline = outline.pieces[after_title - 1] if after_title else None
    for n in range(after_title, first):
        piece = outline.pieces[n]
        begin = key(piece.text)[:60]
        if len(piece.text) < 40 or piece.linked * 2 > len(piece.text) or begin in text:
            continue
        if headline is not None and n == after_title and _is_standfirst(piece, headline):
            sure.append(n)
            continue
        if piece.box in boilerplate:
            continue
        begins_text = piece.box.parent is text_box and text_length(piece) and _SENTENCE_END.search(piece.text)
        if (
            begins_text
            or begin in known
            or any(_LEAD.search(box.words) for box in (piece.box, piece.box.parent) if box is not None)
        ):
            sure.append(n)
        elif piece.box.tag in HEADINGS and piece.box.tag != "h1" and len(piece.text) > 70:
            likely.append(n)
    return sure[:3] or likely[:1]


def _is_standfirst(piece: Piece, headline: Piece) -> bool:
    """Whether what follows a headline right away, in its own box or the one around that, is a sentence about
    the whole, whatever it is called.
    """
    if headline.box.tag not in ("h1", "h2") or piece.linked or piece.box.hidden or not text_length(piece):
        return False
    around = (headline.box.parent, headline.box.parent.parent if headline.box.parent else None)
    beside = piece.box.parent in around and piece.box.tag in ("p", "div", "h2", "h3", "strong")
    return beside and bool(_SENTENCE_END.search(piece.text))


def _after_title(outline: Outline, first: int, titles: Sequence[str]) -> int:
    begins = {begin for title in titles if (begin := key(title)[:30])}
    for n in range(first - 1, max(first - 40, -1), -1):
        if outline.pieces[n].box.tag in ("h1", "h2") and len(outline.pieces[n].text) < 300:
            shown = key(outline.pieces[n].text)
            if any(begin in shown for begin in begins):
                return n + 1
    return max(first - 15, 0)
