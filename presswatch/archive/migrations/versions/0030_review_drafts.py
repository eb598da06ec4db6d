"""Issues of press reviews that editors make by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "review_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("foreword", sa.Text(), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("looked", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("finish", sa.String(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("finished_by", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=True),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("review_draft_review", "review_draft", ["review", "digest"])
    op.create_index("review_draft_digest", "review_draft", ["digest"])
    op.create_table(
        "review_item",
        sa.Column("draft", sa.Integer(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("annotation", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["review_draft.id"]),
        sa.PrimaryKeyConstraint("draft", "article"),
    )
    op.create_index("review_item_article", "review_item", ["article"])
    op.create_table(
        "review_act",
        sa.Column("draft", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["draft"], ["review_draft.id"]),
        sa.PrimaryKeyConstraint("draft", "version"),
    )
