"""How alike two articles are, and whether their names and figures say that they tell of two events."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import log, sqrt

from presswatch.stories.fingerprint import Fingerprint

# A word in more than this part of the articles, or more than three, is not rare.
RARE = 0.10
FEWEST = 3

# How many places apart two words are neighbours, and how much a shared pair of them counts beside a word.
_GAP = 3
_ORDER = 6.0
# Of the weight of a word that no other article has: pairs with words of less say nothing.
_TELLING = 0.02
# A cosine that no order of words makes enough.
_PLAUSIBLE = 0.05
# Two articles that have so many names and figures each, and no rare one in common, are this much less alike.
_FEW_FACTS = 4
_STRANGERS = 0.5
# Names and figures are shared as the other words are, give or take: below this part, and so many standard
# deviations below, there are two events.
_PART = 0.75
_DEVIATIONS = 2.0
_FEWEST_FACTS = 3


class Rarity:
    """What a term is worth, by how many of the articles of these days have it: its idf, squared.

    `counts` says it of every term that is asked for, `articles` how many there are in all. (Spärck Jones: A
    statistical interpretation of term specificity, Journal of Documentation 28, 1972.)
    """

    def __init__(self, counts: Mapping[int, int], articles: int) -> None:
        self.articles = articles
        self._counts = counts
        self._commonest = max(RARE * articles, FEWEST)
        self.most = _weight(0, articles)
        of = {count: _weight(count, articles) for count in set(counts.values())}
        self._weights = {term: of[count] for term, count in counts.items()}

    def is_rare(self, term: int) -> bool:
        return self._counts.get(term, 0) <= self._commonest

    def weight(self, term: int) -> float:
        return self._weights.get(term, self.most)

    def total(self, terms: Iterable[int]) -> float:
        get, most = self._weights.get, self.most
        return sum([get(term, most) for term in terms])

    def rarest(self, terms: Iterable[int]) -> list[int]:
        """The rare ones, the rarest first; whoever asks gets those of one count in the same order."""
        get = self._counts.get
        counted = [(get(term, 0), term) for term in terms]
        return [term for count, term in sorted(counted) if count <= self._commonest]


def _weight(count: int, articles: int) -> float:
    return log((articles + 2) / (count + 1)) ** 2


def similarity(
    mine: Fingerprint, theirs: Fingerprint, rarity: Rarity, totals: tuple[float, float] | None = None
) -> float:
    """The part of their weight that two articles share, as words and as pairs of words. 0 is nothing.

    The first is the cosine of the vectors of words. The second tells a reworded copy from news of the same
    subject, in which the same words stand in other places: neighbours up to three words apart (skip-bigrams:
    Lin, Och, ACL 2004), each worth the product of its words, so that footers and templates weigh nothing.
    `totals` are the weights of all terms of each, for whom they are known.
    """
    shared = mine.terms & theirs.terms
    weights = totals or (rarity.total(mine.terms), rarity.total(theirs.terms))
    scale = sqrt(weights[0] * weights[1])
    if not shared or scale <= 0:
        return 0.0
    cosine = rarity.total(shared) / scale
    if mine.is_run and theirs.is_run:
        # Where a part of the characters agrees, its square of their pairs does.
        return sqrt(cosine)
    if cosine < _PLAUSIBLE:
        return cosine
    telling = frozenset([term for term in shared if rarity.weight(term) >= _TELLING * rarity.most])
    pairs = _neighbours(mine.sequence, telling) & _neighbours(theirs.sequence, telling)
    ordered = sum([rarity.weight(one) * rarity.weight(other) for one, other in pairs]) / rarity.most
    likeness = cosine + _ORDER * ordered / _GAP / scale
    return likeness * _STRANGERS if _are_strangers(mine, theirs, rarity) else likeness


def contradict(mine: Fingerprint, theirs: Fingerprint, rarity: Rarity) -> bool:
    """Whether two articles say the same of two events: one template with other towns, names or figures.

    Names were set against the other words by Kumaran and Allan (Text classification and named entities for
    new event detection, SIGIR 2004). However much a copy was cut or reworded, it lost of its names and
    figures no more than of its other words; a template shares all of its words and none of these.
    """
    fewer = min(len(mine.ordinary), len(theirs.ordinary))
    part = len(mine.ordinary & theirs.ordinary) / max(fewer, 1)
    kinds = ((mine.facts, theirs.facts), (mine.figures, theirs.figures))
    return any(_are_others(one, other, part, rarity) for one, other in kinds)


def _are_others(mine: frozenset[int], theirs: frozenset[int], part: float, rarity: Rarity) -> bool:
    fewer = min(len(mine), len(theirs))
    if fewer < _FEWEST_FACTS:
        return False
    weight = min(rarity.total(mine), rarity.total(theirs))
    if weight <= 0:
        return False
    shared = fewer * rarity.total(mine & theirs) / weight
    deviation = sqrt(fewer * part * (1 - part))
    return shared < min(fewer * part - _DEVIATIONS * deviation, _PART * fewer * part)


def _are_strangers(mine: Fingerprint, theirs: Fingerprint, rarity: Rarity) -> bool:
    if min(len(mine.facts), len(theirs.facts)) < _FEW_FACTS:
        return False
    return not any(map(rarity.is_rare, mine.facts & theirs.facts))


def _neighbours(sequence: Sequence[int], shared: frozenset[int]) -> set[tuple[int, int]]:
    """The pairs of these terms that stand up to `_GAP` places apart."""
    places = [(place, term) for place, term in enumerate(sequence) if term in shared]
    found = {(one, other) for (at, one), (then, other) in pairwise(places) if then - at <= _GAP}
    for skipped in range(2, _GAP + 1):
        for (at, one), (then, other) in zip(places, places[skipped:], strict=False):
            if then - at <= _GAP:
                found.add((one, other))
    return found
