"""Every test here runs against every engine."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from presswatch.archive import Archive
from presswatch.search import Index
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.embedded import EmbeddedIndex
from support.indexing import put
from support.library import LIBRARY, PRESS
from support.newsroom import Newsroom

ENGINES = ["embedded", "elasticsearch8", "elasticsearch9"]


@contextmanager
def opened(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Index]:
    """An empty index of this engine."""
    if engine == "embedded":
        yield EmbeddedIndex(folder / "index.sqlite")
        return
    url: str = request.getfixturevalue(engine)
    name = f"test-{secrets.token_hex(4)}"
    index = ElasticsearchIndex(ElasticsearchConfig(urls=(url,), index=name))
    yield index
    if made := list(index._indices._aliases()):
        index._connection.client.indices.delete(index=made)
    index.close()


@pytest.fixture(params=ENGINES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An empty index of each engine."""
    with opened(request.param, request, tmp_path) as made:
        yield made


@pytest.fixture(scope="module", params=ENGINES)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index of each engine with the library in it, for tests that only search."""
    with opened(request.param, request, tmp_path_factory.mktemp("library")) as made:
        put(made, [*LIBRARY, *PRESS])
        yield made


@pytest.fixture
def newsroom(archive: Archive) -> Newsroom:
    return Newsroom(archive)
