"""The program as processes that begin at once: forked from one that has loaded all of it before.

A process that begins anew spends a second of the processor on imports. Those that `start` and `run` begin
have what `python -m presswatch` has: arguments, streams, folder, environment, a session and an end of their
own; only /proc/PID/environ and /proc/PID/cmdline are not theirs. What a test says of the beginning itself, as
of imports or closed streams, needs `Deployment.command`. Linux only.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

from support import PATIENCE

_LONGEST_REQUEST = 1 << 18
_PACKAGES = ("presswatch", "crawler", "scheduler")


@dataclass(slots=True)
class Process:
    """A command that was started, with what `subprocess.Popen` has for one."""

    words: Sequence[str]
    pid: int
    _ended: socket.socket
    returncode: int | None = field(default=None, init=False)

    def wait(self, timeout: float | None = PATIENCE) -> int:
        """Its exit code, or less the signal that ended it.

        Raises subprocess.TimeoutExpired.
        """
        if self.returncode is None:
            self._ended.settimeout(timeout)
            try:
                self.returncode = int(self._ended.recv(64))
            except TimeoutError:
                raise subprocess.TimeoutExpired(list(self.words), timeout or 0) from None
            self._ended.close()
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


def start(
    words: Sequence[str],
    streams: tuple[int, int, int],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Process:
    """Start `presswatch` with these words, with `streams` as its standard input, output and error."""
    # In messages: the end of one that ends at once is not read together with its beginning.
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        asked = [list(words), str(cwd or Path.cwd()), dict(os.environ if env is None else env)]
        socket.send_fds(_server(), [json.dumps(asked).encode()], [*streams, theirs.fileno()])
    return Process(words, int(ours.recv(64)), ours)


def run(
    words: Sequence[str],
    *,
    typed: str = "",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run `presswatch` with these words to its end, `typed` as its standard input."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as told,
    ):
        given.write(typed.encode())
        given.seek(0)
        process = start(words, (given.fileno(), said.fileno(), told.fileno()), cwd, env)
        try:
            code = process.wait()
        except BaseException:
            process.send_signal(signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(list(words), code, _all_of(said), _all_of(told))


def _all_of(written: IO[bytes]) -> str:
    written.seek(0)
    return written.read().decode()


@cache
def _server() -> socket.socket:
    """Where commands are asked for; the server ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        # One thread: what libraries start for themselves would not be there after a fork.
        alone = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
        server = subprocess.Popen(
            [sys.executable, "-m", "support.program"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            env={**os.environ, **alone},
        )
    atexit.register(server.wait)
    atexit.register(ours.close)
    return ours


def _serve(asking: socket.socket) -> list[str] | None:
    """Fork for every request: the words for the child, and None in the server when nobody asks more."""
    with selectors.DefaultSelector() as awaited:
        awaited.register(asking, selectors.EVENT_READ)
        running: dict[int, tuple[int, socket.socket]] = {}
        while True:
            for ready, _ in awaited.select():
                if ready.fd in running:
                    pid, told = running.pop(ready.fd)
                    awaited.unregister(ready.fd)
                    os.close(ready.fd)
                    with told:
                        told.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                    continue
                request, given, _, _ = socket.recv_fds(asking, _LONGEST_REQUEST, 4)
                if not request:
                    return None
                words, folder, environment = json.loads(request)
                if pid := os.fork():
                    for one in given[:3]:
                        os.close(one)
                    told = socket.socket(fileno=given[3])
                    told.send(b"%d" % pid)
                    running[one := os.pidfd_open(pid)] = (pid, told)
                    awaited.register(one, selectors.EVENT_READ)
                    continue
                for one, (_, told) in running.items():
                    os.close(one)
                    told.close()
                asking.close()
                _become(given, folder, environment)
                return [str(word) for word in words]


def _become(given: Sequence[int], folder: str, environment: Mapping[str, str]) -> None:
    for number, one in enumerate(given[:3]):
        os.dup2(one, number)
    for one in given:
        os.close(one)
    # The terminal where the tests were started is not its own.
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[0] = folder
    # As Python opens them when it begins.
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, buffering, old.encoding, old.errors, closefd=False)  # noqa: SIM115
        for number, mode, buffering, old in (
            (0, "r", -1, sys.stdin),
            (1, "w", -1, sys.stdout),
            (2, "w", 1, sys.stderr),
        )
    )


def _load() -> None:
    for name in _PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    # A child that collects garbage need not copy all of this.
    gc.collect()
    gc.freeze()


def _main() -> None:
    _load()
    words = _serve(socket.socket(fileno=os.dup(0)))
    if words is not None:
        sys.argv[1:] = words
        try:
            runpy.run_module("presswatch", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            _end(ended.code if isinstance(ended.code, int) else 1 if ended.code else 0)


def _end(code: int) -> NoReturn:
    """What Python does at its end, but for taking down every module: a tenth of a second of the processor."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _main()
