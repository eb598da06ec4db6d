"""What feeds and sitemaps say of an article is kept with their links, and with the pages it was read with."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("edge", sa.Column("entry", sa.Text(), nullable=True))
    op.add_column("revision", sa.Column("entries", sa.Text(), nullable=True))
