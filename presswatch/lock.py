"""One daemon and one reindex a data folder: locks that end with their process, and the daemon's word."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from time import sleep, time
from typing import Any

from presswatch.errors import BusyError, UnavailableError
from presswatch.files import make_private_folder, private_opener, why, write_atomically

# So long no daemon runs before it is told, and for so long after it.
STANDSTILL, _TOLD = timedelta(minutes=10), timedelta(days=1)
_TRIES = 10
_BETWEEN_SECONDS = 0.05


@contextmanager
def daemon_lock(data: Path) -> Iterator[None]:
    """Hold the data folder as its daemon. Raises BusyError saying who does."""
    with _held(data, "daemon", "stop that one first, or give another --data"):
        yield


@contextmanager
def reindex_lock(data: Path) -> Iterator[None]:
    """Be the one that builds the index anew. Raises BusyError saying who does."""
    with _held(data, "reindex", "wait for that one, or end it and go on from where it was"):
        yield


@contextmanager
def _held(data: Path, what: str, advice: str) -> Iterator[None]:
    path = data / f"{what}.lock"
    try:
        make_private_folder(data)
        file = open(path, "ab+", buffering=0, opener=private_opener)  # noqa: SIM115  # closed below
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be written: {why(error)}") from error
    with closing(file):
        if not _taken(file):
            raise BusyError(f"{data} is held by {_who(path, what)}; {advice}")
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
        try:
            file.truncate(0)
            # Unbuffered: what a full disk refused is not tried again when the file is closed.
            file.write(json.dumps(me).encode())
        except OSError as error:
            raise UnavailableError(f"{path}: cannot be written: {why(error)}") from error
        try:
            yield
        finally:
            file.truncate(0)


def holder(data: Path) -> dict[str, Any] | None:
    """Who runs the daemon on this folder: pid, host, since; None if nobody does."""
    path = data / "daemon.lock"
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(path) or None
    except OSError:
        return None
    return None


def ever_held(data: Path) -> bool:
    """Whether a daemon runs on this folder, or ran on it before."""
    return (data / "daemon.lock").exists()


def report(data: Path, said: dict[str, Any]) -> None:
    """Leave word for `presswatch status`. It is no record: where it cannot be written, nothing is lost."""
    with suppress(OSError):
        # Also on a full disk, where no word can be left, it shows that the daemon lives.
        os.utime(data / "daemon.lock")
    with suppress(OSError):
        write_atomically(data / "daemon.json", json.dumps(said).encode(), private=True)


def silent_for(data: Path) -> timedelta:
    """How long ago a daemon last said on this folder that it lives; nothing where none ever did."""
    try:
        return timedelta(seconds=max(0.0, time() - (data / "daemon.lock").stat().st_mtime))
    except OSError:
        return timedelta()


def last_report(data: Path) -> dict[str, Any]:
    return _read(data / "daemon.json")


def standstill(data: Path, now: datetime) -> dict[str, Any]:
    """What the daemon said of the last time that none ran for long: `since`, `until` (ISO, UTC) and how many
    sources were `due` meanwhile; empty where that is over for a day."""
    said: dict[str, Any] = last_report(data).get("standstill") or {}
    return said if said and now - datetime.fromisoformat(said["until"]) < _TOLD else {}


def _taken(file: FileIO) -> bool:
    """Tried for a moment, as whoever asks `holder` has the lock for an instant too."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(_BETWEEN_SECONDS)
        else:
            return True
    return False


def _read(path: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return said


def _who(path: Path, what: str) -> str:
    said = _read(path)
    if not said:
        return f"another {what}"
    return f"the {what} with process id {said['pid']} on {said['host']}, since {said['since'][:16]}Z"
