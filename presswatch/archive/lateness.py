"""How late runs begin: their start minus the slot that they are for, or minus when they could begin.

A run could not begin while its source was paused, its hosts rested or no daemon ran.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from presswatch.archive.tables import RunState, run, source

# The runs of so long are looked at.
LOOKED_AT = timedelta(days=1)
_SECOND = timedelta(seconds=1) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many runs began, and how many seconds after they could: the median (the lower one of two in the
    middle) and the worst."""

    runs: int
    median: int
    worst: int


def by_source(tx: Connection, since: datetime) -> dict[str, Lateness]:
    """The lateness of each source's runs of the slots since then that have begun."""
    could = func.coalesce(run.c.could_begin, run.c.slot)
    late = type_coerce(run.c.started, BigInteger) - type_coerce(could, BigInteger)
    # By the index of each source's slots, and as one value a source: a day may have a hundred thousand runs.
    seconds = select(func.json_group_array(late // _SECOND))
    of_each = seconds.where(
        run.c.source == source.c.id, run.c.slot >= since, run.c.started.is_not(None)
    ).correlate(source)
    found = {}
    for row in tx.execute(select(source.c.id, of_each.scalar_subquery().label("seconds"))):
        begun: list[int] = json.loads(row.seconds)
        if begun:
            # One may seem early, where the clock was set back.
            found[row.id] = Lateness(len(begun), max(0, median_low(begun)), max(0, *begun))
    return found


def overall(found: dict[str, Lateness]) -> tuple[str, Lateness] | None:
    """The source that was latest, and the lateness of all: the median of the sources' medians. None without
    any run."""
    if not found:
        return None
    latest = max(sorted(found), key=lambda source_id: found[source_id].worst)
    runs = sum(one.runs for one in found.values())
    return latest, Lateness(runs, median_low(one.median for one in found.values()), found[latest].worst)


def waiting(tx: Connection) -> dict[str, datetime]:
    """The sources a run of which is due and has not begun, with when the first could begin (UTC)."""
    could = func.min(func.coalesce(run.c.could_begin, run.c.slot)).label("could")
    due = select(run.c.source, could).where(run.c.state == RunState.DUE)
    return {row.source: row.could for row in tx.execute(due.group_by(run.c.source))}
