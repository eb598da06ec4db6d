from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presswatch.demo.press import Press
from support.deployment import Deployment


@pytest.fixture
def press() -> Iterator[Press]:
    """The sample press, opened now: a daemon's clock cannot be chosen."""
    with Press(datetime.now(UTC)) as opened:
        yield opened


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """presswatch as somebody runs it, ended with all its processes."""
    made = Deployment(tmp_path / "here")
    made.folder.mkdir()
    yield made
    made.end()
