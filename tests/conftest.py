"""The parts that every test may use, all of them real."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
import structlog
from hypothesis import settings

from presswatch.archive import Archive
from presswatch.demo.press import Press
from support import elasticsearch, reaper
from support.template import new_archive

# The same examples on every machine and however slow it is: a change passes or fails for its own sake.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# The order in which the folders of tests are begun: a worker that begins a long test last keeps all waiting.
_ORDER = ("faults", "cli", "crawl", "packaging", "contract")


def pytest_configure(config: pytest.Config) -> None:
    """What the tests start ends with this process; workers of pytest-xdist are part of that."""
    if not hasattr(config, "workerinput"):
        reaper.begin()
    # A shell starts what runs in its background with SIGINT ignored, and what tests start would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, and tests that share what was made for a module on one worker."""
    rank = {folder: place for place, folder in enumerate(_ORDER)}
    items.sort(key=lambda item: rank.get(item.path.parent.name, len(rank)))
    for item in items:
        if not item.get_closest_marker("xdist_group") and (group := _group(item)):
            item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    """What this test shares with others, or "" when any worker may have it."""
    assert isinstance(item, pytest.Function)
    if "server" in item.fixturenames:
        return "own-server"
    definitions = item._fixtureinfo.name2fixturedefs
    shared = [name for name, found in definitions.items() if found[-1].scope == "module"]
    if not shared:
        return ""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    chosen = [str(params[name]) for name in shared if name in params]
    return "-".join([item.path.stem, *chosen])


@pytest.fixture(autouse=True)
def own_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command run in this process sets its logs up for itself alone, not for the tests after it."""
    configure = structlog.configure
    uncached = {"cache_logger_on_first_use": False}
    monkeypatch.setattr(structlog, "configure", lambda **settings: configure(**{**settings, **uncached}))
    yield
    structlog.reset_defaults()


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An open archive of its own for each test."""
    with new_archive(tmp_path / "data" / "archive.sqlite") as opened:
        yield opened


def _elasticsearch(version: str, variable: str, worker_folder: Path) -> str:
    """A server named in the environment, else one of our own; without either the test says why it skips."""
    if named := os.environ.get(variable):
        return named
    in_worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = worker_folder.parent if in_worker else worker_folder
    try:
        return elasticsearch.shared(version, folder)
    except elasticsearch.Missing as missing:
        missing_server(str(missing))


def missing_server(reason: str) -> NoReturn:
    """Skip, or fail where every server has to be there."""
    if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def elasticsearch8(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an Elasticsearch 8.19."""
    return _elasticsearch("8.19.8", "PRESSWATCH_ES8_URL", tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def elasticsearch9(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of an Elasticsearch 9.4."""
    return _elasticsearch("9.4.3", "PRESSWATCH_ES9_URL", tmp_path_factory.getbasetemp())


@pytest.fixture
def press() -> Iterator[Press]:
    """The sample press, opened at noon of 20 November 2026."""
    with Press(datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) as opened:
        yield opened
