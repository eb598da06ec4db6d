"""Counts over time as a bar chart of characters."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from presswatch.search.timeline import Timeline

_HEIGHT = 6
_WIDEST = 6
# From an eighth to the whole of a line's height.
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_FORMATS = {
    "hour": "%Y-%m-%d %H:%M",
    "day": "%Y-%m-%d",
    "week": "%Y-%m-%d",
    "month": "%Y-%m",
    "year": "%Y",
}


def draw_bar_chart(timeline: "Timeline", zone: str, width: int) -> list[str]:
    """Lines of the chart: a column a bar, the largest count at the left, the first and last time below.

    Where there are more bars than columns, neighbours are shown as one. Nothing for no bars.
    """
    if not timeline.bars:
        return []
    most = max(bar.articles for bar in timeline.bars)
    margin = len(f"{most:,}") + 1
    together = ceil(len(timeline.bars) / max(width - margin, 10))
    counts = [
        sum(bar.articles for bar in timeline.bars[at : at + together])
        for at in range(0, len(timeline.bars), together)
    ]
    # A few bars are drawn wide, with a gap between them.
    wide = min(max((width - margin) // len(counts), 1), _WIDEST)
    lines = _columns(counts, f"{max(counts):,}", wide)
    first, last = (_said(timeline.bars[at].start, timeline.unit, zone) for at in (0, -1))
    gap = max(len(lines[0]) - margin - len(first) - len(last), 1)
    lines.append(" " * margin + first + (" " * gap + last if last != first else ""))
    each = f"{together} {timeline.unit}s" if together > 1 else f"one {timeline.unit}"
    return [*lines, " " * margin + f"a column is {each}"]


def _columns(counts: Sequence[int], label: str, wide: int) -> list[str]:
    top = max(counts)
    # What is there is seen, however little it is.
    heights = [max(ceil(count * _HEIGHT * 8 / top), 1 if count else 0) for count in counts]
    lines = []
    for level in range(_HEIGHT - 1, -1, -1):
        cells = (_EIGHTHS[min(max(height - 8 * level, 0), 8)] * max(wide - 1, 1) for height in heights)
        margin = label if level == _HEIGHT - 1 else "0" if level == 0 else ""
        lines.append(f"{margin:>{len(label)}} " + (" " if wide > 1 else "").join(cells))
    return lines


def _said(start: datetime, unit: str, zone: str) -> str:
    return start.astimezone(ZoneInfo(zone)).strftime(_FORMATS[unit])
