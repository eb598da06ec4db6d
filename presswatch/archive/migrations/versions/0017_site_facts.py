"""What is learnt of a source's pages, and which facts each reading used."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "site_facts",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("learnt", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    for table in ("article", "revision"):
        op.add_column(table, sa.Column("facts", sa.String(), nullable=False, server_default=""))
