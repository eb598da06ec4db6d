"""Which runs begin, which give up their slot, which are ended: pure functions of what the runs wait for.

A crawl process has `slots` runs in its fast lane. One whose host lets it wait moves to the slow lane, where
it costs a connection and holds up nobody. That lane is bounded too; when it is full, the slowest is ended.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

# A run whose hosts have let it wait for so many seconds gives up its slot. One that was never answered, at
# hosts nobody knows, does so sooner.
SLOW_AFTER = 5.0
UNPROVEN_AFTER = 2.0
# So many seconds a run may wait for its hosts in all, and for each answer that it got so many more.
ALLOWANCE = 45.0
PER_ANSWER = 10.0
# Runs at hosts that are known wait no longer than this for runs at unknown ones that were due before them.
HANDICAP = timedelta(minutes=1)


class Standing(Enum):
    """What earlier runs say of a source's hosts: they answered in time, are not known, or one was slow."""

    READY = "ready"
    UNKNOWN = "unknown"
    SLOW = "slow"


class Lane(Enum):
    FAST = "fast"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Due:
    """A run that may begin."""

    run: int
    source: str
    slot: datetime
    hosts: Collection[str]
    standing: Standing


@dataclass(frozen=True, slots=True)
class AtWork:
    """A run in hand.

    `proven` is whether its hosts are known as ready or have answered by now. `waiting` and `waited` are for
    how many seconds it has been waiting for its hosts now and in all, `answers` how many it got.
    """

    run: int
    lane: Lane
    proven: bool
    hosts: Collection[str]
    waiting: float = 0.0
    waited: float = 0.0
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The runs that give up their slot, and those that are ended, with the reason."""

    slowed: list[int] = field(default_factory=list)
    ended: dict[int, str] = field(default_factory=dict)


def slow_lane(slots: int) -> int:
    """How many runs the slow lane holds: a waiting run costs little."""
    return 2 * slots


def choose(due: Sequence[Due], at_work: Sequence[AtWork], slots: int) -> list[tuple[Due, Lane]]:
    """The runs to begin now and where, the oldest first.

    A host has one run at a time in a process: two would share its turns and hold two slots. Unknown hosts
    have at most half of the slots until they have answered, known slow ones half of the slow lane.
    """
    fast = slots - sum(one.lane is Lane.FAST for one in at_work)
    unknown = max(1, slots // 2) - sum(one.lane is Lane.FAST and not one.proven for one in at_work)
    slow = slow_lane(slots) // 2 - sum(one.lane is Lane.SLOW for one in at_work)
    taken = {host for one in at_work for host in one.hosts}
    chosen: list[tuple[Due, Lane]] = []
    for one in sorted(due, key=_turn):
        if not taken.isdisjoint(one.hosts):
            continue
        if one.standing is Standing.SLOW:
            if slow <= 0:
                continue
            slow -= 1
        elif fast <= 0 or (one.standing is Standing.UNKNOWN and unknown <= 0):
            continue
        else:
            fast -= 1
            unknown -= one.standing is Standing.UNKNOWN
        taken.update(one.hosts)
        chosen.append((one, Lane.SLOW if one.standing is Standing.SLOW else Lane.FAST))
    return chosen


def judge(at_work: Sequence[AtWork], slots: int) -> Verdict:
    """What becomes of the runs that wait for their hosts."""
    ended = {one.run: _reason(one, "that is too long") for one in at_work if _is_over(one)}
    lane = [one for one in at_work if one.lane is Lane.SLOW and one.run not in ended]
    slowed: list[int] = []
    for one in sorted(at_work, key=lambda one: one.waiting, reverse=True):
        limit = SLOW_AFTER if one.proven else UNPROVEN_AFTER
        if one.lane is Lane.SLOW or one.run in ended or one.waiting < limit:
            continue
        slowest = max([*lane, one], key=_slowness)
        if len(lane) < slow_lane(slots):
            lane.append(one)
            slowed.append(one.run)
        elif slowest.waiting >= SLOW_AFTER:
            ended[slowest.run] = _reason(slowest, "others waited for its place")
            if slowest is not one:
                lane.remove(slowest)
                lane.append(one)
                slowed.append(one.run)
    return Verdict([run for run in slowed if run not in ended], ended)


def _turn(one: Due) -> datetime:
    return one.slot + HANDICAP if one.standing is Standing.UNKNOWN else one.slot


def _is_over(one: AtWork) -> bool:
    return one.waiting >= SLOW_AFTER and one.waited > ALLOWANCE + PER_ANSWER * one.answers


def _slowness(one: AtWork) -> tuple[bool, float]:
    """One that waits comes before one that does not, however slow that was before."""
    return one.waiting >= SLOW_AFTER, one.waited / (one.answers + 1)


def _reason(one: AtWork, why: str) -> str:
    answers = "1 answer" if one.answers == 1 else f"{one.answers} answers"
    return f"let a run wait {one.waited:.0f} s for {answers}, and {why}"
