"""A digest has a body for each audience of its recipients; what was made before has one, in English."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "digest_body",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["digest.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("digest_body_digest", "digest_body", ["digest"])
    op.execute(
        "INSERT INTO digest_body (id, digest, language, time_zone, subject, text, html) "
        "SELECT id, id, 'en', '', subject, text, html FROM digest"
    )
    # Alembic adds no foreign keys to SQLite's tables.
    op.execute("ALTER TABLE delivery ADD COLUMN body INTEGER REFERENCES digest_body (id)")
    op.add_column("delivery", sa.Column("format", sa.String(), nullable=False, server_default="html"))
    op.execute("UPDATE delivery SET body = digest")
    for moved in ("subject", "text", "html"):
        op.drop_column("digest", moved)
