"""The database under the archive: how it is opened, migrated and written to."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, select, update
from sqlalchemy.exc import DBAPIError

from presswatch import sqlite_faults, sqlite_files
from presswatch.archive import schema_version
from presswatch.archive.tables import SCHEMA_VERSION, counter
from presswatch.errors import PresswatchError, UnavailableError
from presswatch.files import make_private_file, make_private_folder, why


class Archive:
    """An open archive. Threads may share it; each `reading` and `writing` takes a connection of its own."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """The archive in this SQLite file, made or migrated to the newest tables first.

        Raises UnavailableError when the file cannot be opened or written, DamagedError when it is damaged or
        no database, PresswatchError when it was written by a newer presswatch.
        """
        try:
            make_private_folder(path.parent)
            # SQLite gives the files beside it the mode of this one.
            make_private_file(path)
        except OSError as error:
            raise UnavailableError(f"{path}: cannot be made: {why(error)}") from error
        if path.is_dir():
            raise UnavailableError(f"{path}: is a folder, and a file belongs there; move it away")
        engine = _engine(path)
        try:
            _migrate(engine, path)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, path)

    @classmethod
    def open_unchanged(cls, path: Path) -> Self:
        """The archive in this file, to be read only: nothing is made, and its tables stay as they are.

        Raises UnavailableError when it cannot be opened, DamagedError, PresswatchError when it is not there
        or its tables are not of today's version.
        """
        if not path.is_file():
            raise PresswatchError(f"{path}: there is no such file")
        engine = _engine(path, read_only=True)
        try:
            with _explained(path), _transaction(engine, "BEGIN") as connection:
                version = schema_version.of(connection)
                schema_version.refuse_newer(path, version)
            schema_version.refuse_older(path, version)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the archive and blocks nobody."""
        with _explained(self.path), _transaction(self._engine, "BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one transaction that may write now; durable on disk when the block ends without an error.

        Raises UnavailableError when the database stays locked for 30 s or the disk is full, DamagedError. Any
        other fault of the database is one of ours and is raised as it is.
        """
        with _explained(self.path), _transaction(self._engine, "BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def savepoint(self, tx: Connection) -> Iterator[None]:
        """A part of a writing transaction. What it wrote is undone, and no more, if the block raises."""
        with _explained(self.path), tx.begin_nested():
            yield

    def shrink(self, pages: int) -> bool:
        """Give at most this many unused pages of the file (4 KiB each) back; whether there are more.

        False, and nothing is done, for an archive that was not converted to shrink in steps. The file itself
        is shorter after the next checkpoint. Raises UnavailableError, DamagedError.
        """
        with self._engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            try:
                if driver.execute("PRAGMA auto_vacuum").fetchone() != (_INCREMENTAL,):
                    return False
                # `execute` takes only the first step of this statement, and so gives back a single page.
                driver.executescript(f"PRAGMA incremental_vacuum({pages:d})")
                return bool(driver.execute("PRAGMA freelist_count").fetchone()[0])
            except sqlite3.Error as error:
                remedy = "restore it from a backup or move it away"
                if explained := sqlite_faults.explain(self.path, error, remedy):
                    raise explained from error
                raise

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


# What `PRAGMA auto_vacuum` answers where a file shrinks in steps.
_INCREMENTAL = 2

_NEXT_SEQ = (
    update(counter)
    .where(counter.c.name == "article_seq")
    .values(value=counter.c.value + 1)
    .returning(counter.c.value)
)


def next_seq(connection: Connection) -> int:
    """The next number in commit order: the one writing transaction holds the counter until it commits."""
    return int(connection.execute(_NEXT_SEQ).scalar_one())


def last_seq(connection: Connection) -> int:
    """The number taken last, 0 in a new archive."""
    return int(
        connection.execute(select(counter.c.value).where(counter.c.name == "article_seq")).scalar_one()
    )


def _migrate(engine: Engine, path: Path) -> None:
    """Bring the tables to today's version. Whoever finds them there waits for no writer."""
    with _explained(path):
        with _transaction(engine, "BEGIN") as connection:
            if schema_version.of(connection) == SCHEMA_VERSION:
                return
        # Alembic takes a while to load, and nearly every archive is up to date.
        from presswatch.archive.migration import migrate

        migrate(engine, path)


def _engine(path: Path, *, read_only: bool = False) -> Engine:
    engine = create_engine(
        _only_read(path) if read_only else f"sqlite:///{path}",
        connect_args={"timeout": sqlite_faults.BUSY_SECONDS},
        # What is written may be a page's words or a login: no error says it.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN is deferred and comes late: we say when and how a transaction begins.
        connection.isolation_level = None
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def _only_read(path: Path) -> URL:
    how = dict(parse_qsl(sqlite_files.how_to_read(path)))
    as_uri = f"file:{quote(str(path.absolute()))}"
    return URL.create("sqlite", database=as_uri, query={**how, "uri": "true"})


@contextmanager
def _transaction(engine: Engine, begin: str) -> Iterator[Connection]:
    """A transaction that this statement begins.

    An engine that heard of each begin by an event would look for listeners at every statement.
    """
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(begin)
        yield connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        remedy = "restore it from a backup or move it away"
        if explained := sqlite_faults.explain(path, error.orig, remedy):
            raise explained from error
        raise
