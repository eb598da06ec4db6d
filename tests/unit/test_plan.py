"""What is due: a function of schedules, what the archive knows, and now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from presswatch.archive.runs import SourceState
from presswatch.config import Cron, Every, Source
from presswatch.polling import NOTHING_ASKED, Rhythm, unknown
from presswatch.schedule import Timing, next_slot
from scheduler.plan import Intent, OwnRhythm, asking, could_begin, failure_delay, plan, schedule_hash

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
HOURLY = Source(
    id="gazette",
    name="Gazette",
    start=("https://gazette.example/",),
    schedule=Cron(cron="0 * * * *"),
    time_zone="UTC",
)


def timing(source: Source) -> Timing:
    assert source.timing is not None
    return source.timing


def known(source: Source = HOURLY, **values: object) -> SourceState:
    """A source that went well so far and is due at the next full hour."""
    state = SourceState(
        id=source.id,
        added=NOW - timedelta(days=9),
        next_due=next_slot(timing(source), NOW),
        schedule_hash=schedule_hash(timing(source)),
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
    assert intent.next_due == next_slot(timing(HOURLY), back)


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


# Read by its own rhythm.
OWN = HOURLY.model_copy(update={"schedule": "auto"})
RHYTHM = Rhythm(unknown("UTC", NOTHING_ASKED, NOW))


def test_a_run_after_a_pause_or_a_standstill_could_not_begin_at_its_slot() -> None:
    paused = known(paused_until=NOW - timedelta(minutes=2))
    minute = timedelta(minutes=1)
    intent = Intent(HOURLY.id, NOW - 5 * minute, NOW + 55 * minute, "")
    states = {HOURLY.id: paused}
    assert could_begin([intent], states, None) == {HOURLY.id: NOW - 2 * minute}
    assert could_begin([intent], states, NOW - minute) == {HOURLY.id: NOW - minute}
    assert could_begin([replace(intent, slot=NOW)], states, NOW - minute) == {}
    assert could_begin([replace(intent, slot=None)], states, NOW) == {}


def own(state: SourceState | None, now: datetime = NOW, rhythm: Rhythm = RHYTHM) -> Intent | None:
    states = {} if state is None else {OWN.id: state}
    asked = {one.id: rhythm for one in asking([OWN], states, now)}
    intents = plan([OWN], states, now, asked)
    return intents[0] if intents else None


def looked_at(looked: datetime, **values: object) -> SourceState:
    """A source whose last run that went well began then, and which was planned after that."""
    known_by = schedule_hash(OwnRhythm("UTC", looked))
    return known(HOURLY, **{"looked": looked, "schedule_hash": known_by} | values)


def test_a_new_source_with_a_rhythm_of_its_own_is_due_at_once_and_then_as_it_is_worth() -> None:
    intent = own(None)
    assert intent is not None
    assert (intent.slot, intent.next_due) == (NOW, RHYTHM.next_look(NOW).at)


def test_its_rhythm_is_asked_after_a_run_that_went_well_and_at_its_time_alone() -> None:
    looked = NOW - timedelta(minutes=3)
    due = RHYTHM.next_look(looked).at
    assert own(looked_at(looked, next_due=due)) is None
    assert asking([OWN], {OWN.id: looked_at(looked, next_due=due)}, NOW) == []
    intent = own(looked_at(looked, next_due=due, schedule_hash="before that run"))
    assert intent == Intent(OWN.id, None, due, schedule_hash(OwnRhythm("UTC", looked)))
    assert own(looked_at(looked, next_due=due, open=True), due) is None
    intent = own(looked_at(looked, next_due=due), due)
    assert intent is not None
    assert (intent.slot, intent.next_due) == (due, RHYTHM.next_look(due).at)


def test_days_that_passed_while_nobody_looked_become_one_run() -> None:
    looked = NOW - timedelta(days=4)
    intent = own(looked_at(looked, next_due=looked + timedelta(hours=1)))
    assert intent is not None
    assert (intent.slot, intent.next_due) == (looked + timedelta(hours=1), RHYTHM.next_look(NOW).at)


def test_a_schedule_that_became_its_own_rhythm_counts_from_the_last_look_but_never_in_the_past() -> None:
    for looked in (None, NOW - timedelta(days=40), NOW - timedelta(minutes=1)):
        intent = own(known(HOURLY, looked=looked))
        assert intent is not None
        assert intent.slot is None
        assert NOW <= intent.next_due <= NOW + timedelta(hours=24)


def test_a_source_of_its_own_rhythm_that_keeps_failing_is_left_alone_for_longer() -> None:
    looked = NOW - timedelta(days=2)
    state = looked_at(looked, next_due=NOW, consecutive_failures=50)
    intent = own(state)
    assert intent is not None
    assert intent.next_due == NOW + failure_delay(50)
    assert own(looked_at(looked, next_due=intent.next_due, consecutive_failures=50)) is None


def test_a_clock_that_was_set_back_leaves_no_source_of_its_own_rhythm_waiting() -> None:
    back = NOW - timedelta(days=1000)
    intent = own(looked_at(NOW, next_due=NOW + timedelta(hours=1)), back)
    assert intent is not None
    assert intent.slot is None
    assert back <= intent.next_due <= back + timedelta(hours=24)


def test_a_paused_source_of_its_own_rhythm_is_left_alone() -> None:
    until = NOW + timedelta(hours=5)
    assert own(looked_at(NOW, next_due=NOW, paused_until=until)) is None
    assert asking([OWN], {OWN.id: looked_at(NOW, next_due=NOW, paused_until=until)}, NOW) == []
    assert own(looked_at(NOW, next_due=NOW, paused_until=until), until) is not None


def test_the_schedules_of_before_are_planned_as_before() -> None:
    """What stands in archives as the hash of an interval or a cron expression stays so."""
    assert schedule_hash(timing(HOURLY)) == "42d634922b5ddec9"


def test_a_source_of_which_hubs_tell_is_looked_at_more_rarely_and_at_least_once_an_hour() -> None:
    def due(source: Source, *, pushed: bool) -> datetime:
        state = known(source, next_due=NOW)
        [intent] = plan([source], {source.id: state}, NOW, pushed={source.id} if pushed else ())
        return intent.next_due

    for minutes, later in ((5, 10), (15, 30), (30, 30), (60, 0), (180, 0)):
        source = HOURLY.model_copy(update={"schedule": Every(every=timedelta(minutes=minutes))})
        assert due(source, pushed=True) - due(source, pushed=False) == timedelta(minutes=later)
    # Times that somebody gave stay.
    assert due(HOURLY, pushed=True) == due(HOURLY, pushed=False)


def test_when_a_hub_falls_silent_the_source_is_due_as_its_schedule_says() -> None:
    source = HOURLY.model_copy(update={"schedule": Every(every=timedelta(minutes=15))})
    [intent] = plan([source], {source.id: known(source, next_due=NOW)}, NOW, pushed={source.id})
    state = known(source, next_due=intent.next_due)
    later = NOW + timedelta(minutes=1)
    assert plan([source], {source.id: state}, later, pushed={source.id}) == []
    [sooner] = plan([source], {source.id: state}, later)
    assert (sooner.slot, sooner.next_due) == (None, next_slot(timing(source), later))


def test_a_source_with_a_rhythm_of_its_own_is_spared_by_hubs_too() -> None:
    source, own = OWN, schedule_hash(OwnRhythm(OWN.time_zone, None))
    state = replace(known(), next_due=NOW, schedule_hash=own)

    def due(pushed: set[str]) -> timedelta:
        [intent] = plan([source], {source.id: state}, NOW, {}, pushed)
        return intent.next_due - NOW

    assert due({source.id}) == min(3 * due(set()), timedelta(hours=1))
