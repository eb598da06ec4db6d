"""A further page of a listing is awaited until it was read, whatever becomes of the run that found it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("url", sa.Column("awaited", sa.Boolean, nullable=False, server_default=sa.false()))
