"""What is due: a function of schedules, what the archive knows, and now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from presswatch.archive.runs import SourceState
from presswatch.config import Cron, Every, Source
from presswatch.schedule import next_slot
from scheduler.plan import Intent, failure_delay, plan, schedule_hash

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
HOURLY = Source(
    id="gazette",
    name="Gazette",
    start=("https://gazette.example/",),
    schedule=Cron(cron="0 * * * *"),
    time_zone="UTC",
)


def known(source: Source = HOURLY, **values: object) -> SourceState:
    """A source that went well so far and is due at the next full hour."""
    state = SourceState(
        id=source.id,
        added=NOW - timedelta(days=9),
        next_due=next_slot(source.timing, NOW),
        schedule_hash=schedule_hash(source.timing),
        first_run_finished=NOW - timedelta(days=8),
        consecutive_failures=0,
        open=False,
    )
    return replace(state, **values)  # type: ignore[arg-type]  # whatever a test says of the state


def one(source: Source, state: SourceState | None, now: datetime = NOW) -> Intent | None:
    intents = plan([source], {} if state is None else {source.id: state}, now)
    return intents[0] if intents else None


def test_a_new_source_is_due_at_once() -> None:
    intent = one(HOURLY, None)
    assert intent is not None
    assert (intent.slot, intent.next_due) == (NOW, datetime(2026, 11, 20, 13, tzinfo=UTC))


def test_nothing_is_due_before_its_time() -> None:
    assert one(HOURLY, known()) is None


def test_at_its_time_the_slot_gets_its_run_and_the_next_is_set() -> None:
    at = datetime(2026, 11, 20, 13, 0, 1, tzinfo=UTC)
    intent = one(HOURLY, known(), at)
    assert intent is not None
    assert (intent.slot, intent.next_due) == (at.replace(second=0), at.replace(hour=14, second=0))


def test_slots_that_passed_while_nobody_looked_become_one_run() -> None:
    late = NOW + timedelta(hours=3, minutes=30)
    intent = one(HOURLY, known(), late)
    assert intent is not None
    assert (intent.slot, intent.next_due) == (
        datetime(2026, 11, 20, 15, tzinfo=UTC),
        datetime(2026, 11, 20, 16, tzinfo=UTC),
    )


def test_a_source_whose_run_goes_on_is_left_alone_and_caught_up_with_after_it() -> None:
    later = NOW + timedelta(hours=2)
    assert one(HOURLY, known(open=True), later) is None
    intent = one(HOURLY, known(), later)
    assert intent is not None
    assert intent.slot == datetime(2026, 11, 20, 14, tzinfo=UTC)


def test_a_disabled_source_is_never_due() -> None:
    assert one(HOURLY.model_copy(update={"enabled": False}), None) is None


def test_a_changed_schedule_counts_from_now() -> None:
    daily = HOURLY.model_copy(update={"schedule": Cron(cron="0 6 * * *")})
    intent = one(daily, known())
    assert intent is not None
    assert (intent.slot, intent.next_due) == (None, datetime(2026, 11, 21, 6, tzinfo=UTC))


def test_a_clock_that_was_set_back_gives_no_run_now_and_no_wait_for_what_it_said() -> None:
    back = NOW - timedelta(days=1000)
    intent = one(HOURLY, known(), back)
    assert intent is not None
    assert intent.slot is None
    assert intent.next_due == next_slot(HOURLY.timing, back)


def test_a_source_that_recovered_is_back_on_its_schedule() -> None:
    far = datetime(2026, 11, 20, 19, tzinfo=UTC)
    assert one(HOURLY, known(next_due=far, consecutive_failures=50)) is None
    intent = one(HOURLY, known(next_due=far))
    assert intent is not None
    assert (intent.slot, intent.next_due) == (None, datetime(2026, 11, 20, 13, tzinfo=UTC))


def test_a_source_that_keeps_failing_is_crawled_less_often_but_never_given_up() -> None:
    at = datetime(2026, 11, 20, 13, tzinfo=UTC)
    waits = []
    for failures in (0, 2, 3, 6, 50):
        intent = one(HOURLY, known(consecutive_failures=failures), at)
        assert intent is not None
        waits.append(intent.next_due - at)
    assert waits == sorted(waits)
    assert waits[:2] == [timedelta(hours=1)] * 2
    assert waits[-1] <= timedelta(hours=8)


@pytest.mark.parametrize("failures", range(0, 60, 7))
def test_the_delay_after_failures_is_bounded(failures: int) -> None:
    assert timedelta() <= failure_delay(failures) <= timedelta(hours=6)


def test_intervals_keep_their_phase_over_a_restart() -> None:
    often = HOURLY.model_copy(update={"schedule": Every(every=timedelta(minutes=15))})
    state = known(often)
    assert state.next_due is not None
    intent = one(often, state, state.next_due + timedelta(minutes=4))
    assert intent is not None
    assert (intent.slot, intent.next_due) == (state.next_due, state.next_due + timedelta(minutes=15))


def test_a_paused_source_is_left_alone_and_caught_up_with_after_its_pause() -> None:
    until = NOW + timedelta(hours=5)
    assert one(HOURLY, known(paused_until=until), until - timedelta(seconds=1)) is None
    assert one(HOURLY, known(paused_until=until, schedule_hash="other"), NOW) is None
    assert one(HOURLY, known(paused_until=until, next_due=None), NOW) is None
    intent = one(HOURLY, known(paused_until=until), until)
    assert intent is not None
    assert intent.slot == datetime(2026, 11, 20, 17, tzinfo=UTC)
