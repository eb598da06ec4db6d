"""What a fault of SQLite means: wait, restore a damaged file, or mend presswatch."""

import sqlite3
from pathlib import Path

from presswatch.errors import DamagedError, PresswatchError, UnavailableError
from presswatch.sqlite_files import has_room

# How long a transaction waits for another process's before it gives up. Transactions here are short.
BUSY_SECONDS = 30

_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# What SQLite says, too, where there is no room for what it makes beside a database.
_WRITING = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def explain(path: Path, error: BaseException | None, remedy: str) -> PresswatchError | None:
    """What to raise for a fault of the database in this file; None for one of ours, to be raised as it is.

    Only what may be over by itself or by an operator's hand, without a new presswatch, is explained: a lock,
    a full disk, a file that cannot be opened or written and input or output that fails are an
    UnavailableError, a file that is damaged or no database a DamagedError. `remedy` says what to do about a
    damaged file.
    """
    # An extended code holds the primary one in its lowest byte (https://www.sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    if primary in _LOCKED:
        return UnavailableError(
            f"{path}: another process has kept it locked for {BUSY_SECONDS} s; it is tried again"
        )
    if primary == sqlite3.SQLITE_FULL or (primary in _WRITING and not has_room(path)):
        return UnavailableError(
            f"{path}: the disk is full; make room, nothing was lost and work goes on by itself"
        )
    owner = "check the owner and permissions of the folder and of its files"
    if primary == sqlite3.SQLITE_READONLY:
        return UnavailableError(f"{path}: cannot be opened for writing ({error}); {owner}")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return UnavailableError(f"{path}: cannot be opened, it or the log beside it ({error}); {owner}")
    if primary == sqlite3.SQLITE_IOERR:
        return UnavailableError(
            f"{path}: the disk cannot be read or written ({error}); check the disk, its free room and the "
            "limit on the size of files"
        )
    if primary in _DAMAGED:
        return DamagedError(f"{path}: {error}; {remedy}")
    return None
