"""Matches that a fault of presswatch prevents."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "match_quarantine",
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["watch"], ["watch.id"]),
        sa.PrimaryKeyConstraint("watch", "article"),
    )
