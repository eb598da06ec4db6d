"""How a database is opened to be read, also where nothing can be written beside it."""

import os
from pathlib import Path

# What SQLite makes beside a database before it reads the first row, and some more.
_ROOM = 1 << 16


def is_read_only(path: Path) -> bool:
    """Whether the file is there, and this process cannot write it or what is made beside it."""
    is_writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) and has_room(path)
    return path.is_file() and not is_writable


def has_room(path: Path) -> bool:
    """Whether anything can be written beside the file; True also where that cannot be told."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return True
    return (disk.f_bavail if os.geteuid() else disk.f_bfree) * disk.f_frsize >= _ROOM


def how_to_read(path: Path) -> str:
    """The parameters of the URI by which a file is opened so that nothing is written to it.

    Whoever reads a database with a write-ahead log needs the log's two files, and SQLite makes them where
    there are none. Where that is not possible and the log is empty, nobody has the database open, and it is
    read as a file that stays as it is (https://www.sqlite.org/wal.html#read_only_databases). If its owner
    begins to write meanwhile, what is read may be neither the old nor the new: commands read for a moment.
    """
    log, shared = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    is_open = log.exists() and (log.stat().st_size > 0 or os.access(shared, os.R_OK))
    stays = is_read_only(path) and not is_open
    return "mode=ro&immutable=1" if stays else "mode=ro"
