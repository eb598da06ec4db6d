"""Brings the tables of an archive to another version. Loaded only when there is something to bring."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import structlog
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from presswatch.archive import schema_version, tallies
from presswatch.archive.tables import SCHEMA_VERSION
from presswatch.errors import PresswatchError

# A step that takes longer says that it goes on, this often.
_TOLD_EVERY = 10.0
# Steps of SQLite's virtual machine between two looks at the clock: some milliseconds.
_INSTRUCTIONS = 200_000

log = structlog.get_logger()


def migrate(engine: Engine, path: Path, version: str = SCHEMA_VERSION) -> None:
    """Bring the tables to `version`. Two processes that open a new archive at once do it once.

    Nothing is said of a new archive; of another, the versions and each step are logged.
    Raises PresswatchError when the archive was written by a newer presswatch.
    """
    config = AlembicConfig()
    config.set_main_option("script_location", "presswatch:archive/migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with engine.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            current = schema_version.of(connection)
            if current == version:
                return
            schema_version.refuse_newer(path, current)
            if current is not None and current not in known:
                raise PresswatchError(f"{path}: no version of presswatch has made tables {current!r}")
            config.attributes["connection"] = connection
            begun = monotonic()
            if current is not None:
                # A warning, as that is what commands show: a large archive takes minutes.
                log.warning(
                    f"archive: bringing the tables from {current} to {version}",
                    archive=str(path),
                )
                config.attributes["told"] = True
            with _progress_told(connection, begun):
                tallies.uninstall(connection)
                command.upgrade(config, version)
                if version == SCHEMA_VERSION:
                    tallies.install(connection)
        if current is not None:
            log.info("archive: the tables are brought", to=version, seconds=round(monotonic() - begun, 1))


@contextmanager
def _progress_told(connection: Connection, begun: float) -> Iterator[None]:
    """Log while a statement takes long that the work goes on."""
    told = begun

    def tell() -> int:
        nonlocal told
        if monotonic() - told >= _TOLD_EVERY:
            told = monotonic()
            log.info("archive: the tables are being brought", seconds=round(told - begun))
        return 0

    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(tell, _INSTRUCTIONS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
