"""Scrapy's own commands in the checkout, as Scrapy users know them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from presswatch.archive.tables import RunState
from support.project import PATIENCE, Project
from support.site import Site

CHECKOUT = Path(__file__).parents[2]


def scrapy(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PRESSWATCH_CONFIG": str(project.folder)}
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.fixture
def press(project: Project, site: Site) -> Site:
    site.listing("/news", "/story-0001.html", "/nothing-0002.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news", limits={"delay": "0s"})
    return site


def test_list(project: Project) -> None:
    assert scrapy(project, "list").stdout.split() == ["feed", "listing", "sitemap"]


def test_crawl_a_source_and_export_its_records(project: Project, press: Site, tmp_path: Path) -> None:
    done = scrapy(project, "crawl", "listing", "-a", "source=gazette", "-o", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0, done.stderr
    [record] = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert record["url"] == f"{press.url}/story-0001.html"
    assert record["article"]["title"] == "The bridge over the river will be closed"
    run = project.run("gazette")
    assert (run.state, run.trigger) == (RunState.FINISHED, "hand")
    assert project.summary("gazette").new == 1


def test_a_source_that_is_not_there(project: Project, press: Site) -> None:
    done = scrapy(project, "crawl", "feed", "-a", "source=gazete")
    assert done.returncode != 0
    assert "there is no source 'gazete'; configured: gazette" in done.stderr


def test_a_source_that_is_being_crawled(project: Project, press: Site) -> None:
    project.claim("gazette")
    done = scrapy(project, "crawl", "listing", "-a", "source=gazette")
    assert done.returncode != 0
    assert f"another crawl is at {press.host}" in done.stderr
    assert press.asked == []


def test_shell(project: Project, press: Site) -> None:
    url = f"{press.url}/story-0001.html"
    done = scrapy(
        project, "shell", "--nolog", "-s", "DOWNLOAD_DELAY=0", "-c", "response.css('h1::text').get()", url
    )
    assert done.stdout.strip() == "The bridge over the river will be closed", done.stderr


def test_fetch_is_guarded_too(project: Project, press: Site) -> None:
    project.configure(allow=[])
    done = scrapy(project, "fetch", "-s", "DOWNLOAD_DELAY=0", f"{press.url}/story-0001.html")
    assert press.asked == []
    assert "not the public Web" in done.stderr + done.stdout
