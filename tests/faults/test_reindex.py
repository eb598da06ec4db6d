"""The index is built anew beside the old one, and killed while it is."""

from presswatch.archive import Archive
from presswatch.search import schema_versions
from presswatch.search.elastic.index import ElasticsearchIndex
from support import PATIENCE, elasticsearch
from support.deployment import Deployment
from support.reindexing import Reader, Rebuilding


def test_killed_twice_while_articles_arrive_it_ends_with_all_and_no_search_goes_unanswered(
    deployment: Deployment, server: elasticsearch.Server
) -> None:
    rebuilding, reader = Rebuilding(deployment, server.url), Reader(server.url)
    with Archive.open(deployment.data / "archive.sqlite") as archive:
        rebuilding.arrive(archive, 4_000)
        before = rebuilding.index._indices.live()
        with reader.searching():
            for built in (500, 2_000):
                process = rebuilding.begin()
                rebuilding.wait_until_built(process, built)
                process.kill()
                process.wait()
                assert rebuilding.index._indices.live() == before, "the old one answers"
                rebuilding.arrive(archive, 40)
            process = rebuilding.begin()
            rebuilding.wait_until_built(process, 2_500)
            rebuilding.arrive(archive, 40)
            assert process.wait(PATIENCE) == 0
        rebuilding.arrive(archive, 3)
        assert rebuilding.differing(archive) == 0
        assert only_index(rebuilding.index) != before
    assert reader.failed == []
    assert reader.answered > 10
    assert reader.fewest is not None
    assert reader.fewest >= 4_000
    rebuilding.index.close()


def only_index(index: ElasticsearchIndex) -> str:
    [name] = index._indices._aliases()
    assert f"-v{schema_versions.ELASTICSEARCH}-" in name
    return name
