"""What people made on pages and by commands and that stands in the archive alone, as files.

A saved search becomes a file of the configuration, `searches/ID.query`; all else is JSON Lines. No file holds
a password, a token, or a hash of one.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection

from presswatch.archive import (
    Archive,
    accounts,
    alerts,
    api_tokens,
    audit,
    choices,
    marks,
    removals,
    saved_searches,
)
from presswatch.archive import stories as archived_stories
from presswatch.archive.saved_searches import SavedSearch
from presswatch.errors import QueryError
from presswatch.free_ids import free_id
from presswatch.query import parse
from presswatch.query.filters import with_values
from presswatch.watches.safe_text import single_line
from presswatch.web.search.search_address import SearchAddress

_AUDIT = "audit-trail.jsonl"
_AT_ONCE = 1_000
# Behind it there is room for a number.
_LONGEST_ID = 50

Values = Mapping[str, object]


def lines(archive: Archive, file: str) -> Iterator[str]:
    """The lines of one of `FILES`. Raises UnavailableError."""
    if file != _AUDIT:
        with archive.reading() as tx:
            records = list(_RECORDS[file](tx))
        yield from map(_line, records)
        return
    # It may be long: nobody else waits for it.
    before: int | None = None
    while True:
        with archive.reading() as tx:
            acts = audit.latest(tx, _AT_ONCE, before)
        yield from (_line(asdict(act) | {"actor": act.actor._asdict()}) for act in acts)
        if len(acts) < _AT_ONCE:
            return
        before = acts[-1].id


def search_files(tx: Connection, saved: Mapping[str, str]) -> tuple[dict[str, str], list[SavedSearch]]:
    """The saved searches as files of the configuration, by their names in the folder `searches`.

    `saved` has the queries of those that are there: no file takes the id of one. Those whose query is not
    understood are returned beside them.
    """
    files: dict[str, str] = {}
    left: list[SavedSearch] = []
    for one in saved_searches.every(tx):
        text = as_query(SearchAddress.from_saved(one.address))
        try:
            parse(text, saved=saved)
        except QueryError:
            left.append(one)
            continue
        whose = f"# saved by {one.account}\n" if one.account else ""
        taken = {*saved, *(file.partition(".")[0] for file in files)}
        id_ = free_id(
            f"{one.account} {one.name}", taken.__contains__, otherwise="search", longest=_LONGEST_ID
        )
        files[f"{id_}.query"] = f"# {single_line(one.name)}\n{whose}{text}\n"
    return files, left


def as_query(address: SearchAddress) -> str:
    """All that finds the articles of a search, as one query. The order of hits is none of it."""
    filters = address.filters
    text = with_values(address.query or "*", filters.values)
    if not (filters.since or filters.until):
        return text
    time = f"time:[{filters.since or '*'} TO {filters.until or '*'}]"
    return time if text == "*" else f"({text}\n) AND {time}"


def _accounts(tx: Connection) -> Iterator[Values]:
    for one in accounts.every(tx):
        yield {"name": one.name, "role": one.role.word, "language": one.language, "added": one.added}


def _pauses(tx: Connection) -> Iterator[Values]:
    for id_, state in sorted(alerts.watches(tx).items()):
        if state.paused_until is not None:
            is_open = state.paused_until == alerts.FOR_EVER
            yield {"watch": id_, "paused_until": None if is_open else state.paused_until}


def _marks(tx: Connection) -> Iterator[Values]:
    for id_, url, known in marks.every(tx):
        yield {"article": id_, "url": url} | asdict(known)


_RECORDS: dict[str, Callable[[Connection], Iterator[Values]]] = {
    "accounts.jsonl": _accounts,
    "saved-searches.jsonl": lambda tx: map(asdict, saved_searches.every(tx)),
    "marks.jsonl": _marks,
    "collections.jsonl": lambda tx: map(asdict, marks.collections(tx)),
    "choices.jsonl": lambda tx: map(asdict, choices.every(tx)),
    "pauses.jsonl": _pauses,
    "removed-articles.jsonl": lambda tx: map(asdict, removals.removals(tx)),
    "stories-apart.jsonl": lambda tx: ({"stories": pair} for pair in archived_stories.apart(tx)),
    "tokens.jsonl": lambda tx: map(asdict, api_tokens.all_of_them(tx)),
}
FILES = (*_RECORDS, _AUDIT)


def _line(record: Values) -> str:
    return json.dumps(record, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
