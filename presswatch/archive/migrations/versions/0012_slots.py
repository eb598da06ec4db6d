"""Whether a host holds up the runs that are at it; a host's lease belongs to a run."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("host", sa.Column("held_up", sa.Integer(), nullable=True))
    op.rename_table("host_lease", "old_host_lease")
    op.create_table(
        "host_lease",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", "run"),
    )
    op.create_index("host_lease_run", "host_lease", ["run"])
    op.create_index("host_lease_holder", "host_lease", ["holder"])
    # Leases last a minute: which run these belonged to no longer matters.
    op.execute(
        "INSERT INTO host_lease (host, run, holder, until) SELECT host, 0, holder, until FROM old_host_lease"
    )
    op.drop_table("old_host_lease")
