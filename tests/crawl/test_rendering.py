"""Sources whose pages are made by scripts, read in the system's Chromium."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from presswatch import chromium
from presswatch.archive import Archive, articles
from support import PATIENCE
from support.project import Project
from support.site import Site, serving
from support.waiting import wait_until

SHELL = '<!doctype html><title>App</title><div id="app"></div><script src="/app.js"></script>'
# Lists and articles come from an interface for programs.
APP = """
    const data = location.pathname === '/news' ? '/api/list' : '/api' + location.pathname;
    fetch(data).then((answer) => answer.text()).then((html) => { document.documentElement.innerHTML = html; });
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """With a Chromium whose sandbox is off: tests run as root, too."""
    found = chromium.path()
    if found is None:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail("there is no Chromium, and PRESSWATCH_REQUIRE_SERVERS asks for it")
        pytest.skip("there is no Chromium")
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec {found} --no-sandbox "$@"\n')
    script.chmod(0o755)
    # Its processes are known by the profiles there. The path of a socket must be short.
    with TemporaryDirectory(prefix="pw-") as short:
        yield {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "TMPDIR": short}


def start(project: Project, environment: dict[str, str], *ids: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "presswatch", "--config", str(project.folder), "--data", str(project.data)]
    return subprocess.Popen(
        [*command, "crawl", *ids], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def crawl(project: Project, environment: dict[str, str], *ids: str) -> str:
    running = start(project, environment, *ids)
    said, _ = running.communicate(timeout=PATIENCE)
    return said


def processes(folder: Path) -> list[int]:
    """The browsers whose profiles are below this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if os.fsencode(folder) in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            pass
    return found


def test_a_site_that_scripts_make_becomes_articles(
    project: Project, site: Site, environment: dict[str, str]
) -> None:
    site.serve("/news", SHELL, headers={"ETag": '"shell"'})
    site.serve("/app.js", APP, content_type="text/javascript")
    paths = [f"/story-000{n}.html" for n in range(2)]
    site.listing("/api/list", *paths)
    for path in paths:
        site.serve(path, SHELL)
        site.article(f"/api{path}", f"The bridge over the river will be closed {path}")
    project.add_source("gazette", f"{site.url}/news", render=True)
    said = crawl(project, environment, "gazette")
    assert len(project.articles()) == 2, said
    assert {asked.headers["User-Agent"].partition("/")[0] for asked in site.asked} == {"presswatch"}
