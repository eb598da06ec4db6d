"""Who holds which hosts: a living holder always, a dead one never, an unknown one until its lease ends."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from presswatch.archive.holders import Fate, fate
from presswatch.archive.tables import host_lease


def hosts_of_others(
    tx: Connection, holder: str, now: datetime, hosts: Collection[str] | None = None
) -> dict[str, str]:
    """The hosts (of these) that somebody else than this holder holds, with who does."""
    leases = select(host_lease).where(host_lease.c.holder != holder)
    if hosts is not None:
        leases = leases.where(host_lease.c.host.in_(list(hosts)))
    rows = tx.execute(leases).all()
    fates = {one: fate(one) for one in {row.holder for row in rows}}
    return {row.host: row.holder for row in rows if holds(fates[row.holder], row.until, now)}


def holds(its_fate: Fate, until: datetime, now: datetime) -> bool:
    """Whether a holder of this fate holds what it leased until then. A living one cannot always say so."""
    return its_fate is Fate.LIVES or (its_fate is Fate.UNKNOWN and until > now)
