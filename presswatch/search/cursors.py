"""The place in a result that `after` names; it comes back from an address that somebody may have kept."""

import json
import math

from presswatch.errors import UsageError

# What SQLite and Elasticsearch take for a whole number.
_LARGEST = (1 << 63) - 1


def written(place: list[int | float]) -> str:
    """The cursor that names this place."""
    return json.dumps(place)


def read(after: str | None, length: int) -> list[int | float] | None:
    """The place that a cursor names, of so many numbers; None without one.

    Raises UsageError for what is no such cursor: one that was changed, or is of another engine or order.
    """
    if not after:
        return None
    try:
        place = json.loads(after)
    except (ValueError, RecursionError):
        place = None
    if not isinstance(place, list) or len(place) != length or not all(map(_is_number, place)):
        raise UsageError("`after` names no place in this result: begin again without it")
    return place


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else -_LARGEST <= value <= _LARGEST
