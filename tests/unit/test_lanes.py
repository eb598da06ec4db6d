"""Which runs begin, give up their slot, are ended: decided from what they wait for."""

from datetime import UTC, datetime, timedelta

from crawler.lanes import (
    ALLOWANCE,
    HANDICAP,
    PER_ANSWER,
    SLOW_AFTER,
    UNPROVEN_AFTER,
    AtWork,
    Due,
    Lane,
    Standing,
    choose,
    judge,
    slow_lane,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def due(run: int, standing: Standing, *hosts: str, slot: datetime = NOW) -> Due:
    return Due(run, f"source-{run}", slot, hosts or (f"host-{run}",), standing)


def at_work(
    run: int,
    lane: Lane = Lane.FAST,
    waiting: float = 0.0,
    waited: float | None = None,
    answers: int = 0,
    *,
    proven: bool = True,
) -> AtWork:
    all_of_it = waiting if waited is None else waited
    return AtWork(run, lane, proven, (f"host-{run}",), waiting, all_of_it, answers)


def begun(chosen: list[tuple[Due, Lane]]) -> dict[int, Lane]:
    return {one.run: lane for one, lane in chosen}


def test_the_oldest_begin_as_far_as_there_are_slots() -> None:
    runs = [due(number, Standing.READY, slot=NOW - number * SECOND) for number in range(5)]
    assert [one.run for one, _ in choose(runs, [at_work(9)], slots=3)] == [4, 3]


def test_unknown_hosts_leave_half_of_the_slots_to_known_ones() -> None:
    unknown = [due(number, Standing.UNKNOWN) for number in range(8)]
    assert len(choose(unknown, [], slots=4)) == 2
    assert len(choose(unknown, [at_work(9, proven=False)], slots=4)) == 1
    assert len(choose(unknown, [at_work(9, proven=True)], slots=4)) == 2, "it answered"
    assert len(choose(unknown, [], slots=1)) == 1


def test_a_known_host_goes_before_an_unknown_one_but_not_for_ever() -> None:
    ready = due(1, Standing.READY)
    assert [one.run for one, _ in choose([due(2, Standing.UNKNOWN), ready], [], slots=1)] == [1]
    old = due(2, Standing.UNKNOWN, slot=NOW - HANDICAP - SECOND)
    assert [one.run for one, _ in choose([old, ready], [], slots=1)] == [2]


def test_known_slow_hosts_begin_in_half_of_the_slow_lane_whatever_the_slots() -> None:
    slow = [due(number, Standing.SLOW) for number in range(9)]
    full = [at_work(90 + number) for number in range(2)]
    assert begun(choose(slow, full, slots=2)) == dict.fromkeys((0, 1), Lane.SLOW)


def test_a_host_has_one_run_at_a_time() -> None:
    runs = [due(1, Standing.READY, "a"), due(2, Standing.READY, "a", "b"), due(3, Standing.READY, "c")]
    assert set(begun(choose(runs, [], slots=9))) == {1, 3}
    assert set(begun(choose([due(1, Standing.READY, "host-9")], [at_work(9)], slots=9))) == set()


def test_a_run_that_waits_gives_up_its_slot_sooner_if_it_was_never_answered() -> None:
    runs = [
        at_work(1, waiting=SLOW_AFTER),
        at_work(2, waiting=SLOW_AFTER - 1),
        at_work(3, waiting=UNPROVEN_AFTER, proven=False),
        at_work(4, waiting=SLOW_AFTER, lane=Lane.SLOW),
    ]
    verdict = judge(runs, slots=4)
    assert sorted(verdict.slowed) == [1, 3]
    assert not verdict.ended


def test_in_a_full_slow_lane_the_slowest_is_ended() -> None:
    lane = [at_work(number, Lane.SLOW, 6, 60, answers=9) for number in range(slow_lane(2) - 1)]
    dead = at_work(77, Lane.SLOW, 30)
    verdict = judge([*lane, dead, at_work(88, waiting=SLOW_AFTER)], slots=2)
    assert verdict.slowed == [88]
    assert list(verdict.ended) == [77]
    assert "30 s for 0 answers" in verdict.ended[77]


def test_nobody_is_ended_for_another_before_it_has_waited_long() -> None:
    lane = [at_work(number, Lane.SLOW, SLOW_AFTER - 1) for number in range(slow_lane(2))]
    verdict = judge([*lane, at_work(88, waiting=UNPROVEN_AFTER, proven=False)], slots=2)
    assert not verdict.slowed
    assert not verdict.ended


def test_the_time_of_a_run_is_bounded_by_what_it_gets() -> None:
    none = at_work(1, Lane.SLOW, 30, ALLOWANCE + 1)
    some = at_work(2, Lane.SLOW, 30, ALLOWANCE + 1, answers=1)
    over = at_work(3, Lane.SLOW, 30, ALLOWANCE + PER_ANSWER + 1, answers=1)
    not_waiting = at_work(4, Lane.SLOW, 0, 1000, answers=1)
    assert set(judge([none, some, over, not_waiting], slots=4).ended) == {1, 3}
