from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presswatch.demo.press import Press
from support.deployment import Deployment


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """presswatch as somebody runs it, ended with all its processes."""
    made = Deployment(tmp_path)
    yield made
    made.end()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """An installation that has crawled one outlet by hand, for tests that only look."""
    deployment = Deployment(tmp_path_factory.mktemp("crawled"))
    with Press(datetime.now(UTC)) as press:
        deployment.configure([press.outlets["harbour"]], every="1h")
        sections = "[{name: Ferries, watches: [aurora]}]"
        deployment.write("reviews/morning.yaml", f"name: Morning\nsections: {sections}\ncron: '@daily'\n")
        done = deployment.run("crawl", "--json")
        assert done.returncode == 0, done.stderr
        yield deployment
    deployment.end()
