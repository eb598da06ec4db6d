"""Which boxes of a page are not the article's own text, told by what pages commonly call them."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import accumulate

from crawler.extract import vocabulary as words
from crawler.extract.page.outline import (
    HEADINGS,
    Anchor,
    Box,
    Outline,
    Piece,
    is_heading,
    is_in_heading,
    is_long_as_headline,
)
from crawler.extract.page.text import is_dense, key
from crawler.extract.related.headings import promises_other, promises_related

_HARD = re.compile(
    rf"""{words.RELATED}|{words.NEWSLETTER}|video-fallback|placeholder|"""
    + words.named(
        words.NAVIGATION,
        words.PAGE_NAVIGATION,
        words.SKIPPING,
        words.UNSEEN,
        words.FOOTER,
        words.SHARING,
        words.AFTER_ARTICLE,
        words.QUESTIONS,
        words.CONSENT,
        words.COMMENTS,
        words.COMMENT_PARTS,
        words.LOGIN,
        words.SUPPORT,
        words.LINK_NETWORKS,
        words.RECIRCULATION,
        words.POPULAR,
        words.ONWARD,
    )
)
_SOFT = re.compile(
    r"caption|copyright|image-?meta|bildunterschrift|legende|subscri|inread|sidebar|side-bar|right-col(?:umn)?|"
    + words.named(
        words.SPONSORED,
        words.PROMOTION,
        words.OTHER_ADVERTISING,
        words.TAGS,
        words.KEYWORDS,
        words.AUTHORS,
        words.AUTHOR_PARTS,
        words.CREDITS,
        words.TIMES,
        words.METADATA,
        words.CARDS,
        words.MEDIA,
        words.FACT_BOXES,
    )
)
_TAGS = frozenset(
    (
        "nav",
        "footer",
        "aside",
        "figure",
        "figcaption",
        "form",
        "button",
        "label",
        "noscript",
        "dialog",
        "address",
    )
)
_CARD, _MEDIA = re.compile(words.named(words.CARDS)), re.compile(words.named(words.MEDIA))
# Of the page's text, so much may stand under the linked heading of another article, unless it is an h1.
_MOST_OF_ANOTHER = 0.4
# A line that promises other articles, how many pieces its box holds, and how much of the page's text.
_LONGEST_PROMISE, _MOST_RECOMMENDED, _MOST_OF_RECOMMENDED = 70, 16, 0.15
# Boxes of one name that hold this share of the page's running text are the article, whatever the name.
_MAJORITY, _GREAT_MAJORITY = 0.4, 0.85
# So is one that holds the headline, of so many letters, and this share.
_LEAST_HEADLINE, _LEAST_UNDER_HEADLINE = 10, 0.2
_LONGEST_CAPTION = 500
_LONG_LINE, _LONG_LINE_CJK = 60, 25


def text_length(piece: Piece) -> int:
    """How many characters of running text a piece holds: 0 for headings, links and short lines."""
    length = len(piece.text)
    if length < _LONG_LINE_CJK or piece.linked * 2 >= length or is_heading(piece):
        return 0
    least = _LONG_LINE_CJK if is_dense(piece.text) else _LONG_LINE
    return length - piece.linked if length >= least else 0


def boilerplate_boxes(outline: Outline, weights: Sequence[int], titles: Sequence[str] = ()) -> set[Box]:
    """The boxes that are not the article's text; `weights` are the pieces' `prose`, `titles` the headline's
    forms.
    """
    is_seen = _unseen(outline, weights) < _GREAT_MAJORITY * sum(weights)
    if is_seen:
        weights = [
            0 if piece.box.hidden else weight for piece, weight in zip(outline.pieces, weights, strict=True)
        ]
    sums = [0, *accumulate(weights)]
    shares: dict[tuple[str, str], float] = {}
    suspects: list[Box] = []
    held: Counter[tuple[str, str]] = Counter()
    for box in outline.boxes:
        name = (box.tag, box.words)
        if name not in shares:
            shares[name] = _tolerated(box)
        if shares[name] and not (_is_plain_card(box) or _is_no_caption(box, outline.pieces)):
            suspects.append(box)
            held[name] += sums[box.end] - sums[box.start]
    guilty = {box for box in suspects if held[box.tag, box.words] <= shares[box.tag, box.words] * sums[-1]}
    for box in _around_headline(outline, titles):
        if sums[box.end] - sums[box.start] >= _LEAST_UNDER_HEADLINE * sums[-1]:
            guilty.discard(box)
    if is_seen:
        guilty.update(box for box in outline.boxes if box.hidden)
    boxes: set[Box] = set()
    for box in outline.boxes:
        if box in guilty or (box.parent is not None and box.parent in boxes and not _is_pull_quote(box)):
            boxes.add(box)
    return boxes


def _around_headline(outline: Outline, titles: Sequence[str]) -> Iterator[Box]:
    """The boxes in which the page's headline stands."""
    known = {name for title in titles if len(name := key(title)) >= _LEAST_HEADLINE}
    for piece in outline.pieces:
        if piece.box.tag == "h1" and key(piece.text) in known:
            box = piece.box.parent
            while box is not None:
                yield box
                box = box.parent


def _tolerated(box: Box) -> float:
    """Up to which share of the page's text a box of this name is boilerplate; 0 if its name says nothing."""
    if box.tag in _TAGS:
        return _MAJORITY
    if not box.words:
        return 0
    # A post of somebody that is embedded in a quotation is what the article quotes.
    names = _MEDIA.sub(" ", box.words) if box.tag == "blockquote" else box.words
    return _GREAT_MAJORITY if _HARD.search(names) else _MAJORITY if _SOFT.search(names) else 0


def _is_no_caption(box: Box, pieces: Sequence[Piece]) -> bool:
    """Whether a figure or its caption holds a paragraph that is longer than captions are."""
    is_figure = box.tag in ("figure", "figcaption")
    return is_figure and any(text_length(piece) > _LONGEST_CAPTION for piece in pieces[box.start : box.end])


def _is_plain_card(box: Box) -> bool:
    """Whether a box is called a card and nothing else, and holds no link: a recipe or a list of facts."""
    if box.end_anchor > box.first_anchor or box.tag in _TAGS or not _CARD.search(box.words):
        return False
    return not _HARD.search(box.words) and not _SOFT.search(_CARD.sub(" ", box.words))


def others_articles(
    outline: Outline, weights: Sequence[int], leads_elsewhere: Callable[[Anchor], bool]
) -> set[Box]:
    """The boxes of other articles, and all within: each begins with a linked heading, goes on with text, and
    holds no other one.

    `leads_elsewhere` tells whether a heading's link is that of another article.
    """
    heads = [
        anchor.at
        for anchor in outline.anchors
        if is_long_as_headline(anchor.text) and is_in_heading(anchor.box) and leads_elsewhere(anchor)
    ]
    sums = [0, *accumulate(weights)]
    headings = [n for n, piece in enumerate(outline.pieces) if piece.box.tag in ("h1", "h2")]

    def within(places: list[int], box: Box) -> list[int]:
        return places[bisect_left(places, box.start) : bisect_left(places, box.end)]

    found: set[Box] = set()
    for head in heads:
        level = outline.pieces[head].box.tag
        # The text itself may begin with the linked headline of a video.
        most = sums[-1] if level == "h1" else _MOST_OF_ANOTHER * sums[-1]
        box, outermost = outline.pieces[head].box, None
        while box.parent is not None and sums[head] <= sums[box.start] and len(within(heads, box)) <= 1:
            if any(n != head and outline.pieces[n].box.tag <= level for n in within(headings, box)):
                break
            outermost = box if 0 < sums[box.end] - sums[head + 1] <= most else outermost
            box = box.parent
        if outermost is not None:
            found.add(outermost)
    for box in outline.boxes:
        if box.parent in found:
            found.add(box)
    return found


def recommended_boxes(
    outline: Outline, weights: Sequence[int], leads_elsewhere: Callable[[Anchor], bool]
) -> set[Box]:
    """The small boxes that begin with a line like "Read more" and hold a headline linked to another article,
    whatever stands with it; and all within.
    """
    sums = [0, *accumulate(weights)]
    found: set[Box] = set()
    for n, piece in enumerate(outline.pieces):
        if len(piece.text) > _LONGEST_PROMISE or 2 * piece.linked > len(piece.text):
            continue
        if piece.box.end - n == 1 and (piece.box.parent is None or piece.box.parent.start != n):
            continue  # most lines begin no box that holds more than themselves
        boxes = _small_linked_boxes(piece.box, n)
        if not boxes or not (promises_related(piece.text) or promises_other(piece.text)):
            continue
        for box in boxes:
            anchors = outline.anchors[box.first_anchor : box.end_anchor]
            few = sums[box.end] - sums[n] <= _MOST_OF_RECOMMENDED * sums[-1]
            if few and any(is_long_as_headline(one.text) and leads_elsewhere(one) for one in anchors):
                found.add(box)
    if found:
        found.update(box for box in outline.boxes if _is_within(box, found))
    return found


def _small_linked_boxes(box: Box | None, n: int) -> list[Box]:
    """The boxes around that begin with piece `n`, hold few pieces and a link."""
    boxes: list[Box] = []
    while box is not None and box.start == n and box.end - n <= _MOST_RECOMMENDED:
        if box.end_anchor > box.first_anchor:
            boxes.append(box)
        box = box.parent
    return boxes


def _is_within(box: Box, boxes: Collection[Box]) -> bool:
    above = box.parent
    while above is not None:
        if above in boxes:
            return True
        above = above.parent
    return False


def _is_pull_quote(box: Box) -> bool:
    """HTML's own example of a quotation with its source is a blockquote in a figure."""
    figure = box.parent
    if box.tag != "blockquote" or figure is None or figure.tag != "figure":
        return False
    return not (_HARD.search(f"{figure.words} {box.words}") or _SOFT.search(f"{figure.words} {box.words}"))


def link_lists(outline: Outline) -> set[int]:
    """The pieces of lists whose items are mostly links, and of the headings over them."""
    pieces: set[int] = set()
    for box in outline.boxes:
        if box.tag in ("ul", "ol") and 1 < box.end - box.start <= 30:
            items = outline.pieces[box.start : box.end]
            length = sum(len(item.text) for item in items)
            if sum(item.linked for item in items) > 0.5 * length and length < 150 * len(items):
                pieces.update(range(box.start, box.end))
                if box.start and outline.pieces[box.start - 1].box.tag in HEADINGS:
                    pieces.add(box.start - 1)
    return pieces


def _unseen(outline: Outline, weights: Sequence[int]) -> int:
    return sum(weight for piece, weight in zip(outline.pieces, weights, strict=True) if piece.box.hidden)
