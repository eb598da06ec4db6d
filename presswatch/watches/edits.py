"""What the press changed in an article that a watch has matched, as far as it concerns the watch."""

from collections.abc import Iterator
from dataclasses import dataclass

from presswatch.difference import difference
from presswatch.model import Record
from presswatch.query import Passage
from presswatch.watches.safe_text import single_line, truncate

# Changed sentences that are told, and their length.
_LINES = 8
_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Edit:
    """The headline before and after, changed sentences ("-" and "+"), the query's words that came or went.

    `matches`: whether the watch still matches.
    """

    before: str
    after: str
    lines: tuple[tuple[str, str], ...]
    come: tuple[str, ...]
    gone: tuple[str, ...]
    matches: bool


def edit(older: Record, newer: Record, seen_before: Passage, seen_after: Passage | None) -> Edit | None:
    """What changed, None where neither the headline nor anything about the query's words did.

    The passages show why each matches; None where the newer one does not.
    """
    words, words_after = _words(seen_before), _words(seen_after) if seen_after else frozenset()
    changes = difference(older.article, newer.article)
    lines = [(line.change, single_line(line.text)) for line in changes if line.change != " "]
    telling = [line for line in lines if any(word in line[1].casefold() for word in words | words_after)]
    title = single_line(older.article.title), single_line(newer.article.title)
    if seen_after is not None and title[0] == title[1] and not telling and words == words_after:
        return None
    # The headlines are told by themselves.
    shown = [line for line in telling or lines if line[1] not in title]
    return Edit(
        before=title[0],
        after=title[1],
        lines=tuple((change, truncate(text, _LENGTH)) for change, text in shown[:_LINES]),
        come=tuple(sorted(words_after - words)),
        gone=tuple(sorted(words - words_after)),
        matches=seen_after is not None,
    )


def _words(passage: Passage) -> frozenset[str]:
    return frozenset(_marked(passage))


def _marked(passage: Passage) -> Iterator[str]:
    for fragment in (passage.title, passage.body, *passage.more):
        for start, end in fragment.spans:
            yield single_line(fragment.text[start:end]).casefold()
