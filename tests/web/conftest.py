from collections.abc import Iterator
from pathlib import Path

import pytest

from presswatch.archive import Archive
from support.reading_room import ReadingRoom, opened


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """The application on an archive and an index of its own, for whoever sits at this machine."""
    with opened(archive, tmp_path) as room:
        yield room
