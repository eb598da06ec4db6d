"""What an index in Elasticsearch is to others: its settings, its description, and the fields of Kibana."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from presswatch import __version__
from presswatch.errors import UnavailableError
from presswatch.query import parse
from presswatch.search import Outcome, schema_versions
from presswatch.search.elastic.config import ElasticsearchConfig
from presswatch.search.elastic.index import ElasticsearchIndex
from presswatch.search.embedded import EmbeddedIndex
from support.indexing import put
from support.library import LIBRARY, NOW, PRESS, make
from support.waiting import wait_until

Open = Callable[..., ElasticsearchIndex]


@pytest.fixture(params=["elasticsearch8", "elasticsearch9"])
def open_index(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens an index with these settings, which is deleted when the test is over."""
    url: str = request.getfixturevalue(request.param)
    with ExitStack() as ended:

        def opened(**settings: object) -> ElasticsearchIndex:
            values = {"urls": [url], "index": f"test-{secrets.token_hex(4)}", **settings}
            index = ElasticsearchIndex(ElasticsearchConfig.model_validate(values))

            def forget() -> None:
                if made := list(index._indices._aliases()):
                    index._connection.client.indices.delete(index=made)
                index.close()

            ended.callback(forget)
            return index

        yield opened


def described(index: ElasticsearchIndex) -> Any:
    """The settings and the mapping of the index, as the cluster tells."""
    name = index._indices.live()
    assert name is not None
    return index._connection.client.indices.get(index=name)[name]


def test_an_index_is_made_as_the_configuration_says(open_index: Open) -> None:
    made = open_index(shards=2, replicas=1, codec="best_compression")
    put(made, LIBRARY[:1])
    settings = described(made)["settings"]["index"]
    assert (settings["number_of_shards"], settings["number_of_replicas"]) == ("2", "1")
    assert settings["codec"] == "best_compression"
    assert "auto_expand_replicas" not in settings
    plain = open_index()
    put(plain, LIBRARY[:1])
    settings = described(plain)["settings"]["index"]
    assert (settings["number_of_shards"], settings["auto_expand_replicas"]) == ("1", "0-1")


def test_a_lifecycle_where_the_server_has_none_is_told(open_index: Open) -> None:
    with pytest.raises(
        UnavailableError, match=r"no lifecycle policies: leave search.elasticsearch.lifecycle"
    ):
        open_index(lifecycle="press").put(LIBRARY[:1])


def test_the_index_says_who_made_it(open_index: Open) -> None:
    index = open_index()
    put(index, LIBRARY[:1])
    meta = described(index)["mappings"]["_meta"]
    assert (meta["form"], meta["presswatch"]) == (schema_versions.ELASTICSEARCH, __version__)
    assert len(meta["analysis"]) == 12


def test_values_are_counted_as_they_are_written_and_what_is_missing_is_not(open_index: Open) -> None:
    index = open_index()
    full = make(
        0,
        "A Headline",
        "Text.",
        author=("Ann Lee",),
        editor="Bo Chan",
        origin="Reuters",
        section="World News",
        tag=("Big City",),
        url="https://gazette.example/A-Story",
        source_name=("The Gazette",),
        revision=3,
        vanished=NOW,
        modified=NOW,
        published_precision="day",
        published_offset=-120,
        image="https://gazette.example/A.JPG",
    )
    put(index, [full, make(1, "Another", "Text.")])

    def counted(field: str) -> list[tuple[object, int]]:
        answer = index._connection.client.search(
            index=index._alias, size=0, aggregations={"counted": {"terms": {"field": field, "size": 10}}}
        )
        return [(one["key"], one["doc_count"]) for one in answer["aggregations"]["counted"]["buckets"]]

    for field, value in {
        "author.keyword": "Ann Lee",
        "editor.keyword": "Bo Chan",
        "origin.keyword": "Reuters",
        "section.keyword": "World News",
        "tag": "Big City",
        "source_name": "The Gazette",
        "published_precision": "day",
        "published_offset": -120,
        "image": "https://gazette.example/A.JPG",
    }.items():
        assert counted(field) == [(value, 1)], field
    assert ("A Headline", 1) in counted("title.keyword")
    assert ("https://gazette.example/A-Story", 1) in counted("url")
    assert counted("revision") == [(1, 1), (3, 1)]
    assert [articles for _date, articles in counted("vanished")] == [1]
    assert [articles for _date, articles in counted("modified")] == [1]


# As other crawlers met them, and lost the article: see each `ignore_above` and `immense term`.
ODD: dict[str, dict[str, object]] = {
    "32,769 bytes of three each": {"author": ("￥" * 10_923,)},
    "characters of four bytes": {"section": "😀" * 8_001, "origin": "𠀀" * 4_001},
    "all keywords of a page as one tag": {"tag": ("rope bondage " * 4_767,)},
    "an image that is its own address": {"image": "data:image/jpeg;base64," + "/9j/4AAQSk" * 20_000},
    "an address that is never short": {"url": "https://gazette.example/?q=" + "%20a" * 10_000},
    "a headline that is a text": {"title": "A sentence of a headline. " * 2_000},
    "the first year": {"modified": datetime(1, 1, 1, tzinfo=UTC), "published": datetime(1, 1, 1, tzinfo=UTC)},
    "the last year": {"modified": datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)},
    "before the epoch": {
        "time": datetime(1941, 6, 1, tzinfo=UTC),
        "vanished": datetime(1969, 12, 31, tzinfo=UTC),
    },
    "a day's offset": {"published_offset": -1_439, "published_precision": "minute"},
    "as often as a number goes": {"revision": 2_147_483_647},
    "separators and control characters": {"section": "a\x1f\x1e\x00b", "tag": ("\u2028", "\t x \n")},
    "names like those of JSON": {"author": ("null", "[]", "{}", '"'), "tag": ("true", "0", "NaN")},
    "names of fields": {"section": "folded.tag", "tag": ("_id", "_source", "a.b.c")},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_value_costs_no_article_and_comes_back(open_index: Open, odd: dict[str, object]) -> None:
    index = open_index()
    document = make(
        0, str(odd.get("title", "Ferry")), "Text of the ferry.", **{k: odd[k] for k in odd if k != "title"}
    )
    [answer] = put(index, [document])
    assert answer.outcome is Outcome.DONE, answer
    [hit] = index.search(parse("text:ferry").tree, 1).hits
    assert hit.document == document
    assert [found.id for found in index.scan(parse("text:ferry").tree)] == [document.id]


def test_several_shards_answer_as_one(open_index: Open, tmp_path: Path) -> None:
    one, several = EmbeddedIndex(tmp_path / "index.sqlite"), open_index(shards=3)
    for index in (one, several):
        put(index, [*LIBRARY, *PRESS])
    for query in (
        "*",
        "ferry OR harbour",
        'title:"ferry aground"',
        "climate NEAR/s warming",
        "stem:run",
        "* -ferry",
    ):
        tree = parse(query).tree
        assert [found.id for found in several.scan(tree)] == [found.id for found in one.scan(tree)], query
        assert several.search(tree, 5).total == one.search(tree, 5).total
        assert several.facets(tree, 8) == one.facets(tree, 8)
        assert several.timeline(tree, "Europe/Berlin") == one.timeline(tree, "Europe/Berlin")
    assert several.versions() == one.versions()
    assert several.census(0, None) == one.census(0, None)


def test_an_index_that_nobody_asks_is_refreshed_all_the_same(open_index: Open) -> None:
    index = open_index()
    put(index, LIBRARY[:1])
    assert described(index)["settings"]["index"]["refresh_interval"] == "1s"
    client, name = index._connection.client, index._indices.live()
    assert name is not None
    client.indices.put_settings(index=name, settings={"index.search.idle.after": "0s"})

    def refreshes() -> int:
        # Told by the index itself: a search would wake it.
        stats = client.indices.stats(index=name, metric="refresh")["_all"]["primaries"]
        return int(stats["refresh"]["external_total"])

    before = refreshes()
    index.put(LIBRARY[1:2])
    wait_until(lambda: refreshes() > before, "what was put is made to be found")
