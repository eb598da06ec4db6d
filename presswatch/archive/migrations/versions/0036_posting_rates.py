"""When each source publishes, and what its start pages ask of their readers."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "posting",
        sa.Column("source", sa.String(), sa.ForeignKey("source.id"), primary_key=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("guess", sa.Float(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=True),
        sa.Column("excited", sa.Float(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("demand", sa.Float(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "page_pace",
        sa.Column("source", sa.String(), sa.ForeignKey("source.id"), primary_key=True),
        sa.Column("url", sa.Text(), primary_key=True),
        sa.Column("pace", sa.Text(), nullable=False),
        sa.Column("fresh_until", sa.BigInteger(), nullable=True),
    )
