"""Copying an archive's file while it is written to, and looking at a copy that nobody writes to.

SQLite's online backup copies page by page. In steps of its own accord it begins anew whenever another process
commits, and beside a daemon never ends; within a read transaction it copies the one moment that this sees
(https://www.sqlite.org/isolation.html). Writers are not held up: what they write meanwhile stays in the
write-ahead log until the copy is made.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from presswatch import sqlite_faults, sqlite_files
from presswatch.archive.schema_version import refuse_newer
from presswatch.errors import DamagedError, PresswatchError

# Of 4 KiB each: some milliseconds.
_PAGES_A_STEP = 1024
_SHOWN = 5
_REMEDY = "no backup was written; restore an earlier one into a new folder"


@dataclass(frozen=True, slots=True)
class About:
    """What an archive holds: the version of its tables, articles, the last `seq`, copies of mails and
    messages for their recipients, and those yet to be sent."""

    schema: str
    articles: int
    last_seq: int
    deliveries: int
    mails_waiting: int


def copy(path: Path, into: Path, tell: Callable[[int, int], None] = lambda _done, _of: None) -> None:
    """Copy the archive in `path` as it is at this moment to the new file `into`. Changes no table.

    `tell` is given the pages that are done and how many there are. Raises UnavailableError, DamagedError,
    PresswatchError when it was written by a newer presswatch.
    """
    try:
        with closing(_read_only(path)) as source, closing(sqlite3.connect(into)) as target:
            # What this makes is checked and hashed before anybody relies on it.
            target.execute("PRAGMA synchronous=OFF")
            target.execute("PRAGMA journal_mode=OFF")
            source.execute("BEGIN")
            refuse_newer(path, _schema(source))
            source.backup(target, pages=_PAGES_A_STEP, progress=lambda _, left, of: tell(of - left, of))
    except sqlite3.Error as error:
        raise sqlite_faults.explain(path, error, _REMEDY) or error from error


def faults(path: Path) -> list[str]:
    """What SQLite finds wrong in a file that nobody writes to, in its words; at most five."""
    try:
        with closing(_unchanging(path)) as connection:
            found = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_SHOWN})")]
    except sqlite3.Error as error:
        return [str(error)]
    return [] if found == ["ok"] else found


def about(path: Path) -> About:
    """What is in an archive that nobody writes to. Raises DamagedError for a file that is no archive."""
    try:
        with closing(_unchanging(path)) as connection:
            schema = _schema(connection)
            if schema is None:
                raise DamagedError(f"{path}: is no archive of presswatch: it has no version of its tables")

            def number(statement: str) -> int:
                return int(connection.execute(statement).fetchone()[0])

            return About(
                schema,
                number("SELECT count(*) FROM article"),
                number("SELECT coalesce(max(value), 0) FROM counter WHERE name = 'article_seq'"),
                number("SELECT count(*) FROM delivery"),
                number("SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending')"),
            )
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise DamagedError(f"{path}: is no archive of presswatch: {error}") from error


def refuse_damaged(path: Path, what: str) -> About:
    """What is in an archive of which nothing is damaged. Raises DamagedError; `what` names it there."""
    if found := faults(path):
        raise DamagedError(f"{what} is damaged: {'; '.join(found)}")
    return about(path)


def _schema(connection: sqlite3.Connection) -> str | None:
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.execute(known).fetchone() is None:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else str(found[0])


def _read_only(path: Path) -> sqlite3.Connection:
    return _connect(path, sqlite_files.how_to_read(path))


def _unchanging(path: Path) -> sqlite3.Connection:
    """Leaves no files beside it, as it takes no locks and reads no write-ahead log."""
    connection = _connect(path, "immutable=1")
    # It may come from anywhere: nothing that its tables name is called.
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    return connection


def _connect(path: Path, how: str) -> sqlite3.Connection:
    if not path.is_file():
        raise PresswatchError(f"{path}: there is no such file")
    return sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?{how}",
        uri=True,
        timeout=sqlite_faults.BUSY_SECONDS,
        isolation_level=None,
    )
