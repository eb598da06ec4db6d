"""`presswatch demo` ended from outside: its daemon ends with it, and its folder is removed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest


def processes_that_name(folder: Path) -> list[str]:
    """The command lines, of all processes of this machine, in which this folder stands."""
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(cmdline.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return [line for line in found if str(folder) in line]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_ended_leaves_nothing_behind(tmp_path: Path, signum: signal.Signals) -> None:
    command = [sys.executable, "-u", "-m", "presswatch", "demo"]
    demo = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    assert demo.stdout is not None
    with demo:
        lines = iter(demo.stdout.readline, "")
        assert any("its pages are at  http://127.0.0.1:" in line for line in lines), "no word of its pages"
        assert any("articles read" in line for line in lines), "it never began"
        assert processes_that_name(tmp_path), "the daemon is not at work"
        demo.send_signal(signum)
        demo.stdout.read()
    assert demo.returncode != 0
    assert processes_that_name(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
