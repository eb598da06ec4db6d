"""Who accounts are at a provider of OpenID Connect, and the sessions that were begun there."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("session", sa.Column("issuer", sa.Text(), nullable=False, server_default=""))
    op.add_column("session", sa.Column("id_token", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("linked", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.name"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
        sa.UniqueConstraint("account", "issuer"),
    )
