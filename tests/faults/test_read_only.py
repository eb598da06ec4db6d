"""Data that can be read and not written: a mount that is read-only, or another user's folder."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from presswatch.archive import Archive
from presswatch.search.backends import SearchConfig, open_index
from presswatch.search.indexing import index_step
from support.deployment import Deployment
from support.newsroom import NOW, Newsroom
from support.template import new_archive

URL = "https://gazette.example/1"


@pytest.fixture
def read_only(deployment: Deployment) -> Iterator[Deployment]:
    """One with an article, whose data folder nobody here can write."""
    deployment.configure([])
    data = deployment.data
    with new_archive(data / "archive.sqlite") as archive:
        Newsroom(archive).publish(URL, "The ferry ran aground.")
        index_step(archive, open_index(SearchConfig(), data), NOW)
    if os.geteuid():
        modes = [(path, path.stat().st_mode) for path in (data, *data.iterdir())]
        for path, mode in modes:
            path.chmod(mode & 0o555)
        yield deployment
        for path, mode in modes:
            path.chmod(mode)
        return
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "--bind", str(data), str(data)], check=False).returncode:
        pytest.skip("nothing can be mounted here")
    subprocess.run([mount, "-o", "remount,bind,ro", str(data)], check=True)
    yield deployment
    subprocess.run(["umount", "--lazy", str(data)], check=True)


def test_it_is_read_and_what_would_write_says_so(read_only: Deployment) -> None:
    for words in (["status"], ["show", URL], ["search", "ferry"], ["export", "ferry"], ["why", URL]):
        done = read_only.run(*words)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert URL in done.stdout or words == ["status"]
    kept = read_only.folder / "kept.zip"
    assert read_only.run("backup", str(kept)).returncode == 0
    marking, trial = ["mark", URL, "--tag", "ferry"], ["mails", "test", "desk@gazette.example"]
    for words in (marking, trial, ["reindex"], ["init", str(read_only.data)], ["run"]):
        done = read_only.run(*words)
        assert done.returncode == 6, words
        assert str(read_only.data) in done.stderr
        assert "Traceback" not in done.stderr
    with Archive.open_unchanged(read_only.data / "archive.sqlite") as archive, archive.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM article").scalar_one() == 1
