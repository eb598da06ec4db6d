"""A crawl process that lives on: slots come free, slow hosts hold up nobody, it is told, replaced, ended."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from multiprocessing import active_children
from threading import Event, Thread

import pytest

from crawler import run as crawl_run
from crawler.life import Life
from presswatch import config
from presswatch.archive import Archive, runs, sites
from presswatch.archive.tables import RunState
from scheduler.runner import Stop, crawl_step
from support import PATIENCE
from support.project import Project
from support.site import Site, serving

FOREVER = Life(idle=timedelta(hours=1))


def drip(request: BaseHTTPRequestHandler) -> None:
    """Sends a byte of its body now and then, and never the last."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while True:
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.2)


class Crawl:
    """A crawl step at work in a thread, with the project's configuration as it is on disk."""

    def __init__(self, project: Project, archive: Archive, life: Life) -> None:
        self.project = project
        self.archive = archive
        self.config = config.load(project.folder)
        self.stop = Stop.NO
        self._thread = Thread(target=self._work, args=(life,))
        self._thread.start()

    def reload(self) -> None:
        self.config = config.load(self.project.folder)

    def plan(self, *sources: str) -> None:
        """A due run of each source, now."""
        plan(self.archive, *sources)

    def end(self) -> None:
        self.stop = Stop.SOON
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _work(self, life: Life) -> None:
        while not self.stop:
            stop, data = (lambda: self.stop), self.project.data
            if not crawl_step(self.archive, lambda: self.config, data, stop, life=life):
                time.sleep(0.05)


def plan(archive: Archive, *sources: str) -> None:
    now = datetime.now(UTC)
    with archive.writing() as tx:
        runs.ensure_sources(tx, sources, now)
        for source in sources:
            runs.plan(tx, source, now)


@pytest.fixture
def archive(project: Project) -> Iterator[Archive]:
    with project.archive() as opened:
        yield opened


@contextmanager
def crawling(project: Project, archive: Archive, life: Life = FOREVER) -> Iterator[Crawl]:
    crawl = Crawl(project, archive, life)
    try:
        yield crawl
    finally:
        crawl.end()


@pytest.fixture
def press(project: Project) -> Iterator[Callable[[str, int], list[Site]]]:
    """Makes so many sources `name-0`, `name-1` …, each with a site of its own: a listing of one article."""
    with ExitStack() as stack:
        allowed: list[str] = []

        def make(name: str, count: int) -> list[Site]:
            made = [stack.enter_context(serving()) for _ in range(count)]
            allowed.extend(site.host for site in made)
            project.configure(allow=allowed, slots=2, timeout="1h", readers=1)
            for number, site in enumerate(made):
                site.listing("/news", "/story-0001.html")
                site.article("/story-0001.html", f"The bridge at {site.port} will be closed")
                project.add_source(f"{name}-{number}", f"{site.url}/news")
            return made

        yield make


def wait_until(happened: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def newest(archive: Archive, source: str) -> runs.Run:
    with archive.reading() as tx:
        return runs.latest(tx, source, limit=1)[0]


def finished(archive: Archive, *sources: str) -> bool:
    return all(newest(archive, source).state is RunState.FINISHED for source in sources)


def test_two_hosts_that_drip_do_not_hold_up_four_others_in_two_slots(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    for site in press("a-dripper", 2):
        site.answers["/news"] = drip
        site.serve("/robots.txt", "", content_type="text/plain")
    healthy = press("outlet", 4)
    names = [f"outlet-{number}" for number in range(4)]
    plan(archive, "a-dripper-0", "a-dripper-1", *names)
    with crawling(project, archive) as crawl:
        wait_until(lambda: finished(archive, *names), "the healthy ones are done")
        for _ in range(3):
            crawl.plan(*names)
            wait_until(lambda: finished(archive, *names), "they are done again")
        dripping = [newest(archive, f"a-dripper-{number}").state for number in range(2)]
        assert dripping == [RunState.RUNNING] * 2, "they were at work all the time"
        assert len(active_children()) == 1
        with archive.reading() as tx:
            known = sites.held_up(tx, [site.host for site in healthy])
        assert known == {site.host: 0 for site in healthy}


def test_a_run_that_gets_nothing_is_ended_and_its_host_rests(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    [site] = press("dripper", 1)
    site.answers["/news"] = drip
    plan(archive, "dripper-0")
    with crawling(project, archive):
        wait_until(lambda: newest(archive, "dripper-0").state is RunState.FAILED, "it is ended")
    run = newest(archive, "dripper-0")
    assert f"{site.host} let a run wait" in run.reason
    with archive.reading() as tx:
        [rest] = sites.resting(tx, datetime.now(UTC))
        assert sites.held_up(tx, [site.host]) == {site.host: 1}
    assert rest.host == site.host
    assert "let a run wait" in rest.reason


def test_a_changed_configuration_reaches_a_living_child(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    press("outlet", 1)
    plan(archive, "outlet-0")
    with crawling(project, archive) as crawl:
        wait_until(lambda: finished(archive, "outlet-0"), "the first is done")
        [child] = active_children()
        press("courier", 1)
        crawl.reload()
        crawl.plan("courier-0")
        wait_until(lambda: finished(archive, "courier-0"), "the new source is done")
        assert active_children() == [child]


def test_a_child_is_replaced_after_so_many_runs_while_its_last_goes_on(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    held, answered = Event(), Event()

    def late(request: BaseHTTPRequestHandler) -> None:
        held.set()
        answered.wait(PATIENCE)
        request.send_error(404)

    slow, _ = press("outlet", 2)
    slow.answers["/news"] = late
    plan(archive, "outlet-0")
    with crawling(project, archive, Life(idle=timedelta(hours=1), runs=1)) as crawl:
        wait_until(active_children, "there is a child")
        first = active_children()[0]
        assert held.wait(PATIENCE)
        crawl.plan("outlet-1")
        wait_until(lambda: finished(archive, "outlet-1"), "its successor has done the next run")
        assert first.is_alive()
        assert newest(archive, "outlet-0").state is RunState.RUNNING
        answered.set()
        wait_until(lambda: newest(archive, "outlet-0").state is not RunState.RUNNING, "its run ends")
        wait_until(lambda: first not in active_children(), "it ends")
    assert newest(archive, "outlet-0").attempts == 1


def test_a_large_child_is_replaced(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    press("outlet", 1)
    plan(archive, "outlet-0")
    with crawling(project, archive, Life(idle=timedelta(hours=1), memory=1)) as crawl:
        # It claims nothing before it looks at its size: who is too large at once does nothing at all.
        wait_until(active_children, "there is a child")
        first = active_children()[0].pid
        wait_until(lambda: active_children() and active_children()[0].pid != first, "another")
        crawl.stop = Stop.SOON


def test_the_runs_of_a_child_that_was_killed_are_done_by_the_next(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    held = Event()

    def once(request: BaseHTTPRequestHandler) -> None:
        if held.is_set():
            request.send_error(404)
            return
        held.set()
        time.sleep(PATIENCE)

    site, _ = press("outlet", 2)
    site.answers["/news"] = once
    plan(archive, "outlet-0", "outlet-1")
    with crawling(project, archive):
        assert held.wait(PATIENCE)
        wait_until(lambda: finished(archive, "outlet-1"), "the other is done")
        [child] = active_children()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        wait_until(lambda: newest(archive, "outlet-0").attempts == 2, "it is begun again")
        wait_until(lambda: newest(archive, "outlet-0").state is not RunState.RUNNING, "and ends")
    assert newest(archive, "outlet-1").attempts == 1


def test_a_run_by_hand_goes_on_beside_a_living_child(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    press("outlet", 2)
    plan(archive, "outlet-0")
    with crawling(project, archive):
        wait_until(lambda: finished(archive, "outlet-0"), "the child is idle")
        project.crawl("outlet-1")
    assert finished(archive, "outlet-1")


def test_stopped_it_hands_back_what_is_in_hand_and_nothing_lives_on(
    project: Project, archive: Archive, press: Callable[[str, int], list[Site]]
) -> None:
    site, other = press("outlet", 2)
    site.answers["/news"] = drip
    plan(archive, "outlet-0", "outlet-1")
    with crawling(project, archive):
        wait_until(lambda: "/news" in site.paths() and finished(archive, "outlet-1"), "it drips")
    run = newest(archive, "outlet-0")
    assert (run.state, run.attempts) == (RunState.DUE, 0)
    assert active_children() == []
    with archive.reading() as tx:
        assert runs.holders(tx, [site.host, other.host], datetime.now(UTC)) == {}


def test_a_host_with_two_pages_that_cannot_be_read_rests(
    project: Project, archive: Archive, site: Site
) -> None:
    project.configure(allow=[site.host], read_time="1ms", readers=1)
    site.listing("/news", *(f"/story-{number:04}.html" for number in range(6)))
    project.add_source("gazette", f"{site.url}/news")
    # The listing is what takes too long here, and its next page.
    project.add_source("gazette", f"{site.url}/news", f"{site.url}/more", f"{site.url}/others")
    for path in ("/more", "/others"):
        site.listing(path, *(f"/story-{number:04}.html" for number in range(400)))
    plan(archive, "gazette")
    with crawling(project, archive):
        wait_until(lambda: newest(archive, "gazette").state is RunState.FAILED, "it is ended")
    assert "cannot be read within limits" in newest(archive, "gazette").reason
    with archive.reading() as tx:
        assert [rest.host for rest in sites.resting(tx, datetime.now(UTC))] == [site.host]


def test_the_memory_that_a_process_resides_in_is_known() -> None:
    assert 1 << 20 < crawl_run.resident() < 8 << 30
