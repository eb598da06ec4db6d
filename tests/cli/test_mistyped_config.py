"""A configuration that is not there stops every command, and nothing is made for it."""

import os
import subprocess
from pathlib import Path

import pytest

from presswatch.cli.context import origins
from support import program
from support.commands import every_command, required_arguments


def run(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return program.run(arguments, cwd=folder, env={**os.environ, **environment})


_WRITE_IT = {("init",), ("restore",)}


@pytest.mark.parametrize("words", sorted({*every_command()} - _WRITE_IT), ids=" ".join)
def test_a_mistyped_config_stops_every_command_and_makes_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    given = []
    for name in required_arguments(words):
        given += [name, "https://gazette.example/"] if name.startswith("-") else ["https://gazette.example/"]
    done = run(tmp_path, "--config", "konfig", *words, *given)
    assert (done.returncode, done.stdout) == (3, "")
    assert "konfig/presswatch.yaml: there is no such file; `presswatch init` writes" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("status",), ("show", "an-article"), ("quarantine", "list")], ids=" ".join)
def test_a_command_in_a_folder_without_a_configuration_makes_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == 3, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_writes_where_the_configuration_is_looked_for(tmp_path: Path) -> None:
    assert run(tmp_path, "init", PRESSWATCH_CONFIG=str(tmp_path / "etc")).returncode == 0
    assert run(tmp_path, "--config", "given", "init", PRESSWATCH_CONFIG=str(tmp_path / "etc")).returncode == 0
    assert run(tmp_path, "init", "folder", PRESSWATCH_CONFIG=str(tmp_path / "etc")).returncode == 0
    assert run(tmp_path, "init", PRESSWATCH_CONFIG="").returncode == 0
    written = sorted(str(path.parent.relative_to(tmp_path)) for path in tmp_path.rglob("presswatch.yaml"))
    assert written == ["config", "etc", "folder/config", "given"]


def test_an_error_says_which_variable_named_the_folder(tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    done = run(tmp_path, "status", PRESSWATCH_CONFIG=elsewhere)
    assert done.returncode == 3
    assert f"{elsewhere}/presswatch.yaml: there is no such file" in done.stderr
    assert done.stderr.endswith(f"PRESSWATCH_CONFIG is {elsewhere}\n")

    assert run(tmp_path, "init").returncode == 0
    (tmp_path / "file").touch()
    data = str(tmp_path / "file" / "data")
    done = run(tmp_path, "run", PRESSWATCH_DATA=data)
    assert done.returncode == 6
    assert f"PRESSWATCH_DATA is {data}" in done.stderr
    # An option is at hand to whoever typed it.
    done = run(tmp_path, "--data", data, "run", PRESSWATCH_DATA="/elsewhere")
    assert done.returncode == 6
    assert "PRESSWATCH_DATA" not in done.stderr


@pytest.mark.parametrize(
    ("said", "variables"),
    [
        ("/etc/presswatch/presswatch.yaml:3: contakt: there is no such key", ["PRESSWATCH_CONFIG"]),
        ("/var/lib/presswatch is held by the daemon with process id 7", ["PRESSWATCH_DATA"]),
        ("/etc/presswatch.old/presswatch.yaml: there is no such file", []),
        ("/srv/etc/presswatch/presswatch.yaml: there is no such file", []),
        ("/etc/presswatch-2/presswatch.yaml: there is no such file", []),
        ("the index at https://es.example/ does not answer", []),
    ],
)
def test_only_a_folder_that_an_error_tells_of_is_traced_to_its_variable(
    said: str, variables: list[str]
) -> None:
    environment = {"PRESSWATCH_CONFIG": "/etc/presswatch/", "PRESSWATCH_DATA": "/var/lib/presswatch"}
    assert [line.partition(" ")[0] for line in origins(said, environment)] == variables
    assert list(origins(said, {"PRESSWATCH_CONFIG": "", "PRESSWATCH_DATA": "/"})) == []
