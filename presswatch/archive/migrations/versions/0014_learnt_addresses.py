"""What is learnt of a site's addresses: directories without articles, parameters that name no page."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "directory",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("articles", sa.Boolean(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("probed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("site", "path"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "parameter",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("different", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "name"),
        sqlite_with_rowid=False,
    )
