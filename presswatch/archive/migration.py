"""Brings the tables of an archive to another version. Loaded only when there is something to bring."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from presswatch.archive import tallies
from presswatch.archive.database import schema_version
from presswatch.archive.tables import SCHEMA_VERSION
from presswatch.errors import PresswatchError


def migrate(engine: Engine, path: Path, version: str = SCHEMA_VERSION) -> None:
    """Bring the tables to `version`. Two processes that open a new archive at once do it once.

    Raises PresswatchError when the archive was written by a newer presswatch.
    """
    config = AlembicConfig()
    config.set_main_option("script_location", "presswatch:archive/migrations")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with engine.connect() as connection:
        connection.execution_options(presswatch_writing=True)
        with connection.begin():
            current = schema_version(connection)
            if current == version:
                return
            if current is not None and current not in known:
                raise PresswatchError(
                    f"{path}: the archive was written by a newer presswatch (its tables are at {current}); "
                    "install that version or newer"
                )
            config.attributes["connection"] = connection
            tallies.uninstall(connection)
            command.upgrade(config, version)
            if version == SCHEMA_VERSION:
                tallies.install(connection)
