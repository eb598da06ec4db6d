"""Cutting the passage out of a text that shows why it was found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]

_STOP = re.compile(r"\n\s*|[.!?…]\s+|[。！？]")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a text with marked places.

    `text` is plain text, to be escaped by whoever shows it. `spans` are (start, end) in `text`, in order and
    not overlapping. `before` and `after` tell whether something was cut off.
    """

    text: str
    spans: tuple[Span, ...] = ()
    before: bool = False
    after: bool = False


def merged(spans: Sequence[Span]) -> list[Span]:
    """The same places in order, with those that overlap or touch made one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def whole(text: str, spans: Sequence[Span]) -> Fragment:
    """All of a short text, such as a title."""
    return Fragment(text, tuple(merged(spans)))


def fragment(text: str, spans: Sequence[Span], place: Span, length: int) -> Fragment:
    """About `length` characters around a place, from a good place to begin at, with the spans in it marked.

    White space becomes single spaces.
    """
    start, end = _window(text, place, length)
    inside = [(max(low, start), min(high, end)) for low, high in merged(spans) if low < end and high > start]
    return _tidy(text, inside, start, end)


def _window(text: str, place: Span, length: int) -> Span:
    if len(text) <= length:
        return 0, len(text)
    first, last = place[0], min(place[1], place[0] + length)
    room = max(0, length - (last - first))
    start = _beginning(text, max(0, first - room // 2), first)
    end = min(len(text), max(start + length, last))
    return start, _ending(text, end, last)


def _beginning(text: str, start: int, first: int) -> int:
    """A sentence's or at least a word's beginning between `start` and the first marked place."""
    if start == 0:
        return 0
    stop = _STOP.search(text, start, first)
    if stop:
        return stop.end()
    space = text.find(" ", start, first)
    return space + 1 if space >= 0 else start


def _ending(text: str, end: int, last: int) -> int:
    if end == len(text):
        return end
    space = max(text.rfind(" ", last, end), text.rfind("\n", last, end))
    return space if space >= 0 else end


def _tidy(text: str, spans: Sequence[Span], start: int, end: int) -> Fragment:
    """`text[start:end]` with runs of white space made single spaces, and the spans moved along."""
    pieces: list[str] = []
    moved: list[Span] = []
    length = 0
    at = start
    for low, high in spans:
        between = _squeezed(text[at:low], opening=not length)
        pieces.append(between)
        inner = _squeezed(text[low:high], opening=True).rstrip()
        pieces.append(inner)
        moved.append((length + len(between), length + len(between) + len(inner)))
        length += len(between) + len(inner)
        at = high
    pieces.append(_squeezed(text[at:end], opening=not length).rstrip())
    return Fragment("".join(pieces), tuple(moved), start > 0, end < len(text.rstrip()))


def _squeezed(text: str, *, opening: bool) -> str:
    """Single spaces only, keeping one at each end, but none where the fragment opens."""
    plain = " ".join(text.split())
    before = " " if text[:1].isspace() and not opening else ""
    after = " " if text[-1:].isspace() and plain else ""
    return before + plain + after
