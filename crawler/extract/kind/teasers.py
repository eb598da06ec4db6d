"""Teasers: short texts, each beside the linked headline of the article that it is the beginning of."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from crawler.extract.body.boilerplate import text_length
from crawler.extract.page.links import absolute, may_be_article
from crawler.extract.page.outline import Box, Outline, is_in_heading, is_long_as_headline

# How far above a text its card may be.
_HIGHEST = 3


def teaser_cards(outline: Outline, base: str, own: str) -> tuple[int, float]:
    """How many cards with a text there are, and which part of all the page's prose stands in them."""
    heads = {
        anchor.at: absolute(base, anchor.href)
        for anchor in outline.anchors[:1_500]
        if is_long_as_headline(anchor.text) and is_in_heading(anchor.box)
    }
    leading = {
        at: url
        for at, url in heads.items()
        if url and url != own and may_be_article(url, own, outline.pieces[at].text)
    }
    are_texts = [bool(text_length(piece)) for piece in outline.pieces]
    texts = [0, *accumulate(are_texts)]
    cards: set[int] = set()
    within = total = 0
    for piece, is_text in zip(outline.pieces, are_texts, strict=True):
        if not is_text:
            continue
        total += len(piece.text)
        if (head := _head_of(piece.box, texts, leading)) is not None:
            cards.add(head)
            within += len(piece.text)
    return len(cards), within / total if total else 0.0


def _head_of(box: Box | None, texts: Sequence[int], leading: Mapping[int, str]) -> int | None:
    """The headline of the card that a text stands in alone: the one of the smallest box around both.

    `texts` are how many texts stand before each piece, `leading` where the pieces that are headlines lead.
    """
    for _ in range(_HIGHEST):
        if box is None or texts[box.end] - texts[box.start] > 1:
            return None
        headlines = [at for at in range(box.start, box.end) if at in leading]
        if headlines:
            return headlines[0] if len({leading[at] for at in headlines}) == 1 else None
        box = box.parent
    return None
