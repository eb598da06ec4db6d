"""The passages that show why an article was found, for mails and for search results."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.tree import Node
from presswatch.query.witness import Evidence, EvidenceOf, Witness
from presswatch.text.fragments import Fragment, fragment, whole

LENGTH = 240
# Of several fragments each is shorter.
_SHORTER = 160
_FRAGMENTS = 3
_VALUES = 5
_BODY = ("summary", "text")


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of a field that is not shown otherwise, and that a query asked for: `author`, `Anna Müller`."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Passage:
    """The whole title and passages of the summary or text, each with its matching words marked.

    `body` is the first passage, `more` are those that show what it does not, in the order of the text.
    """

    title: Fragment
    body: Fragment
    more: tuple[Fragment, ...] = ()
    values: tuple[FieldValue, ...] = ()


class _Mark(NamedTuple):
    start: int
    end: int
    part: int


class _Window(NamedTuple):
    """A piece of one field from the first to the last of its marks, and the query's parts that it shows."""

    field: str
    start: int
    end: int
    parts: frozenset[int]


class Passages:
    """Shows why articles match a tree (resolved, or asked in `zone` when each was first seen)."""

    def __init__(self, tree: Node, zone: str = "UTC") -> None:
        self._witness = Witness(tree, zone)

    def of(self, article: EvidenceOf, length: int = LENGTH) -> Passage:
        """What to show of an article that matches.

        Up to three passages are chosen so that together with the title they show as many parts of the query
        as they can, the rarest first. An article found by other things than words shows the beginning of its
        summary or text, with nothing marked.
        """
        document, parts = article.terms.document, self._witness.of(article)
        spans = {name: _spans(parts, name) for name in DEFAULT_FIELDS}
        title = whole(document.title, [mark[:2] for mark in spans["title"]])
        values = _values(parts)
        windows = _windows(
            {name: spans[name] for name in _BODY}, {mark.part for mark in spans["title"]}, length
        )
        if not windows:
            opening = document.summary or document.text
            return Passage(title, fragment(opening, (), (0, 0), length), values=values)
        each = length if len(windows) == 1 else min(length, _SHORTER)
        first, *more = (
            fragment(
                getattr(document, window.field),
                [mark[:2] for mark in spans[window.field]],
                (window.start, window.end),
                each,
            )
            for window in windows
        )
        return Passage(title, first, tuple(more), values)


def _spans(parts: Sequence[Iterable[Evidence]], field: str) -> list[_Mark]:
    """Every marked place of a field, with the number of the query's part that it belongs to."""
    return sorted(
        _Mark(start, end, number)
        for number, part in enumerate(parts)
        for one in part
        if one.field == field
        for start, end in one.spans
    )


def _values(parts: Sequence[Iterable[Evidence]]) -> tuple[FieldValue, ...]:
    """What was asked for by name and is not said beside every article."""
    said = {*DEFAULT_FIELDS, "source", "language", "url", "domain", "story"}
    found = (_value(one) for part in parts for one in part if one.field not in said)
    return tuple(dict.fromkeys(found))[:_VALUES]


def _value(one: Evidence) -> FieldValue:
    """Of a long one, such as a note, the piece around what was found."""
    if len(one.value) <= LENGTH:
        return FieldValue(one.field, one.value)
    return FieldValue(one.field, fragment(one.value, one.spans, one.spans[0], _SHORTER).text)


def _windows(fields: dict[str, list[_Mark]], shown: set[int], length: int) -> list[_Window]:
    """The pieces to show, in the order of the text; `shown` are the parts that the title shows."""
    everything = {mark.part for marks in fields.values() for mark in marks}
    first = _best(fields, everything, length)
    if first is None:
        return []
    chosen = [first]
    left = everything - shown - first.parts
    if left:
        # Shorter ones, of which the first may show less than a long one would.
        length = min(length, _SHORTER)
        first = _best(fields, everything, length)
        assert first is not None
        chosen = [first]
        left = everything - shown - first.parts
    while left and len(chosen) < _FRAGMENTS and (window := _best(fields, left, length)):
        chosen.append(window)
        left -= window.parts
    return sorted(chosen, key=lambda window: (_BODY.index(window.field), window.start))


def _best(fields: dict[str, list[_Mark]], wanted: set[int], length: int) -> _Window | None:
    """The piece that shows most of the wanted parts, rare ones before others, and then most marks.

    Of the text rather than of the summary, which many sites cut off.
    """
    sizes = Counter(mark.part for marks in fields.values() for mark in marks)
    best: _Window | None = None
    most = (0.0, False, 0)
    for field, marks in fields.items():
        inside: Counter[int] = Counter()
        worth, left = 0.0, 0
        for number, mark in enumerate(marks):
            if not inside[mark.part] and mark.part in wanted:
                worth += 1 + 1 / sizes[mark.part]
            inside[mark.part] += 1
            while left < number and mark.end - marks[left].start > length:
                gone = marks[left].part
                inside[gone] -= 1
                if not inside[gone] and gone in wanted:
                    worth -= 1 + 1 / sizes[gone]
                left += 1
            value = (round(worth, 6), field == "text", number - left + 1)
            if worth > 0 and value > most:
                most = value
                parts = frozenset(part for part, count in inside.items() if count)
                best = _Window(field, marks[left].start, mark.end, parts)
    return best
