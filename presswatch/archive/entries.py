"""Entries of feeds and sitemaps that lead to articles: kept with their links and the pages they led to."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, select

from presswatch.archive.tables import edge
from presswatch.model import Entry, Link, LinkKind

# Of one article so many are heard; all but a few are copies of the same feed by section.
_MOST = 4
# What a row of `edge` has no columns for.
_FURTHER = {"modified", "authors", "categories", "summary"}
# Written for a change at the time of publication: what sitemaps and many feeds tell.
_PUBLISHED = "published"

# Built once, as every page asks them.
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_ENTRIES: TypeAdapter[tuple[Entry, ...]] = TypeAdapter(tuple[Entry, ...])
_LED_TO = select(
    edge.c.id, edge.c.to_url, edge.c.kind, edge.c.title, edge.c.published, edge.c.last_seen, edge.c.entry
).where(edge.c.to_url.in_(bindparam("urls", expanding=True)), edge.c.entry.is_not(None))


def further(link: Link) -> str | None:
    """As JSON, what an entry says besides its link; None for a link that is no entry."""
    if not isinstance(link, Entry):
        return None
    told = _ENTRY.dump_python(link, mode="json", include=_FURTHER, exclude_defaults=True)
    if link.modified is not None and link.modified == link.published:
        told["modified"] = _PUBLISHED
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def led_to(tx: Connection, urls: Collection[str]) -> Mapping[str, tuple[Entry, ...]]:
    """The entries that lead to these URLs, by URL: those of feeds first, and the latest seen."""
    found: dict[str, dict[Entry, None]] = {}
    rows = tx.execute(_LED_TO, {"urls": list(urls)}).all()
    for row in sorted(rows, key=_rank):
        among = found.setdefault(row.to_url, {})
        if len(among) < _MOST:
            among[_entry(row)] = None
    return {url: tuple(among) for url, among in found.items()}


def serialise(entries: Sequence[Entry]) -> str | None:
    """As JSON; None for none."""
    return _ENTRIES.dump_json(tuple(entries), exclude_defaults=True).decode() if entries else None


def deserialise(text: str | None) -> tuple[Entry, ...]:
    return _ENTRIES.validate_json(text) if text else ()


def _rank(row: Any) -> tuple[bool, float, int]:
    return row.kind == LinkKind.SITEMAP, -row.last_seen.timestamp(), row.id


def _entry(row: Any) -> Entry:
    """The entry in a row of `edge`. Its place in the list says nothing: it changes at every turn."""
    told = json.loads(row.entry)
    published = json.loads(row.published) if row.published else None
    if told.get("modified") == _PUBLISHED:
        told["modified"] = published
    link = {"url": row.to_url, "kind": row.kind, "position": 0, "title": row.title, "published": published}
    return _ENTRY.validate_python(told | link)
