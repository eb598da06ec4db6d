"""The picture of an article's related articles: who links to it, and what it links to."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from presswatch.archive.related import Neighbour
from presswatch.watches.safe_text import single_line

# So many on each side: more cannot be read.
SHOWN = 6
WIDTH, _ROW, _BOX = 720, 46, 38
_SIDE, _MIDDLE = 240, 160
# How many Latin letters fit into a box, and into the one in the middle.
_LETTERS, _LETTERS_AMID = 34, 22


@dataclass(frozen=True, slots=True)
class Box:
    """An article as a box: its upper left corner, its size and its words; "" for one that we do not have."""

    x: int
    y: int
    width: int
    height: int
    words: str
    article: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A link, from one box to another."""

    x: int
    y: int
    to_x: int
    to_y: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes and arrows on a canvas of `width` by `height`; the first box is the article itself."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def related_graph(
    title: str, led_from: Sequence[Neighbour], leads_to: Sequence[Neighbour], *, mirrored: bool = False
) -> Graph:
    """Who links to an article on the side where lines begin, what it links to on the other.

    `mirrored` where lines begin at the right.
    """
    before, after = led_from[:SHOWN], leads_to[:SHOWN]
    height = max(len(before), len(after), 1) * _ROW
    middle = Box((WIDTH - _MIDDLE) // 2, (height - _BOX) // 2, _MIDDLE, _BOX, cut(title, _LETTERS_AMID), "")
    left, right = (after, before) if mirrored else (before, after)
    lefts = [_box(one, 0, _y(place, len(left), height)) for place, one in enumerate(left)]
    rights = [_box(one, WIDTH - _SIDE, _y(place, len(right), height)) for place, one in enumerate(right)]
    inwards, outwards = (rights, lefts) if mirrored else (lefts, rights)
    arrows = [*(_arrow(box, middle) for box in inwards), *(_arrow(middle, box) for box in outwards)]
    return Graph(WIDTH, height, (middle, *lefts, *rights), tuple(arrows))


def cut(words: str, letters: int) -> str:
    """Words that take no more room than so many Latin letters; wide characters take that of two."""
    room, line = letters, single_line(words)
    for place, character in enumerate(line):
        room -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if room < 0:
            return line[: max(place - 1, 1)].rstrip() + "…"
    return line


def _box(one: Neighbour, x: int, y: int) -> Box:
    return Box(x, y, _SIDE, _BOX, cut(one.title or one.url, _LETTERS), one.article or "")


def _y(place: int, boxes: int, height: int) -> int:
    """Spread over the height, in the middle of equal parts."""
    return (2 * place + 1) * height // (2 * boxes) - _BOX // 2


def _arrow(start: Box, end: Box) -> Arrow:
    forth = start.x < end.x
    x, to_x = (start.x + start.width, end.x) if forth else (start.x, end.x + end.width)
    return Arrow(x, start.y + _BOX // 2, to_x, end.y + _BOX // 2)
