"""Recipients choose what they are told of, and watches tell of more than new articles."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


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
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["watch"], ["watch.id"]),
        sa.ForeignKeyConstraint(["article"], ["article.id"]),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("watch", "kind", "key"),
    )
    op.create_index("event_open", "event", ["watch", "digest"])
    op.create_index("event_article", "event", ["article"])
    op.create_index("event_untold", "event", ["watch", "seen"], sqlite_where=sa.text("digest IS NULL"))
    op.create_index("match_time", "match", ["watch", "matched"])
    untold = sa.text("told IS NULL AND digest IS NOT NULL")
    op.create_index("choice_untold", "choice", ["watch"], sqlite_where=untold)
    op.create_index("choice_current", "choice", ["watch", "recipient", "kind", "subject", "id"])
