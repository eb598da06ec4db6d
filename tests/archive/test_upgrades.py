"""An archive of each earlier version, with all that it held then, as today's presswatch reads it."""

import sqlite3
import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from presswatch import api
from presswatch.archive import (
    alerts,
    articles,
    database,
    mails,
    migration,
    overview,
    schema_version,
    soundness,
)
from presswatch.archive.tables import SCHEMA_VERSION
from presswatch.doctor import here
from presswatch.model import Article, Block, BlockKind, article_id, to_json
from presswatch.search.embedded import EmbeddedIndex
from presswatch.search.reindex import reindex

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Of versions between these, each migration by itself is looked at in test_database.py.
VERSIONS = ("0001", "0008", "0013", "0020", "0022", "0028", "0034")
ARTICLES = 30
PAGE = b"<html><title>The ferry</title>"


def micro(when: datetime) -> int:
    return int(when.timestamp()) * 1_000_000


def url_of(number: int) -> str:
    return f"https://gazette.example/story-{number}"


def title_of(number: int) -> str:
    return f"The ferry number {number} ran aground"


def told(number: int) -> Block:
    return Block(BlockKind.PARAGRAPH, f"Story {number} tells of a storm.")


def fill(path: Path) -> None:
    """What an archive of the first tables held: a source, articles with pages, a watch, matches, mails."""
    with closing(sqlite3.connect(path)) as connection:

        def put(table: str, **values: object) -> None:
            names, marks = ", ".join(values), ", ".join("?" * len(values))
            connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(values.values()))

        at = micro(NOW)
        put("source", id="gazette", added=at, schedule_hash="", consecutive_failures=0)
        put("watch", id="ferries", added=at, cursor=ARTICLES, closed_until=at)
        for number in range(1, ARTICLES + 1):
            url, seen = url_of(number), micro(NOW + timedelta(minutes=number))
            read = Article(title_of(number), (told(number),), url)
            id_, record = article_id(url), to_json(read)
            made = {"content_hash": read.content_hash, "extractor": "1", "record": record}
            put(
                "article", id=id_, seq=number, news_seq=number, revision=1, url=url, source="gazette",
                found="feed", first_seen=seen, revised=seen, time=seen, story=id_, first_run=0, **made,
            )  # fmt: skip
            put(
                "revision", article=id_, revision=1, seen=seen, url=url, final_url=url, status=200,
                content_type="text/html", charset="", hints="{}", body=zlib.compress(PAGE), **made,
            )  # fmt: skip
            put("alias", url=url, article=id_)
            put("article_source", article=id_, source="gazette", first_seen=seen)
            put(
                "url", scope="", url=url, host="gazette.example:443", source="gazette", found="feed", depth=0,
                state="settled", discovered=seen, attempts=0, visits=1, kind="", reason="", article=id_,
            )  # fmt: skip
            if number <= 2:
                closed = micro(NOW + timedelta(hours=number))
                put(
                    "digest", id=number, watch="ferries", window_start=at, window_end=closed, closed=closed,
                    subject=f"Ferries {number}", text=f"Text {number}", html=f"<p>Text {number}",
                )  # fmt: skip
                put(
                    "delivery", id=number, digest=number, recipient="desk@gazette.example",
                    message_id=f"<{number}@x>",
                    state="sent" if number == 1 else "queued", attempts=0, created=closed,
                    next_attempt=closed,
                    reason="", sent=closed if number == 1 else None, path="",
                )  # fmt: skip
                put(
                    "match", watch="ferries", article=id_, revision=1, seq=number, matched=closed, late=0,
                    passage='{"text": "ferry", "spans": [[0, 5]]}', digest=number,
                )  # fmt: skip
        connection.execute(
            "INSERT OR REPLACE INTO counter (name, value) VALUES ('article_seq', ?)", (ARTICLES,)
        )
        connection.commit()


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An archive of each of the versions, made from one of the first by the migrations in between."""
    folder, made = tmp_path_factory.mktemp("chain"), {}
    working = folder / "archive.sqlite"
    engine = database._engine(working)
    for version in VERSIONS:
        migration.migrate(engine, working, version)
        engine.dispose()
        if version == VERSIONS[0]:
            fill(working)
        made[version] = folder / f"{version}.sqlite"
        copyfile(working, made[version])
    return made


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_it_held_is_read_by_today_s_presswatch(
    chain: dict[str, Path], version: str, tmp_path: Path
) -> None:
    copyfile(chain[version], tmp_path / "archive.sqlite")
    with api.open_archive(tmp_path) as archive:
        found = list(api.records(archive))
        assert [record.article.title for record in found] == [title_of(n) for n in range(1, ARTICLES + 1)]
        assert found[6].article.text == "Story 7 tells of a storm."
        assert [record.first_seen for record in found][:2] == [NOW + timedelta(minutes=n) for n in (1, 2)]
        with archive.reading() as tx:
            assert schema_version.of(tx) == SCHEMA_VERSION
            assert overview.articles(tx) == ARTICLES
            assert articles.raw_page(tx, found[0].id, 1)[0].body == PAGE
            assert alerts.match_counts(tx) == {"ferries": 2}
            assert [mail.subject for mail in mails.latest(tx, 5)] == ["Ferries 2", "Ferries 1"]
            assert soundness.dangling(tx, 60) == {}
            assert soundness.broken_invariants(tx, 60) == []
        with archive.writing() as tx:
            waiting = alerts.claim_delivery(tx, NOW + timedelta(days=1))
            assert waiting is not None
            assert (waiting.subject, waiting.text, waiting.message_id) == ("Ferries 2", "Text 2", "<2@x>")
        index = EmbeddedIndex(tmp_path / "index.sqlite")
        assert reindex(archive, index, NOW, lambda _done, _of: None) == ARTICLES
    assert {finding.verdict for finding in here.archive(tmp_path, 60)} == {"well"}
