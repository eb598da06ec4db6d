"""Stories are compared by their first articles' words, and may be told apart by hand.

What was kept of the last four days' articles says too little for that and is forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    for table in ("story_print", "story_key", "story_key_count"):
        op.drop_table(table)
    op.create_table(
        "story_print",
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("noted", sa.BigInteger(), nullable=False),
        sa.Column("core", sa.BigInteger(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("names", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("article"),
    )
    op.create_index("story_print_noted", "story_print", ["noted"])
    op.create_index("story_print_core", "story_print", ["core"])
    op.create_table(
        "story_key",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("core", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "core", "member"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "story_key_count",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "story_apart",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("story", "other"),
    )
    op.create_index("story_apart_other", "story_apart", ["other"])
