"""The hosts of sources as last seen: an article's outlet is the source whose own site it stands on."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("source", sa.Column("hosts", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("source", sa.Column("rehosted_until", sa.String(), nullable=True))
    op.add_column("article", sa.Column("outlet", sa.String(), nullable=True))
