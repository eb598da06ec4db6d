"""What the pages ask of a real daemon is answered once, whatever becomes of the daemon meanwhile."""

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from threading import Event
from urllib.parse import urlsplit

import pytest

from presswatch.archive import requests, runs, site_looks, source_imports
from presswatch.archive.requests import Request
from presswatch.archive.tables import RequestKind, RequestState
from presswatch.demo.press import Press
from presswatch.sources.source_list import read
from support import PATIENCE
from support.deployment import Deployment
from support.outlets import furnish, outlets
from support.site import Site, serving


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


class Gate:
    """A page that answers once it may."""

    def __init__(self, site: Site, path: str) -> None:
        self.knocked, self.opened = Event(), Event()
        self._answer = site.answers[path]
        site.answers[path] = self._wait

    def _wait(self, request: BaseHTTPRequestHandler) -> None:
        self.knocked.set()
        assert self.opened.wait(PATIENCE)
        self._answer(request)


def configure(deployment: Deployment, press: Press, *further: str) -> None:
    outlet = press.outlets["harbour"]
    crawl = {"delay": "20ms", "readers": 1, "allow_addresses": [outlet.address, *further]}
    deployment.configure([outlet], every="1h", crawl=crawl)


def ask(deployment: Deployment, kind: RequestKind, subject: str) -> int:
    with deployment.archive() as archive, archive.writing() as tx:
        return requests.ask(tx, kind, subject, "jane", datetime.now(UTC))


def told(deployment: Deployment, number: int) -> Request:
    with deployment.archive() as archive, archive.reading() as tx:
        found = requests.get(tx, number)
    assert found is not None
    return found


def is_answered(deployment: Deployment, number: int) -> bool:
    return not told(deployment, number).is_open


def runs_by_hand(deployment: Deployment) -> list[runs.Run]:
    with deployment.archive() as archive, archive.reading() as tx:
        return [run for run in runs.latest(tx) if run.trigger == "hand"]


def articles_site(site: Site) -> str:
    """A site with a listing; the address of its `host:port`."""
    stories = [f"/story-000{number}.html" for number in range(1, 6)]
    site.listing("/", *stories)
    for story in stories:
        site.article(story, f"What the council of {story} decided")
    return site.host


def test_a_run_is_planned_soon_after_it_was_asked_for(press: Press, deployment: Deployment) -> None:
    configure(deployment, press)
    deployment.start()
    deployment.wait_until("the first run", lambda: first_run_is_over(deployment))
    number = ask(deployment, RequestKind.RUN_NOW, "harbour")
    deployment.wait_until("the answer", lambda: is_answered(deployment, number))
    [run] = runs_by_hand(deployment)
    assert json.loads(told(deployment, number).answer) == {"run": run.id, "known": False}
    deployment.wait_until("the end of the run", lambda: runs_by_hand(deployment)[0].finished)


def first_run_is_over(deployment: Deployment) -> bool:
    with deployment.archive() as archive, archive.reading() as tx:
        return any(run.finished for run in runs.latest(tx))


def test_a_daemon_that_is_killed_again_and_again_plans_one_run(press: Press, deployment: Deployment) -> None:
    configure(deployment, press)
    number = ask(deployment, RequestKind.RUN_NOW, "harbour")
    planned = set()
    for _ in range(3):
        daemon = deployment.start()
        deployment.wait_until("the answer", lambda: is_answered(deployment, number))
        daemon.kill()
        daemon.wait()
        deployment.wait_until("the end of its crawlers", lambda: not deployment.processes())
        with deployment.archive() as archive, archive.reading() as tx:
            by_hand = [run for run in runs.latest(tx, "harbour") if run.trigger == "hand"]
        answer = told(deployment, number)
        assert (answer.state, answer.takes) == (RequestState.ANSWERED, 0)
        planned.add(json.loads(answer.answer)["run"])
        # One that its schedule had planned, and that still waited, is the answer as well.
        assert {run.id for run in by_hand} <= planned
    assert len(planned) == 1


def test_a_look_at_a_site_that_a_killed_daemon_had_begun_is_answered_once_by_the_next(
    press: Press, deployment: Deployment, site: Site
) -> None:
    configure(deployment, press, articles_site(site))
    gate = Gate(site, "/")
    number = ask(deployment, RequestKind.PROBE, f"{site.url}/")
    daemon = deployment.start()
    deployment.wait_until("the look", gate.knocked.is_set)
    assert told(deployment, number).state is RequestState.TAKEN
    daemon.kill()
    daemon.wait()
    deployment.wait_until("the end of what looked", lambda: not deployment.processes())
    assert told(deployment, number).is_open

    gate.opened.set()
    deployment.start()
    deployment.wait_until("the answer", lambda: is_answered(deployment, number))
    answer = told(deployment, number)
    assert (answer.state, answer.takes) == (RequestState.ANSWERED, 2)
    said = json.loads(answer.answer)
    assert said["source"]["start"] == [f"{site.url}/"]
    assert said["samples"][0]["url"] == f"{site.url}/story-0001.html"

    deployment.daemon.send_signal(signal.SIGTERM)
    assert deployment.daemon.wait(PATIENCE) == 0
    deployment.start()
    later = ask(deployment, RequestKind.RUN_NOW, "unknown")
    deployment.wait_until("a later answer", lambda: is_answered(deployment, later))
    assert told(deployment, number) == answer


def test_where_the_articles_of_a_source_are_listed_now_is_looked_for_by_the_daemon(
    press: Press, deployment: Deployment, site: Site
) -> None:
    configure(deployment, press, articles_site(site))
    deployment.write(
        "sources/gazette.yaml", f"name: Gazette\nstart: ['{site.url}/']\nschedule: {{every: 1h}}\n"
    )
    assert deployment.run("crawl", "gazette").returncode == 0
    site.serve("/", '<html><body><nav><a href="/latest/">Latest news</a></nav></body></html>')
    site.listing("/latest/", *[f"/story-000{number}.html" for number in range(1, 6)])
    before = (deployment.config / "sources" / "gazette.yaml").read_text()
    number, unknown = ask(deployment, RequestKind.HEAL, "gazette"), ask(deployment, RequestKind.HEAL, "gone")
    deployment.start()
    deployment.wait_until(
        "both answers", lambda: is_answered(deployment, number) and is_answered(deployment, unknown)
    )
    said = json.loads(told(deployment, number).answer)
    assert said["given"] == {"start": f'["{site.url}/latest/"]'}
    assert said["evidence"][0]["again"] == 5
    assert (deployment.config / "sources" / "gazette.yaml").read_text() == before, (
        "nothing is written unasked"
    )
    assert told(deployment, unknown).state is RequestState.FAILED


def test_a_look_holds_up_no_run_and_is_given_back_when_the_daemon_is_asked_to_stop(
    press: Press, deployment: Deployment, site: Site
) -> None:
    configure(deployment, press, articles_site(site))
    gate = Gate(site, "/")
    number = ask(deployment, RequestKind.PROBE, f"{site.url}/")
    daemon = deployment.start()
    deployment.wait_until("the look", gate.knocked.is_set)
    run = ask(deployment, RequestKind.RUN_NOW, "harbour")
    deployment.wait_until("the answer", lambda: is_answered(deployment, run))
    assert told(deployment, number).state is RequestState.TAKEN
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(PATIENCE) == 0
    gate.opened.set()
    found = told(deployment, number)
    assert (found.state, found.takes) == (RequestState.WAITING, 0)
    deployment.wait_until("the end of every process", lambda: not deployment.processes())


def test_a_look_passes_the_guard(press: Press, deployment: Deployment, site: Site) -> None:
    """The site's address is not among those that are allowed."""
    articles_site(site)
    configure(deployment, press)
    number = ask(deployment, RequestKind.PROBE, f"{site.url}/")
    deployment.start()
    deployment.wait_until("the answer", lambda: is_answered(deployment, number))
    answer = told(deployment, number)
    assert answer.state is RequestState.FAILED
    assert "127.0.0.1" in json.loads(answer.answer)["fault"]
    assert site.asked == []


def test_after_a_kill_the_next_daemon_looks_at_the_rest_of_a_list_alone(
    press: Press, deployment: Deployment, site: Site
) -> None:
    with outlets(2) as [quick, other]:
        configure(deployment, press, site.host, quick.host, other.host)
        gate = Gate(site, urlsplit(furnish(site, "Slow")).path)
        feeds = [f"{one.url}/feed" for one in (quick, other, site)]
        with deployment.archive() as archive, archive.writing() as tx:
            listed = read("\n".join(feeds).encode())
            number = source_imports.ask(tx, "feeds.txt", listed, "jane", datetime.now(UTC))

        def kept() -> set[str]:
            with deployment.archive() as archive, archive.reading() as tx:
                return set(site_looks.of(tx, feeds, datetime.now(UTC) - site_looks.HOLDS))

        daemon = deployment.start()
        deployment.wait_until("two answers", lambda: gate.knocked.is_set() and kept() == set(feeds[:2]))
        daemon.kill()
        daemon.wait()
        deployment.wait_until("the end of what looked", lambda: not deployment.processes())
        before = len(quick.asked), len(other.asked)
        gate.opened.set()
        deployment.start()
        deployment.wait_until("the answer", lambda: is_answered(deployment, number))
        assert told(deployment, number).state is RequestState.ANSWERED
        assert kept() == set(feeds)
        assert (len(quick.asked), len(other.asked)) == before
        with deployment.archive() as archive, archive.reading() as tx:
            looks = site_looks.of(tx, feeds, datetime.now(UTC) - site_looks.HOLDS)
        assert [looks[feed].answer["source"]["start"] for feed in feeds] == [[feed] for feed in feeds]
