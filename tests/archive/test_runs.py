"""One run a slot, one crawler a host, and nothing lost with a crawler."""

from datetime import timedelta

import pytest

from presswatch.archive import runs
from presswatch.archive.runs import Run, RunClaim
from presswatch.archive.tables import RunState
from support.newsroom import Newsroom

MINUTE = timedelta(minutes=1)
HOSTS = {"gazette": ["gazette.example:443"], "courier": ["courier.example:443"]}


@pytest.fixture
def planned(newsroom: Newsroom) -> list[int | None]:
    with newsroom.archive.writing() as tx:
        runs.ensure_sources(tx, HOSTS, newsroom.now)
        return [runs.plan(tx, source, newsroom.now) for source in HOSTS]


def claim(
    newsroom: Newsroom,
    holder: str = "crawler-1",
    hosts: dict[str, list[str]] = HOSTS,
    limit: int = 10,
) -> list[RunClaim]:
    with newsroom.archive.writing() as tx:
        return runs.claim(tx, holder, hosts, newsroom.now, MINUTE, limit)


def latest(newsroom: Newsroom) -> dict[str, Run]:
    with newsroom.archive.reading() as tx:
        return {run.source: run for run in runs.latest(tx)}


def test_a_slot_has_one_run(newsroom: Newsroom, planned: list[int]) -> None:
    with newsroom.archive.writing() as tx:
        assert runs.plan(tx, "gazette", newsroom.now) is None


def test_the_next_slot_is_that_of_the_first_source_without_a_run(
    newsroom: Newsroom, planned: list[int]
) -> None:
    soon, later = newsroom.now + MINUTE, newsroom.now + 2 * MINUTE
    with newsroom.archive.writing() as tx:
        runs.set_due(tx, "gazette", soon, "hash")
        runs.set_due(tx, "courier", later, "hash")
        assert runs.next_due(tx, HOSTS) is None, "their runs wait"
        for id_ in planned:
            runs.finish(tx, id_, "{}", "", newsroom.now)
        assert runs.next_due(tx, HOSTS) == soon
        assert runs.next_due(tx, ["courier"]) == later
        assert runs.next_due(tx, []) is None


def test_a_run_is_claimed_once(newsroom: Newsroom, planned: list[int]) -> None:
    assert [run.source for run in claim(newsroom)] == ["gazette", "courier"]
    assert claim(newsroom, "crawler-2") == []


def test_sources_that_share_a_host_are_never_in_two_crawlers_at_once(
    newsroom: Newsroom, planned: list[int]
) -> None:
    shared = {"gazette": ["press.example:443"], "courier": ["press.example:443"]}
    [first] = claim(newsroom, "crawler-1", shared, limit=1)
    assert claim(newsroom, "crawler-2", shared) == []
    assert [run.source for run in claim(newsroom, "crawler-1", shared)] == ["courier"]
    with newsroom.archive.writing() as tx:
        runs.hand_back(tx, first.id)
    assert claim(newsroom, "crawler-2", shared) == []


def test_the_host_is_free_when_its_crawler_has_finished(newsroom: Newsroom, planned: list[int]) -> None:
    shared = {"gazette": ["press.example:443"], "courier": ["press.example:443"]}
    [first] = claim(newsroom, "crawler-1", shared, limit=1)
    with newsroom.archive.writing() as tx:
        runs.finish(tx, first.id, '{"pages": 3}', "", newsroom.now)
    assert [run.source for run in claim(newsroom, "crawler-2", shared)] == ["courier"]
    assert latest(newsroom)["gazette"].state is RunState.FINISHED


def test_a_crawler_that_lives_keeps_what_it_holds(newsroom: Newsroom, planned: list[int]) -> None:
    claim(newsroom)
    for _ in range(5):
        newsroom.now += MINUTE / 2
        with newsroom.archive.writing() as tx:
            runs.extend(tx, "crawler-1", newsroom.now, MINUTE)
            assert runs.lapsed(tx, newsroom.now).silent == ()
    newsroom.now += 2 * MINUTE
    with newsroom.archive.reading() as tx:
        assert len(runs.lapsed(tx, newsroom.now).silent) == 2


def test_a_run_that_lost_its_crawler_is_done_again_and_fails_the_third_time(
    newsroom: Newsroom, planned: list[int]
) -> None:
    for attempt in (1, 2, 3):
        held = [run.id for run in claim(newsroom, f"crawler-{attempt}")]
        assert len(held) == 2
        with newsroom.archive.writing() as tx:
            assert len(runs.lost(tx, held, "its crawler was killed by signal 9", newsroom.now)) == 2
    assert {run.state for run in latest(newsroom).values()} == {RunState.FAILED}
    assert "signal 9" in latest(newsroom)["gazette"].reason
    assert claim(newsroom) == []


def test_a_run_that_was_handed_back_costs_no_attempt(newsroom: Newsroom, planned: list[int]) -> None:
    for _ in range(5):
        [first, _second] = claim(newsroom)
        with newsroom.archive.writing() as tx:
            runs.hand_back(tx, first.id)
            runs.hand_back(tx, _second.id)
    assert latest(newsroom)["gazette"].attempts == 0


def test_failures_in_a_row_are_counted_until_one_goes_well(newsroom: Newsroom) -> None:
    for reason, failures in (("start page: 503", 1), ("start page: 503", 2), ("", 0)):
        newsroom.finish_run(newsroom.start_run(), reason)
        newsroom.now += MINUTE
        with newsroom.archive.reading() as tx:
            state = runs.sources(tx)["gazette"]
        assert state.consecutive_failures == failures
    assert state.open is False
