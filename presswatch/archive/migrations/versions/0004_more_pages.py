"""The further pages of an article."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("revision", sa.Column("more", sa.LargeBinary(), nullable=True))
