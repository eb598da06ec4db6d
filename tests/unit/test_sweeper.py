"""A run is taken for lost only when its crawler is dead, not when it could not tell that it lives."""

from datetime import UTC, datetime, timedelta

import pytest

from presswatch.archive import Archive, runs
from presswatch.archive.tables import RunState
from scheduler.runner import Sweeper

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)
LATER = NOW + 2 * LEASE


@pytest.fixture
def claimed(archive: Archive) -> int:
    """A run that a crawler holds."""
    with archive.writing() as tx:
        runs.ensure_sources(tx, ["gazette"], NOW)
        runs.plan(tx, "gazette", NOW)
        [claim] = runs.claim(tx, "crawler-1", {"gazette": ["gazette.example:443"]}, NOW, LEASE, 1)
        return claim.id


def state(archive: Archive, run: int) -> RunState:
    with archive.reading() as tx:
        return runs.by_id(tx, [run])[0].state


def test_the_run_of_a_dead_crawler_is_due_again(archive: Archive, claimed: int) -> None:
    sweeper = Sweeper(patience=timedelta())
    assert sweeper.step(archive, NOW) is False
    assert sweeper.step(archive, LATER) is True
    assert state(archive, claimed) == RunState.DUE
    assert sweeper.step(archive, LATER) is False


def test_a_crawler_that_could_not_write_has_time_to_say_that_it_lives(archive: Archive, claimed: int) -> None:
    sweeper = Sweeper(patience=timedelta(seconds=0.05))
    assert sweeper.step(archive, LATER) is False, "the archive was locked until now, perhaps"
    with archive.writing() as tx:
        runs.extend(tx, "crawler-1", LATER, LEASE)
    assert sweeper.step(archive, LATER) is False
    assert sweeper.step(archive, LATER + 2 * LEASE) is False, "another silence begins"
    assert state(archive, claimed) == RunState.RUNNING
