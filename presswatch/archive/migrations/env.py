"""How alembic runs our migrations: inside the transaction that `Archive.open` has begun."""

from alembic import context

from presswatch.archive.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
context.run_migrations()
