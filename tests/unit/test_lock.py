"""One daemon a data folder, whatever becomes of the one before."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from presswatch import lock
from presswatch.errors import BusyError, UnavailableError

HOLD = """
import sys
from pathlib import Path
from presswatch import lock
with lock.daemon_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

ASK = """
import sys
from pathlib import Path
from presswatch import lock
print("asking", flush=True)
while True:
    lock.holder(Path(sys.argv[1]))
"""


@contextmanager
def held_elsewhere(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until the block ends."""
    command = [sys.executable, "-c", HOLD, str(data)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield other


def test_nobody_holds_a_folder_at_first(tmp_path: Path) -> None:
    assert lock.holder(tmp_path / "data") is None
    with lock.daemon_lock(tmp_path / "data"):
        pass
    assert lock.holder(tmp_path / "data") is None


def test_the_second_is_told_who_was_first(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as other:
        holder = lock.holder(tmp_path)
        assert holder is not None
        assert holder["pid"] == other.pid
        with pytest.raises(BusyError, match=f"process id {other.pid} on "), lock.daemon_lock(tmp_path):
            pass
    assert lock.holder(tmp_path) is None


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path) as other:
        other.kill()
        other.wait()
        assert lock.holder(tmp_path) is None
        with lock.daemon_lock(tmp_path):
            assert lock.holder(tmp_path) is not None


def test_whoever_asks_for_the_holder_stands_in_nobodys_way(tmp_path: Path) -> None:
    with lock.daemon_lock(tmp_path):
        pass
    command = [sys.executable, "-c", ASK, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "asking\n"
        for _ in range(20):
            with lock.daemon_lock(tmp_path):
                pass
        other.kill()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in its place")
    with pytest.raises(UnavailableError, match="data"), lock.daemon_lock(tmp_path / "data"):
        pass


def test_what_the_daemon_says_of_itself_is_read_back_and_no_record(tmp_path: Path) -> None:
    assert lock.last_report(tmp_path) == {}
    lock.report(tmp_path, {"steps": {}})
    assert lock.last_report(tmp_path) == {"steps": {}}
    (tmp_path / "daemon.json").write_text(json.dumps({"steps": {}})[:5])
    assert lock.last_report(tmp_path) == {}
    lock.report(tmp_path / "full", {"steps": {}})
