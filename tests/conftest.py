"""The parts that every test may use, all of them real."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from presswatch.archive import Archive
from presswatch.demo.press import Press
from support import elasticsearch

# The same examples on every machine and however slow it is: a change passes or fails for its own sake.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An open archive of its own for each test."""
    with Archive.open(tmp_path / "data" / "archive.sqlite") as opened:
        yield opened


def _elasticsearch(version: str, variable: str) -> Iterator[str]:
    """A server named in the environment, else one of our own; without either the test says why it skips."""
    if named := os.environ.get(variable):
        yield named
        return
    try:
        with elasticsearch.running(version) as server:
            yield server.url
    except elasticsearch.Missing as missing:
        missing_server(str(missing))


def missing_server(reason: str) -> NoReturn:
    """Skip, or fail where every server has to be there."""
    if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def elasticsearch8() -> Iterator[str]:
    """The URL of an Elasticsearch 8.19."""
    yield from _elasticsearch("8.19.8", "PRESSWATCH_ES8_URL")


@pytest.fixture(scope="session")
def elasticsearch9() -> Iterator[str]:
    """The URL of an Elasticsearch 9.4."""
    yield from _elasticsearch("9.4.3", "PRESSWATCH_ES9_URL")


@pytest.fixture
def press() -> Iterator[Press]:
    """The sample press, opened at noon of 20 November 2026."""
    with Press(datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) as opened:
        yield opened
