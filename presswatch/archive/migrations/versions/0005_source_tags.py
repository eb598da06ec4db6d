"""The tags of sources as last seen; attempts to index an article were never counted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("source", sa.Column("tags", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("source", sa.Column("retagged_until", sa.String(), nullable=True))
    op.create_index("article_source_source", "article_source", ["source", "article"], unique=False)
    op.drop_column("index_outbox", "attempts")
