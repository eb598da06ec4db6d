"""A mail may have a PDF attached: press reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("digest_body", sa.Column("pdf", sa.LargeBinary(), nullable=True))
