from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presswatch.archive import Archive
from presswatch.demo.press import Press
from support.alarm import Alarm
from support.deployment import Deployment
from support.postoffice import PostOffice, opened


@pytest.fixture
def press() -> Iterator[Press]:
    """The sample press, opened now: a daemon's clock cannot be chosen, and old news is not mailed."""
    with Press(datetime.now(UTC)) as opened:
        yield opened


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    return Alarm(archive)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    """A mail server with STARTTLS and logins."""
    with opened(PostOffice("starttls", tmp_path)) as office:
        yield office


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """presswatch as somebody runs it, ended with all its processes."""
    made = Deployment(tmp_path)
    yield made
    made.end()
