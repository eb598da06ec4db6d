"""What is kept of an article to tell its likes.

Two things tell that two articles carry one story. Their headlines and first sentences share words that are
rare elsewhere: names, places, numbers. That survives rewording. Or much of one text stands in the other,
though its sentences were cut and moved. For this the text's neighbouring words are sketched by
one-permutation min-hashing with rotation (Li, Owen, Zhang: One Permutation Hashing, NIPS 2012; Shrivastava,
Li: Densifying One Permutation Hashing via Rotation, ICML 2014), and bands of the sketch find candidates
(Indyk, Motwani, STOC 1998).
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from presswatch import text

# Of headline and text together: what an agency puts first.
LEAD_WORDS = 60
# One character of Chinese, Japanese or Korean says less than a word.
LEAD_CHARACTERS = 120
BINS = 64
# Neighbouring bins that have to agree for two articles to be compared: at a resemblance of 0.3 one of the 32
# bands agrees in 95 of 100 pairs.
BAND = 2
# A text of fewer pairs of words than this says too little to be compared as a whole.
FEWEST_PAIRS = 24

_EMPTY = 0xFFFFFFFF
_MIX = 0x9E3779B97F4A7C15
_WHOLE = 0xFFFFFFFFFFFFFFFF


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`terms` are hashes (32 bits) of the lead's words, `sketch` the 64 bins (32 bits each), or empty.

    Both depend on the language, so that articles of two languages have nothing in common.
    """

    terms: frozenset[int]
    sketch: tuple[int, ...]

    @property
    def bands(self) -> tuple[int, ...]:
        """Hashes (32 bits) of neighbouring bins: articles that resemble each other have some in common."""
        return tuple(
            zlib.crc32(array("I", (index, *self.sketch[index : index + BAND])).tobytes())
            for index in range(0, len(self.sketch), BAND)
        )


def fingerprint(title: str, body: str, language: str) -> Fingerprint:
    """The fingerprint of an article. `body` is its text without the headline."""
    words = text.words(title)
    whole = text.words(body)
    lead = [*words, *whole][: LEAD_CHARACTERS if _is_run(whole) else LEAD_WORDS]
    salt = zlib.crc32(language.encode())
    terms = frozenset(zlib.crc32(term.encode(), salt) for term in _terms(lead))
    return Fingerprint(terms, _sketch(whole, salt))


def _is_run(words: Sequence[str]) -> bool:
    """Whether it is written without spaces, mostly."""
    return sum(map(text.is_single, words[:40])) > min(len(words), 40) / 2


def _terms(words: Sequence[str]) -> Iterable[str]:
    """Words of two letters or more, and neighbouring characters of scripts without spaces."""
    for word, following in pairwise((*words, "")):
        if not text.is_single(word):
            if len(word) > 1:
                yield word
        elif following and text.is_single(following):
            yield word + following


def _sketch(words: Sequence[str], salt: int) -> tuple[int, ...]:
    if len(words) <= FEWEST_PAIRS:
        return ()
    bins = [_EMPTY] * BINS
    for pair in {f"{first} {second}" for first, second in pairwise(words)}:
        # A checksum is no hash: the multiplication spreads it.
        mixed = (zlib.crc32(pair.encode(), salt) * _MIX & _WHOLE) >> 20
        index, value = mixed % BINS, mixed // BINS & 0x7FFFFFFF
        bins[index] = min(bins[index], value)
    return tuple(_filled(bins, index) for index in range(BINS))


def _filled(bins: Sequence[int], index: int) -> int:
    """The bin, or the next one that is not empty, moved out of the way of its own value."""
    for distance in range(BINS):
        value = bins[(index + distance) % BINS]
        if value != _EMPTY:
            return (value + distance * 0x01000193) & 0x7FFFFFFF
    return _EMPTY
