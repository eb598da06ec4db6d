"""A URL belongs to no source; who links to it and may follow it waits for it in a table of its own.

Leases are a run's: a URL is held by the run that it names, a run by a holder and an epoch.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "frontier",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("url", sa.Integer(), nullable=False),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("dated", sa.BigInteger(), nullable=False),
        sa.Column("wait", sa.String(), nullable=False),
        sa.Column("next_fetch", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["source.id"]),
        sa.ForeignKeyConstraint(["url"], ["url.id"]),
        sa.PrimaryKeyConstraint("source", "url"),
        sqlite_with_rowid=False,
    )
    op.add_column("run", sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("url", sa.Column("crashes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("url", sa.Column("tried", sa.BigInteger(), nullable=True))
    op.add_column("url", sa.Column("announced", sa.BigInteger(), nullable=True))
    op.add_column("url", sa.Column("untrue", sa.Integer(), nullable=False, server_default="0"))
    # What was being fetched waits again: the attempts that were made stay counted. A listing is read once
    # more though it be unchanged, so that all who link to a URL wait for it from now on.
    op.execute("UPDATE url SET run = NULL WHERE state != 'leased'")
    op.execute("UPDATE url SET state = 'pending', run = NULL, next_fetch = discovered WHERE state = 'leased'")
    op.execute("UPDATE url SET tried = fetched")
    op.execute("UPDATE url SET etag = NULL, last_modified = NULL, body_hash = NULL WHERE scope != ''")
    op.execute("""
        INSERT INTO frontier (source, url, found, depth, dated, wait, next_fetch)
        SELECT source, id, found, depth, coalesce(hinted, discovered),
               CASE WHEN state IN ('failing', 'quarantined', 'refused', 'gone', 'rejected') THEN 'retry'
                    WHEN visits > 0 THEN 'again' ELSE 'fresh' END,
               next_fetch
        FROM url WHERE scope = '' AND next_fetch IS NOT NULL
    """)
    op.drop_index("url_due", "url")
    for moved in ("found", "depth", "hinted", "lease_until"):
        op.drop_column("url", moved)
    op.create_index("frontier_fresh", "frontier", ["source", "wait", "dated"])
    op.create_index("frontier_due", "frontier", ["source", "wait", "next_fetch"])
    op.create_index("frontier_url", "frontier", ["url"])
    op.create_index("url_state", "url", ["state", "next_fetch"])
    op.create_index("url_run", "url", ["run"], sqlite_where=sa.text("run IS NOT NULL"))
