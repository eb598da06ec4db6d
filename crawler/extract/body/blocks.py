"""Pieces of an outline made into the blocks of an article's text."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from crawler.extract.body.boilerplate import text_length
from crawler.extract.body.live import live_entries
from crawler.extract.body.tables import table_rows
from crawler.extract.fields.byline import is_byline, is_time
from crawler.extract.fields.repair import is_damaged, mend
from crawler.extract.page.outline import HEADINGS, Box, Outline, Piece, is_heading
from crawler.extract.page.site_facts import keys_of
from crawler.extract.page.text import is_dense, key
from presswatch.model import Block, BlockKind, Facts

# A line said so often, and no longer than this, is the page's; the second in scripts without spaces.
_REPEATED, _SHORT_LINE, _SHORT_LINE_CJK = 3, 100, 40
# Learnt from so many pages, the site's refrains are known: another one is the text's.
_ENOUGH = 10
# Of a text's characters, the site's lines are less: those that are learnt, and those that one page repeats.
_MOST_LEARNT, _MOST_GUESSED = 1 / 2, 1 / 8
# And what an article says again, as a recipe its ingredients or a plan its days, is less than this.
_MOST_AGAIN = 0.4
# Between the pieces that are one block.
_BETWEEN = {BlockKind.LIVE_ENTRY: "\n", BlockKind.TABLE_ROW: " | "}
_DIGITS = re.compile(r"\d+")


def make_blocks(
    outline: Outline, chosen: Sequence[int], titles: Sequence[str], facts: Facts
) -> tuple[Block, ...]:
    """The chosen pieces as blocks, without title, bylines, summaries that the text repeats, and the site's
    own lines: those that are learnt, and refrains.

    An entry of a live blog is one block, a paragraph a line; a row of a table is one, its cells on a line.
    """
    pieces = [outline.pieces[n] for n in chosen]
    keys = [key(piece.text) for piece in pieces]
    refrains, copies = _site_lines(pieces, keys, facts), _copies(pieces, keys)
    titled = {form for title in titles if (form := key(title))}
    entries, rows = live_entries(outline, chosen), table_rows(outline, chosen)
    blocks: list[Block] = []
    part: tuple[BlockKind, int] | None = None
    for n, (piece, name) in enumerate(zip(pieces, keys, strict=True)):
        if chosen[n] not in rows and _is_left_out(piece, name, titled, refrains, keys[n + 1 : n + 4]):
            continue
        if n in copies:
            continue
        if not (text := mend(piece.text)):
            continue
        before, part = part, _part(chosen[n], entries, rows)
        if part is not None and part == before:
            text = f"{blocks.pop().text}{_BETWEEN[part[0]]}{text}"
        blocks.append(Block(part[0] if part else _kind(piece), text, is_damaged(text)))
    while blocks and blocks[-1].kind is BlockKind.HEADING:
        blocks.pop()
    return tuple(blocks)


def _is_left_out(
    piece: Piece, name: str, titled: Collection[str], refrains: Collection[str], following: Sequence[str]
) -> bool:
    """Whether a piece, `name` its key, is the title, a byline, a refrain, or said again by what follows."""
    if not name or name in titled or (piece.box.tag in HEADINGS and any(form in name for form in titled)):
        return True
    if name in refrains:
        return True
    return is_byline(piece.text) or is_time(piece.text) or _repeats(name, following)


def _site_lines(pieces: Sequence[Piece], keys: Sequence[str], facts: Facts) -> frozenset[str]:
    """The keys of the site's lines, where not more of the text is such than a site says in between."""
    counted, whole = Counter(keys), sum(len(piece.text) for piece in pieces)
    known = keys_of(facts.lines) | keys_of(facts.refrains)
    learnt = {
        name: len(piece.text)
        for piece, name in zip(pieces, keys, strict=True)
        if name in known and piece.box.tag not in HEADINGS
    }
    guessed = _refrains(pieces, keys) if facts.pages < _ENOUGH else {}
    found: set[str] = set()
    for lines, most in ((learnt, _MOST_LEARNT), (guessed, _MOST_GUESSED)):
        if sum(length * counted[name] for name, length in lines.items()) < most * whole:
            found |= lines.keys()
    return frozenset(found)


def _copies(pieces: Sequence[Piece], keys: Sequence[str]) -> set[int]:
    """The paragraphs that were said before, where they are nearly half of the text: it stands on the page
    twice, for narrow screens and for wide ones.
    """
    said = {name: n for n, name in reversed(list(enumerate(keys)))}
    again = {n for n, name in enumerate(keys) if said[name] < n and text_length(pieces[n])}
    length = sum(len(pieces[n].text) for n in again)
    return (
        again if len(again) > 1 and length > _MOST_AGAIN * sum(len(piece.text) for piece in pieces) else set()
    )


def _refrains(pieces: Sequence[Piece], keys: Sequence[str]) -> dict[str, int]:
    """The keys and lengths of short lines said several times, numbers aside: what is known of one page alone.

    A question is asked of several people.
    """
    often = Counter(_DIGITS.sub("", name) for name in keys)
    return {
        name: len(piece.text)
        for piece, name in zip(pieces, keys, strict=True)
        if often[_DIGITS.sub("", name)] >= _REPEATED
        and len(piece.text) < (_SHORT_LINE_CJK if is_dense(piece.text) else _SHORT_LINE)
        and not piece.text.endswith(("?", "？", "؟"))
    }


def _part(n: int, entries: Mapping[int, int], rows: Mapping[int, int]) -> tuple[BlockKind, int] | None:
    """The entry or the row that a piece is a part of."""
    if n in entries:
        return BlockKind.LIVE_ENTRY, entries[n]
    return (BlockKind.TABLE_ROW, rows[n]) if n in rows else None


def _repeats(name: str, following: Sequence[str]) -> bool:
    """Whether one of the next paragraphs says the same and goes on: this was its summary or its shadow."""
    return len(name) >= 40 and any(other.startswith(name) for other in following)


def _kind(piece: Piece) -> BlockKind:
    box: Box | None = piece.box
    if is_heading(piece):
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
