"""A test run that is killed leaves no server behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from support import PATIENCE
from support.elasticsearch import SUPERVISOR

# A server as Elasticsearch is one: a launcher whose child does the work and outlives it.
LAUNCHER = ["sh", "-c", 'sleep 600 & echo $! > "$0/pid"; wait']


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "server"
    made.mkdir()
    return made


def supervised(owner: int, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(SUPERVISOR), str(owner), str(folder), "", *LAUNCHER, str(folder)]
    return subprocess.Popen(command, start_new_session=True)


def server_of(folder: Path) -> int:
    """The process id of the server that was started on this folder."""
    ends = time.monotonic() + PATIENCE
    while not (folder / "pid").exists() or not (folder / "pid").read_text().strip():
        assert time.monotonic() < ends, "no server was started"
        time.sleep(0.02)
    return int((folder / "pid").read_text())


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until_ended(pid: int) -> None:
    ends = time.monotonic() + PATIENCE
    while alive(pid):
        assert time.monotonic() < ends, f"process {pid} is still there"
        time.sleep(0.02)


def test_the_server_of_a_run_that_is_killed_ends_and_leaves_no_files(folder: Path) -> None:
    run = subprocess.Popen(["sleep", "600"])
    supervisor = supervised(run.pid, folder)
    server = server_of(folder)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert supervisor.wait(PATIENCE) == 0
    wait_until_ended(server)
    assert not folder.exists()


def test_a_run_that_was_killed_before_gets_no_server(folder: Path) -> None:
    run = subprocess.Popen(["true"])
    run.wait()
    assert supervised(run.pid, folder).wait(PATIENCE) == 0
    assert not folder.exists()


def test_a_server_that_is_stopped_keeps_its_files_for_another_start(folder: Path) -> None:
    supervisor = supervised(os.getpid(), folder)
    server = server_of(folder)
    supervisor.terminate()
    assert supervisor.wait(PATIENCE) == 0
    wait_until_ended(server)
    assert (folder / "pid").exists()
