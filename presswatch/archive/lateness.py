"""How late runs begin: their start minus the slot that they are for."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from presswatch.archive.tables import RunState, run

# The runs of so long are looked at.
LOOKED_AT = timedelta(days=1)
_SECOND = timedelta(seconds=1) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many runs began, and how many seconds after their slots: the median (the lower one of two in the
    middle) and the worst."""

    runs: int
    median: int
    worst: int


def by_source(tx: Connection, since: datetime) -> dict[str, Lateness]:
    """The lateness of each source's runs of the slots since then that have begun."""
    counted: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for source_id, seconds, runs in _counted(tx, since):
        counted[source_id][seconds] = runs
    return {source_id: _of(seconds) for source_id, seconds in counted.items()}


def overall(found: dict[str, Lateness]) -> tuple[str, Lateness] | None:
    """The source that was latest, and the lateness of all: the median of the sources' medians. None without
    any run."""
    if not found:
        return None
    latest = max(sorted(found), key=lambda source_id: found[source_id].worst)
    medians = sorted(one.median for one in found.values())
    runs = sum(one.runs for one in found.values())
    return latest, Lateness(runs, medians[(len(medians) - 1) // 2], found[latest].worst)


def waiting(tx: Connection) -> dict[str, datetime]:
    """The sources a run of which is due and has not begun, with the slot of the first (UTC)."""
    due = select(run.c.source, func.min(run.c.slot).label("slot")).where(run.c.state == RunState.DUE)
    return {row.source: row.slot for row in tx.execute(due.group_by(run.c.source))}


def _counted(tx: Connection, since: datetime) -> list[tuple[str, int, int]]:
    """Source, whole seconds of lateness, and how many runs were so late."""
    # Counted by the database: thousands of sources have some hundred thousand runs a day.
    late = type_coerce(run.c.started, BigInteger) - type_coerce(run.c.slot, BigInteger)
    seconds = func.max(late, 0).op("/")(_SECOND).label("seconds")
    begun = run.c.state.in_((RunState.RUNNING, RunState.FINISHED, RunState.FAILED))
    found = select(run.c.source, seconds, func.count().label("runs"))
    rows = tx.execute(
        found.where(begun, run.c.slot >= since, run.c.started.is_not(None)).group_by(run.c.source, "seconds")
    )
    return [(row.source, int(row.seconds), int(row.runs)) for row in rows]


def _of(counted: dict[int, int]) -> Lateness:
    runs = sum(counted.values())
    passed = 0
    for seconds in sorted(counted):
        passed += counted[seconds]
        if 2 * passed >= runs:
            return Lateness(runs, seconds, max(counted))
    return Lateness(0, 0, 0)
