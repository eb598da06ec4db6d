"""Counts as bars: the sizes that an SVG of them has, without any style."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

_STEP, _GAP = 10, 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar in an image as high as `Bars.height`."""

    day: date
    count: int
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each day, each as wide as `bar`, the highest as high as the image."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    most: int
    bar: int = _STEP - _GAP


def bars(a_day: Mapping[date, int], height: int) -> Bars:
    """The bars of what was counted by days, in their order."""
    most = max(a_day.values(), default=0)
    drawn = []
    for place, (day, count) in enumerate(a_day.items()):
        # What is there at all is seen.
        tall = max(round(count / most * height, 1), 1.5) if count else 0
        drawn.append(Bar(day, count, place * _STEP, round(height - tall, 1), tall))
    return Bars(tuple(drawn), max(len(drawn) * _STEP - _GAP, 1), height, most)
