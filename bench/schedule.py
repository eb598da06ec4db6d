"""What `schedule: auto` gains over fixed intervals: `make bench-schedule` (WEEKS=52).

A simulated year of three kinds of sources: an agency with many articles an hour, a daily paper with its
morning's edition and a trickle by day, and a weekly. News breaks now and then and brings more; some articles
are dated back, and nothing is known of a source at its beginning. Three planners look at the same articles
equally often: ours, fixed intervals, and one that knows the true rates and places its looks by dynamic
programming. The delays from publication to discovery are drawn in docs/schedule.svg (PLOT=file); the last
line is JSON.
"""

import argparse
import json
import math
import statistics
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from presswatch.polling import LATEST, NOTHING_ASKED, guess, next_look
from presswatch.posting_rate import WEEK, Arrival, Postings, observed

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
ZONE = "UTC"
_HOUR = timedelta(hours=1)
GOAL, NEVER_WORSE = 0.8, 1.05
PLANNERS = {"fixed": "fixed intervals", "auto": "schedule: auto", "knowing": "who knows the true rates"}


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of source: the articles an hour of each hour of the week, and how news breaks there.

    `breaks` times a week for some hours that many times as much comes. `dated_back` is the part of the
    articles whose stated time is wrong by hours. `minutes` is the grid of the planner that knows.
    """

    name: str
    rates: tuple[float, ...]
    breaks: float
    times: float
    dated_back: float
    minutes: int
    longest: timedelta = LATEST


def _by_hour(rate: Callable[[int, int], float]) -> tuple[float, ...]:
    return tuple(rate(day, hour) for day in range(7) for hour in range(24))


def _agency(day: int, hour: int) -> float:
    rate = 22.0 if 7 <= hour < 20 else 9.0 if 5 <= hour < 23 else 3.0
    return rate * (0.5 if day >= 5 else 1)


def _daily(day: int, hour: int) -> float:
    rate = 12.0 if 5 <= hour < 8 else 1.6 if 8 <= hour < 22 else 0.15
    return rate * {5: 0.6, 6: 0.35}.get(day, 1)


def _weekly(day: int, hour: int) -> float:
    if day == 3 and 5 <= hour < 8:
        return 9.0
    return 0.15 if day < 5 and 8 <= hour < 19 else 0.02


FAMILIES = (
    Family("agency", _by_hour(_agency), 1.5, 3.0, 0.02, 1, timedelta(hours=1)),
    Family("daily", _by_hour(_daily), 0.5, 4.0, 0.05, 5),
    Family("weekly", _by_hour(_weekly), 0.1, 5.0, 0.05, 5),
)


@dataclass(frozen=True, slots=True)
class Article:
    """When it appeared, and when it says that it did, in hours from the beginning."""

    at: float
    stated: float


def articles(family: Family, weeks: int, seed: int) -> list[Article]:
    """The articles of so many weeks, in their order."""
    random = Random(seed)  # no secret
    news: list[tuple[float, float]] = []
    at = 0.0
    while (at := at + random.expovariate(family.breaks / WEEK)) < weeks * WEEK:
        news.append((at, random.uniform(1, 4)))
    found = []
    most = max(family.rates) * family.times
    at = 0.0
    while (at := at + random.expovariate(most)) < weeks * WEEK:
        breaking = any(begin <= at < begin + long for begin, long in news)
        rate = family.rates[int(at) % WEEK] * (family.times if breaking else 1)
        if random.random() * most < rate:
            back = random.uniform(1, 48) if random.random() < family.dated_back else 0.0
            found.append(Article(at, at - back))
    return found


def ours(published: Sequence[Article], weeks: int) -> list[float]:
    """The looks of the planner of `schedule: auto`, which begins with nothing."""
    postings = Postings(ZONE, BEGIN, BEGIN, guess(NOTHING_ASKED))
    looks: list[float] = []
    place, last = 0, BEGIN
    while True:
        at = next_look(postings, NOTHING_ASKED, last).at
        hours = (at - BEGIN) / _HOUR
        if hours >= weeks * WEEK:
            return looks
        arrivals = []
        while place < len(published) and published[place].at <= hours:
            stated = BEGIN + published[place].stated * _HOUR
            arrivals.append(Arrival(stated, stated) if last < stated <= at else Arrival(last, at))
            place += 1
        postings, last = observed(postings, arrivals, at), at
        looks.append(hours)


def fixed(count: int, weeks: int) -> list[float]:
    """So many looks, all at the same distance."""
    return [(number + 1) * weeks * WEEK / count for number in range(count)]


def knowing(family: Family, count: int, weeks: int) -> list[float]:
    """So many looks where they are worth most, by who knows the rates of each hour of the week.

    Of two prices, one a little too dear and one a little too cheap, each has its share of the weeks.
    """
    dear, cheap, few, many = 100.0, 0.001, [float(WEEK)], _best_week(family, 0.001)
    for _ in range(14):
        price = math.sqrt(dear * cheap)
        plan = _best_week(family, price)
        if len(plan) * weeks <= count:
            dear, few = price, plan
        else:
            cheap, many = price, plan
    more = min(1.0, (count / weeks - len(few)) / (len(many) - len(few)))
    return [
        week * WEEK + look
        for week in range(weeks)
        for look in (many if int((week + 1) * more) > int(week * more) else few)
    ]


def _best_week(family: Family, price: float) -> list[float]:
    """The looks of one week out of three that are best for them."""
    step, weeks = family.minutes / 60, 3
    count = round(weeks * WEEK / step)
    longest = round(family.longest / _HOUR / step)
    sums, moments = [0.0], [0.0]
    for place in range(count):
        mass = family.rates[int(place * step) % WEEK] * step
        sums.append(sums[-1] + mass)
        moments.append(moments[-1] + mass * (place + 0.5) * step)
    costs, following = [0.0] * (count + 1), [0] * (count + 1)
    for place in range(count - 1, -1, -1):
        here, moment, least, best = sums[place], moments[place], math.inf, 0
        for then in range(place + 1, min(count, place + longest) + 1):
            cost = then * step * (sums[then] - here) - moments[then] + moment
            if cost > least:
                break  # waiting alone costs more by now
            cost += costs[then]
            if cost < least:
                least, best = cost, then
        costs[place], following[place] = least + price, best
    place, looks = 0, []
    while (place := following[place]) and place < count:
        looks.append(place * step)
    return [look - WEEK for look in looks if WEEK < look <= 2 * WEEK]


def delays(published: Sequence[Article], looks: Sequence[float]) -> list[float]:
    """Minutes from publication to discovery, of what was discovered."""
    found = []
    for article in published:
        place = bisect_left(looks, article.at)
        if place < len(looks):
            found.append(60 * (looks[place] - article.at))
    return found


def compared(family: Family, weeks: int, seed: int) -> tuple[dict[str, float], dict[str, list[float]]]:
    """How the three planners do on the same articles, in minutes, and the part of the gain that is ours.

    And the delays themselves, by planner.
    """
    published = articles(family, weeks, seed)
    looks = ours(published, weeks)
    known = knowing(family, len(looks), weeks)
    planned = {"fixed": fixed(len(looks), weeks), "auto": looks, "knowing": known}
    waited = {name: delays(published, chosen) for name, chosen in planned.items()}
    means = {name: statistics.fmean(found) for name, found in waited.items()}
    told: dict[str, float] = {"articles": len(published), "looks": len(looks), "looks_knowing": len(known)}
    told |= {f"mean_{name}": round(mean, 2) for name, mean in means.items()}
    told |= {f"median_{name}": round(statistics.median(found), 2) for name, found in waited.items()}
    told["gain"] = round((means["fixed"] - means["auto"]) / (means["fixed"] - means["knowing"]), 3)
    told["to_fixed"] = round(means["auto"] / means["fixed"], 3)
    return told, waited


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--weeks", type=int, default=52)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--plot", type=Path, default=Path("docs/schedule.svg"))
    given = asked.parse_args()
    told: dict[str, dict[str, float]] = {}
    curves: dict[str, dict[str, list[float]]] = {}
    for family in FAMILIES:
        begun = time.process_time()
        one, curves[family.name] = compared(family, given.weeks, given.seed)
        told[family.name] = one
        waits = ", ".join(
            f"{one[f'mean_{name}']} min ({one[f'median_{name}']}) {how}" for name, how in PLANNERS.items()
        )
        print(
            f"{family.name}: {one['articles']:.0f} articles, {one['looks']:.0f} looks, {given.weeks} weeks; "
            f"mean (median) from publication to discovery {waits}: {one['gain']:.0%} of what can be gained; "
            f"{time.process_time() - begun:.1f} s of processor time",
            flush=True,
        )
    given.plot.write_text(plot(curves, given.weeks))
    good = all(one["gain"] >= GOAL and one["to_fixed"] <= NEVER_WORSE for one in told.values())
    print(json.dumps({"weeks": given.weeks, "seed": given.seed, "good": good, **told}))


def plot(curves: Mapping[str, Mapping[str, Sequence[float]]], weeks: int) -> str:
    """The delays of each family as SVG: which part of its articles was discovered within so many minutes."""
    wide, tall, left, top = 720, 170, 60, 34
    height = top + len(curves) * (tall + 46) + 20
    colours = {"fixed": "#999999", "auto": "#0b6bcb", "knowing": "#2a7f3f"}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide + 2 * left} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="100%" height="100%" fill="white"/><text x="{left}" y="20">Articles discovered within '
        f"so many minutes of their publication; {weeks} weeks, as many looks by each planner</text>",
    ]
    for place, (family, planners) in enumerate(curves.items()):
        base = top + place * (tall + 46) + tall
        longest = sorted(planners["fixed"])[int(0.99 * len(planners["fixed"]))]
        parts.append(
            f'<text x="{left}" y="{base - tall + 12}">{family}</text>'
            f'<path d="M{left} {base - tall}V{base}H{left + wide}" stroke="#444444" fill="none"/>'
            f'<text x="{left - 8}" y="{base - tall + 4}" text-anchor="end">100 %</text>'
            f'<text x="{left - 8}" y="{base}" text-anchor="end">0</text>'
            f'<text x="{left + wide}" y="{base + 16}" text-anchor="end">{longest:.0f} min</text>'
        )
        for name, waited in planners.items():
            ordered = sorted(waited)
            points = (
                f"{left + step * wide / 120:.0f},"
                f"{base - tall * bisect_right(ordered, step * longest / 120) / len(ordered):.1f}"
                for step in range(121)
            )
            drawn = f'stroke="{colours[name]}" stroke-width="2"'
            parts.append(f'<polyline points="{" ".join(points)}" fill="none" {drawn}/>')
    at = left
    for name, colour in colours.items():
        parts.append(
            f'<rect x="{at}" y="{height - 20}" width="12" height="12" fill="{colour}"/>'
            f'<text x="{at + 18}" y="{height - 9}">{PLANNERS[name]}</text>'
        )
        at += 200
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    main()
