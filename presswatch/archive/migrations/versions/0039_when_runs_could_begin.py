"""From when on a run could begin, and what came late in the index of when a watch found it."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.add_column("run", sa.Column("could_begin", sa.BigInteger(), nullable=True))
    op.drop_index("match_time", "match")
    op.create_index("match_time", "match", ["watch", "matched", "late"])
