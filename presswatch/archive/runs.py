"""Runs: one for each slot of a source's schedule, held by one crawler at a time, ended by its own summary.

A crawler is a `holder` (holders.py): a process that has claimed runs and, with them, the hosts it will
visit. It holds a run by its name and the run's `epoch`, which grows with each claim, and checks both in the
transaction of everything it writes. What it holds is taken from it only when it is dead; where that cannot be
told, when it has not extended `lease_until`. A run whose holder died is due again.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, literal, select, update

from presswatch.archive import frontier, running_totals, sites
from presswatch.archive.holders import Fate, fate
from presswatch.archive.leases import hosts_of_others
from presswatch.archive.tables import Instant, RunState, host_lease, posting, run, source, unjudged_run
from presswatch.archive.upsert import each, insert
from presswatch.errors import LeaseLost

MAX_ATTEMPTS = 3
# Of a run's summary these are added up over all runs (archive/running_totals.py).
COUNTED = ("pages", "new", "revised", "failed", "bytes")
# Not by the index of states, which has the runs of all sources: by that of a source's slots.
_WENT_WELL = func.coalesce(run.c.state, "") == RunState.FINISHED
# Built once: it is executed in every transaction of a crawler.
_STILL_HELD = select(run.c.id).where(
    run.c.id == bindparam("run"),
    run.c.holder == bindparam("holder"),
    run.c.epoch == bindparam("epoch"),
    run.c.state == RunState.RUNNING,
)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the archive knows of a source: when it is due next, of which schedule, and how its runs went.

    `open` is whether a run of it waits or goes on. Before `paused_until` no run of it is planned. `looked` is
    when the last run began that went well.
    """

    id: str
    added: datetime
    next_due: datetime | None
    schedule_hash: str
    first_run_finished: datetime | None
    consecutive_failures: int
    open: bool
    paused_until: datetime | None = None
    looked: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until


@dataclass(frozen=True, slots=True)
class RunClaim:
    id: int
    source: str
    slot: datetime
    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The running runs whose holders are dead, and those whose holders were silent for their whole lease."""

    dead: tuple[RunClaim, ...]
    silent: tuple[RunClaim, ...]


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
    known = set(tx.execute(select(source.c.id)).scalars())
    rows = [{"id": id_, "added": now} for id_ in ids if id_ not in known]
    if rows:
        tx.execute(insert(source).on_conflict_do_nothing(), rows)


def sources(tx: Connection) -> dict[str, SourceState]:
    """Every source the archive has ever known, by its id."""
    # Asked at every tick: it may not look at the runs of years.
    is_open = select(run.c.source).where(run.c.state.in_((RunState.DUE, RunState.RUNNING)))
    known = source.outerjoin(posting, posting.c.source == source.c.id)
    chosen = select(source, source.c.id.in_(is_open).label("open"), posting.c.counted).select_from(known)
    rows = tx.execute(chosen).all()
    return {
        row.id: SourceState(
            id=row.id,
            added=row.added,
            next_due=row.next_due,
            schedule_hash=row.schedule_hash,
            first_run_finished=row.first_run_finished,
            consecutive_failures=row.consecutive_failures,
            open=bool(row.open),
            paused_until=row.paused_until,
            looked=row.counted,
        )
        for row in rows
    }


def next_due(tx: Connection, ids: Collection[str]) -> datetime | None:
    """When the first of these sources is due of which no run waits or goes on; None if there is none."""
    is_open = select(run.c.source).where(run.c.state.in_((RunState.DUE, RunState.RUNNING)))
    mine = and_(source.c.id.in_(select(each("ids"))), source.c.id.not_in(is_open))
    # Of one that is paused no run is planned before the pause is over.
    due = func.max(source.c.next_due, func.coalesce(source.c.paused_until, source.c.next_due))
    found = select(func.min(due)).where(mine)
    return tx.execute(found, {"ids": json.dumps(sorted(ids))}).scalar()


def plan_all(
    tx: Connection,
    planned: Sequence[tuple[str, datetime | None, datetime, str]],
    could_begin: Mapping[str, datetime] | None = None,
) -> None:
    """`plan` and `set_due` of many sources: the source, its slot (None: no run now), when it is due next, by
    which schedule. `could_begin` has the sources that could not be read at their slots, with when they
    could."""
    could = could_begin or {}
    slots = [
        {"source": id_, "slot": slot, "could_begin": could.get(id_)}
        for id_, slot, _next_due, _hash in planned
        if slot is not None
    ]
    if slots:
        tx.execute(insert(run).values(trigger="schedule", state=RunState.DUE).on_conflict_do_nothing(), slots)
    due = [{"of": id_, "next_due": when, "schedule_hash": hash_} for id_, _slot, when, hash_ in planned]
    if due:
        tx.execute(update(source).where(source.c.id == bindparam("of")), due)


def set_due(tx: Connection, source_id: str, next_due: datetime, schedule_hash: str) -> None:
    """Note when the source is due next, and by which schedule that was computed."""
    values = {"next_due": next_due, "schedule_hash": schedule_hash}
    tx.execute(update(source).where(source.c.id == source_id).values(**values))


def begin_again(tx: Connection, now: datetime) -> None:
    """A daemon runs again: what is due could not begin before now."""
    is_open = run.c.state.in_((RunState.DUE, RunState.RUNNING))
    tx.execute(update(run).where(is_open, run.c.slot < now).values(could_begin=now))


def due_between(tx: Connection, ids: Collection[str], since: datetime, until: datetime) -> int:
    """How many of these sources were due in a span of time in which nobody planned."""
    due = func.max(source.c.next_due, func.coalesce(source.c.paused_until, source.c.next_due))
    mine = and_(source.c.id.in_(select(each("ids"))), due >= since, due < until)
    found = select(func.count()).select_from(source).where(mine)
    return int(tx.execute(found, {"ids": json.dumps(sorted(ids))}).scalar_one())


def pause(tx: Connection, source_id: str, until: datetime | None) -> None:
    """Have no run of this source planned before then; None: have it planned as its schedule says."""
    tx.execute(update(source).where(source.c.id == source_id).values(paused_until=until))


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
    taken = hosts_of_others(tx, holder, now, wanted)
    return [
        DueRun(row.id, row.source, row.slot)
        for row in due
        if taken.keys().isdisjoint(hosts[row.source]) and not resting.issuperset(hosts[row.source])
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
        epoch = row.epoch + 1
        taken = {"state": RunState.RUNNING, "holder": holder, "epoch": epoch, "attempts": row.attempts + 1}
        taken |= {"started": now, "lease_until": now + lease}
        if rested := sites.rested(tx, wanted, row.could_begin or row.slot, now):
            taken["could_begin"] = rested
        tx.execute(update(run).where(run.c.id == row.id).values(**taken))
        claims.append(RunClaim(row.id, row.source, row.slot, holder, epoch))
    return claims


def check(tx: Connection, claim: RunClaim) -> None:
    """Raises LeaseLost if this run is not held by this claim any more."""
    mine = {"run": claim.id, "holder": claim.holder, "epoch": claim.epoch}
    if tx.execute(_STILL_HELD, mine).first() is None:
        raise LeaseLost(f"run {claim.id} of {claim.source} is another crawler's by now: this one seemed dead")


def held(tx: Connection, run_ids: Collection[int]) -> list[RunClaim]:
    """Those of these runs that somebody holds now."""
    mine = and_(run.c.id.in_(list(run_ids)), run.c.state == RunState.RUNNING)
    return [_run_claim(row) for row in tx.execute(select(run).where(mine).order_by(run.c.id))]


def held_by(tx: Connection, holder: str) -> list[RunClaim]:
    """The runs that this holder holds now."""
    mine = and_(run.c.holder == holder, run.c.state == RunState.RUNNING)
    return [_run_claim(row) for row in tx.execute(select(run).where(mine).order_by(run.c.id))]


def extend(tx: Connection, holder: str, now: datetime, lease: timedelta) -> None:
    """The holder lives: everything it holds is held for `lease` from now."""
    mine = and_(run.c.holder == holder, run.c.state == RunState.RUNNING)
    tx.execute(update(run).where(mine).values(lease_until=now + lease))
    tx.execute(update(host_lease).where(host_lease.c.holder == holder).values(until=now + lease))


def finish(
    tx: Connection, run_id: int, summary: str, reason: str, now: datetime, *, by_source: bool = True
) -> None:
    """The run's own end: its summary, and `reason` when it did not go well ("" when it did).

    `by_source` is whether the source is to blame; what we could not do ourselves is no failure of it.
    """
    state = RunState.FAILED if reason else RunState.FINISHED
    source_id = _end(tx, run_id, state, now, reason=reason, summary=summary)
    _count(tx, run_id, state, summary)
    tx.execute(insert(unjudged_run).values(run=run_id).on_conflict_do_nothing())
    mine = update(source).where(source.c.id == source_id)
    if reason and not by_source:
        return
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

    A run that lost its crawler for the third time has failed; `reason` says how it was lost. Its source has
    not, and the pages it was at may have done it. Returns the runs concerned.
    """
    mine = and_(run.c.id.in_(list(run_ids)), run.c.state == RunState.RUNNING)
    rows = tx.execute(select(run).where(mine)).all()
    for row in rows:
        frontier.expire(tx, row.id, now)
        if row.attempts >= MAX_ATTEMPTS:
            finish(tx, row.id, "", f"{reason}, for the {row.attempts}. time", now, by_source=False)
            continue
        again = {"state": RunState.DUE, "holder": None, "lease_until": None, "reason": reason}
        tx.execute(update(run).where(run.c.id == row.id).values(**again))
        _let_go(tx, row.id)
    return [row.id for row in rows]


def lapsed(tx: Connection, now: datetime) -> Lapsed:
    """What is held by nobody any more, or seems to be."""
    rows = tx.execute(select(run).where(run.c.state == RunState.RUNNING)).all()
    fates = {holder: fate(holder) for holder in {row.holder for row in rows}}
    dead = [row for row in rows if fates[row.holder] is Fate.DEAD]
    silent = [row for row in rows if fates[row.holder] is Fate.UNKNOWN and row.lease_until <= now]
    return Lapsed(tuple(map(_run_claim, dead)), tuple(map(_run_claim, silent)))


def holders(tx: Connection, hosts: Collection[str], now: datetime) -> dict[str, str]:
    """Who holds these hosts now, by host."""
    return hosts_of_others(tx, "", now, hosts)


def latest(tx: Connection, source_id: str | None = None, limit: int = 20) -> list[Run]:
    """The newest runs (of one source), the newest slot first."""
    chosen = select(run).order_by(run.c.slot.desc(), run.c.id.desc()).limit(limit)
    if source_id is not None:
        chosen = chosen.where(run.c.source == source_id)
    return [_run(row) for row in tx.execute(chosen)]


def last_ended(tx: Connection, source_id: str | None = None) -> dict[str, Run]:
    """The newest run that has ended of each source (of one source), by its id."""
    ended = select(run.c.id).where(run.c.source == source.c.id, run.c.finished.is_not(None))
    newest = ended.order_by(run.c.slot.desc()).limit(1).correlate(source).scalar_subquery()
    chosen = select(run).select_from(source.join(run, run.c.id == newest))
    if source_id is not None:
        chosen = chosen.where(source.c.id == source_id)
    return {row.source: _run(row) for row in tx.execute(chosen)}


def last_good(tx: Connection) -> dict[str, datetime]:
    """When the newest run that went well ended of each source that has one."""
    good = select(run.c.finished).where(run.c.source == source.c.id, _WENT_WELL)
    newest = good.order_by(run.c.slot.desc()).limit(1).correlate(source).scalar_subquery()
    rows = tx.execute(select(source.c.id, newest.label("ended")))
    return {row.id: row.ended for row in rows if row.ended is not None}


def by_id(tx: Connection, run_ids: Collection[int]) -> list[Run]:
    """These runs, in the order of their ids."""
    return [
        _run(row) for row in tx.execute(select(run).where(run.c.id.in_(list(run_ids))).order_by(run.c.id))
    ]


def open_run(tx: Connection, source_id: str) -> int | None:
    """The run of this source that waits or goes on; None when there is none."""
    is_open = run.c.state.in_((RunState.DUE, RunState.RUNNING))
    return tx.execute(select(run.c.id).where(run.c.source == source_id, is_open).limit(1)).scalar()


def failing_since(tx: Connection, source_id: str) -> datetime | None:
    """When the first of the runs ended that failed since the last good one; None when none did."""
    return all_failing_since(tx, [source_id]).get(source_id)


def all_failing_since(tx: Connection, ids: Collection[str]) -> dict[str, datetime]:
    """The same of each of these sources of which a run failed since its last good one."""
    good = run.alias()
    # Not the maximum: for that all runs of a source would be read.
    went_well = func.coalesce(good.c.state, "") == RunState.FINISHED
    last = select(good.c.slot).where(good.c.source == source.c.id, went_well)
    last_good = last.order_by(good.c.slot.desc()).limit(1).correlate(source).scalar_subquery()
    has_failed = func.coalesce(run.c.state, "") == RunState.FAILED
    failed = and_(has_failed, run.c.slot > func.coalesce(last_good, 0))
    chosen = select(source.c.id, func.min(run.c.finished).label("since"))
    of_each = chosen.select_from(source.join(run, run.c.source == source.c.id)).where(failed)
    mine = of_each.where(source.c.id.in_(select(each("ids")))).group_by(source.c.id)
    return {row.id: row.since for row in tx.execute(mine, {"ids": json.dumps(sorted(ids))})}


def forget(tx: Connection, before: datetime) -> int:
    """Delete the runs that ended before then, but for each source's newest; how many."""
    newest = select(func.max(run.c.id)).group_by(run.c.source)
    old = and_(run.c.finished < before, run.c.id.not_in(newest))
    return tx.execute(delete(run).where(old)).rowcount


def _run_claim(row: Row[tuple[object, ...]]) -> RunClaim:
    return RunClaim(row.id, row.source, row.slot, row.holder, row.epoch)


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
    if hosts_of_others(tx, holder, now, hosts):
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


def _count(tx: Connection, run_id: int, state: RunState, summary: str) -> None:
    """Add what a run did, by its own summary, to the totals of the archive."""
    could = func.coalesce(run.c.could_begin, run.c.slot).label("could")
    could_begin, started = tx.execute(select(could, run.c.started).where(run.c.id == run_id)).one()
    did = json.loads(summary or "{}")
    counted = {f"runs.{state}": 1} | {name: int(did.get(name, 0)) for name in COUNTED}
    late = running_totals.late(started - could_begin) if started is not None else {}
    running_totals.add(tx, counted | late)


def _let_go(tx: Connection, run_id: int) -> None:
    """A run that goes on no more holds no hosts."""
    tx.execute(delete(host_lease).where(host_lease.c.run == run_id))
