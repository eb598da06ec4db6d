"""Which version an archive's tables are of, and what is said where it is not today's."""

from pathlib import Path

from sqlalchemy import Connection

from presswatch.archive.tables import SCHEMA_VERSION
from presswatch.errors import PresswatchError


def of(connection: Connection) -> str | None:
    """The version of the tables that are there, None in an empty database."""
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.exec_driver_sql(known).first() is None:
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def refuse_newer(path: Path, version: str | None) -> None:
    """Raises PresswatchError when tables of this version were made by a newer presswatch."""
    if version is not None and version > SCHEMA_VERSION:
        raise PresswatchError(
            f"{path}: the archive was written by a newer presswatch (its tables are at {version}, and this "
            f"one knows them to {SCHEMA_VERSION}); install that version or newer, or restore a backup that "
            "was made before the upgrade"
        )


def refuse_older(path: Path, version: str | None) -> None:
    """Raises PresswatchError when tables of this version were made by an older presswatch."""
    if version != SCHEMA_VERSION:
        raise PresswatchError(
            f"{path}: its tables are at {version}; `presswatch run`, as any other command that needs them, "
            f"brings them to {SCHEMA_VERSION}"
        )
