"""The scheduler's runner: due runs are claimed, crawled in a child, and accounted for when it ends."""

import logging
import multiprocessing
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread

import pytest

from presswatch import config
from presswatch.archive import Archive, holders, runs
from presswatch.archive.runs import Run, RunClaim
from presswatch.archive.tables import RunState
from scheduler.runner import Stop, Sweeper, crawl_step
from support import PATIENCE
from support.project import Project
from support.site import Site

MINUTE = timedelta(minutes=1)


class HeldPage:
    """A page that is not answered before the test says so."""

    def __init__(self, site: Site, path: str) -> None:
        self.requested, self.answer = Event(), Event()
        site.answers[path] = self._respond

    def _respond(self, request: BaseHTTPRequestHandler) -> None:
        self.requested.set()
        self.answer.wait(PATIENCE)
        request.send_error(404)


@pytest.fixture
def archive(project: Project) -> Iterator[Archive]:
    with project.archive() as opened:
        yield opened


def plan(archive: Archive, *sources: str) -> list[int]:
    """A due run of each source, in this order."""
    now = datetime.now(UTC)
    with archive.writing() as tx:
        runs.ensure_sources(tx, sources, now)
        planned = [
            runs.plan(tx, id_, now + place * timedelta(seconds=1)) for place, id_ in enumerate(sources)
        ]
    return [run_id for run_id in planned if run_id is not None]


def step(
    project: Project,
    archive: Archive,
    stop: Callable[[], Stop] = lambda: Stop.NO,
    only: list[int] | None = None,
) -> bool:
    settings = config.load(project.folder)
    return crawl_step(archive, lambda: settings, project.data, stop, only=only, log_level=logging.WARNING)


@contextmanager
def step_beside(project: Project, archive: Archive, stop: Callable[[], Stop]) -> Iterator[None]:
    """A step at work while the block lasts; at its end it is waited for."""
    thread = Thread(target=step, args=(project, archive, stop))
    thread.start()
    yield
    thread.join(PATIENCE)
    assert not thread.is_alive()


def run_of(archive: Archive, source: str) -> Run:
    with archive.reading() as tx:
        return runs.latest(tx, source, limit=1)[0]


def take_over(archive: Archive, run_id: int, site: Site) -> RunClaim:
    """The run is taken for lost, and another crawler claims it."""
    now = datetime.now(UTC)
    with archive.writing() as tx:
        runs.lost(tx, [run_id], "it seemed dead", now)
        [taken] = runs.claim(tx, "another", {"gazette": [site.host]}, now, 10 * MINUTE, 1, only=[run_id])
    return taken


def test_due_runs_are_crawled_until_none_is_left(project: Project, archive: Archive, site: Site) -> None:
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news")
    plan(archive, "gazette")
    assert step(project, archive) is True
    assert run_of(archive, "gazette").state is RunState.FINISHED
    assert len(project.articles()) == 1
    assert step(project, archive) is False


def test_runs_of_one_host_follow_each_other_the_oldest_first(
    project: Project, archive: Archive, site: Site
) -> None:
    project.configure(allow=[site.host], slots=4)
    site.listing("/news", "/story-0001.html")
    for source in ("courier", "gazette"):
        project.add_source(source, f"{site.url}/news")
    plan(archive, "gazette", "courier")
    assert step(project, archive) is True
    earlier, later = run_of(archive, "gazette"), run_of(archive, "courier")
    assert (earlier.state, later.state) == (RunState.FINISHED, RunState.FINISHED)
    assert earlier.finished is not None
    assert later.started is not None
    assert earlier.finished <= later.started


def test_only_the_chosen_runs_are_crawled_though_their_source_is_disabled(
    project: Project, archive: Archive, site: Site
) -> None:
    site.listing("/news", "/story-0001.html")
    project.add_source("gazette", f"{site.url}/news")
    project.add_source("courier", f"{site.url}/news", enabled=False)
    _, chosen = plan(archive, "gazette", "courier")
    assert step(project, archive, only=[chosen]) is True
    assert run_of(archive, "courier").state is RunState.FINISHED
    assert run_of(archive, "gazette").state is RunState.DUE


def test_the_run_of_a_child_that_was_killed_is_due_again_and_says_why(
    project: Project, archive: Archive, site: Site
) -> None:
    page = HeldPage(site, "/news")
    project.add_source("gazette", f"{site.url}/news")
    plan(archive, "gazette")
    with step_beside(project, archive, lambda: Stop.NO):
        assert page.requested.wait(PATIENCE)
        [child] = multiprocessing.active_children()
        child.kill()
    page.answer.set()
    run = run_of(archive, "gazette")
    assert (run.state, run.reason) == (RunState.DUE, "its crawler was killed by SIGKILL")
    assert run.attempts == 1, "it counts: the run may have done it"


@pytest.mark.parametrize("urgency", [Stop.SOON, Stop.NOW])
def test_a_step_that_is_stopped_hands_its_runs_back_uncounted(
    project: Project, archive: Archive, site: Site, urgency: Stop
) -> None:
    page, stopped = HeldPage(site, "/news"), Event()
    project.add_source("gazette", f"{site.url}/news")
    plan(archive, "gazette")
    with step_beside(project, archive, lambda: urgency if stopped.is_set() else Stop.NO):
        assert page.requested.wait(PATIENCE)
        stopped.set()
    page.answer.set()
    run = run_of(archive, "gazette")
    assert (run.state, run.attempts, run.reason) == (RunState.DUE, 0, "")
    assert multiprocessing.active_children() == []


def test_a_stopped_crawler_keeps_what_it_holds_however_long(
    project: Project, archive: Archive, site: Site
) -> None:
    page = HeldPage(site, "/news")
    project.add_source("gazette", f"{site.url}/news")
    project.add_source("courier", f"{site.url}/other")
    plan(archive, "gazette")
    with step_beside(project, archive, lambda: Stop.NO):
        assert page.requested.wait(PATIENCE)
        [child] = multiprocessing.active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGSTOP)
        plan(archive, "courier")
        later = datetime.now(UTC) + 60 * MINUTE
        hosts = {"courier": [site.host]}
        with archive.reading() as tx:
            assert runs.lapsed(tx, later) == runs.Lapsed((), ())
            assert runs.claimable(tx, "another", hosts, later) == []
        os.kill(child.pid, signal.SIGCONT)
        page.answer.set()
    assert run_of(archive, "gazette").attempts == 1


def test_what_a_dead_crawler_of_this_machine_held_is_free_at_once(
    project: Project, archive: Archive, site: Site
) -> None:
    """And what one of another machine holds only when its lease ends."""
    [here, elsewhere] = plan(archive, "gazette", "courier")
    child = subprocess.Popen(["sleep", "600"])
    name, now = holders.name_of(child.pid), datetime.now(UTC)
    assert name is not None
    with archive.writing() as tx:
        for holder, source, run_id in ((name, "gazette", here), ("elsewhere:1", "courier", elsewhere)):
            assert runs.claim(tx, holder, {source: [f"{source}:80"]}, now, MINUTE, 1, only=[run_id])
        assert runs.lapsed(tx, now) == runs.Lapsed((), ())
    child.kill()
    child.wait()

    assert Sweeper().step(archive, now) is True

    with archive.reading() as tx:
        assert runs.holders(tx, ["gazette:80", "courier:80"], now) == {"courier:80": "elsewhere:1"}
        [run, other] = runs.by_id(tx, [here, elsewhere])
        failures = runs.sources(tx)["gazette"].consecutive_failures
    assert (run.state, other.state, failures) == (RunState.DUE, RunState.RUNNING, 0)


@pytest.mark.parametrize("how", ["the child ends", "the child is killed", "the step is stopped"])
def test_a_run_that_another_holder_took_is_left_to_it(
    project: Project, archive: Archive, site: Site, how: str
) -> None:
    page, stopped = HeldPage(site, "/news"), Event()
    project.add_source("gazette", f"{site.url}/news")
    [run_id] = plan(archive, "gazette")
    with step_beside(project, archive, lambda: Stop.SOON if stopped.is_set() else Stop.NO):
        assert page.requested.wait(PATIENCE)
        taken = take_over(archive, run_id, site)
        if how == "the child ends":
            page.answer.set()
        elif how == "the child is killed":
            multiprocessing.active_children()[0].kill()
        else:
            stopped.set()
    page.answer.set()
    with archive.reading() as tx:
        assert runs.held(tx, [run_id]) == [taken]
        assert runs.holders(tx, [site.host], datetime.now(UTC)) == {site.host: "another"}
