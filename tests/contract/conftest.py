"""Every test here runs against every engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from presswatch.archive import Archive
from presswatch.search import Index
from presswatch.search.embedded import EmbeddedIndex
from support.library import LIBRARY
from support.newsroom import Newsroom


@pytest.fixture(params=["embedded"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An empty index of each engine."""
    opened = EmbeddedIndex(tmp_path / "index.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def stocked(index: Index) -> Index:
    """The same with the library in it."""
    index.put(LIBRARY)
    return index


@pytest.fixture
def newsroom(archive: Archive) -> Newsroom:
    return Newsroom(archive)
