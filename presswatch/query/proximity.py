"""Where words stand close to each other: what `NEAR`, `NOT NEAR` and `ATLEAST` mean within one value."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product

from presswatch.query.tree import Distance, Group, Near, NotNear, Part

# An index is asked for each choice of one part of every group, up to so many.
MAX_EXACT_CHOICES = 64

# Numbers of tokens: the first, and the one after the last.
TokenSpan = tuple[int, int]


class Line:
    """The tokens of a value in their order, and where each of them stands."""

    __slots__ = ("_at", "_sorted", "words")

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._at: dict[str, list[int]] = {}
        self._sorted: list[str] = []

    @property
    def at(self) -> Mapping[str, Sequence[int]]:
        """The numbers of each token."""
        if not self._at:
            for number, word in enumerate(self.words):
                self._at.setdefault(word, []).append(number)
        return self._at

    def beginning_with(self, beginning: str) -> Iterator[str]:
        """The different tokens that begin so."""
        if not self._sorted:
            self._sorted = sorted(self.at)
        for word in islice(self._sorted, bisect_left(self._sorted, beginning), None):
            if not word.startswith(beginning):
                return
            yield word


def places(part: Part, line: Line) -> list[TokenSpan]:
    """Where a part stands in a value's tokens, in their order."""
    tokens, size = part.tokens, len(part.tokens)
    if part.prefix:
        return _begun(tokens, line)
    starts = line.at.get(tokens[0], ())
    if size == 1:
        return [(start, start + 1) for start in starts]
    wanted, words = list(tokens), line.words
    return [(start, start + size) for start in starts if list(words[start : start + size]) == wanted]


def _begun(tokens: tuple[str, ...], line: Line) -> list[TokenSpan]:
    *whole, last = tokens
    ends = sorted(at for word in line.beginning_with(last) for at in line.at[word])
    starts = (end - len(whole) for end in ends)
    return [
        (start, start + len(tokens))
        for start in starts
        if start >= 0 and list(line.words[start : start + len(whole)]) == whole
    ]


def near_places(near: Near, line: Line) -> Iterator[TokenSpan]:
    """The parts of every choice that is close enough, choice by choice."""
    found = {part: places(part, line) for group in near.groups for part in group}
    present = [[part for part in group if found[part]] for group in near.groups]
    close = _in_order if near.distance.ordered else _in_any_order
    for chosen in _choices(present, near.distance):
        yield from close([found[part] for part in chosen], near.distance)


def choices(near: Near) -> Iterator[tuple[Part, ...]]:
    """Every way to choose one part of each group."""
    return _choices(near.groups, near.distance)


def are_few(near: Near) -> bool:
    """Whether an index can be asked for each choice."""
    return next(islice(choices(near), MAX_EXACT_CHOICES, None), None) is None


def _choices(groups: Sequence[Sequence[Part]], distance: Distance) -> Iterator[tuple[Part, ...]]:
    chosen: Iterator[tuple[Part, ...]] = product(*groups)
    return chosen if distance.ordered else (parts for parts in chosen if len(set(parts)) == len(parts))


def _in_any_order(spans: Sequence[Sequence[TokenSpan]], distance: Distance) -> Iterator[TokenSpan]:
    total = sum(end - start for (start, end), *_ in spans)
    for begin in sorted({start for part in spans for start, _ in part}):
        chosen = [next((span for span in part if span[0] >= begin), None) for part in spans]
        close = [span for span in chosen if span is not None]
        if len(close) < len(spans):
            return
        if _is_within(max(end for _, end in close) - begin - total, distance):
            yield from close


def _in_order(spans: Sequence[Sequence[TokenSpan]], distance: Distance) -> Iterator[TokenSpan]:
    total = sum(end - start for (start, end), *_ in spans)
    for first in spans[0]:
        chosen = [first]
        for part in spans[1:]:
            after = next((span for span in part if span[0] >= chosen[-1][1]), None)
            if after is None:
                return
            chosen.append(after)
        if _is_within(chosen[-1][1] - first[0] - total, distance):
            yield from chosen


def lone_places(near: NotNear, line: Line) -> Iterator[TokenSpan]:
    """Where one of the wanted stands with none of the unwanted near."""
    unwanted = sorted(group_places(near.unwanted, line))
    for span in sorted(group_places(near.wanted, line)):
        if not any(_is_close(span, other, near.distance) for other in unwanted):
            yield span


def _is_close(span: TokenSpan, other: TokenSpan, distance: Distance) -> bool:
    if distance.ordered and other[0] < span[0]:
        return False
    lengths = span[1] - span[0] + other[1] - other[0]
    return _is_within(max(span[1], other[1]) - min(span[0], other[0]) - lengths, distance)


def count_apart(spans: Iterable[TokenSpan]) -> int:
    """How many of these can be chosen that do not overlap: "green tea" is one place of "green tea" OR tea."""
    count, end = 0, 0
    for start, after in sorted(spans, key=lambda span: span[1]):
        if start >= end:
            count, end = count + 1, after
    return count


def group_places(group: Group, line: Line) -> set[TokenSpan]:
    """Where any of the group stands."""
    return {span for part in group for span in places(part, line)}


def _is_within(gaps: int, distance: Distance) -> bool:
    return distance.gaps is None or gaps <= distance.gaps
