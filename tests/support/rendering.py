"""The system's Chromium as crawls find it in PATH, and the processes that it is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from presswatch import chromium


def program(folder: Path, script: str) -> str:
    """A PATH whose `chromium` is this shell script."""
    folder.mkdir(exist_ok=True)
    made = folder / "chromium"
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@contextmanager
def browsing(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a crawl, with a Chromium whose sandbox is off: tests run as root, too."""
    found = chromium.path()
    if found is None:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail("there is no Chromium, and PRESSWATCH_REQUIRE_SERVERS asks for it")
        pytest.skip("there is no Chromium")
    path = program(folder / "bin", f'exec {found} --no-sandbox "$@"')
    # Its processes are known by the profiles there. The path of a socket must be short.
    with TemporaryDirectory(prefix="pw-") as short:
        yield {**os.environ, "PATH": path, "TMPDIR": short}


def processes(environment: dict[str, str]) -> list[int]:
    """Those of the browsers whose profiles are in the temporary folder of this environment."""
    found, folder = [], os.fsencode(environment["TMPDIR"])
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if folder in entry.read_bytes():
                found.append(int(entry.parent.name))
    return found


def browser(environment: dict[str, str]) -> int:
    """The one that has the others as its children."""
    those = processes(environment)
    return next(pid for pid in those if parent(pid) not in those)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def profiles(environment: dict[str, str]) -> set[Path]:
    """The folders in which browsers keep their things."""
    return set(Path(environment["TMPDIR"]).glob("playwright*"))
