"""Long lists in pages that are counted from 1; the template paging.html has their links."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Part(Generic[Row]):
    """The `rows` of page `number` of `last`; `count` are all."""

    rows: Sequence[Row]
    number: int
    last: int
    count: int


def part(rows: Sequence[Row], given: str, size: int) -> Part[Row]:
    """The page that an address asks for as `given`: the first where that is no number, the last behind it."""
    last = max(-(-len(rows) // size), 1)
    number = min(max(int(given), 1), last) if given.isdecimal() and len(given) < 10 else 1
    return Part(rows[(number - 1) * size : number * size], number, last, len(rows))
