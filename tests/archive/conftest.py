import pytest

from presswatch.archive import Archive
from support.newsroom import Newsroom


@pytest.fixture
def newsroom(archive: Archive) -> Newsroom:
    return Newsroom(archive)
