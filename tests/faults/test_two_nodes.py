"""A cluster of two nodes, one of which goes away and comes back."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from presswatch.archive import Archive
from presswatch.errors import UnavailableError
from presswatch.query import parse
from presswatch.search.elastic import writing
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.indexing import index_step
from support import elasticsearch
from support.elasticsearch import Server
from support.indexing import drain, versions
from support.newsroom import NOW
from support.stock import stock
from support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("own-server")

Open = Callable[..., ElasticsearchIndex]
FERRY = parse("ferry").tree


# Two more servers of the older version would take as long again: that a node is away looks alike to both.
@pytest.fixture(scope="module", params=["9.4.3"])
def nodes(request: pytest.FixtureRequest) -> Iterator[tuple[Server, Server]]:
    try:
        with elasticsearch.two_nodes(request.param) as started:
            yield started
    except elasticsearch.Missing as missing:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture
def open_index(nodes: tuple[Server, Server]) -> Iterator[Open]:
    """Opens an index with these settings on both nodes."""
    urls = [node.url for node in nodes]
    with ExitStack() as ended:

        def opened(**settings: object) -> ElasticsearchIndex:
            name = f"test-{secrets.token_hex(4)}"
            config = ElasticsearchConfig.model_validate({"urls": urls, "index": name, **settings})
            index = ElasticsearchIndex(config)
            ended.callback(index.close)
            return index

        yield opened


def wait_for(index: ElasticsearchIndex, status: str) -> None:
    client = index._connection.client

    def has_it() -> bool:
        health = client.cluster.health(index=index._indices.live())
        return bool(health["status"] == status)

    wait_until(has_it, f"the index is {status}")


def test_with_a_copy_search_and_feed_go_on_without_a_node(
    nodes: tuple[Server, Server], open_index: Open, archive: Archive
) -> None:
    _first, second = nodes
    index = open_index(replicas=1)
    made = stock(archive, (f"Ferry {number}\nText." for number in range(20)))
    drain(archive, index)
    wait_for(index, "green")
    second.kill()
    assert index.search(FERRY, 5).total == 20
    assert len(list(index.scan(FERRY))) == 20
    made += stock(archive, (f"Ferry {number}\nText." for number in range(20, 30)), 20)
    drain(archive, index)
    assert set(versions(index)) == set(made)
    wait_for(index, "yellow")
    second.start()
    wait_for(index, "green")
    assert index.search(FERRY, 5).total == 30


def test_without_a_copy_what_a_node_had_is_told_to_be_missing_and_comes_back(
    nodes: tuple[Server, Server], open_index: Open, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    _first, second = nodes
    monkeypatch.setattr(writing, "SECONDS", 1)
    index = open_index(replicas=0, shards=2)
    made = stock(archive, (f"Ferry {number}\nText." for number in range(20)))
    drain(archive, index)
    second.kill()
    wait_for(index, "red")
    for ask in (
        lambda: index.search(FERRY, 5),
        lambda: list(index.scan(FERRY)),
        lambda: index.census(0, None),
    ):
        with pytest.raises(UnavailableError, match="a part of the index is on a node that is away"):
            ask()
    made += stock(archive, (f"Ferry {number}\nText." for number in range(20, 40)), 20)
    with pytest.raises(UnavailableError, match=r"could not take \d+ articles now: 503: .*not active"):
        index_step(archive, index, NOW)
    second.start()
    wait_for(index, "green")
    drain(archive, index)
    assert index.search(FERRY, 5).total == 40
    assert set(versions(index)) == set(made)
