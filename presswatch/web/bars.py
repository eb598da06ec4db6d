"""Counts as bars: the sizes that an SVG of them has, without any style. The template bars.html draws them."""

from collections.abc import Sequence
from dataclasses import dataclass

_STEP, _GAP = 10, 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One count's bar in an image as high as `Bars.height`; `mark` is the height of what is usual there."""

    count: int
    x: int
    y: float
    height: float
    mark: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each count, each as wide as `bar`, the highest as high as the image."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    most: float
    bar: int = _STEP - _GAP

    @property
    def outline(self) -> str:
        """All bars as one path of SVG: a list of small charts is a third as large by it."""
        return "".join(
            f"M{one.x} {self.height}V{one.y:g}h{self.bar}V{self.height}z" for one in self.bars if one.count
        )


def bars(counts: Sequence[int], height: int, usual: Sequence[float] = ()) -> Bars:
    """The bars of these counts in their order, each beside what is usual there where that is given."""
    most = max([*counts, *usual], default=0)
    drawn = []
    for place, count in enumerate(counts):
        # What is there at all is seen.
        tall = max(round(count / most * height, 1), 1.5) if count else 0
        mark = round(height - usual[place] / most * height, 1) if usual and most else height
        drawn.append(Bar(count, place * _STEP, round(height - tall, 1), tall, min(mark, height - 1)))
    return Bars(tuple(drawn), max(len(drawn) * _STEP - _GAP, 1), height, most)
