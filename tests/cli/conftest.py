from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from presswatch.demo.press import Press
from support.deployment import Deployment


@pytest.fixture(autouse=True)
def own_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command run in this process sets its logs up for itself alone, not for the tests after it."""
    configure = structlog.configure
    uncached = {"cache_logger_on_first_use": False}
    monkeypatch.setattr(structlog, "configure", lambda **settings: configure(**{**settings, **uncached}))
    yield
    structlog.reset_defaults()


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
        done = deployment.run("crawl", "--json")
        assert done.returncode == 0, done.stderr
        yield deployment
    deployment.end()
