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
# Of more pairs, and of longer paragraphs (in words, or characters where no blanks part them), nobody looks
# which of the new ones was made of which: that takes minutes, and such a text was written anew.
_MOST_PAIRS = 20_000
_LONGEST = 5_000
# A word of a language that parts words by blanks is no longer on average.
_LONG_WORD = 12

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
    # What repeats all over a long text tells nothing of where the rest of it went (autojunk), and takes long.
    for tag, low, high, start, end in SequenceMatcher(a=before, b=after).get_opcodes():
        if tag != "equal":
            lines += _paragraphs(before[low:high], after[start:end], start + 1)
    return lines


def _paragraphs(before: Sequence[str], after: Sequence[str], first: int) -> Iterator[Line]:
    """Each new paragraph beside the lost one it was made of, if there is one."""
    left = list(before)
    are_few = len(before) * len(after) <= _MOST_PAIRS
    for number, text in enumerate(after, first):
        origin = _origin(left, text) if are_few else None
        if origin is None:
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
    for tag, low, high, start, end in SequenceMatcher(a=old, b=new).get_opcodes():
        if tag == "equal":
            yield from (Line(" ", number, text) for text in new[start:end])
        else:
            yield from (Line("-", number, text) for text in old[low:high])
            yield from (Line("+", number, text) for text in new[start:end])


def _origin(left: Sequence[str], text: str) -> str | None:
    """The lost paragraph that this one was made of."""
    wanted = _pieces(text)
    if len(wanted) > _LONGEST:
        return None
    matcher: SequenceMatcher[str] = SequenceMatcher(b=wanted)
    best, most = None, 0.0
    for one in left:
        shared = _shared(matcher, _pieces(one))
        if shared >= _EDITED and shared > most:
            best, most = one, shared
    return best


def _shared(matcher: SequenceMatcher[str], pieces: Sequence[str]) -> float:
    """How much two paragraphs share, from 0 to 1; 0 where it is clear that they are not one."""
    if len(pieces) > _LONGEST:
        return 0.0
    matcher.set_seq1(pieces)
    # Both are never less than the ratio.
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _EDITED:
        return 0.0
    return matcher.ratio()


def _pieces(text: str) -> list[str]:
    """Its words; its characters where blanks part no words."""
    words = text.split()
    return words if len(text) <= len(words) * _LONG_WORD else list(text)
