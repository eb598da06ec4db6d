"""How alembic runs our migrations: inside the transaction that `Archive.open` has begun."""

from collections.abc import Collection, Mapping
from typing import Any

import structlog
from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from presswatch.archive.tables import metadata

log = structlog.get_logger()


def log_step(
    ctx: MigrationContext,  # noqa: ARG001  # alembic names what it gives
    step: MigrationInfo,
    heads: Collection[Any],  # noqa: ARG001  # as above
    run_args: Mapping[str, Any],  # noqa: ARG001  # as above
) -> None:
    """Log that a step is done."""
    log.info("archive: the tables are at", version=step.up_revision_id)


attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    on_version_apply=log_step if attributes.get("told") else None,
)
context.run_migrations()
