"""Writing files that are there as a whole or not at all, and what only their owner may read."""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from presswatch.errors import UnavailableError

_PART = re.compile(r"\.[0-9a-f]{16}\.part")


@contextmanager
def atomic_file(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path` when the block ends, and is on disk then.

    It is a temporary file in the same folder until then; when the block raises it is deleted, and `path` is
    as it was before. The folder must exist. The mode is that of any new file, or 0600 for a private one.
    Raises OSError.
    """
    # No part of the name, which may be as long as a file system allows.
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(temporary, "xb", opener=private_opener if private else None) as file:
            # As long as this process lives, `remove_abandoned_parts` leaves it alone.
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_atomically(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a whole file, see `atomic_file`. Makes the folder, for a private one 0700. Raises OSError."""
    if private:
        make_private_folder(path.parent)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, private=private) as file:
        file.write(content)


@contextmanager
def part_folder(folder: Path) -> Iterator[Path]:
    """A folder of mode 0700 in this one, for what is not whole yet; it goes with all that is in it when the
    block ends. Raises OSError.
    """
    path = folder / f".{secrets.token_hex(8)}.part"
    path.mkdir(mode=0o700)
    held = os.open(path, os.O_RDONLY)
    try:
        # As long as this process lives, `remove_abandoned_parts` leaves it alone.
        fcntl.flock(held, fcntl.LOCK_EX)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(held)


def why(error: OSError) -> str:
    """What is wrong, in words; of a file in the way of a folder, which one it is."""
    if isinstance(error, FileExistsError | NotADirectoryError) and error.filename:
        path = Path(error.filename)
        for one in (path, *path.parents):
            if one.is_file():
                return f"{one} is a file, and a folder belongs there; move it away or give another folder"
    return error.strerror or str(error)


def not_written(path: Path | str, error: OSError) -> UnavailableError:
    """What to raise where a file that was asked for cannot be written, whatever the reason."""
    return UnavailableError(f"{path}: cannot be written: {why(error)}")


def sync_folder(folder: Path) -> None:
    """Have what was renamed in this folder be so after a power failure, too. Raises OSError."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def is_part(path: Path) -> bool:
    """Whether it is of `atomic_file` or `part_folder`, and there for a moment."""
    return bool(_PART.fullmatch(path.name))


def remove_abandoned_parts(folder: Path, *, below: bool = True) -> int:
    """Remove what `atomic_file` and `part_folder` of killed processes left in this folder, and `below` it.

    Returns how many there were.
    """
    removed = 0
    for path in list(folder.rglob(".*.part") if below else folder.glob(".*.part")):
        with suppress(OSError):
            if is_part(path) and _is_abandoned(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed += 1
    return removed


def _is_abandoned(path: Path) -> bool:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def make_private_folder(path: Path) -> None:
    """Make the folder and those above it that are missing, each with mode 0700. Raises OSError.

    A folder that is there keeps the mode that somebody gave it.
    """
    if path.is_dir():
        return
    make_private_folder(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(0o700)


def make_private_file(path: Path) -> None:
    """Make an empty file with mode 0600 if there is none. Raises OSError."""
    with suppress(FileExistsError):
        os.close(private_opener(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))


def private_opener(path: str | os.PathLike[str], flags: int) -> int:
    """For `open(opener=)`: a file that is made by it has mode 0600, whatever the process's umask."""
    file = os.open(path, flags, 0o600)
    if os.fstat(file).st_size == 0 and flags & os.O_CREAT:
        os.fchmod(file, 0o600)
    return file
