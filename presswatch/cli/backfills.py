"""How far the backfills of sources are, for people."""

from collections.abc import Mapping
from typing import Any


def said(one: Mapping[str, Any]) -> str:
    """How far a backfill is, for people."""
    back_to = f", back to {one['back_to']:%Y-%m-%d}" if one["back_to"] else ""
    counts = [
        f"{_many(one['pages'], 'listing page')} read{back_to}",
        f"{_many(one['found'], 'article')} found",
        f"{_many(one['older'], 'link')} to older ones left out" if one["older"] else "",
        f"{_many(one['unread'], 'article')} to read" if one["unread"] else "",
        f"{_many(one['waiting'], 'listing page')} to read" if one["waiting"] else "",
    ]
    state = "goes on" if one["waiting"] or one["unread"] else "is done"
    left_out = "".join(f"; left out: {what}" for what in one["left_out"])
    left_out += f"; and for {_many(one['untold'], 'further reason')}" if one["untold"] else ""
    told = ", ".join(filter(None, counts))
    return f"the backfill since {one['since']:%Y-%m-%d} {state}: {told}{left_out}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
