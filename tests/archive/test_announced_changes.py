"""When a change that a feed announces is read."""

from datetime import UTC, datetime, timedelta

import pytest

from presswatch.archive.links import Known, announced
from presswatch.archive.tables import UrlState

ASKED = datetime(2026, 11, 20, 12, 0, 5, 400_000, tzinfo=UTC)
ANSWERED = ASKED + timedelta(seconds=1)
NOW = ASKED + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("modified", "is_read"),
    [
        (ANSWERED + timedelta(minutes=1), True),
        (ASKED - timedelta(minutes=1), False),
        # It changed while the answer was on its way, or in the second in which it was asked for.
        (ASKED + timedelta(milliseconds=500), True),
        (ASKED.replace(microsecond=0), True),
        (NOW + timedelta(days=1), False),
    ],
)
def test_what_changed_after_the_page_was_asked_for_is_read_again(modified: datetime, is_read: bool) -> None:
    known = Known(UrlState.SETTLED, False, None, ASKED, ANSWERED, 0)
    assert announced(known, modified, NOW) == (NOW if is_read else None)
