"""A file is written as a whole or not at all."""

import multiprocessing
import signal
from pathlib import Path
from typing import Any

import pytest

from presswatch.files import atomic_file, write_atomically


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
