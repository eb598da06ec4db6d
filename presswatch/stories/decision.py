"""Which story an article belongs to, of those that it resembles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from presswatch.stories.fingerprint import Fingerprint
from presswatch.stories.similarity import Rarity, contradict, similarity

# Of the articles of a story the first ones are its core; whoever comes later is compared with these alone.
CORE = 4

# How alike an article must be to a core of one article; to one of many, on average, `_MANY` of it. Chosen by
# the development set of `bench/stories.py`.
_SAME = 0.15
_MANY = 0.85
# The part of it that is needed to be alike at all.
_AT_ALL = 0.25
# No single one of a core may say more than this.
_MOST = 1.8
# While few articles of a language are known, nobody can tell which words are rare.
_COLD = 3.0
# Likeness in terms of the above: below `_SURE` no other story may come close, and where an article resembles
# two stories at least so much, one no more than twice as much as the other, these may be one.
_SURE = 1.5
_ALONE = 1.5
_BRIDGED = 1.3
_HALF = 0.5
# Part of the words shared with both stories, of what it would be were they shared independently.
_INDEPENDENT = 0.6


@dataclass(frozen=True)
class Core:
    """The first articles of a story, those of other outlets than the new article's."""

    number: int
    story: str
    members: tuple[Fingerprint, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The core that the article belongs to, and those that it shows to be of the same story."""

    core: Core | None = None
    same: tuple[Core, ...] = ()


def decide(mine: Fingerprint, cores: Sequence[Core], rarity: Rarity) -> Decision:
    """Where an article belongs: single-pass clustering by the average likeness to a story's first articles.

    (Allan, Papka, Lavrenko: On-line new event detection and tracking, SIGIR 1998.) Not to the most alike of
    them, lest stories grow by chains; and not where names or figures contradict any of them.
    """
    ranked = sorted(
        (((*likeness(mine, core.members, rarity), -place), core) for place, core in enumerate(cores)),
        key=lambda entry: entry[0],
        reverse=True,
    )
    if not ranked or ranked[0][0][0] < 1:
        return Decision()
    (best, *_order), core = ranked[0]
    close = [other for (value, *_), other in ranked[1:] if value >= max(_BRIDGED, _HALF * best)]
    same = tuple(other for other in close if best >= _BRIDGED and _is_bridge(mine, core, other, rarity))
    next_best = max((value for (value, *_), other in ranked[1:] if other not in same), default=0.0)
    if best >= _SURE or best >= _ALONE * next_best:
        return Decision(core, same)
    return Decision()


def likeness(mine: Fingerprint, members: Sequence[Fingerprint], rarity: Rarity) -> tuple[float, float]:
    """Likeness to a core, 1 being enough; and the same uncapped, to tell the closest of those that are."""
    if any(contradict(mine, other, rarity) for other in members):
        return 0.0, 0.0
    return relative([similarity(mine, other, rarity) for other in members], rarity)


def relative(similarities: Sequence[float], rarity: Rarity) -> tuple[float, float]:
    """The same of the similarities to each member."""
    cold = 1 + _COLD / (rarity.articles + 1)
    values = [one / _SAME / cold for one in similarities]
    count = len(values)
    many = _MANY + (1 - _MANY) / count
    # One that is alike, among others that are not, would make a chain.
    if 2 * sum([value >= _AT_ALL * many for value in values]) <= count:
        return 0.0, 0.0
    capped = sum([min(value, _MOST) for value in values])
    return capped / many / count, sum(values) / many / count


def _is_bridge(mine: Fingerprint, one: Core, other: Core, rarity: Rarity) -> bool:
    """Whether an article resembles two stories in the same passages.

    So does an agency's text that came after two rewordings of it, which have little in common with each
    other. A round-up has one passage of each.
    """
    if any(contradict(a, b, rarity) for a in one.members for b in other.members):
        return False
    here, there = (reduce(frozenset.union, [m.terms for m in c.members]) & mine.terms for c in (one, other))
    both = rarity.total(here & there) * rarity.total(mine.terms)
    return both >= _INDEPENDENT * rarity.total(here) * rarity.total(there)
