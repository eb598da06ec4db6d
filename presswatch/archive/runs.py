"""Runs: one for each slot of a source's schedule, held by one crawler at a time, ended by its own summary.

A crawler is a `holder`: a process that has claimed runs and, with them, the hosts it will visit. What it
holds it holds until `lease_until`; while it lives it extends that. A run whose holder died is due again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, and_, delete, func, literal, select, update

from presswatch.archive import frontier, sites
from presswatch.archive.tables import Instant, RunState, host_lease, run, source
from presswatch.archive.upsert import insert

MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the archive knows of a source: when it is due next, of which schedule, and how its runs went.

    `open` is whether a run of it waits or goes on.
    """

    id: str
    added: datetime
    next_due: datetime | None
    schedule_hash: str
    first_run_finished: datetime | None
    consecutive_failures: int
    open: bool


@dataclass(frozen=True, slots=True)
class RunClaim:
    id: int
    source: str
    slot: datetime
    holder: str


@dataclass(frozen=True, slots=True)
class DueRun:
    id: int
    source: str
    slot: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands. `summary` is the crawler's own, JSON; empty while there is none."""

    id: int
    source: str
    slot: datetime
    trigger: str
    state: RunState
    attempts: int
    started: datetime | None
    finished: datetime | None
    reason: str
    summary: str


def ensure_sources(tx: Connection, ids: Iterable[str], now: datetime) -> None:
    """Make rows for sources that have none yet."""
    for id_ in ids:
        tx.execute(insert(source).values(id=id_, added=now).on_conflict_do_nothing())


def sources(tx: Connection) -> dict[str, SourceState]:
    """Every source the archive has ever known, by its id."""
    # Asked at every tick: it may not look at the runs of years.
    is_open = select(run.c.source).where(run.c.state.in_((RunState.DUE, RunState.RUNNING)))
    rows = tx.execute(select(source, source.c.id.in_(is_open).label("open"))).all()
    return {
        row.id: SourceState(
            id=row.id,
            added=row.added,
            next_due=row.next_due,
            schedule_hash=row.schedule_hash,
            first_run_finished=row.first_run_finished,
            consecutive_failures=row.consecutive_failures,
            open=bool(row.open),
        )
        for row in rows
    }


def set_due(tx: Connection, source_id: str, next_due: datetime, schedule_hash: str) -> None:
    """Note when the source is due next, and by which schedule that was computed."""
    values = {"next_due": next_due, "schedule_hash": schedule_hash}
    tx.execute(update(source).where(source.c.id == source_id).values(**values))


def plan(tx: Connection, source_id: str, slot: datetime, trigger: str = "schedule") -> int | None:
    """Make the run of this slot; its id, or None if the slot has one already."""
    row = insert(run).values(source=source_id, slot=slot, trigger=trigger, state=RunState.DUE)
    made = tx.execute(row.on_conflict_do_nothing().returning(run.c.id)).scalar()
    return None if made is None else int(made)


def claimable(
    tx: Connection,
    holder: str,
    hosts: Mapping[str, Collection[str]],
    now: datetime,
    only: Collection[int] | None = None,
) -> list[DueRun]:
    """The due runs that `claim` would take with the same arguments, the oldest first."""
    chosen = select(run.c.id, run.c.source, run.c.slot).where(run.c.state == RunState.DUE)
    if only is not None:
        chosen = chosen.where(run.c.id.in_(list(only)))
    due = [row for row in tx.execute(chosen.order_by(run.c.slot, run.c.id)) if row.source in hosts]
    if not due:
        return []
    resting = {rest.host for rest in sites.resting(tx, now)}
    wanted = {host for row in due for host in hosts[row.source]}
    taken = {host for host, held_by in holders(tx, wanted, now).items() if held_by != holder}
    return [
        DueRun(row.id, row.source, row.slot)
        for row in due
        if taken.isdisjoint(hosts[row.source]) and not resting.issuperset(hosts[row.source])
    ]


def claim(
    tx: Connection,
    holder: str,
    hosts: Mapping[str, Collection[str]],
    now: datetime,
    lease: timedelta,
    limit: int,
    only: Collection[int] | None = None,
) -> list[RunClaim]:
    """Take at most `limit` due runs, the oldest first, with the hosts of each.

    `hosts` gives the hosts of each source that may be crawled; the runs of other sources wait, and so does a
    run one of whose hosts another crawler holds, or all of whose hosts rest. `only` restricts the choice to
    these runs.
    """
    resting = {rest.host for rest in sites.resting(tx, now)}
    due = select(run).where(run.c.state == RunState.DUE, run.c.source.in_(list(hosts))).order_by(run.c.slot)
    if only is not None:
        due = due.where(run.c.id.in_(list(only)))
    claims: list[RunClaim] = []
    for row in tx.execute(due).all():
        if len(claims) == limit:
            break
        wanted = hosts[row.source]
        if resting.issuperset(wanted) or not _hold(tx, holder, row.id, wanted, now, lease):
            continue
        taken = {"state": RunState.RUNNING, "holder": holder, "attempts": row.attempts + 1, "started": now}
        tx.execute(update(run).where(run.c.id == row.id).values(**taken, lease_until=now + lease))
        claims.append(RunClaim(row.id, row.source, row.slot, holder))
    return claims


def held(tx: Connection, run_ids: Collection[int]) -> list[RunClaim]:
    """Those of these runs that somebody holds now."""
    mine = and_(run.c.id.in_(list(run_ids)), run.c.state == RunState.RUNNING)
    rows = tx.execute(select(run).where(mine).order_by(run.c.id)).all()
    return [RunClaim(row.id, row.source, row.slot, row.holder) for row in rows]


def held_by(tx: Connection, holder: str) -> list[RunClaim]:
    """The runs that this holder holds now."""
    mine = and_(run.c.holder == holder, run.c.state == RunState.RUNNING)
    rows = tx.execute(select(run).where(mine).order_by(run.c.id)).all()
    return [RunClaim(row.id, row.source, row.slot, row.holder) for row in rows]


def extend(tx: Connection, holder: str, now: datetime, lease: timedelta) -> None:
    """The holder lives: everything it holds is held for `lease` from now."""
    mine = and_(run.c.holder == holder, run.c.state == RunState.RUNNING)
    tx.execute(update(run).where(mine).values(lease_until=now + lease))
    tx.execute(update(host_lease).where(host_lease.c.holder == holder).values(until=now + lease))


def finish(tx: Connection, run_id: int, summary: str, reason: str, now: datetime) -> None:
    """The run's own end: its summary, and `reason` when it did not go well ("" when it did)."""
    state = RunState.FAILED if reason else RunState.FINISHED
    source_id = _end(tx, run_id, state, now, reason=reason, summary=summary)
    mine = update(source).where(source.c.id == source_id)
    if reason:
        tx.execute(mine.values(consecutive_failures=source.c.consecutive_failures + 1))
        return
    first = func.coalesce(source.c.first_run_finished, literal(now, Instant))
    tx.execute(mine.values(consecutive_failures=0, first_run_finished=first))


def hand_back(tx: Connection, run_id: int) -> None:
    """Put a run back as if it had not been claimed: its crawler was asked to stop."""
    frontier.release(tx, run_id)
    back = {"state": RunState.DUE, "attempts": run.c.attempts - 1, "lease_until": None, "started": None}
    tx.execute(update(run).where(run.c.id == run_id).values(**back, holder=None))
    _let_go(tx, run_id)


def lost(tx: Connection, run_ids: Collection[int], reason: str, now: datetime) -> list[int]:
    """The crawler of these runs is gone without their summaries: those still running are due again.

    A run that lost its crawler for the third time has failed; `reason` says how it was lost. The pages it was
    at keep their counted attempts, for one of them may have done it. Returns the runs concerned.
    """
    mine = and_(run.c.id.in_(list(run_ids)), run.c.state == RunState.RUNNING)
    rows = tx.execute(select(run).where(mine)).all()
    for row in rows:
        frontier.expire(tx, row.id, now)
        if row.attempts >= MAX_ATTEMPTS:
            finish(tx, row.id, "", f"{reason}, for the {row.attempts}. time", now)
            continue
        again = {"state": RunState.DUE, "holder": None, "lease_until": None, "reason": reason}
        tx.execute(update(run).where(run.c.id == row.id).values(**again))
        _let_go(tx, row.id)
    return [row.id for row in rows]


def expired(tx: Connection, now: datetime) -> list[int]:
    """The runs whose crawler has not been heard of for its whole lease."""
    old = and_(run.c.state == RunState.RUNNING, run.c.lease_until <= now)
    return list(tx.execute(select(run.c.id).where(old)).scalars())


def holders(tx: Connection, hosts: Collection[str], now: datetime) -> dict[str, str]:
    """Who holds these hosts now, by host."""
    held = and_(host_lease.c.host.in_(list(hosts)), host_lease.c.until > now)
    return {row.host: row.holder for row in tx.execute(select(host_lease).where(held))}


def latest(tx: Connection, source_id: str | None = None, limit: int = 20) -> list[Run]:
    """The newest runs (of one source), the newest slot first."""
    chosen = select(run).order_by(run.c.slot.desc(), run.c.id.desc()).limit(limit)
    if source_id is not None:
        chosen = chosen.where(run.c.source == source_id)
    return [_run(row) for row in tx.execute(chosen)]


def by_id(tx: Connection, run_ids: Collection[int]) -> list[Run]:
    """These runs, in the order of their ids."""
    return [
        _run(row) for row in tx.execute(select(run).where(run.c.id.in_(list(run_ids))).order_by(run.c.id))
    ]


def forget(tx: Connection, before: datetime) -> int:
    """Delete the runs that ended before then, but for each source's newest; how many."""
    newest = select(func.max(run.c.id)).group_by(run.c.source)
    old = and_(run.c.finished < before, run.c.id.not_in(newest))
    return tx.execute(delete(run).where(old)).rowcount


def _run(row: Row[tuple[object, ...]]) -> Run:
    return Run(
        id=row.id,
        source=row.source,
        slot=row.slot,
        trigger=row.trigger,
        state=RunState(row.state),
        attempts=row.attempts,
        started=row.started,
        finished=row.finished,
        reason=row.reason,
        summary=row.summary or "",
    )


def _hold(
    tx: Connection, holder: str, run_id: int, hosts: Collection[str], now: datetime, lease: timedelta
) -> bool:
    others = {host for host, held_by in holders(tx, hosts, now).items() if held_by != holder}
    if others:
        return False
    mine = {"holder": holder, "until": now + lease}
    for host in hosts:
        row = insert(host_lease).values(host=host, run=run_id, **mine)
        tx.execute(row.on_conflict_do_update(index_elements=["host", "run"], set_=mine))
    return True


def _end(tx: Connection, run_id: int, state: RunState, now: datetime, **values: str) -> str:
    source_id = tx.execute(select(run.c.source).where(run.c.id == run_id)).scalar_one()
    ended = {"state": state, "finished": now, "lease_until": None, **values}
    tx.execute(update(run).where(run.c.id == run_id).values(**ended))
    _let_go(tx, run_id)
    return str(source_id)


def _let_go(tx: Connection, run_id: int) -> None:
    """A run that goes on no more holds no hosts."""
    tx.execute(delete(host_lease).where(host_lease.c.run == run_id))
