"""Scrapy's own commands in the checkout, as Scrapy users know them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from presswatch.archive.tables import RunState
from support.desk import PATIENCE, Desk
from support.site import Site

CHECKOUT = Path(__file__).parents[2]


def scrapy(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PRESSWATCH_CONFIG": str(desk.folder)}
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.fixture
def press(desk: Desk, site: Site) -> Site:
    site.listing("/news", "/story-0001.html", "/nothing-0002.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    desk.add_source("gazette", f"{site.url}/news", limits={"delay": "0s"})
    return site


def test_list(desk: Desk) -> None:
    assert scrapy(desk, "list").stdout.split() == ["feed", "listing", "sitemap"]


def test_crawl_a_source_and_export_its_records(desk: Desk, press: Site, tmp_path: Path) -> None:
    done = scrapy(desk, "crawl", "listing", "-a", "source=gazette", "-o", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0, done.stderr
    [record] = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert record["url"] == f"{press.url}/story-0001.html"
    assert record["article"]["title"] == "The bridge over the river will be closed"
    run = desk.run("gazette")
    assert (run.state, run.trigger) == (RunState.FINISHED, "hand")
    assert desk.summary("gazette").new == 1


def test_a_source_that_is_not_there(desk: Desk, press: Site) -> None:
    done = scrapy(desk, "crawl", "feed", "-a", "source=gazete")
    assert done.returncode != 0
    assert "there is no source 'gazete'; configured: gazette" in done.stderr


def test_a_source_that_is_being_crawled(desk: Desk, press: Site) -> None:
    desk.claim("gazette")
    done = scrapy(desk, "crawl", "listing", "-a", "source=gazette")
    assert done.returncode != 0
    assert f"another crawl is at {press.host}" in done.stderr
    assert press.asked == []


def test_shell(desk: Desk, press: Site) -> None:
    url = f"{press.url}/story-0001.html"
    done = scrapy(
        desk, "shell", "--nolog", "-s", "DOWNLOAD_DELAY=0", "-c", "response.css('h1::text').get()", url
    )
    assert done.stdout.strip() == "The bridge over the river will be closed", done.stderr


def test_fetch_is_guarded_too(desk: Desk, press: Site) -> None:
    desk.configure(allow=[])
    done = scrapy(desk, "fetch", "-s", "DOWNLOAD_DELAY=0", f"{press.url}/story-0001.html")
    assert press.asked == []
    assert "not the public Web" in done.stderr + done.stdout
