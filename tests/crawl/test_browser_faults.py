"""Browsers that hang, die, do not start or are not there, and crawlers that die with theirs at work."""

import os
import signal
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest

from support import PATIENCE
from support.project import Project
from support.rendering import browser, crawl, parent, processes, program, start
from support.site import Site, article_html
from support.waiting import wait_until

TITLE = "The bridge over the river will be closed"
HELD = "<script>const asked = new XMLHttpRequest(); asked.open('GET', '/held', false); asked.send();</script>"


class Held:
    """What a page asks for while it is rendered, and is given only when it is asked for anew."""

    def __init__(self, site: Site) -> None:
        self.asked, self.over = Event(), Event()
        site.answers["/held"] = self._answer

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if not self.asked.is_set():
            self.asked.set()
            self.over.wait(PATIENCE)
        request.send_response(204)
        request.end_headers()


@pytest.fixture
def held(project: Project, site: Site) -> Iterator[Held]:
    """A source with two articles, the first of which asks for what is held."""
    made = Held(site)
    site.listing("/news", "/story-0001.html", "/story-0002.html")
    site.serve("/story-0001.html", article_html(TITLE).replace("</body>", f"{HELD}</body>"))
    site.article("/story-0002.html", f"{TITLE} again")
    project.add_source("gazette", f"{site.url}/news", render=True)
    yield made
    made.over.set()


def titles(project: Project) -> set[str]:
    return {article.article.title for article in project.articles()}


@pytest.mark.parametrize(
    ("blow", "told"),
    [
        (signal.SIGSTOP, "the browser was not done with it within 6 s, and was ended"),
        (signal.SIGKILL, "Chromium, or the part of it that had the page, ended while it rendered it"),
    ],
)
def test_a_browser_that_hangs_or_dies_costs_the_page_that_it_had(
    project: Project, site: Site, environment: dict[str, str], held: Held, blow: signal.Signals, told: str
) -> None:
    project.configure(allow=[site.host], timeout="6s")
    crawling = start(project, environment, "crawl", "gazette")
    assert held.asked.wait(PATIENCE)
    struck = processes(environment)
    for pid in struck if blow is signal.SIGSTOP else [browser(environment)]:
        os.kill(pid, blow)
    said, _ = crawling.communicate(timeout=PATIENCE)
    assert titles(project) == {f"{TITLE} again"}
    assert told in said
    wait_until(lambda: not processes(environment), "a browser is left")
    assert list(Path(environment["TMPDIR"]).glob("playwright*")) == [], "no profile is left"


@pytest.mark.parametrize("with_driver", [False, True], ids=["crawler", "crawler and driver"])
def test_a_crawler_that_is_killed_leaves_no_browser_and_loses_nothing(
    project: Project, environment: dict[str, str], held: Held, *, with_driver: bool
) -> None:
    crawling = start(project, environment, "crawl", "gazette")
    assert held.asked.wait(PATIENCE)
    first = processes(environment)
    driver = parent(browser(environment))
    crawler = parent(driver)
    for pid in (crawler, driver) if with_driver else (crawler,):
        os.kill(pid, signal.SIGKILL)
    said, _ = crawling.communicate(timeout=PATIENCE)
    assert titles(project) == {TITLE, f"{TITLE} again"}, said
    wait_until(lambda: not set(processes(environment)) & set(first), "the first browser is left")
    assert processes(environment) == []


HIDING = """
import importlib.machinery
found = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = lambda name, *rest: (
    None if name in ("playwright", "scrapy_playwright") else found(name, *rest)
)
"""


# Given a folder for what it needs, it changes the environment.
Broken = Callable[[Path], dict[str, str]]


def no_extra(folder: Path) -> dict[str, str]:
    (folder / "sitecustomize.py").write_text(HIDING)
    return {"PYTHONPATH": str(folder)}


def no_chromium(folder: Path) -> dict[str, str]:
    return {"PATH": str(folder)}


def no_start(folder: Path) -> dict[str, str]:
    return {
        "PATH": program(folder / "broken", "echo 'libnss3.so: cannot open shared object file' >&2; exit 127")
    }


@pytest.fixture
def two_sources(project: Project, site: Site) -> Project:
    """`gazette`, which wants a browser, and `herald`, which does not, with an article each."""
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", TITLE)
    site.listing("/plain", "/story-0002.html")
    site.article("/story-0002.html", f"{TITLE} again")
    project.add_source("gazette", f"{site.url}/news", render=True)
    project.add_source("herald", f"{site.url}/plain")
    return project


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (no_extra, "render: true needs presswatch's extra `render` (pip install 'presswatch[render]')"),
        (no_chromium, "render: true needs a Chromium in PATH (apt install chromium)"),
        (no_start, "does not start: libnss3.so: cannot open shared object file"),
    ],
)
def test_without_a_browser_a_run_says_why_and_other_sources_are_read(
    two_sources: Project, environment: dict[str, str], tmp_path: Path, broken: Broken, told: str
) -> None:
    said = crawl(two_sources, environment | broken(tmp_path), "gazette", "herald")
    assert titles(two_sources) == {f"{TITLE} again"}, said
    assert told in two_sources.run("gazette").reason
    assert two_sources.run("herald").reason == ""


def test_commands_tell_of_a_browser_that_does_not_start_and_nothing_waits_for_it_afterwards(
    two_sources: Project, environment: dict[str, str], tmp_path: Path
) -> None:
    without = environment | no_start(tmp_path)
    crawl(two_sources, without, "gazette")
    for command in ("status", "doctor", "check"):
        asked = start(two_sources, without, command, *(["--offline"] if command == "doctor" else []))
        answer, _ = asked.communicate(timeout=PATIENCE)
        assert "does not start: libnss3.so: cannot open" in " ".join(answer.split()), command
    # It was not the source's fault.
    crawl(two_sources, environment, "gazette")
    assert titles(two_sources) == {TITLE}
