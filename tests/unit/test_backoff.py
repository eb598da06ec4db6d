"""Delays before a retry: they grow from the first to the longest, with jitter chosen by the caller."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from presswatch.backoff import Backoff

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STEPS = Backoff(SECOND, MINUTE, jitter=(0.75, 1.25))


def test_each_delay_is_twice_as_long_as_the_one_before_up_to_the_longest() -> None:
    delays = [STEPS.delay(failures).total_seconds() for failures in range(1, 60)]
    assert delays[:6] == [1, 2, 4, 8, 16, 32]
    assert set(delays[6:]) == {60}


def test_the_factor_says_how_fast_delays_grow() -> None:
    backoff = Backoff(5 * MINUTE, timedelta(days=1), factor=5)
    minutes = [backoff.delay(failures) / MINUTE for failures in range(1, 7)]
    assert minutes == [5, 25, 125, 625, 1440, 1440]


def test_chance_chooses_the_jitter_between_its_bounds() -> None:
    assert [STEPS.delay(failures, 0.0).total_seconds() for failures in (1, 2, 3)] == [0.75, 1.5, 3]
    assert [STEPS.delay(failures, 1.0).total_seconds() for failures in (1, 2, 3)] == [1.25, 2.5, 5]


@given(st.integers(1, 10**9), st.floats(0, 1), st.integers(1, 6))
def test_no_number_of_failures_leaves_the_bounds(failures: int, chance: float, factor: int) -> None:
    backoff = Backoff(SECOND, MINUTE, factor, (0.75, 1.25))
    assert 0.75 * SECOND <= backoff.delay(failures, chance) <= 1.25 * MINUTE


def test_by_age_a_delay_is_as_long_as_the_failure_lasts() -> None:
    assert STEPS.delay_by_age(timedelta(0)) == SECOND
    assert STEPS.delay_by_age(17 * SECOND) == 17 * SECOND
    assert STEPS.delay_by_age(timedelta(days=3)) == MINUTE
