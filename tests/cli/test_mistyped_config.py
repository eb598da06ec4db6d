"""A configuration that is not there stops every command, and nothing is made for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from support import PATIENCE
from support.commands import every_command, required_arguments


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_a_mistyped_config_stops_every_command_and_makes_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    given = []
    for name in required_arguments(words):
        given += [name, "https://gazette.example/"] if name.startswith("-") else ["https://gazette.example/"]
    done = subprocess.run(
        [sys.executable, "-m", "presswatch", "--config", "konfig", *words, *given],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "konfig/presswatch.yaml: there is no such file; `presswatch init` writes" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("status",), ("show", "an-article"), ("quarantine", "list")], ids=" ".join)
def test_a_command_in_a_folder_without_a_configuration_makes_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "presswatch", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert list(tmp_path.iterdir()) == []
