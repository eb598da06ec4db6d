"""Stories: fingerprints of the last days' articles, and ids that stories had."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "story_alias",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("story_alias_story", "story_alias", ["story"])
    op.create_table(
        "story_print",
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("noted", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("article"),
    )
    op.create_index("story_print_noted", "story_print", ["noted"])
    op.create_table(
        "story_key",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", "article"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "story_key_count",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
