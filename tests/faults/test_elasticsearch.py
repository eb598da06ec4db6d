"""Elasticsearch goes away during a crawl and comes back: nothing is lost, nothing is there twice."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from presswatch.archive import Archive, articles, feed
from presswatch.archive.tables import article
from presswatch.demo.press import Press
from presswatch.errors import UnavailableError
from presswatch.model import Article, from_json, to_json
from presswatch.query import parse
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.indexing import index_step, reconcile
from support import elasticsearch
from support.deployment import Deployment
from support.indexing import drain, put, versions
from support.library import make
from support.newsroom import Newsroom
from support.stock import stock


@pytest.fixture(params=["elasticsearch8", "elasticsearch9"])
def index(request: pytest.FixtureRequest) -> Iterator[ElasticsearchIndex]:
    """An index of the test's own on a server that it shares."""
    url: str = request.getfixturevalue(request.param)
    made = ElasticsearchIndex(ElasticsearchConfig(urls=(url,), index=f"test-{secrets.token_hex(4)}"))
    yield made
    made._connection.client.indices.delete(index=list(made._indices._aliases()))
    made.close()


def test_a_server_killed_during_a_crawl_and_back_again_has_everything_once(
    press: Press, deployment: Deployment, server: elasticsearch.Server
) -> None:
    deployment.configure(press.outlets.values(), search={"elasticsearch": {"urls": [server.url]}})
    # All outlets but one are read when it is away, however quickly the daemon reads.
    others = {
        path: path.read_text() for path in (deployment.config / "sources").iterdir() if path.stem != "faro"
    }
    for path in others:
        path.unlink()
    wanted = len(press.expected)
    index = ElasticsearchIndex(ElasticsearchConfig(urls=(server.url,)))
    deployment.start()
    deployment.wait_until("the first articles in the index", lambda: indexed(index) > 0)
    server.kill()
    for path, text in others.items():
        deployment.write(f"sources/{path.name}", text)
    deployment.wait_until("all articles in the archive", lambda: kept(deployment) >= wanted)
    deployment.wait_until("the fault in the log", lambda: "cannot be reached" in deployment.log)
    deployment.wait_until("a mail all the same", lambda: list((deployment.data / "mail").glob("*.eml")))
    told = deployment.run("search", "ferry")
    assert told.returncode == 6
    assert "cannot be reached" in told.stderr
    assert "Traceback" not in told.stderr
    deployment.wait_until(
        "the fault in the status", lambda: "index fails since" in deployment.run("status").stdout
    )
    server.start()
    deployment.wait_until("everything in the index", lambda: indexed(index) >= wanted)
    with deployment.archive() as archive, archive.reading() as tx:
        known = set(articles.seqs(tx))
    assert set(versions(index)) == known
    index.close()


def test_a_search_right_after_a_crawl_finds_what_it_found(
    press: Press, deployment: Deployment, index: ElasticsearchIndex
) -> None:
    where = {"urls": [index.name.rpartition(" ")[2]], "index": index._indices.reading}
    deployment.configure([press.outlets["faro"]], search={"elasticsearch": where})
    assert deployment.run("crawl").returncode == 0
    told = json.loads(deployment.run("search", "*", "--json").stdout)
    with deployment.archive() as archive, archive.reading() as tx:
        known = articles.seqs(tx)
    assert told["total"] == len(known) > 3
    assert {name for one in told["articles"] for name in one["source_name"]} == {"El Faro del Sur"}


def test_what_the_server_refuses_is_set_apart_and_the_rest_is_indexed(
    archive: Archive, index: ElasticsearchIndex
) -> None:
    made = stock(archive, (f"ferry {number}\nThe text." for number in range(120)))
    poison(archive, made[7])
    drain(archive, index)
    with archive.reading() as tx:
        [bad] = feed.quarantined(tx)
    assert bad.article == made[7]
    assert "32766" in bad.reason
    assert set(versions(index)) == set(made) - {made[7]}


def test_a_read_only_index_holds_everything_back_until_it_is_open_again(
    archive: Archive, index: ElasticsearchIndex
) -> None:
    newsroom = Newsroom(archive)
    made = [newsroom.publish(f"https://gazette.example/{number}", f"ferry {number}") for number in range(9)]
    put(index, [make(0, "A first article", "makes the index")])
    client, name = index._connection.client, index._indices.live()
    assert name is not None
    client.indices.put_settings(index=name, settings={"index.blocks.write": True})
    with pytest.raises(UnavailableError, match="could not take 9 articles now"):
        index_step(archive, index, newsroom.now)
    with archive.reading() as tx:
        assert (feed.backlog(tx).waiting, feed.quarantined(tx)) == (9, [])
    client.indices.put_settings(index=name, settings={"index.blocks.write": None})
    drain(archive, index)
    assert set(made) < set(versions(index))


def test_an_index_that_was_deleted_is_filled_again(archive: Archive, index: ElasticsearchIndex) -> None:
    newsroom = Newsroom(archive)
    made = [newsroom.publish(f"https://gazette.example/{number}", f"ferry {number}") for number in range(5)]
    drain(archive, index)
    index._connection.client.indices.delete(index=list(index._indices._aliases()))
    made.append(newsroom.publish("https://gazette.example/late", "ferry late"))
    with pytest.raises(UnavailableError):
        index_step(archive, index, newsroom.now)
    reconcile(archive, index)
    drain(archive, index)
    assert set(versions(index)) == set(made)
    assert index.search(parse("ferry").tree, 10).total == len(made)


def test_a_server_that_is_not_there_is_said_to_be_away() -> None:
    port = elasticsearch.free_port()
    index = ElasticsearchIndex(ElasticsearchConfig(urls=(f"http://127.0.0.1:{port}",)))
    with pytest.raises(UnavailableError, match=f"127.0.0.1:{port}.* cannot be reached"):
        index.search(parse("ferry").tree, 1)
    index.close()


def poison(archive: Archive, id_: str) -> None:
    """Give an article what no index takes: a headline of one word, longer than Lucene's longest."""
    with archive.writing() as tx:
        row = tx.execute(select(article.c.record).where(article.c.id == id_)).scalar_one()
        read = replace(from_json(Article, row), title="x" * 40_000)
        tx.execute(article.update().where(article.c.id == id_).values(record=to_json(read)))


def kept(deployment: Deployment) -> int:
    with deployment.archive() as archive, archive.reading() as tx:
        return len(articles.seqs(tx))


def indexed(index: ElasticsearchIndex) -> int:
    try:
        return len(versions(index))
    except UnavailableError:
        return 0
