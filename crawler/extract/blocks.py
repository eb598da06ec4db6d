"""Pieces of an outline made into the blocks of an article's text."""

import re
from collections import Counter
from collections.abc import Sequence

from crawler.extract.outline import HEADINGS, Box, Outline, Piece
from crawler.extract.text import key
from presswatch.model import Block, BlockKind

_REPEATED = 3
_DIGITS = re.compile(r"\d+")


def make_blocks(outline: Outline, chosen: Sequence[int], titles: Sequence[str]) -> tuple[Block, ...]:
    pieces = [outline.pieces[n] for n in chosen]
    often = Counter(_DIGITS.sub("", key(piece.text)) for piece in pieces)
    titled = {form for title in titles if (form := key(title))}
    blocks: list[Block] = []
    for piece in pieces:
        name = key(piece.text)
        if not name or name in titled or (piece.box.tag in HEADINGS and any(form in name for form in titled)):
            continue
        if often[_DIGITS.sub("", name)] >= _REPEATED and len(piece.text) < 100:
            continue
        blocks.append(Block(_kind(piece), piece.text, "\ufffd" in piece.text))
    while blocks and blocks[-1].kind is BlockKind.HEADING:
        blocks.pop()
    return tuple(blocks)


def _kind(piece: Piece) -> BlockKind:
    box: Box | None = piece.box
    if piece.box.tag in HEADINGS:
        return BlockKind.HEADING
    for _ in range(4):
        if box is None:
            break
        if box.tag == "blockquote":
            return BlockKind.QUOTE
        if box.tag in ("li", "dd", "dt"):
            return BlockKind.LIST_ITEM
        box = box.parent
    return BlockKind.PARAGRAPH
