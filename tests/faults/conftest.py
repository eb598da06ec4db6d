import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from presswatch.archive import Archive
from presswatch.demo.press import Press
from support import elasticsearch
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


@pytest.fixture(scope="session")
def own_server() -> Iterator[Callable[[str], elasticsearch.Server]]:
    """The server of a version that tests may kill; one for all, as a start takes longer than most tests."""
    with ExitStack() as stack:
        yield cache(lambda version: stack.enter_context(elasticsearch.running(version)))


@pytest.fixture(params=["8.19.8", "9.4.3"])
def server(
    request: pytest.FixtureRequest, own_server: Callable[[str], elasticsearch.Server]
) -> elasticsearch.Server:
    """A running server without an index, which the test may kill."""
    try:
        own = own_server(request.param)
    except elasticsearch.Missing as missing:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    if not own.runs:
        own.start()
    own.forget_indices()
    return own
