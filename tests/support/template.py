"""A new archive without its migrations, which take half a second: a copy of one that was migrated once."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from presswatch.archive import Archive


def new_archive(path: Path) -> Archive:
    """Open the archive in this file, a new one if there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return Archive.open(path)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite"
        # Closing the last connection moves everything from the write-ahead log into the one file.
        Archive.open(path).close()
        return path.read_bytes()


def convert(archive: Archive) -> Archive:
    """The archive, made to give unused space back as docs/operations.md has it."""
    archive.close()
    with closing(sqlite3.connect(archive.path)) as connection:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        connection.execute("VACUUM")
    return Archive.open(archive.path)
