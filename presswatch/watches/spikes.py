"""Whether a watch finds unusually much: this hour beside what its weeks before let expect of it.

The method is that of Farrington et al., "A statistical algorithm for the early detection of outbreaks of
infectious disease" (J. R. Stat. Soc. A 159, 1996), with the threshold of Noufaily et al., "An improved
algorithm for outbreak detection in multiple surveillance systems" (Stat. Med. 32, 2013): comparable periods
give a mean and a dispersion, and what exceeds a high quantile of the negative binomial distribution with
these is an alarm. The mean is that of the hour of the day times that of the weekday, drawn to the counts of
this hour of the week as far as there are any. Past bursts are bounded: none hides the next.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

WEEKS = 8
# With fewer weeks nothing is known yet.
FEWEST_WEEKS = 3
# Fewer hits in an hour are no spike, however rare.
FEWEST_HITS = 10
# A month has 730 hours.
_EXCEEDED = 0.0008
# Where the first chance is too small for a number: far beyond what any watch finds in an hour.
_MOST_HITS = 1000
_HOUR = timedelta(hours=1)
# A count beyond so many times what was to be expected of its hour was itself a burst.
_BURST = 3
# What the day's and the week's shape say of an hour counts like so many hits of this hour itself.
_SHAPE_WEIGHT = 8.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """What an hour brings usually, and the fewest hits that are a spike; known from so many weeks."""

    expected: float
    threshold: int
    weeks: int


def hour_of(instant: datetime) -> datetime:
    """The hour that an instant lies in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def begin_of(hour: datetime) -> datetime:
    """The first hour that the baseline of this hour looks back to."""
    return hour - timedelta(weeks=WEEKS)


def baseline(hour: datetime, counts: Mapping[datetime, int], since: datetime) -> Baseline | None:
    """The baseline of an hour on the watch's own clock.

    `counts` are hits by hour (absent: none) from `begin_of(hour)` or `since` on, whichever is later. None
    while less than three weeks are known.
    """
    weeks = min((hour - since) // timedelta(weeks=1), WEEKS)
    if weeks < FEWEST_WEEKS:
        return None
    hours = [hour - number * _HOUR for number in range(1, weeks * 168 + 1)]
    expected = _shape(hours, counts)
    bounded = {one: min(counts.get(one, 0), _bound(expected(one))) for one in hours}
    expected = _shape(hours, bounded)
    own = [hour - timedelta(weeks=number) for number in range(1, weeks + 1)]
    shape = expected(hour)
    found = sum(bounded[one] for one in own)
    # A Gamma prior with the shape's mean, whose weight is that of some hits (Gelman et al., Bayesian Data
    # Analysis, section 2.6).
    prior = _SHAPE_WEIGHT / shape if shape else 1.0
    likely = (found + prior * shape) / (weeks + prior)
    return Baseline(likely, max(FEWEST_HITS, _exceeding(likely, _dispersion(bounded, expected))), weeks)


def _shape(hours: list[datetime], counts: Mapping[datetime, int]) -> Callable[[datetime], float]:
    """What is to be expected of an hour by its time of the day and its weekday."""
    of_day: dict[int, int] = defaultdict(int)
    of_week: dict[int, int] = defaultdict(int)
    total = 0
    for one in hours:
        count = counts.get(one, 0)
        of_day[one.hour] += count
        of_week[one.weekday()] += count
        total += count
    scale = 168 / (total * len(hours)) if total else 0.0
    return lambda one: of_day[one.hour] * of_week[one.weekday()] * scale


def _bound(expected: float) -> int:
    return max(FEWEST_HITS, round(_BURST * expected))


def _dispersion(counts: Mapping[datetime, int], expected: Callable[[datetime], float]) -> float:
    """The variance by the mean, over all hours (Pearson's statistic by the degrees of freedom)."""
    terms = [(count - mean) ** 2 / mean for one, count in counts.items() if (mean := expected(one)) > 0]
    free = len(terms) - 24 - 7 + 1
    return max(1.0, sum(terms) / free) if free > 0 else 1.0


def _exceeding(expected: float, dispersion: float) -> int:
    """The smallest count that so few hours reach; negative binomial with this mean and variance to mean."""
    # As a Poisson distribution where the variance is the mean.
    share = 1 - 1 / max(dispersion, 1.0001)
    size = expected * (1 - share) / share
    chance = below = math.exp(size * math.log1p(-share))
    count = 0
    while 1 - below > _EXCEEDED and count < _MOST_HITS:
        chance *= share * (count + size) / (count + 1)
        count += 1
        below += chance
    return count + 1
