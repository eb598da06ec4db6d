"""Live blogs: a text that is a row of entries, each with its time."""

import re
from collections import defaultdict
from collections.abc import Sequence

from crawler.extract.body.boilerplate import text_length
from crawler.extract.page.outline import Box, Outline

_FEWEST = 3
_HIGHEST = 6
# "14:05", "9.30 Uhr", "11h20", at a line's beginning.
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3])(?:[:.]|\s?h\s?)[0-5]\d(?!\d)|\d{1,2}\s?[ap]\.?m\b", re.I)
_INDIVIDUAL = re.compile(r"\S*\d\S*")
# Of a text's characters, so many stand in entries; the rest leads to them.
_MOST_OF_IT = 0.5


def live_entries(outline: Outline, chosen: Sequence[int]) -> dict[int, int]:
    """By piece of the text, the number of the entry that it stands in; empty for what is no live blog.

    Entries are boxes side by side, alike, each with a time of its own and a text.
    """
    if _times_near(outline, chosen) < _FEWEST:
        return {}
    total = sum(text_length(outline.pieces[n]) for n in chosen)
    rows: defaultdict[tuple[int, str, str], dict[int, list[int]]] = defaultdict(dict)
    boxes: dict[int, Box] = {}
    for n in chosen:
        box: Box | None = outline.pieces[n].box
        for _ in range(_HIGHEST):
            if box is None or box.parent is None:
                break
            row = (id(box.parent), box.tag, _INDIVIDUAL.sub("", box.words).strip())
            rows[row].setdefault(id(box), []).append(n)
            boxes[id(box)] = box
            box = box.parent
    for entries in rows.values():
        timed = [pieces for box_id, pieces in entries.items() if _has_time(outline, boxes[box_id])]
        within = sum(text_length(outline.pieces[n]) for pieces in timed for n in pieces)
        if len(timed) >= _FEWEST and within >= _MOST_OF_IT * total:
            return {n: number for number, pieces in enumerate(timed) for n in pieces}
    return {}


def _times_near(outline: Outline, chosen: Sequence[int]) -> int:
    """How many times stand within the text, and shortly before it."""
    if not chosen:
        return 0
    near = range(max(chosen[0] - _HIGHEST, 0), chosen[-1] + 1)
    said = sum(bool(_CLOCK.match(outline.pieces[n].text)) for n in near)
    return said + sum(stamp.at in near for stamp in outline.stamps)


def _has_time(outline: Outline, box: Box) -> bool:
    if outline.stamps_in(box):
        return True
    return any(_CLOCK.match(piece.text) for piece in outline.pieces[box.start : box.start + 3])
