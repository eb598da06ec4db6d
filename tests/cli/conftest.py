from collections.abc import Iterator
from pathlib import Path

import pytest

from support.deployment import Deployment


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """presswatch as somebody runs it, ended with all its processes."""
    made = Deployment(tmp_path)
    yield made
    made.end()
