"""A disk that is full at the start, fills while the daemon works, and is freed."""

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from presswatch.archive import articles
from presswatch.demo.press import LAST_STEP, Press
from presswatch.search.backends import SearchConfig, open_index
from presswatch.search.indexing import index_step
from support import PATIENCE
from support.deployment import Deployment
from support.newsroom import NOW, Newsroom
from support.template import new_archive


@pytest.fixture
def small_disk(deployment: Deployment) -> Iterator[Path]:
    """The data folder, on a disk of its own of 24 MiB."""
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root alone")
    deployment.data.mkdir()
    command = [mount, "-t", "tmpfs", "-o", "size=24m", "none", str(deployment.data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield deployment.data
    deployment.end()
    subprocess.run(["umount", "--lazy", str(deployment.data)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is; the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return filler


def stored(deployment: Deployment) -> int:
    with deployment.archive() as archive, archive.reading() as tx:
        return len(articles.seqs(tx))


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence that the command says."""
    assert done.returncode == 6, done.stderr
    assert "Traceback" not in done.stderr
    [sentence] = done.stderr.splitlines()
    return sentence


@pytest.mark.parametrize("room", [0, 16_384, 100_000])
def test_a_daemon_that_starts_on_a_full_disk_says_so(
    deployment: Deployment, small_disk: Path, room: int
) -> None:
    """With no room at all, with room for its lock, and with room for some of the archive's tables."""
    deployment.configure([])
    filler = fill(small_disk)
    os.truncate(filler, filler.stat().st_size - room)
    assert str(small_disk) in told(deployment.run("run"))
    filler.unlink()
    daemon = deployment.start()
    deployment.wait_until("the start", lambda: "started" in deployment.log)
    daemon.terminate()
    assert daemon.wait(PATIENCE) == 0


def test_a_daemon_that_may_write_no_file_of_that_size_says_so(deployment: Deployment) -> None:
    """As a limit on the size of files does, where no small disk can be mounted."""
    deployment.configure([])
    deployment.data.mkdir()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = subprocess.run(
        deployment.command("run"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=limit,  # nothing of this process runs beside it
    )
    assert "archive.sqlite: the disk cannot be" in told(done)


def test_a_daemon_pauses_on_a_full_disk_and_goes_on_when_there_is_room(
    press: Press, deployment: Deployment, small_disk: Path
) -> None:
    harbour = press.outlets["harbour"]
    deployment.configure([harbour], every="1s")
    deployment.start()
    deployment.wait_until("the first articles", lambda: stored(deployment) >= len(harbour.published()))
    filler = fill(small_disk)
    before = len(deployment.log)
    for _ in range(LAST_STEP):
        press.advance()
    deployment.wait_until("the pause", lambda: "disk is full" in deployment.log[before:])
    deployment.wait_until("that it is told", lambda: "disk is full" in deployment.run("status").stdout)
    filler.unlink()
    deployment.wait_until("that it goes on", lambda: stored(deployment) >= len(harbour.published()))
    deployment.wait_until("that all is well", lambda: not failing(deployment))
    with deployment.archive() as archive, archive.reading() as tx:
        assert tx.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    assert "Traceback" not in deployment.log


def failing(deployment: Deployment) -> list[str]:
    steps = json.loads(deployment.run("status", "--json").stdout)["steps"]
    return [name for name, step in steps.items() if step["error"]]


def test_what_is_there_can_be_read_on_a_full_disk(deployment: Deployment, small_disk: Path) -> None:
    deployment.configure([])
    with new_archive(small_disk / "archive.sqlite") as archive:
        Newsroom(archive).publish("https://gazette.example/1", "The ferry ran aground.")
        index_step(archive, open_index(SearchConfig(), small_disk), NOW)
    fill(small_disk)
    for words in (["status"], ["show", "https://gazette.example/1"], ["search", "ferry"]):
        assert deployment.run(*words).returncode == 0, words
    assert "the disk is full" in told(deployment.run("mark", "https://gazette.example/1", "--tag", "ferry"))
