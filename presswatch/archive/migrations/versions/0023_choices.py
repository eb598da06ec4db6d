"""Recipients choose what they are told of: stories and sources muted, watches paused, mails ended."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["watch"], ["watch.id"]),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"]),
        sa.ForeignKeyConstraint(["told"], ["digest.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("choice_current", "choice", ["watch", "recipient", "kind", "subject", "id"])
