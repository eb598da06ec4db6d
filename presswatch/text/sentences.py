"""Where the sentences and paragraphs of a text begin and end."""

import re
from collections.abc import Iterator

import sentencex  # type: ignore[import-untyped]  # it has no stubs

Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+")


def sentences(text: str, language: str) -> Iterator[Span]:
    """The first character of each sentence and the one after its last; none reaches over a line break.

    `language` is a two-letter code, or empty. Abbreviations are known in many languages.
    """
    for start, end in paragraphs(text):
        for sentence in sentencex.get_sentence_boundaries(language or "en", text[start:end]):
            yield start + sentence["start_index"], start + sentence["end_index"]


def paragraphs(text: str) -> Iterator[Span]:
    """The first character of each line and the one after its last."""
    return (line.span() for line in _LINE.finditer(text))
