"""What a delivery leaves by, what a mail tells as values, and the bounces that were read."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("digest", sa.Column("told", sa.Text(), nullable=False, server_default=""))
    op.add_column("delivery", sa.Column("channel", sa.String(), nullable=False, server_default="mail"))
    op.drop_index("delivery_due", "delivery")
    op.create_index("delivery_due", "delivery", ["channel", "state", "next_attempt"])
    op.execute("UPDATE fact SET name = 'pause.mail' WHERE name = 'mail.pause'")
    op.create_table(
        "bounce",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
