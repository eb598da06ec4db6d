"""The place in a result that `after` names; it comes back from an address that somebody may have kept."""

import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from presswatch.errors import UsageError

# What SQLite and Elasticsearch take for a whole number.
_LARGEST = (1 << 63) - 1

Number = int | float


class CursorError(UsageError):
    """A cursor that this index did not write: one of an index of before, or of another order; or nonsense."""


def written(form: str, sort: str, place: Sequence[Number]) -> str:
    """The cursor that names this place in an order; `form` is the index's: which one of which engine."""
    cursor = json.dumps([form, sort, *place], separators=(",", ":"))
    return urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def read(after: str | None, form: str, sort: str, length: int) -> list[Number] | None:
    """The place that a cursor names, of so many numbers; None without one. Raises CursorError."""
    if not after:
        return None
    try:
        cursor = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (ValueError, RecursionError):
        cursor = None
    if not isinstance(cursor, list) or cursor[:2] != [form, sort] or not _is_place(cursor[2:], length):
        raise CursorError("`after` names no place in this result: begin again without it")
    return cursor[2:]


def _is_place(place: list[object], length: int) -> bool:
    return len(place) == length and all(map(_is_number, place))


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else -_LARGEST <= value <= _LARGEST
