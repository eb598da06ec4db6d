"""A cluster with security: the documented role suffices, and what is wrong with a login is told."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from presswatch.archive import Archive, articles
from presswatch.errors import UnavailableError
from presswatch.query import parse
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.indexing import reconcile
from presswatch.search.reindex import reindex
from support import elasticsearch
from support.indexing import drain, put, versions
from support.library import make
from support.newsroom import NOW, Newsroom
from support.secured import Secured, secured

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"

# One worker runs all tests with a server of their own, so that there is one of 850 MB at a time.
pytestmark = pytest.mark.xdist_group("own-server")


@pytest.fixture(scope="module", params=["8.19.8", "9.4.3"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Secured]:
    """A server with security, its documented roles, and a user of each: `presswatch` and `reader`."""
    try:
        with secured(request.param) as made:
            for name in ("presswatch", "reader"):
                made.ask("PUT", f"/_security/role/{name}", documented(name))
                made.ask("PUT", f"/_security/user/{name}", {"password": "sesame-sesame", "roles": [name]})
            yield made
    except elasticsearch.Missing as missing:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


def documented(role: str) -> dict[str, object]:
    """The role as docs/operations.md has it."""
    found = re.search(rf"PUT /_security/role/{role}\n(\{{.*?\n\}})", OPERATIONS.read_text(), re.S)
    assert found is not None
    role_: dict[str, object] = json.loads(found[1])
    return role_


def opened(cluster: Secured, **login: object) -> ElasticsearchIndex:
    values = {"urls": [cluster.url], **login}
    return ElasticsearchIndex(ElasticsearchConfig.model_validate(values))


def secret(folder: Path, value: str) -> dict[str, str]:
    """A secret in a file, as the configuration names it."""
    path = folder / "secret"
    path.write_text(value)
    return {"file": str(path)}


def by_password(cluster: Secured, folder: Path) -> ElasticsearchIndex:
    password = secret(folder, "sesame-sesame")
    return opened(cluster, username="presswatch", password=password, ca_file=str(cluster.ca_file))


def by_key(cluster: Secured, folder: Path) -> ElasticsearchIndex:
    body = {"name": "presswatch", "role_descriptors": {"presswatch": documented("presswatch")}}
    made = cluster.ask("POST", "/_security/api_key", body)
    return opened(cluster, api_key=secret(folder, made["encoded"]), ca_file=str(cluster.ca_file))


def by_fingerprint(cluster: Secured, folder: Path) -> ElasticsearchIndex:
    password = secret(folder, "sesame-sesame")
    return opened(cluster, username="presswatch", password=password, fingerprint=cluster.fingerprint)


Open = Callable[[Secured, Path], ElasticsearchIndex]


@pytest.mark.parametrize("log_in", [by_password, by_key, by_fingerprint])
def test_the_documented_role_suffices_for_everything(
    cluster: Secured, archive: Archive, tmp_path: Path, log_in: Open
) -> None:
    index = log_in(cluster, tmp_path)
    newsroom = Newsroom(archive)
    made = [newsroom.publish(f"https://gazette.example/{number}", f"ferry {number}") for number in range(3)]
    drain(archive, index)
    tree = parse("ferry").tree
    assert index.search(tree, 10).total == 3
    assert len(list(index.scan(tree))) == 3
    assert index.facets(tree, 3)
    assert index.timeline(tree, "UTC").bars
    index.significant(tree, 3)
    assert "3 articles" in index.probe()
    assert reindex(archive, index, NOW, lambda _done, _of: None) == 3
    put(index, [make(0, "A stranger", "not in the archive")])
    assert reconcile(archive, index) == 1
    with archive.reading() as tx:
        assert versions(index) == articles.seqs(tx)
    assert set(versions(index)) == set(made)
    index._connection.client.indices.delete(index=list(index._indices._aliases()))
    index.close()


def test_a_reader_may_search_and_is_told_what_it_may_not(cluster: Secured, tmp_path: Path) -> None:
    assert '"privileges": ["read", "view_index_metadata"]' in json.dumps(documented("reader"))
    writer = by_password(cluster, tmp_path)
    put(writer, [make(0, "A ferry", "text")])
    reader = opened(
        cluster, username="reader", password=secret(tmp_path, "sesame-sesame"), ca_file=str(cluster.ca_file)
    )
    tree = parse("ferry").tree
    assert reader.search(tree, 3).total == 1
    assert [document.title for document in reader.scan(tree)] == ["A ferry"]
    assert reader.facets(tree, 3)
    assert reader.timeline(tree, "UTC").bars
    reader.significant(tree, 3)
    assert "1 articles" in reader.probe()
    with pytest.raises(
        UnavailableError, match=r"indices:data/write/bulk\] is unauthorized for user \[reader\]"
    ):
        reader.put([make(1, "B", "text")])
    with pytest.raises(UnavailableError, match=r"does not allow it \(403\).*docs/operations.md has the role"):
        reader.successor()
    writer._connection.client.indices.delete(index=list(writer._indices._aliases()))
    writer.close()
    reader.close()


def test_a_wrong_login_is_told(cluster: Secured, tmp_path: Path) -> None:
    index = opened(
        cluster, username="presswatch", password=secret(tmp_path, "wrong"), ca_file=str(cluster.ca_file)
    )
    with pytest.raises(UnavailableError, match=r"does not know us \(401\): check api_key, or username"):
        index.search(parse("ferry").tree, 1)
    index.close()


@pytest.mark.parametrize("trust", ["nobody's", "another's"])
def test_a_certificate_of_somebody_else_is_not_trusted(cluster: Secured, tmp_path: Path, trust: str) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    named = {"ca_file": str(other)} if trust == "another's" else {}
    index = opened(cluster, username="presswatch", password=secret(tmp_path, "sesame-sesame"), **named)
    with pytest.raises(UnavailableError, match=r"no TLS: .*; check search.elasticsearch.ca_file"):
        index.search(parse("ferry").tree, 1)
    index.close()


def test_a_node_that_is_away_is_passed_over(elasticsearch9: str) -> None:
    away = f"http://127.0.0.1:{elasticsearch.free_port()}"
    index = ElasticsearchIndex(ElasticsearchConfig(urls=(away, elasticsearch9), index="test-nodes"))
    put(index, [make(0, "A ferry", "text")])
    for _ in range(4):
        assert index.search(parse("ferry").tree, 3).total == 1
    index._connection.client.indices.delete(index=list(index._indices._aliases()))
    index.close()
