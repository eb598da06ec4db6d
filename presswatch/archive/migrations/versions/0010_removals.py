"""Articles that were removed on request."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "removal",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("unindexed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("url"),
    )
    waits = sa.text("unindexed IS 0")
    op.create_index("removal_unindexed", "removal", ["article"], sqlite_where=waits)
    op.create_index("removal_article", "removal", ["article"])
