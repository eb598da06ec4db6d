"""How often a source is worth reading, from the times of its articles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# The answer is one of these, ascending: people read them, and sources then share their slots.
STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 20, 30, 60, 120))
UNKNOWN = timedelta(minutes=30)
_WINDOW = timedelta(days=7)
_LEAST = 3
# Clocks of publishers run ahead by this much, and some date an article to its printed edition.
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """An interval between two visits, and why it is this one."""

    every: timedelta
    reason: str


def pace(times: Iterable[datetime], now: datetime) -> Pace:
    """About one visit for each new article, within five minutes and two hours.

    `times` are when articles were published (aware, in any order). The mean gap between those of the last
    seven days, rounded down to one of `STEPS`; half an hour where fewer than three are known.
    """
    recent = [min(time, now) for time in times if now - _WINDOW <= time <= now + _AHEAD]
    if len(recent) < _LEAST:
        few = (
            "too few articles of the last seven days say their time"
            if recent
            else "no recent times are known"
        )
        return Pace(UNKNOWN, few)
    span = now - min(recent)
    gap = span / len(recent)
    every = max((step for step in STEPS if step <= gap), default=STEPS[0])
    return Pace(every, f"{len(recent)} articles in {_said(span)}")


def _said(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours:.0f} hours" if hours >= 1.5 else f"{span / timedelta(minutes=1):.0f} minutes"
