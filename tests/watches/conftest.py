import pytest

from presswatch.archive import Archive
from support.alarm import Alarm


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    return Alarm(archive)
