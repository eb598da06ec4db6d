"""Steps are repeated while they find work, and a fault in one is told once and stops nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from presswatch.archive import Archive, runs
from presswatch.archive.tables import RunState
from presswatch.config import Config, Every, Source
from presswatch.config.reload import Configured
from presswatch.errors import UnavailableError
from scheduler.health import HealthRegistry
from scheduler.jobs import MEMORY, Steps, following, housekeeping_step, plan_step, repeat
from scheduler.runner import Stop
from support.template import convert

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GAZETTE = Source(
    id="gazette", name="Gazette", start=("https://gazette.example/",), schedule=Every(every=HOUR)
)


@pytest.fixture
def told() -> Iterator[list[EventDict]]:
    with capture_logs() as events:
        yield events


def go_on() -> Stop:
    return Stop.NO


def answers(*given: bool | Exception) -> Callable[[], bool]:
    """A step that does this, one after the other."""
    left = list(given)

    def step() -> bool:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return step


def registry_of(*steps: str) -> HealthRegistry:
    registry = HealthRegistry()
    registry.set_steps(steps)
    return registry


def test_a_step_is_repeated_while_it_finds_something_to_do() -> None:
    step = answers(True, True, False, True)
    repeat("index", step, registry_of("index"), go_on)
    assert step() is True, "the fourth answer was left"


def test_a_step_that_is_asked_to_stop_does_not_begin_again() -> None:
    step = answers(True)
    repeat("index", step, registry_of("index"), lambda: Stop.SOON)
    assert step() is True


def test_a_fault_is_told_once_and_so_is_its_end(told: list[EventDict]) -> None:
    registry = registry_of("index")
    away = UnavailableError("https://es.example: no answer")
    for step in (answers(away), answers(away), answers(False), answers(False), answers(away)):
        repeat("index", step, registry, go_on)
    assert [event["event"] for event in told] == [
        "step fails and is tried again",
        "step works again",
        "step fails and is tried again",
    ]
    assert told[0]["reason"] == "https://es.example: no answer"
    assert registry.report()["index"]["error"] == "https://es.example: no answer"
    assert registry.report()["index"]["well"]


def test_a_fault_that_changes_is_told_anew_with_the_time_of_the_first(told: list[EventDict]) -> None:
    registry = registry_of("index")
    for hour, reason in enumerate(("no answer", "no answer", "429 too many requests")):
        registry.record_failure("index", UnavailableError(reason), NOW + hour * HOUR)
    assert [event["reason"] for event in told] == ["no answer", "429 too many requests"]
    assert registry.report()["index"]["since"] == NOW.isoformat()


def test_a_fault_of_ours_is_told_with_its_traceback_and_goes_no_further(told: list[EventDict]) -> None:
    repeat("match", answers(ZeroDivisionError("by zero")), registry_of("match"), go_on)
    assert isinstance(told[0]["exc_info"], ZeroDivisionError)
    assert "fault of presswatch" in told[0]["event"]


def test_a_step_that_is_taken_away_while_it_works_is_not_told_of_any_more() -> None:
    registry = registry_of("crawl 1", "crawl 2")

    def step() -> bool:
        registry.set_steps(["crawl 1"])
        return False

    repeat("crawl 2", step, registry, go_on)
    registry.record_failure("crawl 2", UnavailableError("no answer"), NOW)
    assert list(registry.report()) == ["crawl 1"]


def test_a_slot_is_planned_once(archive: Archive) -> None:
    config = Config(sources=(GAZETTE,))
    assert plan_step(archive, config, NOW) is True
    assert plan_step(archive, config, NOW) is False
    assert plan_step(archive, config, NOW + 5 * HOUR) is False, "its run has not ended"
    with archive.writing() as tx:
        [run] = runs.latest(tx)
        assert (run.slot, run.state) == (NOW, RunState.DUE)
        runs.finish(tx, run.id, "{}", "", NOW)
    assert plan_step(archive, config, NOW + 5 * HOUR) is True
    assert plan_step(archive, config, NOW + 5 * HOUR) is False
    with archive.reading() as tx:
        assert len(runs.latest(tx)) == 2, "five slots passed, one run makes up for them"


def test_runs_of_long_ago_are_forgotten_but_never_the_newest_of_a_source(archive: Archive) -> None:
    with archive.writing() as tx:
        runs.ensure_sources(tx, ["gazette", "courier"], NOW)
        for source, slots in (("gazette", (NOW, NOW + HOUR, NOW + MEMORY)), ("courier", (NOW,))):
            for slot in slots:
                run = runs.plan(tx, source, slot)
                assert run is not None
                runs.finish(tx, run, "{}", "", slot)
    assert housekeeping_step(archive, Config(), NOW + MEMORY + timedelta(minutes=90), lambda: False) is False
    with archive.reading() as tx:
        assert {(run.source, run.slot) for run in runs.latest(tx)} == {
            ("gazette", NOW + MEMORY),
            ("courier", NOW),
        }


def test_housekeeping_gives_unused_space_back(archive: Archive) -> None:
    archive = convert(archive)
    with archive.writing() as tx:
        tx.exec_driver_sql("INSERT INTO fact VALUES ('much', hex(randomblob(3000000)))")
    with archive.writing() as tx:
        tx.exec_driver_sql("DELETE FROM fact WHERE name = 'much'")
        assert tx.exec_driver_sql("PRAGMA freelist_count").scalar_one() > 1_000
    housekeeping_step(archive, Config(), NOW, lambda: False)
    with archive.reading() as tx:
        assert tx.exec_driver_sql("PRAGMA freelist_count").scalar_one() == 0
    archive.close()


def test_an_index_that_failed_is_not_asked_again_before_its_backoff_is_over(
    archive: Archive, tmp_path: Path, told: list[EventDict]
) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "presswatch.yaml").write_text("search: {elasticsearch: {urls: ['http://127.0.0.1:1']}}\n")
    steps = Steps(archive, Configured(folder), tmp_path, go_on)
    registry = registry_of("index")
    step = steps.named()["index"]
    repeat("index", step, registry, go_on)
    failed = registry.report()["index"]
    assert "127.0.0.1:1" in failed["error"]
    assert step() is None, "nothing was tried"
    repeat("index", step, registry, go_on)
    assert registry.report()["index"] == failed
    assert [event["event"] for event in told if "step" in event] == ["step fails and is tried again"]
    steps.close()


def test_who_has_something_to_do_when_a_step_did_something() -> None:
    steps = ("plan", "crawl 1", "crawl 2", "match", "digest", "reviews", "send", "send pager", "index")
    assert following("plan", steps) == ["crawl 1", "crawl 2"]
    assert following("match", steps) == ["digest"]
    assert following("digest", steps) == following("reviews", steps) == ["send", "send pager"]
    assert following("index", steps) == []
    assert following("runs by hand", ("plan", "crawl 1", "crawl 2")) == ["crawl 1", "crawl 2"]


def test_each_time_a_step_did_something_is_told() -> None:
    told: list[bool] = []
    repeat("match", answers(True, True, False), registry_of("match"), go_on, lambda: told.append(True))
    assert told == [True, True]
