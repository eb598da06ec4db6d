"""How often a source is worth reading, from the times of its articles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from presswatch.model import Moment, Precision

# The answer is one of these, ascending: people read them, and sources then share their slots.
STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 20, 30, 60, 120, 240, 360))
UNKNOWN = timedelta(minutes=30)
# A weekly has too few issues in seven days, and a month of them tells its rhythm.
_WEEK, _MONTH = timedelta(days=7), timedelta(days=28)
_LEAST = 3
# Clocks of publishers run ahead by this much, and some date an article to its printed edition.
_AHEAD = timedelta(hours=1)
# What is published within so long is one piece of news to whoever looks: an issue, an import, a wire's batch.
_TOGETHER = STEPS[0]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """An interval between two visits, and why it is this one."""

    every: timedelta
    reason: str


def pace(moments: Iterable[Moment], now: datetime) -> Pace:
    """About one visit for each time that something new is there, within five minutes and six hours.

    `moments` are when articles were published, in any order. The mean gap between those of the last seven
    days, or of 28 where it is shorter or they are fewer than three, rounded down to one of `STEPS`; half an
    hour where fewer than three are known. What is published within five minutes is one, where times are told.
    """
    recent = [one for one in moments if now - _MONTH <= one.instant <= now + _AHEAD]
    paces = [found for window in (_WEEK, _MONTH) if (found := _within(recent, now, window))]
    if not paces:
        few = "too few articles of the last weeks say their time" if recent else "no recent times are known"
        return Pace(UNKNOWN, few)
    return min(paces, key=lambda found: found.every)


def _within(moments: Sequence[Moment], now: datetime, window: timedelta) -> Pace | None:
    shown = [one for one in moments if one.instant >= now - window]
    # Days tell nothing of what came together.
    days = [min(one.instant, now) for one in shown if one.precision is Precision.DAY]
    times = [min(one.instant, now) for one in shown if one.precision is not Precision.DAY]
    together = {(now - time) // _TOGETHER for time in times}
    count = len(days) + len(together)
    if count < _LEAST:
        return None
    span = max(now - min(days + times), _DAY if days else _TOGETHER)
    every = max((step for step in STEPS if step <= span / count), default=STEPS[0])
    batches = f", at {len(together)} times" if 2 * len(together) < len(times) else ""
    return Pace(every, f"{len(shown)} articles in {_said(span)}{batches}")


def _said(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    if hours >= 72:
        return f"{hours / 24:.0f} days"
    return f"{hours:.0f} hours" if hours >= 1.5 else f"{span / timedelta(minutes=1):.0f} minutes"
