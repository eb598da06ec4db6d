"""A cluster that is too busy, too slow, or that somebody else has had a hand in."""

import secrets
from collections.abc import Iterator

import pytest

from presswatch.archive import Archive, feed
from presswatch.errors import UnavailableError
from presswatch.query import parse
from presswatch.search import schema_versions
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.indexing import index_step
from presswatch.search.reindex import reindex
from support.indexing import drain, put, versions
from support.library import make
from support.newsroom import NOW, Newsroom
from support.proxy import Proxy


@pytest.fixture(params=["elasticsearch8", "elasticsearch9"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def proxy(url: str) -> Iterator[Proxy]:
    with Proxy(url).open() as opened:
        yield opened


@pytest.fixture
def index(proxy: Proxy) -> Iterator[ElasticsearchIndex]:
    """An index behind the proxy, with one article."""
    made = ElasticsearchIndex(ElasticsearchConfig(urls=(proxy.url,), index=f"test-{secrets.token_hex(4)}"))
    put(made, [make(0, "A first article", "makes the index")])
    yield made
    proxy.release()
    proxy.refuse()
    made._connection.client.indices.delete(index=list(made._indices._aliases()))
    made.close()


@pytest.fixture
def published(archive: Archive) -> list[str]:
    newsroom = Newsroom(archive)
    return [newsroom.publish(f"https://gazette.example/{number}", f"ferry {number}") for number in range(9)]


@pytest.mark.parametrize("status", [429, 503, 502, 500])
def test_a_busy_cluster_gets_everything_when_it_has_time(
    archive: Archive, index: ElasticsearchIndex, proxy: Proxy, published: list[str], status: int
) -> None:
    proxy.refuse(status, status)
    for _ in range(2):
        with pytest.raises(UnavailableError, match=str(status)):
            index_step(archive, index, NOW)
        with archive.reading() as tx:
            assert (feed.backlog(tx).waiting, feed.quarantined(tx)) == (9, [])
    assert index_step(archive, index, NOW) is True
    assert index_step(archive, index, NOW) is False
    assert set(published) < set(versions(index))


def test_a_node_that_stalls_is_given_up_and_gets_everything_later(
    archive: Archive, index: ElasticsearchIndex, proxy: Proxy, published: list[str]
) -> None:
    patient = index._connection.client
    index._connection.client = patient.options(request_timeout=0.3)
    proxy.stall()
    with pytest.raises(UnavailableError, match=proxy.url):
        index_step(archive, index, NOW)
    with pytest.raises(UnavailableError, match=proxy.url):
        versions(index)
    index._connection.client = patient
    proxy.release()
    drain(archive, index)
    assert set(published) < set(versions(index))
    with archive.reading() as tx:
        assert feed.backlog(tx).waiting == 0


def test_an_index_of_other_mappings_is_told_of_and_built_anew(
    archive: Archive, index: ElasticsearchIndex, published: list[str]
) -> None:
    client, alias = index._connection.client, index._indices.reading
    client.indices.delete(index=list(index._indices._aliases()))
    other = {"dynamic": "strict", "properties": {"title": {"type": "long"}}}
    aliases: dict[str, dict[str, str]] = {alias: {}, index._indices.writing: {}}
    client.indices.create(index=f"{alias}-v1-1", mappings=other, aliases=aliases)
    late = ElasticsearchIndex(ElasticsearchConfig(urls=(client_url(index),), index=alias))
    with pytest.raises(UnavailableError, match="older schema version; `presswatch reindex` builds it anew"):
        index_step(archive, late, NOW)
    for ask in (lambda: late.search(parse("ferry").tree, 20), late.probe):
        with pytest.raises(UnavailableError, match="older schema version"):
            ask()
    with archive.reading() as tx:
        assert (feed.backlog(tx).waiting, feed.quarantined(tx)) == (9, [])
    assert reindex(archive, late, NOW, lambda _done, _of: None) == 9
    assert late.search(parse("ferry").tree, 20).total == 9
    assert index_step(archive, late, NOW) is False
    late.close()


def test_an_index_of_a_newer_version_is_left_alone(
    archive: Archive, index: ElasticsearchIndex, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drain(archive, index)
    monkeypatch.setattr(schema_versions, "ELASTICSEARCH", schema_versions.ELASTICSEARCH - 1)
    early = ElasticsearchIndex(ElasticsearchConfig(urls=(client_url(index),), index=index._indices.reading))
    for ask in (lambda: early.put([make(1, "B", "text")]), lambda: early.search(parse("ferry").tree, 1)):
        with pytest.raises(UnavailableError, match="made by a newer presswatch; install that here"):
            ask()
    assert set(published) < set(versions(index))
    early.close()


def client_url(index: ElasticsearchIndex) -> str:
    return index.name.rpartition(" ")[2]
