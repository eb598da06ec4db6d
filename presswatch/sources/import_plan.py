"""What becomes of each outlet of a list: a source to be, one that is there already, or none, and why.

Decided of values alone: the list, what was found at its addresses, and the configuration.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import chain, count
from typing import Any

from presswatch.archive.site_looks import Look
from presswatch.config import Config
from presswatch.sources.entry import Entry, same
from presswatch.sources.known import readers

# So many articles of an outlet are read as samples: enough to tell language, zone and what repeats.
SAMPLES = 3
# So long an id may be.
_LONGEST_ID = 63


class Outcome(StrEnum):
    """`new` can be added; `known` is read already, by a source or by another outlet of the list; `failed`
    makes no source; `unseen` was not looked at yet."""

    NEW = "new"
    KNOWN = "known"
    FAILED = "failed"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Row:
    """An outlet of the list. `why` says what keeps it from being added; `values` are what its file would say.

    `look` is what was found, None where nothing was looked at; `id` is one that no other source has.
    """

    place: int
    entry: Entry
    outcome: Outcome
    why: str = ""
    id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    look: Look | None = None

    @property
    def starts(self) -> Sequence[Mapping[str, Any]]:
        """The start pages that were chosen."""
        return [start for start in self.look.answer.get("starts", ()) if start["chosen"]] if self.look else []

    @property
    def kinds(self) -> Sequence[str]:
        """What its start pages are: feed, sitemap, listing."""
        return tuple(dict.fromkeys(start["kind"] for start in self.starts))

    @property
    def samples(self) -> int:
        """How many of the sample articles could be read."""
        return sum(bool(one["title"]) for one in self.look.answer.get("samples", ())) if self.look else 0

    @property
    def newest(self) -> datetime | None:
        """The time of the newest link (UTC); None where none is told."""
        told = [datetime.fromisoformat(start["newest"]) for start in self.starts if start["newest"]]
        return max(told, default=None)


def wanted(entries: Sequence[Entry], looks: Mapping[str, Look], config: Config) -> list[tuple[str, ...]]:
    """The addresses that are still to be looked at, of each outlet that no source reads."""
    read_by = readers(config)
    found = []
    for one in entries:
        if same(one.address) in read_by or any(
            url in looks and makes_source(looks[url]) for url in one.addresses
        ):
            continue
        if unseen := tuple(url for url in one.addresses if url not in looks):
            found.append(unseen)
    return found


def plan(
    entries: Sequence[Entry], looks: Mapping[str, Look], config: Config, files: Collection[str] = ()
) -> list[Row]:
    """What becomes of each outlet, in the order of the list. No id is one of `files`."""
    read_by = readers(config)
    taken = {source.id for source in config.sources} | set(files)
    rows = []
    for place, one in enumerate(entries):
        row = _row(place, one, looks, read_by)
        if row.outcome is Outcome.NEW:
            id_ = _free(row, taken)
            taken.add(id_)
            row = Row(place, one, row.outcome, id=id_, values=row.values, look=row.look)
            read_by |= {same(start): id_ for start in (one.address, *row.values["start"])}
        rows.append(row)
    return rows


def makes_source(look: Look) -> bool:
    return bool(look.answer.get("source"))


def _row(place: int, one: Entry, looks: Mapping[str, Look], read_by: Mapping[str, str]) -> Row:
    if reader := read_by.get(same(one.address)):
        return Row(place, one, Outcome.KNOWN, f"is read by {reader} already")
    seen = [looks[url] for url in one.addresses if url in looks]
    good = next(filter(makes_source, seen), None)
    if good is None:
        if len(seen) < len(one.addresses):
            return Row(place, one, Outcome.UNSEEN, "was not looked at yet")
        return Row(place, one, Outcome.FAILED, "; ".join(map(_why, seen)), look=seen[0])
    values = _values(one, good)
    readers = [read_by.get(same(start)) for start in values["start"]]
    if all(readers):
        return Row(
            place,
            one,
            Outcome.KNOWN,
            f"{', '.join(values['start'])} is read by {readers[0]} already",
            look=good,
        )
    return Row(place, one, Outcome.NEW, values=values, look=good)


def _values(one: Entry, look: Look) -> dict[str, Any]:
    """What the file says: what was found, under the name and with the tags that the list gives it."""
    values = dict(look.answer["source"])
    if one.title:
        values["name"] = one.title
    if one.tags:
        values["tags"] = list(one.tags)
    if one.paused:
        values["enabled"] = False
    return values


def _why(look: Look) -> str:
    said = str(look.answer.get("fault") or look.answer.get("reason") or "nothing was found")
    return said if look.url in said else f"{look.url}: {said}"


def _free(row: Row, taken: Collection[str]) -> str:
    """An id from the host; where a source has it, with the title behind it, or else a number."""
    assert row.look is not None
    host: str = row.look.answer["id"]
    return next(id_ for id_ in _ids(host, row.entry.title) if id_ not in taken)


def _ids(host: str, title: str) -> Iterator[str]:
    yield host
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    longer = f"{host[: _LONGEST_ID - 22]}-{plain[:20]}".strip("-") if plain and plain != host else host
    if longer != host:
        yield longer
    yield from (f"{longer[: _LONGEST_ID - 5].rstrip('-')}-{number}" for number in chain(count(2)))
