"""Brings the tables of an archive to another version. Loaded only when there is something to bring."""

from pathlib import Path
from time import monotonic

import structlog
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from presswatch.archive import tallies
from presswatch.archive.database import schema_version
from presswatch.archive.tables import SCHEMA_VERSION
from presswatch.errors import PresswatchError

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
            begun = monotonic()
            if current is not None:
                # A warning, as that is what commands show: a large archive takes minutes.
                log.warning(
                    f"archive: bringing the tables from {current} to {version}",
                    archive=str(path),
                )
                config.attributes["told"] = True
            tallies.uninstall(connection)
            command.upgrade(config, version)
            if version == SCHEMA_VERSION:
                tallies.install(connection)
        if current is not None:
            log.info("archive: the tables are brought", to=version, seconds=round(monotonic() - begun, 1))
