"""Whether two articles carry the same story."""

from collections.abc import Mapping
from enum import IntEnum
from math import log, sqrt

from presswatch.stories.fingerprint import Fingerprint

# Of the weight of two leads, the part that they share (the cosine of their term vectors), and how many
# rare words these have to be; of all pairs of neighbouring words, the part that two texts share
# (Jaccard); and both together. Measured on the sample press, see docs/stories.md.
SAME_LEAD = 0.22
FEWEST_SHARED = 4
COPIED_LEAD = 0.40
COPIED_TEXT = 0.25
SAME_IN_ALL = 0.35
# Of fewer articles of a language nobody can tell which words are rare.
FEWEST_KNOWN = 30
# A word in more than this part of the articles is not rare.
RARE = 0.08


class Likeness(IntEnum):
    """`SAME`: they tell the same. `COPY`: one was made from the other, or both from a third."""

    NONE = 0
    SAME = 1
    COPY = 2


class Rarity:
    """What a term is worth, by how many of the articles of these days have it.

    `counts` says it of every term that is asked for, `articles` how many there are in all.
    """

    def __init__(self, counts: Mapping[int, int], articles: int) -> None:
        self._counts = counts
        self._articles = articles

    def is_rare(self, term: int) -> bool:
        return self._counts.get(term, 0) <= max(RARE * self._articles, 3)

    @property
    def is_known(self) -> bool:
        return self._articles >= FEWEST_KNOWN

    def weight(self, term: int) -> float:
        """The square of its inverse document frequency."""
        return log((self._articles + 2) / (self._counts.get(term, 0) + 1)) ** 2

    def total(self, terms: frozenset[int]) -> float:
        return sum(map(self.weight, terms))


def likeness(mine: Fingerprint, theirs: Fingerprint, rarity: Rarity, totals: tuple[float, float]) -> Likeness:
    """How alike two articles are. `totals` are the weights of all terms of each."""
    shared = mine.terms & theirs.terms
    comparable = rarity.is_known and min(totals) > 0
    cosine = rarity.total(shared) / sqrt(totals[0] * totals[1]) if comparable else 0.0
    jaccard = resemblance(mine, theirs)
    if jaccard >= COPIED_TEXT or cosine >= COPIED_LEAD:
        return Likeness.COPY
    is_told = cosine >= SAME_LEAD and sum(map(rarity.is_rare, shared)) >= FEWEST_SHARED
    return Likeness.SAME if is_told or cosine + jaccard >= SAME_IN_ALL else Likeness.NONE


def resemblance(mine: Fingerprint, theirs: Fingerprint) -> float:
    """The estimated Jaccard similarity of the two texts' pairs of words, to about 0.06; 0 for short ones."""
    if not mine.sketch or not theirs.sketch:
        return 0.0
    agreeing = sum(a == b for a, b in zip(mine.sketch, theirs.sketch, strict=True))
    return agreeing / len(mine.sketch)
