"""A simulated press for the judgement of sources: years of runs of sources that are well, and redesigns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import exp, log, pi, sin
from random import Random

from presswatch.sources.health import Look, Outcome, Sight, Sign

BEGIN = datetime(2027, 1, 1, tzinfo=UTC)
_HOLIDAYS = {(1, 1), (3, 26), (3, 29), (5, 1), (5, 6), (5, 17), (10, 3), (12, 25), (12, 26)}
REDESIGNS = ("listing without links", "links by script", "moved", "texts empty", "all non-articles")


@dataclass(frozen=True, slots=True)
class Outlet:
    """What a source publishes a day, how it is read, and what goes wrong with it though it is well."""

    daily: float
    weekend: float
    dispersion: float
    every: timedelta
    starts: tuple[str, ...]
    stops_for_christmas: bool
    summer: float
    rejected: float
    textless: float
    undated: float
    unsigned: float
    late: float
    failing: float
    # Whether its articles' addresses are alike, and how many of its usual non-articles have such, too.
    in_form: bool
    rejected_in_form: float


def outlets(random: Random, count: int) -> Iterator[Outlet]:
    """Outlets of all sizes and habits."""
    for _ in range(count):
        daily = exp(random.uniform(log(0.7), log(150)))
        every = random.choice([0.25, 1, 1, 3, 6, 24])
        kinds = ("feed", "listing", "sitemap")
        yield Outlet(
            daily=daily,
            weekend=random.choice([1.0, 0.6, 0.3, 0.05]),
            dispersion=random.choice([2.0, 5.0, 20.0]),
            every=timedelta(hours=every),
            starts=tuple(random.sample(kinds, random.choice([1, 1, 2, 3]))),
            stops_for_christmas=daily < 40 and random.random() < 0.35,
            summer=random.choice([1.0, 0.6, 0.35]),
            rejected=random.choice([0.0, 0.0, 0.005, 0.02, 0.08]),
            textless=random.choice([0.0, 0.0, 0.001, 0.004]),
            undated=random.choice([0.0, 0.0, 0.01, 0.1, 1.0]),
            unsigned=random.choice([0.0, 0.05, 0.3, 0.7, 1.0]),
            late=random.choice([0.0, 0.01, 0.1]),
            failing=random.choice([0.0, 0.01, 0.03]),
            in_form=random.random() < 0.75,
            rejected_in_form=random.choice([0.0, 0.0, 0.05, 0.3]),
        )


@dataclass(slots=True)
class Year:
    """One outlet's time as it goes by."""

    outlet: Outlet
    random: Random
    down_until: datetime = BEGIN
    soft_until: datetime = BEGIN
    pages_down_until: datetime = BEGIN
    burst_until: datetime = BEGIN
    waiting: int = 0
    was_empty: bool = False

    def runs(self, days: int) -> Iterator[tuple[Outcome, int]]:
        """Each run, and how many links were due in it."""
        now, end = BEGIN + self.outlet.every * self.random.random(), BEGIN + timedelta(days=days)
        while now < end:
            yield self._run(now)
            now += self.outlet.every * self.random.uniform(0.95, 1.05)

    def _run(self, now: datetime) -> tuple[Outcome, int]:
        random, step = self.random, self.outlet.every / timedelta(days=1)
        self.waiting += self._published(now, step)
        for name, a_year, hours in (
            ("down", 6, 5),
            ("soft", 0.15, 0.7),
            ("pages_down", 3, 4),
            ("burst", 8, 30),
        ):
            if random.random() < a_year * step / 365:
                lasts = timedelta(hours=min(random.expovariate(1 / hours), 30))
                setattr(self, f"{name}_until", now + lasts)
        if now < self.down_until:
            return self._outcome(now, Sight.AWAY, 0), 0
        if now < self.soft_until or random.random() < 2 * step / 365:
            self.was_empty = True
            return self._outcome(now, Sight.NOTHING, 0), 0
        due, self.waiting = self.waiting, 0
        was_empty, self.was_empty = self.was_empty, False
        if due == 0 and not was_empty and random.random() < 0.8:
            return self._outcome(now, Sight.UNCHANGED, 0), 0
        return self._outcome(now, Sight.LINKS, due), due

    def _published(self, now: datetime, step: float) -> int:
        outlet, random = self.outlet, self.random
        rate = outlet.daily * (outlet.weekend if now.weekday() >= 5 else 1.0)
        if (now.month, now.day) in _HOLIDAYS:
            rate *= 0.3
        if (now.month, now.day) >= (7, 10) and (now.month, now.day) <= (8, 25):
            rate *= outlet.summer
        if outlet.stops_for_christmas and (
            (now.month, now.day) >= (12, 23) or (now.month, now.day) <= (1, 3)
        ):
            return 0
        if now < self.burst_until:
            rate *= 4
        if step < 0.5:
            rate *= max(0.02, 1 + 1.2 * sin(2 * pi * (now.hour - 8) / 24))
        rate *= step
        return _poisson(random, rate * random.gammavariate(outlet.dispersion, 1 / outlet.dispersion))

    def _outcome(self, now: datetime, sight: Sight, due: int) -> Outcome:
        outlet, random = self.outlet, self.random
        looks = []
        for kind in outlet.starts:
            links = {"feed": 20, "listing": round(random.gauss(32, 3)), "sitemap": min(500, 2 * due)}[kind]
            looks.append(Look(f"https://press.example/{kind}", sight, links, kind == "sitemap", ""))
        if sight is not Sight.LINKS:
            return Outcome(now, now.date(), tuple(looks), 0, {})
        clump = random.random() < 0.001
        rejected = due if clump else _binomial(random, due, outlet.rejected)
        failing = 1.0 if now < self.pages_down_until else outlet.failing
        failed = _binomial(random, due - rejected, failing)
        articles = due - rejected - failed
        in_form = 0 if clump else _binomial(random, rejected, outlet.rejected_in_form)
        shares = {
            Sign.NO_ARTICLES: (rejected, rejected + articles),
            Sign.NO_LONGER: (in_form, in_form + articles) if outlet.in_form else (0, 0),
            Sign.NO_TEXT: (_binomial(random, articles, outlet.textless), articles),
            Sign.NO_DATES: (_binomial(random, articles, outlet.undated), articles),
            Sign.NO_AUTHORS: (_binomial(random, articles, outlet.unsigned), articles),
            Sign.LATE: (_binomial(random, articles, outlet.late), articles),
            Sign.NO_PAGES: (failed, due),
        }
        return Outcome(now, now.date(), tuple(looks), articles, shares)


def redesigned(outcome: Outcome, how: str) -> Outcome:
    """What the run would have brought had the site been redesigned."""
    if outcome.looks[0].sight in (Sight.AWAY, Sight.NOTHING):
        return outcome
    read, bad = outcome.shares.get(Sign.NO_ARTICLES, (0, 0))[1], dict(outcome.shares)
    if how == "texts empty":
        return replace(outcome, shares=bad | {Sign.NO_TEXT: (outcome.articles, outcome.articles)})
    if how == "all non-articles":
        in_form = bad.get(Sign.NO_LONGER, (0, 0))[1]
        none = dict.fromkeys(bad, (0, 0))
        none |= {Sign.NO_ARTICLES: (read, read), Sign.NO_LONGER: (in_form, in_form)}
        return replace(outcome, articles=0, shares=none)
    links = 2 if how == "links by script" else 0
    sight = Sight.LINKS if links else Sight.NOTHING
    looks = tuple(
        look
        if look.url.endswith("sitemap") and how != "moved"
        else replace(look, sight=sight, links=links, may_empty=False)
        for look in outcome.looks
    )
    return replace(outcome, looks=looks, articles=0, shares={})


def _binomial(random: Random, count: int, share: float) -> int:
    return sum(random.random() < share for _ in range(count))


def _poisson(random: Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(random.gauss(mean, mean**0.5)))
    limit, product, count = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
