"""`presswatch sources heal`, as somebody types it after a site was redesigned."""

import json
from collections.abc import Iterator

import pytest
import yaml

from support.deployment import Deployment
from support.site import Site, serving

PATHS = [f"/council-decided-on-bridge-{number:05}.html" for number in range(8)]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as served:
        yield served


def configure(deployment: Deployment, site: Site) -> None:
    crawl = {"delay": "0s", "readers": 1, "timeout": "5s", "allow_addresses": [site.host]}
    values = {"contact": "desk@gazette.example", "crawl": crawl, "web": {"enabled": False}}
    deployment.write("presswatch.yaml", yaml.safe_dump(values))
    deployment.write(
        "sources/gazette.yaml",
        "# The harbour desk's.\nname: Gazette   # as they write it\nstart:\n"
        f"  - {site.url}/news  # what Ada found\nschedule: {{every: 1h}}\n",
    )


def test_a_redesigned_source_is_healed(deployment: Deployment, site: Site) -> None:
    configure(deployment, site)
    for path in PATHS:
        site.article(path, f"The council decided on bridge {path[-10:-5]} in the end")
    site.listing("/news", *PATHS[:7])
    assert deployment.run("crawl", "gazette").returncode == 0
    well = deployment.run("sources", "heal", "gazette")
    assert (well.returncode, well.stdout) == (0, "gazette: its start pages show its known articles\n")

    del site.answers["/news"]
    site.serve("/", '<html><body><nav><a href="/latest/">Latest news</a></nav></body></html>')
    site.listing("/latest/", *reversed(PATHS))
    file = deployment.config / "sources" / "gazette.yaml"
    before = file.read_text()
    shown = deployment.run("sources", "heal", "gazette")
    assert shown.returncode == 0, shown.stderr
    assert f"broken: {site.url}/news\n  answered 404 Not Found\n" in shown.stdout
    assert "shows 7 of the newest 7 articles again" in shown.stdout
    assert f"-  - {site.url}/news  # what Ada found\n" in shown.stdout
    assert f"+  - {site.url}/latest/ # what Ada found\n" in shown.stdout
    assert shown.stdout.endswith("presswatch sources heal gazette --apply writes this\n")
    assert file.read_text() == before, "nothing is written unasked"

    applied = deployment.run("sources", "heal", "gazette", "--apply", "--json")
    assert applied.returncode == 0, applied.stderr
    told = json.loads(applied.stdout)
    assert (told["applied"], told["start"], told["reason"]) == (True, [f"{site.url}/latest/"], "")
    assert file.read_text() == before.replace("/news  #", "/latest/ #"), "comments and order stay"
    crawled = json.loads(deployment.run("crawl", "gazette", "--json").stdout)
    assert crawled[0]["summary"]["new"] == 1

    site.serve("/", "This domain is for sale.")
    del site.answers["/latest/"]
    gone = deployment.run("sources", "heal", "gazette", "--apply")
    assert gone.returncode == 1
    assert "no change is proposed: nothing was found on the site" in gone.stdout
    assert "/latest/" in file.read_text()
