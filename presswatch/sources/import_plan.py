"""What becomes of each outlet of a list: a source to be, one that is there already, or none, and why.

Decided of values alone: the list, what was found at its addresses, and the configuration.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from presswatch.archive.site_looks import FAILURE_HOLDS, Look
from presswatch.config import Config
from presswatch.sources import source_ids
from presswatch.sources.entry import Entry, same
from presswatch.sources.known import readers

# So many articles of an outlet are read as samples: enough to tell language, zone and what repeats.
SAMPLES = 3


class Outcome(StrEnum):
    """`new` can be added; `known` is read already, by a source or by another outlet of the list; `away` did
    not answer, and may later; `failed` makes no source; `unseen` was not looked at yet."""

    NEW = "new"
    KNOWN = "known"
    AWAY = "away"
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
    def again_at(self) -> datetime | None:
        """From when on an outlet that did not answer or makes no source is looked at again (UTC)."""
        is_left = self.outcome in (Outcome.AWAY, Outcome.FAILED)
        return self.look.looked + FAILURE_HOLDS if self.look and is_left else None

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
        if row.look is not None and row.outcome is Outcome.NEW:
            id_ = source_ids.free(row.values.get("site") or row.look.answer["url"], row.values["name"], taken)
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
        is_away = any(look.answer.get("away") for look in seen)
        last = max(seen, key=lambda look: look.looked)
        return Row(place, one, Outcome.AWAY if is_away else Outcome.FAILED, _why(seen), look=last)
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


def _why(looks: Sequence[Look]) -> str:
    """What kept each address from being a source; what is the same of several is said once."""
    addresses: defaultdict[str, list[str]] = defaultdict(list)
    for look in looks:
        said = str(look.answer.get("fault") or look.answer.get("reason") or "nothing was found")
        addresses[said].append(look.url)
    return "; ".join(
        said if all(url in said for url in urls) else f"{', '.join(urls)}: {said}"
        for said, urls in addresses.items()
    )
