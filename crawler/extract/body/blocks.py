"""Pieces of an outline made into the blocks of an article's text."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from crawler.extract.body.live import live_entries
from crawler.extract.fields.byline import is_byline
from crawler.extract.fields.dates import read_time
from crawler.extract.fields.repair import is_damaged, mend
from crawler.extract.page.outline import HEADINGS, Box, Outline, Piece
from crawler.extract.page.text import key
from presswatch.model import Block, BlockKind

_REPEATED = 3
_DIGITS = re.compile(r"\d+")


def make_blocks(outline: Outline, chosen: Sequence[int], titles: Sequence[str]) -> tuple[Block, ...]:
    """The chosen pieces as blocks, without title, bylines, refrains, and summaries that the text repeats.

    An entry of a live blog is one block, a paragraph a line.
    """
    pieces = [outline.pieces[n] for n in chosen]
    keys = [key(piece.text) for piece in pieces]
    often = Counter(_DIGITS.sub("", name) for name in keys)
    titled = {form for title in titles if (form := key(title))}
    entries = live_entries(outline, chosen)
    blocks: list[Block] = []
    entry: int | None = None
    for n, (piece, name) in enumerate(zip(pieces, keys, strict=True)):
        if not name or name in titled or (piece.box.tag in HEADINGS and any(form in name for form in titled)):
            continue
        # A question is asked of several people; what else is said so often is the page's.
        is_refrain = often[_DIGITS.sub("", name)] >= _REPEATED and len(piece.text) < 100
        if is_refrain and not piece.text.endswith(("?", "？", "؟")):
            continue
        if is_byline(piece.text) or _is_time(piece.text) or _repeats(name, keys[n + 1 : n + 4]):
            continue
        if not (text := mend(piece.text)):
            continue
        before, entry = entry, entries.get(chosen[n])
        if entry is None:
            blocks.append(Block(_kind(piece), text, is_damaged(text)))
        elif entry == before:
            said = f"{blocks.pop().text}\n{text}"
            blocks.append(Block(BlockKind.LIVE_ENTRY, said, is_damaged(said)))
        else:
            blocks.append(Block(BlockKind.LIVE_ENTRY, text, is_damaged(text)))
    while blocks and blocks[-1].kind is BlockKind.HEADING:
        blocks.pop()
    return tuple(blocks)


def _is_time(text: str) -> bool:
    """Whether a line says nothing but a time."""
    return len(text) < 45 and text[-1] not in ".!?。" and read_time(text, "", "UTC") is not None


def _repeats(name: str, following: Sequence[str]) -> bool:
    """Whether one of the next paragraphs says the same and goes on: this was its summary or its shadow."""
    return len(name) >= 40 and any(other.startswith(name) for other in following)


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


def captions(outline: Outline) -> tuple[str, ...]:
    """The captions of the page's pictures, in order."""
    texts = (
        piece.text
        for piece in outline.pieces
        if piece.box.tag == "figcaption"
        or (piece.box.parent is not None and piece.box.parent.tag == "figcaption")
    )
    return tuple(mend(text) for text in islice(texts, 5) if len(text) <= 600)
