"""Which stories are breaking: those that more outlets take up than before."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

# What counts as now, and what is looked back at.
NOW, PAST = timedelta(hours=3), timedelta(hours=24)
_HOURS = int(PAST / timedelta(hours=1))


class Carried(NamedTuple):
    """That a source first had a story at this time (UTC), with this article."""

    story: str
    source: str
    article: str
    seen: datetime


@dataclass(frozen=True, slots=True)
class Breaking:
    """A story of the last day. `by_hour`: how many outlets took it up in each hour, the last one up to now.

    `fresh` outlets took it up in the time that counts as now, `expected` would have at the pace before.
    `first` is the article that had it first in this time, `before` the outlets that had it earlier.
    """

    story: str
    first: Carried
    outlets: tuple[str, ...]
    by_hour: tuple[int, ...]
    fresh: int
    expected: float
    before: int

    @property
    def score(self) -> float:
        """By how much the pace exceeds the one before, in units of its own spread.

        Of a Poisson count the variance is its mean; the one that is added lets a story that nobody had
        before be compared, too.
        """
        return (self.fresh - self.expected) / math.sqrt(self.expected + 1)


def rank(carried: Iterable[Carried], before: Mapping[str, int], now: datetime) -> list[Breaking]:
    """The stories that more than one outlet had, those first that gain most at this time."""
    by_story: dict[str, list[Carried]] = defaultdict(list)
    for one in carried:
        by_story[one.story].append(one)
    told = [_breaking(story, ones, before.get(story, 0), now) for story, ones in by_story.items()]
    several = [one for one in told if len(one.outlets) + one.before > 1]
    return sorted(several, key=lambda one: (-one.score, -len(one.outlets), one.first.seen, one.story))


def _breaking(story: str, ones: list[Carried], before: int, now: datetime) -> Breaking:
    by_hour = [0] * _HOURS
    for one in ones:
        by_hour[max(0, _HOURS - 1 - int((now - one.seen) / timedelta(hours=1)))] += 1
    fresh = sum(1 for one in ones if one.seen > now - NOW)
    expected = (len(ones) - fresh) * (NOW / (PAST - NOW))
    outlets = tuple(one.source for one in ones)
    return Breaking(story, ones[0], outlets, tuple(by_hour), fresh, expected, before)
