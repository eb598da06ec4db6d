"""`presswatch sources import`: a list of outlets becomes sources, looked at over real HTTP."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from threading import Event
from typing import Any

import pytest
import yaml

from presswatch import config, lock
from presswatch.archive import articles, audit, site_facts, site_looks
from support import PATIENCE
from support.deployment import Deployment
from support.outlets import furnish, opml, outlets, outline
from support.site import Site, serving
from support.waiting import wait_until

EVER = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    with outlets(3) as served:
        yield served


def configure(deployment: Deployment, sites: list[Site], delay: str = "0s", **settings: Any) -> None:
    crawl = {"delay": delay, "readers": 1, "timeout": "5s", "allow_addresses": [site.host for site in sites]}
    values = {"contact": "desk@gazette.example", "crawl": crawl, "web": {"enabled": False}, **settings}
    deployment.write("presswatch.yaml", f"# the desk's\n{yaml.safe_dump(values)}")


def the_list(deployment: Deployment, *rows: str) -> str:
    path = deployment.folder / "feeds.opml"
    path.write_text(opml(*rows))
    return str(path)


def of(*sites: Site) -> list[str]:
    return [outline(f"Paper {number}", f"{site.url}/feed") for number, site in enumerate(sites, 1)]


def names(deployment: Deployment) -> list[str]:
    return [source.name for source in config.load(deployment.config).sources]


def test_a_dry_run_shows_what_would_be_read_and_what_follows_asks_nobody_again(
    deployment: Deployment, sites: list[Site]
) -> None:
    configure(deployment, sites)
    feeds = the_list(deployment, *of(*sites))
    tried = deployment.run("sources", "import", feeds, "--dry-run")
    assert tried.returncode == 0, tried.stderr
    assert "Paper 1" in tried.stdout
    assert len(re.findall(r"Paper \d +feed ", tried.stdout)) == 3
    assert "3 outlets: 3 would be added" in tried.stdout
    assert names(deployment) == []
    asked = [len(site.asked) for site in sites]

    done = deployment.run("sources", "import", feeds)

    assert done.returncode == 0, done.stderr
    assert "3 outlets: 3 added" in done.stdout
    assert [len(site.asked) for site in sites] == asked
    made = config.load(deployment.config).sources
    assert sorted(source.name for source in made) == ["Paper 1", "Paper 2", "Paper 3"]
    assert {source.tags for source in made} == {("Press",)}
    assert {source.language for source in made} == {"en"}
    first = next(source for source in made if source.name == "Paper 1")
    assert first.start == (f"{sites[0].url}/feed",)
    text = (deployment.config / "sources" / f"{first.id}.yaml").read_text()
    assert text.startswith("# A site that presswatch reads.")
    with deployment.archive() as archive, archive.reading() as tx:
        assert site_facts.of(tx, first.id).pages == 3
        assert {act.subject for act in audit.latest(tx, 10) if act.did == "source.add"} == {
            source.id for source in made
        }

    again = deployment.run("sources", "import", feeds)
    assert again.returncode == 0
    assert "0 added, 3 are there already" in again.stdout
    assert len(config.load(deployment.config).sources) == 3


def test_what_makes_no_source_is_said_in_words_and_a_gone_feed_is_found_on_its_site(
    deployment: Deployment, sites: list[Site]
) -> None:
    moved, refused, empty = sites
    with serving() as gone:
        closed = gone.url
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    home = f"<html><head>{link}</head><body>Welcome.</body></html>"
    moved.serve("/", home)
    refused.serve("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    empty.serve("/nothing", "<html><body>Nothing here.</body></html>")
    configure(deployment, [*sites, gone])
    config.write_source(deployment.config, "mine", {"name": "Mine", "start": ["http://mine.example/feed"]})
    feeds = the_list(
        deployment,
        outline("Moved", f"{moved.url}/old-feed", moved.url),
        outline("Refused", f"{refused.url}/feed"),
        outline("Empty", f"{empty.url}/nothing"),
        outline("Closed", f"{closed}/feed"),
        outline("Mine", "https://www.mine.example/feed/"),
        outline("Mailed", "mailto:desk@gazette.example"),
    )
    done = deployment.run("sources", "import", feeds, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    told = {one["addresses"][0]: one for one in said["outlets"]}
    found = told[f"{moved.url}/old-feed"]
    assert (found["outcome"], found["source"]["start"]) == ("new", [f"{moved.url}/feed"])
    assert found["source"]["name"] == "Moved"
    assert "robots.txt" in told[f"{refused.url}/feed"]["reason"]
    assert told[f"{empty.url}/nothing"]["outcome"] == "failed"
    away = told[f"{closed}/feed"]
    assert (away["outcome"], closed in away["reason"], bool(away["again_at"])) == ("away", True, True)
    again = deployment.run("sources", "import", feeds, "--dry-run")
    assert re.search(r"Closed +out of reach", again.stdout)
    assert "cannot be reached now, and is not added" in again.stdout
    assert f"presswatch sources import {feeds} looks again at what cannot be reached" in again.stdout
    known = told["https://www.mine.example/feed/"]
    assert (known["outcome"], known["reason"]) == ("known", "is read by mine already")
    assert said["skipped"][0]["what"] == "mailto:desk@gazette.example"
    assert [path for path in refused.paths() if path != "/robots.txt"] == []
    assert sorted(names(deployment)) == ["Mine", "Moved"]


def test_what_was_refused_is_looked_at_again_when_the_configuration_allows_it(
    deployment: Deployment, sites: list[Site]
) -> None:
    configure(deployment, [])
    feeds = the_list(deployment, *of(*sites))
    refused = deployment.run("sources", "import", feeds)
    assert refused.returncode == 1
    assert "is this machine itself" in refused.stdout
    assert "looks again at what cannot be reached or makes no source" in refused.stdout
    configure(deployment, sites)
    assert "3 outlets: 3 added" in deployment.run("sources", "import", feeds).stdout


def test_after_a_kill_only_the_rest_is_asked_for(deployment: Deployment, sites: list[Site]) -> None:
    first, second, slow = sites
    answering = slow.answers["/feed"]
    asked, go_on = Event(), Event()

    def hangs(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        assert go_on.wait(PATIENCE)
        answering(request)

    slow.answers["/feed"] = hangs
    configure(deployment, sites)
    feeds = the_list(deployment, *of(*sites))
    looking = subprocess.Popen(
        deployment.command("sources", "import", feeds), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    def are_kept() -> bool:
        with deployment.archive() as archive, archive.reading() as tx:
            kept = site_looks.of(tx, [f"{site.url}/feed" for site in sites], EVER)
        return len(kept) == 2

    wait_until(lambda: asked.is_set() and are_kept(), lambda: "two outlets were not looked at")
    looking.send_signal(signal.SIGKILL)
    looking.communicate()
    wait_until(lambda: len(deployment.processes()) == 0, lambda: "processes were left")
    go_on.set()
    before = [len(first.asked), len(second.asked)]

    done = deployment.run("sources", "import", feeds)

    assert "3 outlets: 3 added" in done.stdout, done.stderr
    assert [len(first.asked), len(second.asked)] == before


def test_feeds_of_one_host_are_asked_one_after_another_and_have_ids_of_their_own(
    deployment: Deployment, sites: list[Site]
) -> None:
    host, other, _third = sites
    feeds = [f"{host.url}/feed", *(furnish(host, f"Part {part}", f"/{part}") for part in "ab")]
    configure(deployment, sites, delay="500ms")
    rows = [outline(f"Part {number}", feed) for number, feed in enumerate(feeds)]
    done = deployment.run(
        "sources", "import", the_list(deployment, *rows, *of(other)), "--articles", "1", "--json"
    )
    outcome = json.loads(done.stdout)
    ids = [one["id"] for one in outcome["outlets"]]
    assert ids == ["part-0", "part-1", "part-2", "paper-1"]
    assert {source.id for source in config.load(deployment.config).sources} == set(ids)
    times = [one.at for one in host.asked]
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert min(gaps) > 0.2, "the delay between requests to a host"
    assert other.asked[0].at < host.asked[-1].at, "hosts are asked at once"


def test_nothing_is_written_when_the_configuration_would_not_load(
    deployment: Deployment, sites: list[Site]
) -> None:
    configure(deployment, sites)
    feeds = the_list(deployment, *of(*sites))
    deployment.run("sources", "import", feeds, "--dry-run")
    broken = "# mine\nname: Broken\nstart: nowhere\n"
    deployment.write("sources/broken.yaml", broken)
    done = deployment.run("sources", "import", feeds)
    assert done.returncode == 3
    assert "broken.yaml:3" in done.stderr
    assert [path.name for path in (deployment.config / "sources").iterdir()] == ["broken.yaml"]
    assert (deployment.config / "sources" / "broken.yaml").read_text() == broken


def test_a_file_of_another_source_is_never_taken(deployment: Deployment, sites: list[Site]) -> None:
    configure(deployment, sites)
    own = "# by hand\nid: other\nname: Other\nstart: [http://other.example/]\n"
    deployment.write("sources/paper-1.yaml", own)
    done = deployment.run("sources", "import", the_list(deployment, *of(sites[0])), "--json")
    assert [one["id"] for one in json.loads(done.stdout)["outlets"]] == ["paper-1-2"]
    assert (deployment.config / "sources" / "paper-1.yaml").read_text() == own


def test_a_list_comes_from_standard_input_too(deployment: Deployment, sites: list[Site]) -> None:
    configure(deployment, sites)
    done = subprocess.run(
        deployment.command("sources", "import", "-", "--dry-run", "--articles", "0"),
        input=f"# ours\n{sites[0].url}/feed local\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 would be added" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), (b"PK\x03\x04", "ZIP"), (b"hello", "no address"), (b"", "no address")],
)
def test_what_is_no_list_is_said(deployment: Deployment, content: bytes | None, said: str) -> None:
    configure(deployment, [])
    path = deployment.folder / "list"
    if content is not None:
        path.write_bytes(content)
    done = deployment.run("sources", "import", str(path))
    assert done.returncode == 2
    assert said in done.stderr
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def test_sources_that_were_imported_are_read_by_the_running_daemon_and_exported(
    deployment: Deployment, sites: list[Site]
) -> None:
    configure(deployment, sites, daemon={"tick": "200ms"})
    deployment.start()
    deployment.wait_until("the daemon", lambda: lock.holder(deployment.data))
    done = deployment.run("sources", "import", the_list(deployment, *of(*sites)))
    assert "3 added" in done.stdout, done.stderr

    def are_read() -> bool:
        with deployment.archive() as archive, archive.reading() as tx:
            found = articles.since(tx, 0, 100)
        return {record.source for record in found} == {
            one.id for one in config.load(deployment.config).sources
        }

    deployment.wait_until("the articles of all", are_read)
    exported = deployment.run("sources", "export")
    assert all(f'xmlUrl="{site.url}/feed"' in exported.stdout for site in sites)
    path = deployment.folder / "sources.csv"
    assert deployment.run("sources", "export", "--format", "csv", "-o", str(path)).returncode == 0
    again = deployment.run("sources", "import", str(path))
    assert "0 added, 3 are there already" in again.stdout
    assert deployment.run("sources", "export", "--format", "xls").returncode == 2
