"""Whether a source is well: each run is judged against the source's own past.

Every question is a sequential test. A run adds the logarithm of how much likelier what it brought is if the
source broke than if it is as it always was; the sum never falls below zero (CUSUM: Page, Biometrika 41,
1954, in its form by likelihood ratios). An alarm is raised at `log(n / a)`: then the expected number of
false alarms in `n` runs is at most `a` (Lorden, Ann. Math. Statist. 42, 1971: the mean run length is at
least the exponential of the threshold). `n` is how often a test of the source goes on in a year, `a` what is
ALLOWED of its sign.

What was is a Beta distribution for shares (how many of the pages read are no articles, ...) and a Gamma for
articles a day, one for each weekday, so a run is judged by the Beta-Binomial and a day by the negative
binomial distribution: what is little known is judged mildly. What belongs to a suspicion that came to
nothing is learnt afterwards; what belongs to an alarm never is. No single run or day raises an alarm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import exp, lgamma, log

# Of what it takes to raise an alarm, one run gives this part at most.
_OF_ONE_RUN = 0.6
# How much likelier it must be that it is well again before the alarm ends.
_CURED = log(100)
# A page that always showed links shows none: once in so many reads before anything is known of it; and while
# it is broken, nearly always.
_EMPTY_BEFORE, _EMPTY_BROKEN = (0.1, 300.0), 0.95
# Shares, as parameters of Beta: of a source that broke, and what may be before anything is known: hardly
# ever, or anything, either as likely as the other. What never was is taken for one in a thousand, so that two
# articles without a text suffice where none ever was without.
_SHARE_BROKEN, _SHARES_BEFORE = (9.5, 0.5), ((0.02, 20.0), (1.0, 1.0))
# So many reads and pages are remembered: who changes slowly is followed.
_READS_KEPT, _PAGES_KEPT = 2000.0, 300.0
# What is known by less is not judged, nor a share that is most of them anyway.
_FEWEST_READS, _FEWEST_PAGES, _FEWEST_DAYS, _USUAL_SHARE = 4, 30.0, 14, 0.5
# A page shows nothing when it shows this part of the fewest links that it ever showed lately.
_COLLAPSED, _STEADY = 0.2, 0.5
# A weekday forgets by this factor a week; what broke down leaves this part of the articles, summer that one.
_WEEKLY, _LEFT_OVER, _LULL = 0.88, 0.02, 0.35
_SIZE, _MOST_SIZE = 1.0, 20.0
# Who publishes little may rest over Christmas and for a holiday; a large newsroom does not.
_HOLIDAY, _NO_HOLIDAY, _LARGE = timedelta(days=16), timedelta(days=3), 50.0
# Outages: how many a year a host has, and a Gamma for the rate at which they end (number, hours).
_OUTAGES, _OUTAGE_BEFORE, _FEWEST_FAILED = 12.0, (10.0, 60.0), 3
_PAGES_PATIENCE, _LONGEST_WAIT = timedelta(days=2), timedelta(days=3)
# After so long the new way of a source is its way.
_HABIT = timedelta(days=30)


class Sign(StrEnum):
    """What is wrong with a source."""

    NO_LINKS = "no links"
    NO_ARTICLES = "no articles"
    NO_LONGER = "no longer articles"
    NO_TEXT = "no text"
    NO_DATES = "no dates"
    NO_AUTHORS = "no authors"
    LATE = "late"
    NO_PAGES = "no pages"
    SILENT = "silent"
    AWAY = "away"


_SHARES = (
    Sign.NO_ARTICLES,
    Sign.NO_LONGER,
    Sign.NO_TEXT,
    Sign.NO_DATES,
    Sign.NO_AUTHORS,
    Sign.LATE,
    Sign.NO_PAGES,
)

# At most so many false alarms of a source are expected in a year, by sign: what tells of a redesign has most
# of them. Far fewer come (bench/health.py counts them), as a test seldom ends just at its height.
ALLOWED = {
    Sign.NO_LINKS: 0.02,
    Sign.NO_ARTICLES: 0.035,
    Sign.NO_LONGER: 0.06,
    Sign.NO_TEXT: 0.12,
    Sign.NO_DATES: 0.001,
    Sign.NO_AUTHORS: 0.001,
    Sign.LATE: 0.001,
    Sign.NO_PAGES: 0.001,
    Sign.SILENT: 0.003,
    Sign.AWAY: 0.003,
}


class Sight(StrEnum):
    """What a start page showed. `away`: its host did not let us see it."""

    LINKS = "links"
    NOTHING = "nothing"
    UNCHANGED = "unchanged"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a start page. `may_empty`: it may list nothing, as a sitemap of the news does."""

    url: str
    sight: Sight
    links: int = 0
    may_empty: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run brought.

    `day` is the source's own date at its end (`ended`, UTC). `shares` are of how many (the second) how many
    (the first) were bad, by sign; `articles` are those that are new.
    """

    ended: datetime
    day: date
    looks: tuple[Look, ...]
    articles: int
    shares: Mapping[Sign, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Test:
    """A sequential test: its sum, since when it is above zero, and since when it is an alarm.

    `cure` is the sum of the test the other way round, while it is an alarm.
    """

    __test__ = False

    score: float = 0.0
    since: datetime | None = None
    alarm: datetime | None = None
    cure: float = 0.0


@dataclass(frozen=True, slots=True)
class StartPast:
    """What is known of a start page: how often it was read, how often it showed nothing, how many links it
    showed in the mean and at least; `pending` are the empty reads of a suspicion, `reason` is their last."""

    reads: float = 0.0
    empty: float = 0.0
    links: float = 0.0
    fewest: float = 0.0
    is_empty: bool = False
    pending: float = 0.0
    reason: str = ""
    test: Test = Test()


@dataclass(frozen=True, slots=True)
class SharePast:
    """How many of how many were bad, and in the suspicion that goes on."""

    bad: float = 0.0
    all: float = 0.0
    pending: tuple[float, float] = (0.0, 0.0)
    test: Test = Test()

    @property
    def share(self) -> float:
        return self.bad / self.all if self.all else 0.0


@dataclass(frozen=True, slots=True)
class DayPast:
    """Articles a day: by weekday (Monday first) the weighted sum and number of weeks, over `days` in all.

    `spread` are sums of squared differences and of what chance alone explains of them, and of squared means.
    """

    weekdays: tuple[tuple[float, float], ...] = ((0.0, 0.0),) * 7
    days: int = 0
    spread: tuple[float, float, float] = (0.0, 0.0, 0.0)
    pending: tuple[tuple[int, int], ...] = ()
    test: Test = Test()


@dataclass(frozen=True, slots=True)
class State:
    """All that is known of a source. `today` is the day that goes on: its date, articles, runs.

    `outages` are how many ended and how many hours they took, `away` when the one began that goes on, after
    how many failed runs. `first` is whether no run was judged yet.
    """

    first: bool = True
    runs_a_day: float = 0.0
    today: tuple[date, int, int] | None = None
    starts: Mapping[str, StartPast] = field(default_factory=dict)
    shares: Mapping[Sign, SharePast] = field(default_factory=dict)
    yields: DayPast = DayPast()
    outages: tuple[int, float] = (0, 0.0)
    away: tuple[datetime, int, str] | None = None
    gone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong since then (UTC); `said` tells it to people."""

    sign: Sign
    since: datetime
    said: str
    url: str = ""


def judge(state: State, outcome: Outcome) -> State:
    """What is known of a source after one more of its runs, in the order of their ends."""
    state = _day_begun(state, outcome.day)
    assert state.today is not None
    day, articles, count = state.today
    # The first run finds what was published before it.
    found = 0 if state.first else outcome.articles
    state = replace(state, today=(day, articles + found, count + 1))
    state = _judge_outage(state, outcome)
    if all(look.sight is Sight.AWAY for look in outcome.looks):
        return state
    runs = 365 * max(1.0, state.runs_a_day, count + 1)
    height, patience = _height(Sign.NO_LINKS, runs, len(outcome.looks)), _until_due(state.yields)
    starts = {
        look.url: _judge_start(state.starts.get(look.url, StartPast()), look, height, outcome.ended, patience)
        for look in outcome.looks
    }
    # A run without pages says nothing of them.
    told = min(runs, 365 * max(1.0, a_day(state.yields), articles + found))
    shares = {
        sign: _judge_share(
            state.shares.get(sign, SharePast()),
            *_told(outcome, sign, first=state.first),
            _height(sign, told),
            outcome.ended,
            sign,
        )
        for sign in _SHARES
    }
    return replace(state, starts=starts, shares=shares, first=False)


def _told(outcome: Outcome, sign: Sign, *, first: bool) -> tuple[int, int]:
    return (0, 0) if first and sign is Sign.LATE else outcome.shares.get(sign, (0, 0))


def faults(state: State) -> tuple[Fault, ...]:
    """What is wrong with a source by what is known of it, what is broken first."""
    found = []
    if state.gone and state.away:
        said = f"it cannot be reached: {state.away[2]}"
        found.append(Fault(Sign.AWAY, state.away[0], said))
    for url, start in state.starts.items():
        if start.test.alarm and start.test.since:
            why = f" ({start.reason})" if start.reason else ""
            said = f"{url} shows no articles any more{why}; it showed {start.links:.0f}"
            found.append(Fault(Sign.NO_LINKS, start.test.since, said, url))
    broken = {sign for sign, share in state.shares.items() if share.test.alarm and share.test.since}
    for sign, share in state.shares.items():
        if sign is Sign.NO_ARTICLES and Sign.NO_LONGER in broken:
            continue  # told more exactly by the other
        if share.test.alarm and share.test.since:
            bad, all_ = share.pending
            said = _SAID[sign].format(bad=bad, all=all_, usual=share.share)
            found.append(Fault(sign, share.test.since, said))
    if state.yields.test.alarm and state.yields.test.since:
        said = f"hardly anything new; it brought {a_day(state.yields):.1f} articles a day"
        found.append(Fault(Sign.SILENT, state.yields.test.since, said))
    return tuple(found)


def is_known(state: State) -> bool:
    """Whether enough is known of a source to judge it at all."""
    return any(start.reads >= _FEWEST_READS for start in state.starts.values())


def expected(past: DayPast, weekday: int) -> float:
    """Articles on this weekday (Monday is 0), where little is known of it as on any day."""
    total, weight = map(sum, zip(*past.weekdays, strict=True))
    mean = total / weight if weight else 0.0
    mine, weeks = past.weekdays[weekday]
    return (mine + mean) / (weeks + 1)


def a_day(past: DayPast) -> float:
    """Articles on a day of the mean week."""
    return sum(expected(past, weekday) for weekday in range(7)) / 7


_SAID = {
    Sign.NO_ARTICLES: "{bad:.0f} of the last {all:.0f} pages were no articles; usually {usual:.0%} are none",
    Sign.NO_LONGER: "{bad:.0f} of the last {all:.0f} pages at addresses like its articles' were no articles; "
    "usually {usual:.0%} are none",
    Sign.NO_TEXT: "{bad:.0f} of the last {all:.0f} articles had no text; usually {usual:.0%} have none",
    Sign.NO_DATES: "{bad:.0f} of the last {all:.0f} articles had no time; usually {usual:.0%} have none",
    Sign.NO_AUTHORS: "{bad:.0f} of the last {all:.0f} articles had no author; usually {usual:.0%} have none",
    Sign.LATE: "{bad:.0f} of the last {all:.0f} articles were found over a day late; usually {usual:.0%} are",
    Sign.NO_PAGES: "{bad:.0f} of the last {all:.0f} pages could not be had; usually {usual:.0%} cannot",
}


def _height(sign: Sign, a_year: float, tests: int = 1) -> float:
    """The sum at which a test that goes on so often is an alarm."""
    return log(a_year * tests / ALLOWED[sign])


def _went_on(
    test: Test, gain: float, height: float, now: datetime, patience: timedelta = timedelta()
) -> Test:
    """The test after what was seen; `gain` is the logarithm of the likelihood ratio."""
    if test.alarm:
        cure = max(0.0, test.cure - gain)
        return Test() if cure >= _CURED else replace(test, cure=cure)
    score = min(max(0.0, test.score + min(gain, _OF_ONE_RUN * height)), 2 * height)
    if not score:
        return Test()
    since = test.since or now
    is_alarm = gain > 0 and score >= height and now - since >= patience
    return Test(score, since, now if is_alarm else None)


def _until_due(past: DayPast) -> timedelta:
    """How long a page that shows nothing is waited for: half of the time from one article to the next."""
    if past.days < _FEWEST_DAYS:
        return timedelta()
    return min(timedelta(days=0.5) / max(a_day(past), 0.1), _LONGEST_WAIT)


def _judge_start(past: StartPast, look: Look, height: float, now: datetime, patience: timedelta) -> StartPast:
    if look.sight is Sight.AWAY:
        return past
    is_empty = look.sight is Sight.NOTHING or (
        look.sight is Sight.LINKS
        and past.reads >= _FEWEST_READS
        and past.fewest >= _STEADY * past.links
        and look.links <= _COLLAPSED * past.fewest
    )
    if look.sight is Sight.UNCHANGED:
        # As it was: what showed nothing shows nothing still, and what is well has told so before.
        if not past.is_empty:
            return past
        is_empty = True
    elif look.may_empty and not look.links:
        return past
    reason = look.reason or (past.reason if look.sight is Sight.UNCHANGED else "")
    if past.reads < _FEWEST_READS:
        return _learn_start(replace(past, is_empty=is_empty, reason=reason), look.links, is_empty=is_empty)
    before = (_EMPTY_BEFORE[0] + past.empty) / (sum(_EMPTY_BEFORE) + past.reads)
    gain = log(_EMPTY_BROKEN / before) if is_empty else log((1 - _EMPTY_BROKEN) / (1 - before))
    was_broken, empty = past.test.alarm is not None, past.pending
    test = _went_on(past.test, gain, height, now, patience)
    past = replace(past, test=test, is_empty=is_empty, reason=reason if is_empty else past.reason)
    if not past.test.since and not is_empty:
        # What it was cured of is not its way.
        learnt = 0.0 if was_broken else empty
        past = replace(past, reads=past.reads + learnt, empty=past.empty + learnt, pending=0.0, reason="")
        return _learn_start(past, look.links, is_empty=False)
    return replace(past, pending=empty + is_empty)


def _learn_start(past: StartPast, links: int, *, is_empty: bool) -> StartPast:
    keep = min(1.0, _READS_KEPT / (past.reads + 1))
    past = replace(past, reads=past.reads * keep + 1, empty=past.empty * keep + is_empty)
    if is_empty:
        # What never showed anything is nothing to compare with.
        return past if past.links else replace(past, reads=0.0, empty=0.0)
    mean = links if not past.links else past.links + (links - past.links) * max(0.05, 1 / past.reads)
    fewest = links if not past.fewest else min(float(links), past.fewest + 0.02 * (mean - past.fewest))
    return replace(past, links=mean, fewest=fewest)


def _judge_share(past: SharePast, bad: int, all_: int, height: float, now: datetime, sign: Sign) -> SharePast:
    if not all_:
        return past
    if past.test.alarm and now - past.test.alarm >= _HABIT:
        past = SharePast()
    if past.all < _FEWEST_PAGES or (past.share > _USUAL_SHARE and not past.test.since):
        return _learn_share(past, bad, all_)
    # Better than usual is no reason to worry.
    ordinary = max(_as_usual(past, bad, all_), _beta_binomial(bad, all_, *_SHARES_BEFORE[0]))
    gain = _beta_binomial(bad, all_, *_SHARE_BROKEN) - ordinary
    test = _went_on(past.test, gain, height, now, _PAGES_PATIENCE if sign is Sign.NO_PAGES else timedelta())
    pending = (past.pending[0] + bad, past.pending[1] + all_)
    if test.since:
        return replace(past, test=test, pending=pending)
    if past.test.alarm:
        # What it was cured of is not its way.
        pending = (bad, all_)
    return _learn_share(replace(past, test=test, pending=(0.0, 0.0)), *pending)


def _learn_share(past: SharePast, bad: float, all_: float) -> SharePast:
    bad, all_ = past.bad + bad, past.all + all_
    keep = min(1.0, _PAGES_KEPT / all_)
    return replace(past, bad=bad * keep, all=all_ * keep)


def _as_usual(past: SharePast, bad: int, all_: int) -> float:
    """The logarithm of the probability of so many bad ones by what is known."""
    good = past.all - past.bad
    before = [_beta_binomial(past.bad, past.all, *prior) for prior in _SHARES_BEFORE]
    after = [_beta_binomial(bad, all_, a + past.bad, b + good) for a, b in _SHARES_BEFORE]
    most = max(before)
    weights = [exp(one - most) for one in before]
    mean = sum(weight * exp(one) for weight, one in zip(weights, after, strict=True)) / sum(weights)
    return log(mean) if mean else max(after)


def _beta_binomial(k: float, n: float, a: float, b: float) -> float:
    """The logarithm of the probability of k of n, but for the number of ways, which cancels out."""
    return _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _judge_outage(state: State, outcome: Outcome) -> State:
    """Outages end by themselves at a rate that is learnt, so how long one lasts has a Lomax distribution:
    an alarm is raised when its tail, times the outages of a year, is what is allowed of false alarms."""
    if not all(look.sight is Sight.AWAY for look in outcome.looks):
        if state.away is None:
            return state
        number, hours = state.outages
        lasted = (outcome.ended - state.away[0]) / timedelta(hours=1)
        return replace(state, away=None, gone=None, outages=(number + 1, hours + lasted))
    reason = next((look.reason for look in outcome.looks if look.reason), "")
    began, failed, _ = state.away or (outcome.ended, 0, "")
    state = replace(state, away=(began, failed + 1, reason))
    shape, scale = _OUTAGE_BEFORE[0] + state.outages[0], _OUTAGE_BEFORE[1] + state.outages[1]
    longest = scale * ((_OUTAGES / ALLOWED[Sign.AWAY]) ** (1 / shape) - 1)
    is_long = outcome.ended - began >= timedelta(hours=longest) and failed + 1 >= _FEWEST_FAILED
    return replace(state, gone=state.gone or (outcome.ended if is_long else None))


def _day_begun(state: State, day: date) -> State:
    """With the days that are over judged. A day without a run, or a clock set back, says nothing."""
    if state.today is None:
        return replace(state, today=(day, 0, 0))
    last, articles, count = state.today
    if day <= last:
        return state
    rate = count if not state.runs_a_day else state.runs_a_day + 0.1 * (count - state.runs_a_day)
    ended = datetime.combine(last, datetime.min.time(), tzinfo=UTC) + timedelta(days=1)
    is_told = state.away is None
    yields = _judge_day(state.yields, last.weekday(), articles, ended) if is_told else state.yields
    return replace(state, today=(day, 0, 0), runs_a_day=rate, yields=yields)


def _judge_day(past: DayPast, weekday: int, articles: int, now: datetime) -> DayPast:
    mean = expected(past, weekday)
    if past.days < _FEWEST_DAYS or mean <= 0:
        return _learn_day(past, weekday, articles)
    squares, chance, means = past.spread
    # The moments' estimate of the negative binomial distribution's size: its variance is m + m² / size.
    size = min(_MOST_SIZE, (means + mean**2) / (max(squares - chance, 0.0) + mean**2 / _SIZE))
    ordinary = max(_negative_binomial(articles, part * mean, size) for part in (1.0, _LULL))
    gain = _negative_binomial(articles, _LEFT_OVER * mean, size) - ordinary
    patience = _NO_HOLIDAY if a_day(past) >= _LARGE else _HOLIDAY
    test = _went_on(past.test, gain, _height(Sign.SILENT, 365), now, patience)
    if test.since:
        return replace(past, test=test, pending=(*past.pending, (weekday, articles))[-3:])
    # A short lull is its way; a holiday is none of its weekdays'.
    lull = past.pending if len(past.pending) < 3 and not past.test.alarm else ()
    past = replace(past, test=test, pending=())
    for one, count in (*lull, (weekday, articles)):
        past = _learn_day(past, one, count)
    return past


def _learn_day(past: DayPast, weekday: int, articles: int) -> DayPast:
    mean = expected(past, weekday)
    # A burst tells little of what is usual.
    told = min(articles, 3 * mean + 5) if past.days >= _FEWEST_DAYS else float(articles)
    total, weeks = past.weekdays[weekday]
    weekdays = list(past.weekdays)
    weekdays[weekday] = (total * _WEEKLY + told, weeks * _WEEKLY + 1)
    spread = past.spread
    if past.days >= _FEWEST_DAYS:
        keep, (squares, chance, means) = _WEEKLY ** (1 / 7), spread
        spread = (
            squares * keep + (told - mean) ** 2,
            chance * keep + mean,
            means * keep + mean**2,
        )
    return replace(past, weekdays=tuple(weekdays), days=past.days + 1, spread=spread)


def _negative_binomial(k: int, mean: float, size: float) -> float:
    """The logarithm of the probability of k, but for the factor that does not depend on the mean."""
    return k * log(mean / (size + mean)) + size * log(size / (size + mean))
