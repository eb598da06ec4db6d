"""What docs/operations.md has people copy works."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def unit() -> str:
    found = re.search(r"```\n(\[Unit\].*?)```", OPERATIONS.read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_systemd_unit_hands_over_the_password_as_a_file() -> None:
    [credential] = re.findall(r"^LoadCredential=(\w+):", unit(), re.MULTILINE)
    assert f"{{file: /run/credentials/presswatch.service/{credential}}}" in OPERATIONS.read_text()
    # %d is a folder: in Environment= it would be a path where a password is expected.
    assert "%d" not in unit()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    path = tmp_path / "presswatch.service"
    path.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit()))
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
