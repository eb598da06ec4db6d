"""Pauses of watches, whom and what a mail answers to, and indexes for when a watch mails next."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("watch", sa.Column("paused_until", sa.BigInteger(), nullable=True))
    op.add_column("delivery", sa.Column("answers", sa.Text(), nullable=False, server_default=""))
    op.add_column("digest", sa.Column("owner", sa.Text(), nullable=False, server_default=""))
    op.create_index("digest_closed", "digest", ["watch", "closed"])
    op.drop_index("match_untold", "match")
    untold = sa.text("digest IS NULL AND late IS 0")
    op.create_index("match_untold", "match", ["watch", "matched"], sqlite_where=untold)
