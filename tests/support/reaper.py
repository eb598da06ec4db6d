"""Ends whatever a test run has started, when the run ends, even by SIGKILL. Linux only.

`begin` marks the environment of this process, which its children inherit however deep, and starts a reaper:
this file as a program, in a session of its own, without the mark. The reaper sees the run's end at the end of
its standard input. Then it kills every process with the mark and removes the run's `folder`s.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path

MARK = "PRESSWATCH_TEST_RUN"


def begin() -> None:
    """Mark this process's children to come as a run's, and see to their end with this process."""
    mark = os.environ[MARK] = uuid.uuid4().hex
    reaper = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, mark],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={},
        start_new_session=True,
    )
    assert reaper.stdin is not None
    atexit.register(reaper.communicate)


def run_mark() -> dict[str, str]:
    """The mark as a variable of the environment, of a run that begins if there is none."""
    if MARK not in os.environ:
        begin()
    return {MARK: os.environ[MARK]}


def folder() -> Path:
    """A new folder that is removed at the end of the run at the latest."""
    return Path(tempfile.mkdtemp(prefix=f"presswatch-{run_mark()[MARK]}-"))


def marked(name: str, value: str) -> list[int]:
    """The living processes that were started with this variable in their environment."""
    wanted = f"{name}={value}".encode()
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _is_alive_with(path, wanted)]


def _is_alive_with(process: Path, variable: bytes) -> bool:
    # It may end meanwhile, or be another user's.
    with suppress(OSError):
        # That of a process that has ended, but was not waited for, is empty.
        return variable in (process / "environ").read_bytes().split(b"\0")
    return False


def kill(name: str, value: str) -> None:
    """Kill the processes with this variable, and those that they start meanwhile."""
    while found := marked(name, value):
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _reap(mark: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    kill(MARK, mark)
    for left in Path(tempfile.gettempdir()).glob(f"presswatch-{mark}-*"):
        shutil.rmtree(left, ignore_errors=True)


if __name__ == "__main__":
    _reap(sys.argv[1])
