"""Counts are kept, and what every tick asks has its index."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "key", "detail"),
        sqlite_with_rowid=False,
    )
    op.create_index("article_news", "article", ["news_seq"])
    op.create_index("article_latest", "article", ["source", "seq"])
    op.create_index("article_source_seen", "article_source", ["first_seen", "source"])
    untold = sa.text("digest IS NULL AND late IS 0")
    op.create_index("match_untold", "match", ["watch"], sqlite_where=untold)
    op.create_index("delivery_trouble", "delivery", ["id"], sqlite_where=sa.text("reason != ''"))
