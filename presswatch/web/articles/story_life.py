"""The picture of a story's life: when each outlet had it, when it was changed, and when it vanished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from presswatch.archive.articles import RevisionHead
from presswatch.model import Record

# So many articles: more cannot be read.
SHOWN = 24
WIDTH, _ROW, _MARGIN = 360, 18, 24


@dataclass(frozen=True, slots=True)
class Row:
    """An article: its number and its height, when it appeared, was changed, and vanished, as places."""

    number: int
    y: int
    began: int
    changed: tuple[int, ...]
    vanished: int | None
    ended: int


@dataclass(frozen=True, slots=True)
class Life:
    """A row for each article on a canvas of `width` by `height`, from `start` to `end` (UTC)."""

    width: int
    height: int
    rows: tuple[Row, ...]
    start: datetime
    end: datetime


def story_life(
    records: Sequence[Record], revisions: Mapping[str, Sequence[RevisionHead]], *, mirrored: bool = False
) -> Life | None:
    """The life of a story's articles, the first first; None where there is nothing to compare.

    `mirrored` where lines begin at the right.
    """
    chosen = records[:SHOWN]
    moments = {one.id: [head.seen for head in revisions.get(one.id, ())[1:]] for one in chosen}
    times = [moment for changes in moments.values() for moment in changes]
    times += [moment for one in chosen for moment in (one.time, one.vanished) if moment]
    start, end = min(times), max(times)
    if end - start < timedelta(minutes=1):
        return None

    def place(moment: datetime) -> int:
        x = _MARGIN + round((WIDTH - 2 * _MARGIN) * ((moment - start) / (end - start)))
        return WIDTH - x if mirrored else x

    rows = tuple(
        Row(
            number=number,
            y=number * _ROW,
            began=place(one.time),
            changed=tuple(map(place, moments[one.id])),
            vanished=place(one.vanished) if one.vanished else None,
            ended=place(max([one.time, *moments[one.id], *([one.vanished] if one.vanished else [])])),
        )
        for number, one in enumerate(chosen, 1)
    )
    return Life(WIDTH, (len(rows) + 1) * _ROW, rows, start, end)
