"""Who holds a run: one process of one machine, told apart from every other that ever was or will be.

A process is named by the machine's boot, the namespace of its process id, that id and when it started (Linux,
/proc). So whoever is on the same machine can tell whether a holder lives, without waiting for a lease to end.
"""

import os
import secrets
import socket
from enum import StrEnum
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


class Fate(StrEnum):
    """Whether a holder lives; of one on another machine or in another namespace only its lease tells."""

    LIVES = "lives"
    DEAD = "dead"
    UNKNOWN = "unknown"


def this_process() -> str:
    """The name of this process as a holder."""
    return name_of(os.getpid()) or _nameless(os.getpid())


def name_of(pid: int) -> str | None:
    """The name of a process of this machine; None if it is gone, or where that cannot be told."""
    place, started = _place(), _started(pid)
    return None if place is None or started is None else f"{place}:{pid}:{started}"


def fate(holder: str) -> Fate:
    """Whether the process of this name lives. One that is stopped does."""
    place, _, process = holder.partition(":")
    pid, _, started = process.partition(":")
    if place != _place() or not pid.isdecimal():
        return Fate.UNKNOWN
    now = _started(int(pid))
    if now is not None:
        return Fate.LIVES if now == started else Fate.DEAD
    return Fate.UNKNOWN if _exists(int(pid)) else Fate.DEAD


@cache
def _place() -> str | None:
    """This boot of this machine, and the namespace of its process ids; None where there is no /proc."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink().name.strip('pid:[]')}"
    except OSError:
        return None


@cache
def _nameless(pid: int) -> str:
    """A name that nobody can follow to its process; another one in each process."""
    return f"{socket.gethostname()}/{secrets.token_hex(4)}:{pid}:"


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since the boot; None if it has ended."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    # proc(5): the state is the third field, the start the twenty-second; a zombie has ended.
    return None if fields[0] in "ZX" else fields[19]


def _exists(pid: int) -> bool:
    """Whether there is a process of this id though /proc does not show it, as with `hidepid`."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # It is ours, and /proc shows ours: it ended just now.
    return False
