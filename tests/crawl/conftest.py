"""What the tests of the crawler share: a web server on loopback, and a project that crawls it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.project import Project
from support.rendering import browsing
from support.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        yield served


@pytest.fixture
def project(tmp_path: Path, site: Site) -> Project:
    """A project that may crawl `site`."""
    made = Project(tmp_path)
    made.configure(allow=[site.host])
    return made


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of processes that render pages in a browser of their own."""
    with browsing(tmp_path) as made:
        yield made
