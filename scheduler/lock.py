"""One daemon a data folder: a lock that ends with its process, and the daemon's word on how it is."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from presswatch.errors import BusyError, UnavailableError


@contextmanager
def daemon_lock(data: Path) -> Iterator[None]:
    """Hold the data folder. Raises BusyError saying who does."""
    path = data / "daemon.lock"
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(f"{data} is held by {_who(path)}; stop that one first, or give --data") from error
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
        file.truncate(0)
        file.write(json.dumps(me))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder(data: Path) -> dict[str, Any] | None:
    """Who runs the daemon on this folder: pid, host, since; None if nobody does."""
    path = data / "daemon.lock"
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except OSError:
        return _read(path)
    return None


def report(data: Path, said: dict[str, Any]) -> None:
    """Leave word for `presswatch status`. It is no record: nothing is lost with it."""
    partial = data / "daemon.json.part"
    partial.write_text(json.dumps(said))
    partial.replace(data / "daemon.json")


def last_report(data: Path) -> dict[str, Any]:
    return _read(data / "daemon.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return said


def _who(path: Path) -> str:
    said = _read(path)
    if not said:
        return "another daemon"
    return f"the daemon with process id {said['pid']} on {said['host']}, since {said['since'][:16]}Z"
