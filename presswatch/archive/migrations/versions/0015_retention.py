"""Articles go by age too, so what the index has to forget has a table of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "index_removal", sa.Column("article", sa.String(), nullable=False), sa.PrimaryKeyConstraint("article")
    )
    op.execute(
        "INSERT INTO index_removal (article) SELECT DISTINCT article FROM removal WHERE unindexed IS 0"
    )
    op.drop_index("removal_unindexed", "removal")
    op.execute("ALTER TABLE removal DROP COLUMN unindexed")
    op.create_index("match_article", "match", ["article"])
