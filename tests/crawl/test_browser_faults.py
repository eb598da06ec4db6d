"""Browsers that hang, die, do not start or are not there, and crawlers that die with theirs at work."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import Queue
from threading import Event

import pytest

from presswatch import chromium
from support import PATIENCE
from support.program import run, start
from support.project import Project
from support.rendering import browser, parent, processes, profiles, program
from support.site import Site, article_html
from support.waiting import wait_until

TITLE = "The bridge over the river will be closed"
HELD = (
    "<script>const asked = new XMLHttpRequest(); asked.open('GET', '/held/%s', false); asked.send();</script>"
)
# What strikes a page while it is rendered, in turn.
BLOWS = {
    "killed": ["the crawler", "the crawler and its driver"],
    "hung": ["the browser hangs"],
    "dead": ["the browser dies"],
    "spared": [],
}


def titles(project: Project) -> set[str]:
    return {article.article.title for article in project.articles()}


def strike(blow: str, environment: dict[str, str]) -> None:
    struck = processes(environment)
    driver = parent(browser(environment))
    if blow == "the browser hangs":
        for pid in struck:
            os.kill(pid, signal.SIGSTOP)
    elif blow == "the browser dies":
        os.kill(browser(environment), signal.SIGKILL)
    else:
        crawler = parent(driver)
        for pid in (crawler, driver) if "driver" in blow else (crawler,):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not set(processes(environment)) & set(struck), f"{blow}: its browser is left")


def test_a_blow_costs_the_page_that_a_browser_had_and_with_the_crawler_nothing(
    project: Project, site: Site, environment: dict[str, str]
) -> None:
    held: Queue[str] = Queue()
    over = Event()

    def hold(request: BaseHTTPRequestHandler) -> None:
        if waiting := left[request.path.rpartition("/")[2]]:
            held.put(waiting.pop(0))
            over.wait(PATIENCE)
        request.send_response(204)
        request.end_headers()

    left = {name: [*blows] for name, blows in BLOWS.items()}
    paths = {name: f"/story-{place:04}.html" for place, name in enumerate(BLOWS)}
    site.listing("/news", *paths.values())
    for name, path in paths.items():
        site.serve(path, article_html(f"{TITLE}: {name}").replace("</body>", f"{HELD % name}</body>"))
        site.answers[f"/held/{name}"] = hold
    project.configure(allow=[site.host], timeout="6s")
    project.add_source("gazette", f"{site.url}/news", render=True)
    folders = ["--config", str(project.folder), "--data", str(project.data)]
    with (project.root / "said").open("w+b") as said:
        crawling = start([*folders, "crawl", "gazette"], (0, said.fileno(), said.fileno()), env=environment)
        of_killed = set()
        for _ in range(sum(map(len, BLOWS.values()))):
            blow = held.get(timeout=PATIENCE)
            if "crawler" in blow:
                of_killed |= profiles(environment)
            strike(blow, environment)
        crawling.wait()
    over.set()
    text = " ".join((project.root / "said").read_text().split())
    assert titles(project) == {f"{TITLE}: killed", f"{TITLE}: spared"}, text
    assert "the browser was not done with it within 6 s, and was ended" in text
    assert "Chromium, or the part of it that had the page, ended while it rendered it" in text
    wait_until(lambda: not processes(environment), "a browser is left")
    assert profiles(environment) <= of_killed


def no_start(folder: Path) -> dict[str, str]:
    return {
        "PATH": program(folder / "broken", "echo 'libnss3.so: cannot open shared object file' >&2; exit 127")
    }


def test_without_a_browser_a_run_and_commands_say_why_and_nothing_waits_for_it_afterwards(
    project: Project, site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", TITLE)
    site.listing("/plain", "/story-0002.html")
    site.article("/story-0002.html", f"{TITLE} again")
    project.add_source("gazette", f"{site.url}/news", render=True)
    project.add_source("herald", f"{site.url}/plain")

    project.crawl("gazette", environment=environment | {"PATH": str(tmp_path)})
    assert project.run("gazette").reason == "rendering needs a Chromium in PATH (apt install chromium)"

    without = environment | no_start(tmp_path)
    project.crawl("gazette", "herald", environment=without)
    assert titles(project) == {f"{TITLE} again"}
    assert "does not start: libnss3.so: cannot open shared object file" in project.run("gazette").reason
    assert project.run("herald").reason == ""
    for words in (("status",), ("doctor", "--offline"), ("check",)):
        done = run(["--config", str(project.folder), "--data", str(project.data), *words], env=without)
        said = " ".join((done.stdout + done.stderr).split())
        assert "does not start: libnss3.so: cannot open" in said, words

    # It was not the source's fault.
    project.crawl("gazette", environment=environment)
    assert titles(project) == {TITLE, f"{TITLE} again"}


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    extra = "presswatch's extra `render` (pip install 'presswatch[render]')"
    # As importlib has it for what cannot be imported.
    monkeypatch.setitem(sys.modules, "scrapy_playwright", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.missing() == f"rendering needs {extra} and a Chromium in PATH (apt install chromium)"
