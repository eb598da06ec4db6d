"""When a source with `schedule: auto` is looked at next: a function of its posting rate and what it asks.

A look costs as much as `PRICE` of waiting by one article. The sum of that cost and of all waiting is least,
for a rate that hardly changes between two looks, when each look is made as soon as the waiting of the
articles expected meanwhile, the integral of rate(s) * (t - s) over s, has become the price. The interval is
then sqrt(2 * price / rate), and looks are shared among sources and hours by the square root of their rates,
as Sia, Cho and Cho derive for a budget of looks ("Efficient Monitoring Algorithm for Fast News Alerts", IEEE
TKDE 19(7), 2007; the price is the Lagrange multiplier of their allocation). A threshold that each page
reaches by itself is also what Azar et al. ("Tractable near-optimal policies for crawling", PNAS 115(32),
2018) find to be nearly optimal. Where the rate does change, the integral follows it: a look comes soon after
a busy hour has begun, soon after it has ended, and late in the night.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from presswatch.posting_rate import EXCITED, Postings, excitement, hours, rates, silence

# Of one article's waiting.
PRICE = timedelta(minutes=15)
SOONEST, LATEST = timedelta(minutes=5), timedelta(hours=24)
# A source whose rhythm nobody knows yet is looked at this often, or as often as its feed proposes.
UNKNOWN = timedelta(minutes=30)
_LONGEST_GUESS = timedelta(hours=6)
# A cache may keep an answer for longer; a newsroom's feed is looked at all the same.
MOST_FRESH = timedelta(minutes=10)
# For so long a slot of a crawler is taken by one run, by and large.
_A_RUN = timedelta(seconds=30)
_HOUR = timedelta(hours=1)
# Sources that were added together are not looked at together for ever: prices differ by as much as this.
_SPREAD = 0.25


@dataclass(frozen=True, slots=True)
class Asks:
    """What a source's pages ask of whoever looks at them again.

    `skip_hours` (0 to 23) and `skip_days` (Monday is 0) are of UTC, and those that all its start pages name.
    `propose` is the shortest interval that a feed of it proposes, None where none does. Before `fresh_until`
    the last answer holds.
    """

    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    propose: timedelta | None = None
    fresh_until: datetime | None = None


NOTHING_ASKED = Asks()


class Why(StrEnum):
    """What decided when the next look is."""

    WORTH = "worth it"
    SOONEST = "no sooner"
    LATEST = "no later"
    FRESH = "the last answer holds"
    SKIPPED = "the feed asks not to be read before"


@dataclass(frozen=True, slots=True)
class Look:
    """The next look at a source: when, how many articles are expected to wait there by then, and why then."""

    at: datetime
    articles: float
    why: Why


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What decides on a source's looks: its postings, what it asks, and what a look costs."""

    postings: Postings
    asks: Asks = NOTHING_ASKED
    price: timedelta = PRICE

    def next_look(self, after: datetime) -> Look:
        """The next look at it after one at this instant."""
        return next_look(self.postings, self.asks, after, self.price)


def next_look(postings: Postings, asks: Asks, after: datetime, price: timedelta = PRICE) -> Look:
    """The first look worth its price after one at this instant (UTC), and within what the source asks.

    It is `SOONEST` to `LATEST` after it, later only where the source asks for that.
    """
    by_hour = rates(postings)
    calm, excess = silence(postings, by_hour), excitement(postings, by_hour) - 1
    limit = price / _HOUR
    # What a run had no room for waits already.
    articles, waiting = float(postings.left), 0.0
    at, why = after + LATEST, Why.LATEST
    for begin, end, hour in hours(after, after + LATEST, postings.zone):
        long = (end - begin) / _HOUR
        fades = math.exp(-(max(begin - postings.counted, timedelta()) / EXCITED))
        rate = by_hour[hour] * calm * (1 + excess * fades)
        if waiting + articles * long + rate * long**2 / 2 >= limit:
            more = limit - waiting
            into = 2 * more / (articles + math.sqrt(articles**2 + 2 * rate * more))
            articles += rate * into
            at, why = begin + into * _HOUR, Why.WORTH
            break
        waiting += articles * long + rate * long**2 / 2
        articles += rate * long
    if at < after + SOONEST:
        at, why = after + SOONEST, Why.SOONEST
    return _as_asked(Look(at, articles, why), asks)


def guess(asks: Asks) -> float:
    """Articles an hour for which `next_look` has the interval that a feed proposes, or `UNKNOWN`."""
    every = min(max(asks.propose or UNKNOWN, SOONEST), _LONGEST_GUESS)
    return 2 * (PRICE / _HOUR) / (every / _HOUR) ** 2


def unknown(zone: str, asks: Asks, now: datetime) -> Postings:
    """Those of a source of which nothing is known but what it asks."""
    return Postings(zone, now, now, guess(asks))


def demand(by_hour: Sequence[float]) -> float:
    """The looks an hour that these rates are worth at `PRICE`."""
    most, least = _HOUR / SOONEST, _HOUR / LATEST
    worth = (math.sqrt(rate / (2 * (PRICE / _HOUR))) for rate in by_hour)
    return sum(min(max(looks, least), most) for looks in worth) / len(by_hour)


def price_for(looks: float, slots: int, key: str) -> timedelta:
    """What a look costs a source of this id, while all sources want so many looks an hour at `PRICE`.

    Where that is more than the slots of all crawl processes can do it rises, so that they get as many.
    """
    shortage = max(1.0, looks / (slots * (_HOUR / _A_RUN)))
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
    return PRICE * shortage**2 * (1 + _SPREAD * (2 * place - 1))


def _as_asked(look: Look, asks: Asks) -> Look:
    at, why = look.at, look.why
    if asks.fresh_until is not None and at < asks.fresh_until:
        at, why = min(asks.fresh_until, at + MOST_FRESH), Why.FRESH
    while not may_be_read(asks, at):
        at, why = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR, Why.SKIPPED
    return Look(at, look.articles, why)


def may_be_read(asks: Asks, at: datetime) -> bool:
    """Whether no hour or day is named that this instant is in. Who names all of them means nothing by it."""
    if len(asks.skip_hours) == 24 or len(asks.skip_days) == 7:
        return True
    wall = at.astimezone(UTC)
    return wall.hour not in asks.skip_hours and wall.weekday() not in asks.skip_days
