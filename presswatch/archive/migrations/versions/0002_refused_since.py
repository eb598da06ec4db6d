"""Since when the index refuses an article."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("index_outbox", sa.Column("since", sa.BigInteger(), nullable=True))
