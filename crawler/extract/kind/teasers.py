"""Teasers: short texts, each beside the linked headline of the article that it is the beginning of."""

from crawler.extract.body.boilerplate import text_length
from crawler.extract.page.links import absolute, may_be_article
from crawler.extract.page.outline import LEAST_HEADLINE, Box, Outline, is_in_heading

# How far above a text its card may be, and how many texts a card may hold.
_HIGHEST = 3
_MOST_IN_CARD = 3


def teaser_cards(outline: Outline, base: str, own: str) -> tuple[int, float]:
    """How many cards with a text there are, and which part of all the page's prose stands in them."""
    heads = {
        anchor.at: absolute(base, anchor.href)
        for anchor in outline.anchors[:1_500]
        if len(anchor.text) >= LEAST_HEADLINE and is_in_heading(anchor.box)
    }
    leading = {
        at: url
        for at, url in heads.items()
        if url and url != own and may_be_article(url, own, outline.pieces[at].text)
    }
    cards: set[int] = set()
    within = total = 0
    for n, piece in enumerate(outline.pieces):
        if not text_length(piece):
            continue
        total += len(piece.text)
        if (head := _head_of(n, piece.box, outline, leading)) is not None:
            cards.add(head)
            within += len(piece.text)
    return len(cards), within / total if total else 0.0


def _head_of(n: int, box: Box | None, outline: Outline, leading: dict[int, str]) -> int | None:
    """The headline of the card that the text stands in: the one of the smallest box around both."""
    for _ in range(_HIGHEST):
        if box is None:
            return None
        inside = range(box.start, box.end)
        if sum(text_length(outline.pieces[m]) for m in inside if m != n) >= _MOST_IN_CARD:
            return None
        headlines = [at for at in inside if at in leading]
        if headlines:
            return headlines[0] if len({leading[at] for at in headlines}) == 1 else None
        box = box.parent
    return None
