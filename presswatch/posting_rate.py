"""When a source publishes: its posting rate by hour and weekday, learnt from what its runs found.

Articles are taken for a Poisson process whose rate has a period of a week, as Sia, Cho and Cho found of feeds
("Efficient Monitoring Algorithm for Fast News Alerts", IEEE TKDE 19(7), 2007). As every arrival is seen, if
late, the estimate is one of counts over time, and needs no correction for changes that were missed (Cho and
Garcia-Molina, "Estimating frequency of change", ACM TOIT 3(3), 2003). Each rate is the mean of a Gamma
posterior (the conjugate prior of a Poisson rate: shape plus arrivals over rate plus time): that of the source
has a guess for its prior, that of an hour of the day and that of a weekday have the source's, and that of one
of the 168 hours of the week has the product of these two. So few data tell a coarse rhythm and many a fine
one. What is long ago counts less, by half in four weeks, as rhythms change.

Hours are those of the wall clock of the source's zone, and so follow it into summer time.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = 7 * 24
HALF_LIFE = timedelta(weeks=4)
# How many arrivals a prior is worth: the guess, the rate of an hour of the day, of a weekday, of one hour.
_GUESS, _HOUR_OF_DAY, _WEEKDAY, _HOUR_OF_WEEK = 1.0, 2.0, 4.0, 1.5
# And as how many hours of looking a guess counts at most, lest one that is far too low holds for days.
_GUESS_HOURS = 3.0
# An archive that is put online in one night is no rhythm: of one hour and one check no more than these count.
_MOST_AN_HOUR = 60.0
# For how long it is told by what came just now that more is coming than usual, and how much has to come.
EXCITED, _UNEXCITED = timedelta(hours=1), 6.0
# So many articles have to be missed until a source is believed to be half as busy as it was.
_SILENT = 8.0
# An arrival that was somewhere within longer than this tells nothing of the hour.
_LONGEST_WINDOW = timedelta(days=7)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article appeared after `begin` and not after `end` (UTC); both are one where that is known."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Postings:
    """What is kept of a source's arrivals.

    `counts` are the arrivals of each hour of the week, Monday's first hour in `zone` first, each weighed by
    its age at `counted`, up to which the source was looked at. `since` is when that began. `guess` is how
    many articles an hour are expected before any is known. `latest` is the latest arrival, `excited` how many
    came just before `counted`, `left` how many pages the last run found and had no room for.
    """

    zone: str
    since: datetime
    counted: datetime
    guess: float
    counts: tuple[float, ...] = (0.0,) * WEEK
    latest: datetime | None = None
    excited: float = 0.0
    left: int = 0


def observed(postings: Postings, arrivals: Iterable[Arrival], until: datetime) -> Postings:
    """With these arrivals, as a look at the source at `until` found them. An earlier look changes nothing."""
    if until <= postings.counted:
        return postings
    aged = _weight(until - postings.counted)
    counts = [count * aged for count in postings.counts]
    found: dict[tuple[int, int], float] = {}
    latest = postings.latest or postings.since
    excited = postings.excited * math.exp(-((until - postings.counted) / EXCITED))
    for arrival in arrivals:
        end = min(arrival.end, until)
        begin = max(min(arrival.begin, end), end - _LONGEST_WINDOW)
        middle = begin + (end - begin) / 2
        latest = max(latest, middle)
        excited += math.exp(-((until - middle) / EXCITED))
        for start, stop, hour in hours(begin, end, postings.zone):
            key = (hour, (until - start) // _HOUR)
            share = (stop - start) / (end - begin) if begin < end else 1.0
            found[key] = found.get(key, 0.0) + share * _weight(until - start)
    for (hour, _), amount in found.items():
        counts[hour] += min(amount, _MOST_AN_HOUR)
    return replace(postings, counted=until, counts=tuple(counts), latest=latest, excited=excited)


def rates(postings: Postings) -> tuple[float, ...]:
    """The articles to expect in each hour of the week, as long as nothing tells otherwise."""
    counts, times = postings.counts, _exposures(postings)
    level = _posterior(sum(counts), sum(times), min(_GUESS, _GUESS_HOURS * postings.guess), postings.guess)
    of_day = [_posterior(sum(counts[h::24]), sum(times[h::24]), _HOUR_OF_DAY, level) for h in range(24)]
    days = [slice(24 * day, 24 * day + 24) for day in range(7)]
    of_week = [_posterior(sum(counts[day]), sum(times[day]), _WEEKDAY, level) / level for day in days]
    return tuple(
        _posterior(counts[hour], times[hour], _HOUR_OF_WEEK, of_day[hour % 24] * of_week[hour // 24])
        for hour in range(WEEK)
    )


def expected(by_hour: Sequence[float], zone: str, begin: datetime, end: datetime) -> float:
    """The articles to expect between two instants."""
    return sum(by_hour[hour] * ((stop - start) / _HOUR) for start, stop, hour in hours(begin, end, zone))


def silence(postings: Postings, by_hour: Sequence[float]) -> float:
    """How busy a source still is: 1 after an article, towards 0 while those expected stay away.

    A Gamma prior about 1 again, of which arrivals and time are those since the latest article: so a source
    that died, or is on holiday, is asked less and less, and with its next article again as ever.
    """
    week = timedelta(days=7)
    weeks, rest = divmod(max(postings.counted - (postings.latest or postings.since), timedelta()), week)
    missed = expected(by_hour, postings.zone, postings.counted - rest, postings.counted)
    missed += weeks * sum(by_hour) if weeks else 0.0
    return _SILENT / (_SILENT + missed)


def excitement(postings: Postings, by_hour: Sequence[float]) -> float:
    """How much busier than usual a source was just before `counted`, in factors, from 1.

    It fades with e in `EXCITED`. News that breaks is followed by more, as in a process that excites itself.
    """
    usual = sum(
        by_hour[hour] * ((stop - start) / _HOUR) * math.exp(-((postings.counted - start) / EXCITED - 0.5))
        for start, stop, hour in hours(postings.counted - 3 * EXCITED, postings.counted, postings.zone)
    )
    return max(1.0, (_UNEXCITED + postings.excited) / (_UNEXCITED + usual))


def hours(begin: datetime, end: datetime, zone: str) -> Iterator[tuple[datetime, datetime, int]]:
    """The time between two instants by hours of the wall clock: begin, end, and which hour of the week.

    One hour at least, of no length where the instants are one.
    """
    clock = ZoneInfo(zone)
    while True:
        wall = begin.astimezone(clock)
        into = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
        stop = min(begin + _HOUR - into, end)
        yield begin, stop, 24 * wall.weekday() + wall.hour
        if stop >= end:
            return
        begin = stop


def _exposures(postings: Postings) -> list[float]:
    """For how many hours each hour of the week was looked at, each weighed by its age."""
    age = (postings.counted - postings.since) / _HOUR
    wall = postings.counted.astimezone(ZoneInfo(postings.zone))
    now, begun = 24 * wall.weekday() + wall.hour, wall.minute / 60 + wall.second / 3600
    weekly, hourly = _weight(timedelta(days=7)), _weight(_HOUR)
    times = [0.0] * WEEK
    times[now] = min(begun, age)
    weight, full, following, known = hourly ** (begun + 0.5), 0.0, 1.0, 0
    for back in range(1, WEEK + 1):
        # It ended so many hours ago, and each week before; of the first of all it may be a part.
        seen = age - (begun + back - 1)
        if seen <= 0:
            break
        whole = int(seen // WEEK)
        if back == 1 or whole != known:
            known, following = whole, weekly**whole
            full = (1 - following) / (1 - weekly)
        times[(now - back) % WEEK] += weight * (full + following * min(1.0, seen - WEEK * whole))
        weight *= hourly
    return times


def _posterior(arrivals: float, hours: float, strength: float, mean: float) -> float:
    """Articles an hour: the mean of the Gamma distribution that a prior of this mean becomes."""
    return (strength + arrivals) / (strength / mean + hours)


def _weight(age: timedelta) -> float:
    return math.pow(0.5, age / HALF_LIFE)


@dataclass(frozen=True, slots=True)
class Habit:
    """A rhythm in short: articles a day, the busy days (Monday is 0), and their busy hours.

    `hours` are each from a full hour to another (24: midnight); none where all are alike.
    """

    a_day: float
    days: tuple[int, ...]
    hours: tuple[tuple[int, int], ...]


def habit(by_hour: Sequence[float]) -> Habit:
    """What stands out of the rates of a week: the busy days, and hours well above the mean of these days."""
    daily = [sum(by_hour[24 * day : 24 * day + 24]) for day in range(7)]
    days = tuple(day for day in range(7) if daily[day] > 0.6 * max(daily))
    usual = [sum(by_hour[24 * day + hour] for day in days) for hour in range(24)]
    busy = [rate > 1.5 * sum(usual) / 24 for rate in usual]
    begins = [hour for hour in range(24) if busy[hour] and (hour == 0 or not busy[hour - 1])]
    ends = [hour + 1 for hour in range(24) if busy[hour] and (hour == 23 or not busy[hour + 1])]
    return Habit(sum(daily) / 7, days, tuple(zip(begins, ends, strict=True)))
