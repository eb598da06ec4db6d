"""When a watch's mails leave, and how many it would make."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch.archive.alerts import FOR_EVER, WatchState
from presswatch.config_values import AtMost
from presswatch.schedule import QuietHours, interval, parse_cron
from presswatch.watches.due import Pace, batches, next_mail
from presswatch.watches.noise import mails_a_day
from presswatch.watches.windows import is_held_back

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NIGHT = QuietHours(time(20), time(7))
MORNING = parse_cron("0 8 * * *")


def pace(**keys: Any) -> Pace:
    plain = {"timing": None, "collect": 2 * MINUTE, "gap": 10 * MINUTE, "quiet": None, "at_most": None}
    return Pace(**{**plain, "zone": "UTC", **keys})


def state(closed_until: datetime = NOW - HOUR, paused_until: datetime | None = None) -> WatchState:
    return WatchState(NOW - 30 * DAY, 0, closed_until, paused_until)


@pytest.mark.parametrize(
    ("paced", "known", "first", "mailed", "due"),
    [
        (pace(), state(), None, [], None),
        (pace(), state(), NOW - MINUTE, [], NOW + MINUTE),
        (pace(), state(), NOW - HOUR, [], NOW),
        (pace(), state(), NOW - MINUTE, [NOW - 3 * MINUTE], NOW + 7 * MINUTE),
        # A mail that a clock which was ahead made keeps nothing back.
        (pace(), state(), NOW - HOUR, [NOW + DAY], NOW),
        (pace(quiet=NIGHT), state(), NOW + 9 * HOUR, [], NOW + 19 * HOUR),
        (pace(at_most=AtMost(1, HOUR)), state(), NOW - HOUR, [NOW - 20 * MINUTE], NOW + 40 * MINUTE),
        (pace(), state(paused_until=NOW + DAY), NOW - HOUR, [], NOW + DAY),
        (pace(), state(paused_until=FOR_EVER), NOW - HOUR, [], None),
        (pace(timing=MORNING), state(), None, [], NOW + 20 * HOUR),
        (pace(timing=MORNING), state(), NOW - HOUR, [], NOW + 20 * HOUR),
        # Its window has ended, and was held back.
        (pace(timing=MORNING), state(NOW - DAY), NOW - 5 * HOUR, [], NOW),
        (
            pace(timing=MORNING, quiet=QuietHours(time(7), time(14))),
            state(NOW - DAY),
            NOW,
            [],
            NOW + 2 * HOUR,
        ),
    ],
)
def test_the_next_mail_is_due(
    paced: Pace, known: WatchState, first: datetime | None, mailed: list[datetime], due: datetime | None
) -> None:
    assert next_mail(paced, known, first, mailed, NOW) == due


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, 60 * 72), max_size=60),
    st.sampled_from([None, NIGHT, QuietHours(time(9), time(17, 30))]),
    st.sampled_from([None, AtMost(1, HOUR), AtMost(3, DAY)]),
    st.sampled_from([None, MORNING, interval(HOUR, "x")]),
    st.sampled_from(["UTC", "America/New_York"]),
)
def test_each_hit_is_in_one_mail_that_leaves_when_it_may(
    minutes: Sequence[int], quiet: Any, at_most: Any, timing: Any, zone: str
) -> None:
    paced = pace(quiet=quiet, at_most=at_most, timing=timing, zone=zone)
    hits = [NOW + minute * MINUTE for minute in sorted(minutes)]
    made = batches(paced, hits)
    assert [place for one in made for place in one.hits] == list(range(len(hits)))
    for number, one in enumerate(made):
        before = [other.due for other in made[:number]]
        assert one.due >= hits[one.hits[-1]]
        assert not is_held_back(quiet, zone, at_most, before, one.due)
        assert all(one.due - other >= paced.gap for other in before) or timing is not None


def test_hits_at_once_make_fewer_mails_in_a_digest() -> None:
    hits = [NOW + number * 20 * MINUTE for number in range(6)]
    assert mails_a_day(pace(), hits, 2) == {"at_once": 3, "hourly_digest": 1, "daily_digest": 0.5}
