"""Scrapy's own commands as docs/scrapy.md shows them, in the checkout and beside a configuration."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from presswatch.archive.tables import RunState
from support import PATIENCE
from support.project import Project
from support.site import Site

CHECKOUT = Path(__file__).parents[2]
DOCS = (CHECKOUT / "docs" / "scrapy.md").read_text()
SHOWN = re.findall(r"^scrapy .+$", DOCS, re.MULTILINE)
SPIDER = re.search(r"```python\n(.+?)```", DOCS, re.DOTALL)

STORY = "The bridge over the river will be closed"


def scrapy(project: Project, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in the checkout."""
    return run(CHECKOUT, *arguments, PRESSWATCH_CONFIG=str(project.folder), **environment)


def beside(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in the folder where the configuration stands, which is no checkout."""
    return run(project.root, *arguments, SCRAPY_SETTINGS_MODULE="crawler.settings")


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWATCH")}
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def shown(start: str) -> list[str]:
    """The arguments of the one command of the docs that begins so."""
    [command] = [line for line in SHOWN if line.startswith(start)]
    return shlex.split(command)[1:]


@pytest.fixture
def press(project: Project, site: Site) -> Site:
    site.listing("/news", "/story-0001.html", "/nothing-0002.html")
    site.article("/story-0001.html", STORY)
    project.add_source("gazette", f"{site.url}/news", limits={"delay": "0s"})
    return site


def test_every_command_of_the_docs_is_run_here() -> None:
    assert len(SHOWN) == len(set(SHOWN)) == 6
    assert SPIDER is not None


def test_list(project: Project) -> None:
    assert scrapy(project, *shown("scrapy list")).stdout.split() == ["feed", "listing", "sitemap"]
    assert beside(project, *shown("scrapy list")).stdout.split() == ["feed", "listing", "sitemap"]


def test_crawl_beside_an_installed_configuration(project: Project, press: Site) -> None:
    [plain] = [line for line in SHOWN if line.endswith("source=gazette") and " crawl " in line]
    done = beside(project, *shlex.split(plain)[1:])
    assert done.returncode == 0, done.stderr
    run = project.run("gazette")
    assert (run.state, run.trigger) == (RunState.FINISHED, "hand")
    assert project.summary("gazette").new == 1


def test_crawl_a_source_and_export_its_records(project: Project, press: Site) -> None:
    done = beside(project, *shown("scrapy crawl listing -a source=gazette -O"))
    assert done.returncode == 0, done.stderr
    [record] = [json.loads(line) for line in (project.root / "items.jsonl").read_text().splitlines()]
    assert record["url"] == f"{press.url}/story-0001.html"
    assert record["article"]["title"] == STORY
    assert project.summary("gazette").new == 1


def test_settings_by_hand(project: Project, press: Site) -> None:
    done = beside(project, *shown("scrapy crawl listing -a source=gazette -s"))
    assert done.returncode == 0, done.stderr
    assert "downloader/response_status_count/200" in done.stderr
    assert project.summary("gazette").new == 1


def test_the_data_folder_may_be_elsewhere(project: Project, press: Site, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    done = scrapy(project, "crawl", "feed", "-a", "source=gazette", PRESSWATCH_DATA=str(elsewhere))
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "archive.sqlite").exists()
    assert not project.data.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-a", "source=gazete"], "there is no source 'gazete'; configured: gazette"),
        ([], "say which source: -a source=ID; configured: gazette"),
    ],
)
def test_a_source_that_is_not_there(
    project: Project, press: Site, arguments: list[str], message: str
) -> None:
    done = scrapy(project, "crawl", "feed", *arguments)
    assert done.returncode == 1
    assert done.stderr.endswith(f"scrapy crawl: {message}\n")
    assert "Traceback" not in done.stderr


def test_a_configuration_that_is_not_there(project: Project, tmp_path: Path) -> None:
    done = run(CHECKOUT, "crawl", "feed", PRESSWATCH_CONFIG=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert f"{tmp_path}/nowhere/presswatch.yaml: there is no such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_source_that_is_being_crawled(project: Project, press: Site) -> None:
    project.claim("gazette")
    done = scrapy(project, "crawl", "listing", "-a", "source=gazette")
    assert done.returncode == 1
    assert f"another crawl is at {press.host}" in done.stderr
    assert "Traceback" not in done.stderr
    assert press.asked == []


@pytest.mark.parametrize("where", [scrapy, beside])
def test_shell(project: Project, press: Site, where: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    *arguments, address = shown("scrapy shell")
    url = address.replace("https://gazette.example/story.html", f"{press.url}/story-0001.html")
    done = where(project, *arguments, "-s", "DOWNLOAD_DELAY=0", url)
    assert done.stdout.strip() == STORY, done.stderr


def test_fetch_is_guarded_too(project: Project, press: Site) -> None:
    project.configure(allow=[])
    done = scrapy(project, "fetch", "-s", "DOWNLOAD_DELAY=0", f"{press.url}/story-0001.html")
    assert press.asked == []
    assert "not the public Web" in done.stderr + done.stdout


def own_spider(project: Project, site: Site, listing: object) -> subprocess.CompletedProcess[str]:
    """Run the docs' spider on an API that answers this."""
    assert SPIDER is not None
    (project.root / "api_spider.py").write_text(SPIDER[1])
    site.serve("/api", json.dumps(listing), content_type="application/json")
    site.article("/story-0001.html", STORY)
    project.add_source("gazette", f"{site.url}/api", enabled=False)
    return beside(project, *shown("scrapy runspider"))


def test_a_spider_of_one_s_own_hands_its_pages_to_the_archive(project: Project, site: Site) -> None:
    done = own_spider(project, site, {"stories": [{"path": "/story-0001.html", "headline": STORY}]})
    assert done.returncode == 0, done.stderr
    [record] = project.articles()
    assert (record.url, record.article.title) == (f"{site.url}/story-0001.html", STORY)
    assert [(page.outcome, page.fresh) for page in project.summary("gazette").starts] == [("listing", 1)]


def test_a_spider_of_one_s_own_that_fails_ends_the_run_with_the_reason(project: Project, site: Site) -> None:
    own_spider(project, site, {"articles": []})
    assert project.run("gazette").state is RunState.FAILED
    assert "/api: parsing failed: KeyError: 'stories'" in project.run("gazette").reason
