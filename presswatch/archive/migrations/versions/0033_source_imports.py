"""Lists of sources to be, what was found at their addresses, and sources that are paused."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "source_import",
        sa.Column("request", sa.Integer, sa.ForeignKey("request.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("list", sa.Text, nullable=False),
    )
    op.create_table(
        "site_look",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("looked", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_index("site_look_looked", "site_look", ["looked"])
    op.add_column("source", sa.Column("paused_until", sa.BigInteger(), nullable=True))
