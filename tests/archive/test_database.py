"""The archive opens, migrates, and says for people what is wrong."""

import hashlib
import multiprocessing
import resource
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Boolean, Column, Connection, Engine, Float, Integer, LargeBinary, MetaData
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.testing import capture_logs

from bench.migrations import fill as fill_first_tables
from presswatch import sqlite_faults
from presswatch.archive import Archive, alerts, database, feed, migration, migrations, tallies
from presswatch.archive.database import last_seq, next_seq
from presswatch.archive.tables import SCHEMA_VERSION, metadata
from presswatch.errors import DamagedError, PresswatchError, UnavailableError
from support.template import convert


def test_the_migrations_make_the_tables_that_the_code_knows(archive: Archive) -> None:
    with archive.reading() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


# What each migration's tables hash to. A migration that was released never changes; a new one adds its line.
SCHEMAS = {
    "0001": "eca3878525b70829",
    "0002": "1f90e012c7339c84",
    "0003": "0861f7a5a6f98667",
    "0004": "f1af6162aa543906",
    "0005": "57cd3e5a4e171595",
    "0006": "d1e7377754d98460",
    "0007": "8cb23aea957ecb23",
    "0008": "0c08edd4ece9113f",
    "0009": "7e86d85830a90829",
    "0010": "20f01325698213bc",
    "0011": "7a9f770b139d43e0",
    "0012": "beb68026cd080daa",
    "0013": "caa4fe2209ea954a",
    "0014": "ddbf09af508e2d5e",
    "0015": "127a3049aeb3864d",
    "0016": "11eb351e82d5ecf4",
    "0017": "0520e4daa19cf1f1",
    "0018": "4abb48af7e5848fc",
    "0019": "9f40ee94f43fbebe",
    "0020": "0319f4bcf1b0cf0c",
    "0021": "426b8af129b4903b",
    "0022": "9b117d4faa065d23",
    "0023": "7dddd74e199e82e6",
    "0024": "e25c78eee1d5682e",
    "0025": "f78e1592c373819f",
    "0026": "b0b77fbedc341123",
    "0027": "a2517f1ffacf6bd9",
    "0028": "dee6e739f8a137b8",
    "0029": "c8e74ae2631e1465",
    "0030": "6b470b433bcc3abe",
    "0031": "61674d2bba8f2f7a",
    "0032": "5637c7d95c63826a",
    "0033": "b3909ef0712a0c8f",
    "0034": "2fd5b31a00f96cfd",
    "0035": "0002af67b28c8ac5",
    "0036": "474b2c32a6160db5",
    "0037": "2efe06eb487730ca",
    "0038": "d6e54ed4315e5dd1",
    "0039": "afd51b53489afa2e",
}
# Columns; indexes and unique constraints with their columns in order; foreign keys.
SCHEMA_PARTS = (
    """SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
       FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY 1, 2""",
    """SELECT t.name, iif(i.origin = 'c', i.name, ''), i."unique", i.origin, c.name, c.seqno
       FROM sqlite_master t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
       WHERE t.type = 'table' ORDER BY 1, 2, 3, 4, 6, 5""",
    """SELECT t.name, f."from", f."table", f."to"
       FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f ORDER BY 1, 2""",
)


def migrated(path: Path, revision: str) -> Engine:
    """An archive of the tables as they were at this revision."""
    engine = database._engine(path)
    migration.migrate(engine, path, revision)
    return engine


def test_a_schema_version_stands_for_the_same_tables_for_ever(tmp_path: Path) -> None:
    hashes = {}
    for version in schema_versions():
        engine = migrated(tmp_path / f"{version}.sqlite", version)
        with engine.connect() as connection:
            made = [repr(tuple(row)) for part in SCHEMA_PARTS for row in connection.exec_driver_sql(part)]
        engine.dispose()
        hashes[version] = hashlib.sha256("\n".join(made).encode()).hexdigest()[:16]
    assert hashes == SCHEMAS
    assert max(hashes) == SCHEMA_VERSION


def schema_versions() -> list[str]:
    folder = Path(migrations.__path__[0]) / "versions"
    return sorted(path.name.split("_")[0] for path in folder.glob("[0-9]*.py"))


def fill(connection: Connection) -> dict[str, dict[str, object]]:
    """One row in every table of the archive, whatever its columns are; the rows by table."""
    metadata = MetaData()
    metadata.reflect(connection)
    rows: dict[str, dict[str, object]] = {}
    for table in metadata.sorted_tables:
        if table.name == "alembic_version":
            continue
        # Every row refers to others by the same values, so foreign keys hold.
        row = {column.name: value_for(column) for column in table.columns}
        connection.execute(table.delete())
        connection.execute(table.insert().values(row))
        rows[table.name] = row
    return rows


def value_for(column: Column[Any]) -> object:
    if isinstance(column.type, LargeBinary):
        return b"bytes"
    return 1 if isinstance(column.type, Integer | Float | Boolean) else "words"


# What a migration may forget: what another table holds by now, and what has listings read once more.
DROPPED = {
    "index_outbox.attempts", "url.found", "url.depth", "url.hinted", "url.lease_until", "removal.unindexed",
    "digest.subject", "digest.text", "digest.html",
}  # fmt: skip
RESET = {"url.run", "url.etag", "url.last_modified", "url.body_hash"}
# Fingerprints of four days that say too little for how stories are told since.
REMADE = {"story_print": "0020", "story_key": "0020", "story_key_count": "0020"}


@pytest.mark.parametrize("version", schema_versions())
def test_every_migration_keeps_what_the_archive_held(tmp_path: Path, version: str) -> None:
    path = tmp_path / "archive.sqlite"
    engine = migrated(path, version)
    with engine.begin() as connection:
        held = fill(connection)
    engine.dispose()
    with Archive.open(path) as archive, archive.reading() as tx:
        now = MetaData()
        now.reflect(tx)
        held.pop("tally", None)  # counted anew by every migration
        for name, row in held.items():
            if version < REMADE.get(name, ""):
                continue
            [kept] = tx.execute(now.tables[name].select()).mappings()
            same = {key: value for key, value in row.items() if key in kept and f"{name}.{key}" not in RESET}
            assert same == {key: kept[key] for key in same}
            dropped = {f"{name}.{key}" for key in row.keys() - kept.keys()}
            assert dropped <= DROPPED


def test_a_mail_that_was_made_before_bodies_were_kept_has_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    engine = migrated(path, "0020")
    with engine.begin() as connection:
        fill(connection)
        connection.exec_driver_sql(
            "UPDATE digest SET subject = 'Fähre', text = 'Sie sank.', html = '<p>Sie.'"
        )
        connection.exec_driver_sql("UPDATE delivery SET state = 'queued'")
    engine.dispose()
    with Archive.open(path) as again, again.writing() as tx:
        mail = alerts.claim_delivery(tx, datetime(2026, 11, 20, tzinfo=UTC))
    assert mail is not None
    assert (mail.subject, mail.text, mail.html) == ("Fähre", "Sie sank.", "<p>Sie.")


def test_what_the_index_had_to_forget_it_still_has_to(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    engine = migrated(path, "0014")
    with engine.begin() as connection:
        for id_, done in (("waits", 0), ("done", 1)):
            row = (f"https://gazette.example/{id_}", id_, "asked", 1, done)
            connection.exec_driver_sql("INSERT INTO removal VALUES (?, ?, ?, ?, ?)", row)
    engine.dispose()
    with Archive.open(path) as again, again.reading() as tx:
        assert feed.removed(tx, 5) == ["waits"]


def test_an_article_that_was_refused_before_that_was_dated_stays_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    engine = migrated(path, "0001")
    with engine.begin() as connection:
        fill(connection)
        connection.exec_driver_sql("UPDATE index_outbox SET state = 'quarantined', reason = 'too long'")
    engine.dispose()
    with Archive.open(path) as again, again.reading() as tx:
        [refused] = feed.quarantined(tx)
    assert (refused.article, refused.reason, refused.since) == ("words", "too long", None)


@pytest.mark.parametrize("version", ["0001", "0008"])
def test_an_old_archive_with_many_rows_is_brought_to_the_tables_of_today(
    tmp_path: Path, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "_TOLD_EVERY", 0.0)
    monkeypatch.setattr(migration, "_INSTRUCTIONS", 1_000)
    path = tmp_path / "archive.sqlite"
    engine = migrated(path, "0001")
    with engine.begin() as connection:
        fill_first_tables(connection, 2_000)
    migration.migrate(engine, path, version)
    engine.dispose()
    with capture_logs() as told, Archive.open(path) as archive, archive.reading() as tx:
        counted = {
            "url": tx.exec_driver_sql("SELECT count(*) FROM url").scalar_one(),
            "frontier": tx.exec_driver_sql("SELECT count(*) FROM frontier").scalar_one(),
            "article": tallies.read(tx, "article")["", ""],
            "alias": tx.exec_driver_sql("SELECT count(*) FROM alias").scalar_one(),
            "redirects": tx.exec_driver_sql(
                "SELECT count(*) FROM alias WHERE kind = 'redirect'"
            ).scalar_one(),
        }
    # Half of the 1,000 articles' URLs wait to be read again; a tenth of the articles were redirected to.
    assert counted == {"url": 2_000, "frontier": 1_500, "article": 1_000, "alias": 1_100, "redirects": 100}
    assert told[0]["event"] == f"archive: bringing the tables from {version} to {SCHEMA_VERSION}"
    steps = [line["version"] for line in told if line["event"] == "archive: the tables are at"]
    assert steps == [known for known in schema_versions() if known > version]
    assert "archive: the tables are being brought" in [line["event"] for line in told]


def test_nothing_is_said_of_the_tables_of_a_new_archive(tmp_path: Path) -> None:
    with capture_logs() as told, Archive.open(tmp_path / "archive.sqlite"):
        pass
    assert told == []


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


def free_pages(archive: Archive) -> int:
    with archive.reading() as tx:
        return int(tx.exec_driver_sql("PRAGMA freelist_count").scalar_one())


def leave_space_unused(archive: Archive) -> None:
    with archive.writing() as tx:
        tx.exec_driver_sql("INSERT INTO fact VALUES ('much', hex(randomblob(500000)))")
    with archive.writing() as tx:
        tx.exec_driver_sql("INSERT OR REPLACE INTO fact VALUES ('kept', 'word')")
        tx.exec_driver_sql("DELETE FROM fact WHERE name = 'much'")


def test_unused_space_is_given_back_in_steps(archive: Archive) -> None:
    archive = convert(archive)
    leave_space_unused(archive)
    free = free_pages(archive)
    assert archive.shrink(50) is True
    assert free_pages(archive) == free - 50
    while archive.shrink(50):
        pass
    assert free_pages(archive) == 0
    archive.close()
    assert archive.path.stat().st_size < 1_000_000, "the file is shorter, not only the count"
    with Archive.open(archive.path) as again, again.reading() as tx:
        assert tx.exec_driver_sql("SELECT value FROM fact WHERE name = 'kept'").scalar() == "word"
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_an_archive_that_was_not_converted_is_left_as_it_is(archive: Archive) -> None:
    leave_space_unused(archive)
    free = free_pages(archive)
    assert archive.shrink(50) is False
    assert free_pages(archive) == free > 50


def test_what_is_locked_gives_nothing_back_and_says_so(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = convert(archive)
    leave_space_unused(archive)
    monkeypatch.setattr(sqlite_faults, "BUSY_SECONDS", 0)
    with Archive.open(archive.path) as impatient:
        with archive.writing(), pytest.raises(UnavailableError, match="locked"):
            impatient.shrink(50)
        assert impatient.shrink(50) is True
    archive.close()


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
    monkeypatch.setattr(sqlite_faults, "BUSY_SECONDS", 0)
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
        with pytest.raises(DamagedError, match="not a database; restore it from a backup"):
            Archive.open(path)
    else:
        Archive.open(path).close()


def test_a_damaged_page_is_said_to_need_a_backup(archive: Archive) -> None:
    archive.close()
    with archive.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (archive.path.stat().st_size - 4096))
    with pytest.raises(DamagedError, match="malformed; restore it from a backup"), Archive.open(archive.path):
        pass


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM no_such_table", "SELECT no_such_column FROM fact", "SELEC 1"]
)
def test_a_fault_of_ours_is_raised_as_it_is(archive: Archive, statement: str) -> None:
    with pytest.raises(OperationalError, match=r"no such|syntax"), archive.writing() as tx:
        tx.exec_driver_sql(statement)


def test_what_was_to_be_written_is_in_no_error(archive: Archive) -> None:
    with pytest.raises(IntegrityError) as raised, archive.writing() as tx:
        for _ in range(2):
            tx.exec_driver_sql("INSERT INTO fact VALUES (?, ?)", ("secret-name", "secret-value"))
    assert "secret" not in str(raised.value)


def write_much(path: Path, told: Any) -> None:
    """Write until the limit on the size of files is met, tell of it, and go on when it is raised."""
    with Archive.open(path) as archive:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100_000, hard))
        try:
            with archive.writing() as tx:
                tx.exec_driver_sql("INSERT INTO fact VALUES ('much', hex(randomblob(500000)))")
        except UnavailableError as error:
            told.send(str(error))
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        with archive.writing() as tx:
            told.send(next_seq(tx))


def test_a_limit_on_the_size_of_files_is_reported_and_loses_nothing(archive: Archive) -> None:
    with archive.writing() as tx:
        next_seq(tx)
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=write_much, args=(archive.path, theirs))
    child.start()
    assert ours.poll(60)
    assert "the disk cannot be read or written" in ours.recv()
    assert ours.poll(60)
    assert ours.recv() == 2
    child.join()
    with archive.reading() as tx:
        assert last_seq(tx) == 2
