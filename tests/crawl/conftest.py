"""What the tests of the crawler share: a web server on loopback, and a desk that crawls it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.desk import Desk
from support.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        yield served


@pytest.fixture
def desk(tmp_path: Path, site: Site) -> Desk:
    """A desk that may crawl `site`."""
    made = Desk(tmp_path)
    made.configure(allow=[site.host])
    return made
