import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser

from presswatch import passwords
from presswatch.archive import Archive
from support import clicked
from support.browser import browsing, chromium
from support.pages_server import Pages
from support.reading_room import ReadingRoom, opened
from support.visitor import Visit, Visitor, visiting


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """A real one takes 64 MiB and a tenth of a second; tests/unit/test_passwords.py makes those."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
        yield


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """The application on an archive and an index of its own, for whoever sits at this machine."""
    with opened(archive, tmp_path) as room:
        yield room


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = chromium()
    if executable is None:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail("there is no Chromium, and PRESSWATCH_REQUIRE_SERVERS asks for one")
        pytest.skip("there is no Chromium: apt install chromium")
    with browsing(executable) as browser:
        yield browser


@pytest.fixture
def scripted() -> bool:
    """Whether browsers run scripts. Two kinds of pages have one; their tests are run with and without."""
    return False


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, *, scripted: bool) -> Iterator[Visit]:
    """Visitors with their browsers.

    When they leave, nothing went wrong in their browsers, each change led to another page, and all that
    support.clicked says of this test was pressed.
    """
    visitors: list[Visitor] = []
    with ExitStack() as stack:

        def visit(pages: Pages) -> Visitor:
            visitor = stack.enter_context(visiting(browser, pages, scripted=scripted))
            visitors.append(visitor)
            return visitor

        yield visit
    assert [one for visitor in visitors for one in visitor.complaints] == []
    posted = {name for visitor in visitors for name in visitor.posted}
    assert clicked.promised(request.node.path.name, request.node.originalname) - posted == set()
    in_place = {name for visitor in visitors for name in visitor.in_place}
    assert in_place - clicked.ANSWERED_IN_PLACE.keys() == set()
