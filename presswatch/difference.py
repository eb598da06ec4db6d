"""What changed between two revisions, by paragraph and by sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from presswatch.model import Article

# After a full stop and its closing marks; Chinese and Japanese write no space after theirs.
_SENTENCE = re.compile(r"(?<=[.!?…][\"'”’»)\]])\s+|(?<=[.!?…])\s+|(?<=[。！？])")
# Paragraphs that share so much are one that was edited.
_EDITED = 0.5

Change = Literal[" ", "-", "+"]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence or a whole paragraph, in both revisions (" "), in the older ("-") or in the newer ("+").

    `paragraph` counts the newer one's paragraphs from 1; headline and summary are paragraph 0.
    """

    change: Change
    paragraph: int
    text: str


def difference(older: Article, newer: Article) -> list[Line]:
    """Every changed paragraph: a new or lost one whole, an edited one by its sentences."""
    lines = [
        line
        for before, after in ((older.title, newer.title), (older.summary, newer.summary))
        if before != after
        for line in (Line("-", 0, before), Line("+", 0, after))
        if line.text
    ]
    before, after = ([block.text for block in article.blocks] for article in (older, newer))
    for tag, low, high, start, end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag != "equal":
            lines += _paragraphs(before[low:high], after[start:end], start + 1)
    return lines


def _paragraphs(before: Sequence[str], after: Sequence[str], first: int) -> Iterator[Line]:
    """Each new paragraph beside the lost one it was made of, if there is one."""
    left = list(before)
    for number, text in enumerate(after, first):
        origin = max(left, key=lambda one: _shared(one, text), default="")
        if _shared(origin, text) < _EDITED:
            yield Line("+", number, text)
            continue
        # What stood before it and has no counterpart was taken out.
        for lost in left[: left.index(origin)]:
            yield Line("-", number, lost)
        del left[: left.index(origin) + 1]
        yield from _sentences(origin, text, number)
    yield from (Line("-", first + len(after), lost) for lost in left)


def _sentences(before: str, after: str, number: int) -> Iterator[Line]:
    old, new = _SENTENCE.split(before), _SENTENCE.split(after)
    for tag, low, high, start, end in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line(" ", number, text) for text in new[start:end])
        else:
            yield from (Line("-", number, text) for text in old[low:high])
            yield from (Line("+", number, text) for text in new[start:end])


def _shared(one: str, other: str) -> float:
    return SequenceMatcher(a=one, b=other, autojunk=False).ratio() if one and other else 0.0
