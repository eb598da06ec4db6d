"""The parts that every test may use, all of them real."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from presswatch.archive import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An open archive of its own for each test."""
    with Archive.open(tmp_path / "data" / "archive.sqlite") as opened:
        yield opened
