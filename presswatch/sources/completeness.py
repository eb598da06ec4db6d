"""How much of what a source publishes is caught: estimated from lists that show its articles independently.

A list that shows an article "captures" it; from how many articles are in several lists it follows how many
are in none (Fienberg, Biometrika 59, 1972; Bishop, Fienberg and Holland, Discrete Multivariate Analysis,
1975, ch. 6). A feed and a sitemap come from the same system, which forgets the same articles: they are one
occasion, which is the log-linear model with their interaction. Pages that editors make are another, links
from article to article the third. Of the models of how these three depend on each other the Bayesian
information criterion chooses one; models that fit about as well and say something else mean that it is not
known. What no list could ever show - articles behind a login, say - no estimate tells of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, log, prod, sqrt

# Fewer articles in two lists at once say nothing (Robson and Regier, Trans. Am. Fish. Soc. 93, 1964).
_FEWEST_SHARED = 7
# An interval wider than this, or models that differ by more, is no answer.
_WIDEST, _APART = 0.12, 0.05
# Models whose criterion is so little above the best fit about as well.
_AS_GOOD = 2.0
_NORMAL_95 = 1.96

# By which occasions an article was caught: feeds or sitemaps, listings, related links.
History = tuple[bool, bool, bool]
OCCASIONS = ("feeds and sitemaps", "listings", "related links")


@dataclass(frozen=True, slots=True)
class Completeness:
    """The share of the articles published that was caught, with its 95 % interval; all None where not known,
    then `reason` says why. `articles` is of how many articles it was judged, `lists` by which occasions.
    """

    share: float | None = None
    low: float | None = None
    high: float | None = None
    articles: int = 0
    lists: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Estimate:
    """How many articles no list shows by a model, its variance, and how badly the model fits."""

    unseen: float
    variance: float
    criterion: float


def completeness(counts: Mapping[History, int]) -> Completeness:
    """What share was caught, by how many articles each combination of occasions showed."""
    seen = {history: n for history, n in counts.items() if n and any(history)}
    articles = sum(seen.values())
    used = [place for place in range(3) if any(history[place] for history in seen)]
    lists = tuple(OCCASIONS[place] for place in used)
    told = Completeness(articles=articles, lists=lists)
    if not used:
        return _unknown(told, "its lists showed no article yet that is older than a day")
    if len(used) < 2:
        return _unknown(told, f"only {lists[0]} show its articles: nothing can be compared with that")
    shared = [
        sum(n for history, n in seen.items() if history[one] and history[other])
        for one, other in combinations(used, 2)
    ]
    if max(shared) < _FEWEST_SHARED:
        return _unknown(told, "too few of its articles are shown by two kinds of lists")
    models = _models(seen, used)
    if not models:
        return _unknown(told, "too few of its articles are shown by two kinds of lists")
    best = min(models, key=lambda one: one.criterion)
    shares = [
        articles / (articles + one.unseen) for one in models if one.criterion - best.criterion < _AS_GOOD
    ]
    share, (low, high) = articles / (articles + best.unseen), _interval(articles, best)
    if max(shares) - min(shares) > _APART:
        return _unknown(told, "its lists may depend on each other in ways that say different things")
    if high - low > _WIDEST:
        return _unknown(told, f"its articles are too few: it may be anything from {low:.0%} to {high:.0%}")
    return Completeness(share, low, high, articles, lists)


def _unknown(told: Completeness, reason: str) -> Completeness:
    return Completeness(articles=told.articles, lists=told.lists, reason=reason)


def _models(seen: Mapping[History, int], used: Sequence[int]) -> list[_Estimate]:
    if len(used) == 2:
        return [_two(seen, {used[0]}, {used[1]})]
    pairs = [({0, 1}, {2}), ({0, 2}, {1}), ({1, 2}, {0})]
    found = [_independent(seen)]
    found += [one for first, second in pairs if (one := _merged(seen, first, second))]
    found += [one for middle in range(3) if (one := _conditional(seen, middle))]
    return found


def _two(seen: Mapping[History, int], first: set[int], second: set[int]) -> _Estimate:
    """Chapman's estimate of two occasions (Univ. Calif. Publ. Stat. 1, 1951), Seber's variance (1970)."""

    def caught(history: History, by: set[int]) -> bool:
        return any(history[place] for place in by)

    in_first = sum(n for history, n in seen.items() if caught(history, first))
    in_second = sum(n for history, n in seen.items() if caught(history, second))
    both = sum(n for history, n in seen.items() if caught(history, first) and caught(history, second))
    total = (in_first + 1) * (in_second + 1) / (both + 1) - 1
    variance = (
        (in_first + 1) * (in_second + 1) * (in_first - both) * (in_second - both)
        / ((both + 1) ** 2 * (both + 2))
    )  # fmt: skip
    return _Estimate(max(total - sum(seen.values()), 0.0), variance, 0.0)


def _independent(seen: Mapping[History, int]) -> _Estimate:
    """Three independent occasions (Darroch, Biometrika 45, 1958)."""
    articles = sum(seen.values())
    caught = [sum(n for history, n in seen.items() if history[place]) for place in range(3)]
    low, high = float(articles), 1e3 * articles

    def missing(total: float) -> float:
        return total * prod(1 - one / total for one in caught) - (total - articles)

    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) > 0 else (low, middle)
    total = max(high, articles + 1e-9)
    parts = [min(one / total, 1 - 1e-9) for one in caught]
    spread = 1 / prod(1 - part for part in parts) + 2 - sum(1 / (1 - part) for part in parts)
    fitted = {
        history: total * prod(part if is_in else 1 - part for part, is_in in zip(parts, history, strict=True))
        for history in _HISTORIES
    }
    return _Estimate(total - articles, total / max(spread, 1e-9), _criterion(seen, fitted, 4))


def _merged(seen: Mapping[History, int], first: set[int], second: set[int]) -> _Estimate | None:
    """Two occasions depend on each other and the third on neither: they are one."""
    [alone] = second
    both = sum(n for history, n in seen.items() if history[alone] and any(history[place] for place in first))
    if both < _FEWEST_SHARED:
        return None
    two = _two(seen, first, second)
    only = sum(n for history, n in seen.items() if history[alone] and not any(history[p] for p in first))
    shown = sum(n for history, n in seen.items() if any(history[place] for place in first))
    odds = (both + only) / (both + only + shown - both + two.unseen)
    fitted = {}
    for history in _HISTORIES:
        if any(history[place] for place in first):
            pair = sum(n for other, n in seen.items() if all(other[p] == history[p] for p in first))
            fitted[history] = pair * (odds if history[alone] else 1 - odds)
        else:
            fitted[history] = float(only)
    return _Estimate(two.unseen, two.variance, _criterion(seen, fitted, 5))


def _conditional(seen: Mapping[History, int], middle: int) -> _Estimate | None:
    """Two occasions are independent of each other among what the third shows, and among what it does not."""
    one, other = [place for place in range(3) if place != middle]

    def cell(in_middle: bool, in_one: bool, in_other: bool) -> int:
        wanted = {middle: in_middle, one: in_one, other: in_other}
        return seen.get((wanted[0], wanted[1], wanted[2]), 0)

    first, second, both = cell(False, True, False), cell(False, False, True), cell(False, True, True)
    if both < _FEWEST_SHARED:
        return None
    unseen = first * second / (both + 1)
    variance = unseen**2 * (1 / (first + 1) + 1 / (second + 1) + 1 / both) + unseen
    fitted = {history: float(seen.get(history, 0)) for history in _HISTORIES}
    inside = sum(n for history, n in seen.items() if history[middle])
    for history in _HISTORIES:
        if history[middle] and inside:
            rows = sum(cell(True, history[one], other_in) for other_in in (False, True))
            columns = sum(cell(True, one_in, history[other]) for one_in in (False, True))
            fitted[history] = rows * columns / inside
    return _Estimate(unseen, variance, _criterion(seen, fitted, 6))


_HISTORIES: tuple[History, ...] = tuple(
    (a, b, c) for a in (False, True) for b in (False, True) for c in (False, True) if a or b or c
)


def _criterion(seen: Mapping[History, int], fitted: Mapping[History, float], parameters: int) -> float:
    """The Bayesian information criterion, but for what is the same for all models."""
    deviance = 2 * sum(
        n * log(n / max(fitted[history], 1e-9)) - n + fitted[history]
        for history, n in ((history, seen.get(history, 0)) for history in _HISTORIES)
        if n
    ) + 2 * sum(fitted[history] for history in _HISTORIES if not seen.get(history))
    return deviance + parameters * log(sum(seen.values()))


def _interval(articles: int, estimate: _Estimate) -> tuple[float, float]:
    """The share's 95 % interval: the number unseen is about log-normal (Chao, Biometrics 43, 1987)."""
    unseen = max(estimate.unseen, 0.5)
    factor = exp(_NORMAL_95 * sqrt(log(1 + estimate.variance / unseen**2)))
    return articles / (articles + unseen * factor), min(1.0, articles / (articles + estimate.unseen / factor))
