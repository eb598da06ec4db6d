"""A file is written as a whole or not at all."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from presswatch.files import (
    atomic_file,
    make_private_file,
    make_private_folder,
    remove_abandoned_parts,
    write_atomically,
)


def test_a_file_is_replaced_and_its_folder_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_a_name_as_long_as_a_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_atomically(path, b"content")
    assert path.read_bytes() == b"content"


def test_an_exception_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), atomic_file(path) as file:
        file.write(b"half of the n")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def write_half(path: Path, written: Any) -> None:
    with atomic_file(path) as file:
        file.write(b"half of the n")
        file.flush()
        written.set()
        signal.pause()


def test_a_process_that_is_killed_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    context = multiprocessing.get_context("spawn")
    written = context.Event()
    process = context.Process(target=write_half, args=(path, written))
    process.start()
    assert written.wait(60)
    process.kill()
    process.join()
    assert path.read_bytes() == b"old"


def test_what_a_killed_process_left_is_removed_and_what_is_written_now_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.mkdir()
    context = multiprocessing.get_context("spawn")
    written = context.Event()
    process = context.Process(target=write_half, args=(folder / "file", written))
    process.start()
    assert written.wait(60)
    assert remove_abandoned_parts(tmp_path) == 0
    process.kill()
    process.join()
    assert len(list(folder.iterdir())) == 1
    (folder / ".somebody-else.part").touch()
    assert remove_abandoned_parts(tmp_path) == 1
    assert [path.name for path in folder.iterdir()] == [".somebody-else.part"]


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield int(request.param)
    os.umask(before)


def test_private_files_and_folders_are_their_owner_s_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    write_atomically(tmp_path / "data" / "mail" / "file", b"content", private=True)
    make_private_file(tmp_path / "data" / "archive")
    assert modes(tmp_path) == {
        "data": 0o700,
        "data/mail": 0o700,
        "data/mail/file": 0o600,
        "data/archive": 0o600,
    }
    write_atomically(tmp_path / "export", b"content")
    assert modes(tmp_path)["export"] == 0o666 & ~umask


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in folder.rglob("*")}


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o750)
    make_private_folder(tmp_path / "data" / "mail")
    assert modes(tmp_path) == {"data": 0o750, "data/mail": 0o700}
