"""What is kept of an article to tell its likes: its words in their order, and which are names or figures."""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

from presswatch import text

# Of headline and text together. What comes later is background, and every word costs a row.
WORDS = 200
# One character of Chinese, Japanese or Korean says less than a word.
CHARACTERS = 400

# A word that does not begin a sentence: there a capital says something.
_WITHIN = re.compile(r"(?<=[^\s.!?:…»“”\"'] )[^\W_]+")


class Kind(IntEnum):
    """What a term is; the lowest two bits of its hash say it."""

    WORD = 0
    FIGURE = 1
    CHARACTERS = 2


@dataclass(frozen=True)
class Fingerprint:
    """`sequence` are hashes (32 bits) of the words in their order, `names` those that are written as names.

    They depend on the language, so that articles of two languages have nothing in common.
    """

    sequence: tuple[int, ...]
    names: frozenset[int]

    @cached_property
    def terms(self) -> frozenset[int]:
        return frozenset(self.sequence)

    @cached_property
    def figures(self) -> frozenset[int]:
        return frozenset([term for term in self.terms if term & Kind.FIGURE])

    @cached_property
    def facts(self) -> frozenset[int]:
        """Who, where and how many: what another event of the same sort has of its own."""
        return self.names | self.figures

    @cached_property
    def ordinary(self) -> frozenset[int]:
        return self.terms - self.facts

    @cached_property
    def is_run(self) -> bool:
        """Whether most terms are pairs of characters of a script without spaces."""
        return sum([term & Kind.CHARACTERS for term in self.terms]) > len(self.terms)


def fingerprint(title: str, body: str, language: str) -> Fingerprint:
    """The fingerprint of an article. `body` is its text without the headline."""
    whole = text.words(body)
    chosen = [*text.words(title), *whole][: CHARACTERS if _is_run(whole) else WORDS]
    salt = zlib.crc32(language.encode())
    sequence = tuple([_hash(term, salt) for term in _terms(chosen)])
    # Not of the headline: in some papers every word of it has a capital.
    capital = {word for word in _WITHIN.findall(body) if word[0].isupper() and len(word) > 1}
    names = frozenset([_hash(term, salt) for term in text.words(" ".join(capital))])
    return Fingerprint(sequence, names.intersection(sequence))


def _is_run(words: Sequence[str]) -> bool:
    """Whether it is written without spaces, mostly."""
    return sum(map(text.is_single, words[:40])) > min(len(words), 40) / 2


def _terms(words: Sequence[str]) -> Iterable[str]:
    """Words of two letters or more, figures, and neighbouring characters of scripts without spaces."""
    for word, following in pairwise((*words, "")):
        if not text.is_single(word):
            if len(word) > 1 or word.isdigit():
                yield word
        elif following and text.is_single(following):
            yield word + following


def _hash(term: str, salt: int) -> int:
    if term.isalpha():
        kind = Kind.CHARACTERS if len(term) == 2 and text.is_single(term[0]) else Kind.WORD
    else:
        kind = Kind.FIGURE if any(map(str.isdigit, term)) else Kind.WORD
    return zlib.crc32(term.encode(), salt) & ~3 | kind
