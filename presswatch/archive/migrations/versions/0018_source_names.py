"""The names of sources as last seen."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("source", sa.Column("name", sa.Text(), nullable=False, server_default=""))
