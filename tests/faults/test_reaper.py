"""A test run that is killed leaves nothing behind that its tests have started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support import PATIENCE, reaper
from support.waiting import wait_until

TESTS = Path(__file__).resolve().parents[1]
# What tests start: children that outlive their parent, in a session of their own, as those of a server; a
# child of a forkserver; a folder.
HANGING = """
import os, subprocess, time
from multiprocessing import get_context
from pathlib import Path
from support import reaper

def test_that_hangs():
    subprocess.Popen(["sh", "-c", "sleep 600 & sleep 600 & exit"], start_new_session=True).wait()
    get_context("forkserver").Process(target=time.sleep, args=(600,)).start()
    note = Path(os.environ["NOTE"])
    note.with_suffix(".new").write_text(str(reaper.folder()))
    note.with_suffix(".new").rename(note)
    time.sleep(600)
"""


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A file, which marks the processes of the test run and where that run says its folder."""
    return tmp_path / "note"


@pytest.fixture
def run(tmp_path: Path, note: Path) -> subprocess.Popen[bytes]:
    """A test run with one worker whose one test hangs."""
    test = tmp_path / "test_hanging.py"
    test.write_text(HANGING)
    options = [
        "-p",
        "conftest",
        "-p",
        "no:cacheprovider",
        "-c",
        str(TESTS.parent / "pyproject.toml"),
        "-n",
        "1",
    ]
    command = [sys.executable, "-m", "pytest", *options, "--basetemp", str(tmp_path / "base"), str(test)]
    path = os.pathsep.join([str(TESTS), *(part for part in sys.path if part)])
    with (tmp_path / "out").open("wb") as out:
        started = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, "PYTHONPATH": path, "NOTE": str(note)}
        )
    wait_until(note.exists, lambda: f"the test did not begin:\n{(tmp_path / 'out').read_text()}")
    return started


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_leaves_neither_processes_nor_folders(
    run: subprocess.Popen[bytes], note: Path, number: signal.Signals
) -> None:
    folder = Path(note.read_text())
    running = reaper.marked("NOTE", str(note))
    assert run.pid in running
    assert len(running) >= 5, "the run, its worker, two of `sleep`, a forkserver and its child"
    assert folder.is_dir()
    run.send_signal(number)
    assert run.wait(PATIENCE) != 0
    wait_until(lambda: not reaper.marked("NOTE", str(note)), "some of its processes are still there")
    wait_until(lambda: not folder.exists(), "its folder is still there")
