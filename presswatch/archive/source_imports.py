"""Lists of outlets that the pages have looked at: each belongs to a request, and goes with it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from presswatch.archive import requests
from presswatch.archive.tables import RequestKind, source_import
from presswatch.archive.upsert import insert
from presswatch.model import from_json, to_json
from presswatch.sources.source_list import SourceList


@dataclass(frozen=True, slots=True)
class SourceImport:
    """`name` is that of the file, "" for what was typed."""

    name: str
    listed: SourceList


def ask(tx: Connection, name: str, listed: SourceList, asked_by: str, now: datetime) -> int:
    """Ask the daemon to look at these outlets; the request's id, that of the same list where it waits.

    Raises UsageError when too many wait.
    """
    said = to_json(listed)
    subject = hashlib.sha256(said.encode()).hexdigest()
    number = requests.ask(tx, RequestKind.IMPORT, subject, asked_by, now)
    row = insert(source_import).values(request=number, name=name, list=said)
    tx.execute(row.on_conflict_do_nothing())
    return number


def of(tx: Connection, number: int) -> SourceImport | None:
    """The list of a request."""
    row = tx.execute(select(source_import).where(source_import.c.request == number)).one_or_none()
    return None if row is None else SourceImport(row.name, from_json(SourceList, row.list))


def names(tx: Connection, numbers: list[int]) -> dict[int, str]:
    """What the files of these requests are called."""
    mine = select(source_import.c.request, source_import.c.name)
    return {row.request: row.name for row in tx.execute(mine.where(source_import.c.request.in_(numbers)))}
