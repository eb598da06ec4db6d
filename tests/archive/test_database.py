"""The archive opens, migrates, and says for people what is wrong."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from presswatch.archive import Archive, articles, database, feed
from presswatch.archive.database import last_seq, next_seq
from presswatch.archive.tables import metadata
from presswatch.errors import PresswatchError, UnavailableError
from support.newsroom import Newsroom


def test_the_migrations_make_the_tables_that_the_code_knows(archive: Archive) -> None:
    with archive.reading() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_every_migration_keeps_what_the_archive_held(newsroom: Newsroom) -> None:
    """Grows with each migration: an archive of every earlier form, with data in it, is opened."""
    made = newsroom.publish("https://gazette.example/a")
    newsroom.archive.close()
    with Archive.open(newsroom.archive.path) as again, again.reading() as tx:
        assert articles.get(tx, made) is not None


def test_an_article_that_was_refused_before_that_was_dated_stays_refused(newsroom: Newsroom) -> None:
    made = newsroom.publish("https://gazette.example/a")
    newsroom.archive.close()
    with closing(sqlite3.connect(newsroom.archive.path)) as connection, connection:
        connection.execute("UPDATE index_outbox SET state = 'quarantined', reason = 'too long'")
        connection.execute("ALTER TABLE index_outbox DROP COLUMN since")
        connection.execute("ALTER TABLE revision DROP COLUMN more")
        for table in ("story_alias", "story_print", "story_key", "story_key_count"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    with Archive.open(newsroom.archive.path) as again, again.reading() as tx:
        [refused] = feed.quarantined(tx)
    assert (refused.article, refused.reason, refused.since) == (made, "too long", None)


def test_an_archive_of_a_newer_presswatch_is_refused(archive: Archive) -> None:
    archive.close()
    with sqlite3.connect(archive.path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(PresswatchError, match="newer presswatch"):
        Archive.open(archive.path)


def test_two_that_open_a_new_archive_at_once_make_it_once(tmp_path: Path) -> None:
    opened: list[Archive] = []
    threads = [
        threading.Thread(target=lambda: opened.append(Archive.open(tmp_path / "archive.sqlite")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for one in opened:
        one.close()


def test_numbers_are_given_in_the_order_of_commits(archive: Archive) -> None:
    def work() -> None:
        for _ in range(20):
            with archive.writing() as tx:
                next_seq(tx)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with archive.reading() as tx:
        assert last_seq(tx) == 80


def test_a_failed_transaction_leaves_nothing(archive: Archive) -> None:
    with pytest.raises(RuntimeError), archive.writing() as tx:
        next_seq(tx)
        raise RuntimeError
    with archive.reading() as tx:
        assert last_seq(tx) == 0


def test_a_locked_archive_is_reported_and_works_again(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    with Archive.open(archive.path) as impatient:
        with archive.writing(), pytest.raises(UnavailableError, match="locked"), impatient.writing():
            pass
        with impatient.writing() as tx:
            assert next_seq(tx) == 1


def test_a_full_disk_is_reported_and_loses_nothing(archive: Archive) -> None:
    with archive.writing() as tx:
        next_seq(tx)
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(UnavailableError, match="disk is full"), archive.writing() as tx:
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        tx.exec_driver_sql("INSERT INTO fact VALUES ('x', hex(randomblob(200000)))")
    with archive.reading() as tx:
        assert last_seq(tx) == 1


@pytest.mark.parametrize("content", [b"not a database at all, but a text of some length", b""])
def test_a_file_that_is_no_archive_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_bytes(content * 100)
    if content:
        with pytest.raises(UnavailableError, match="not a database"):
            Archive.open(path)
    else:
        Archive.open(path).close()
