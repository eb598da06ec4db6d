"""`presswatch sources find` tells what is read already; `catalogue check` asks for real home pages."""

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
import yaml

from presswatch.cli.main import main
from presswatch.sources import outlet_catalogue
from presswatch.sources.outlet_catalogue import Catalogue, Outlet
from support.deployment import Deployment
from support.site import Site, serving

Asked = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Asked:
    """Run the command line in this process, on the deployment: exit code, standard output and error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        place = ["--config", str(deployment.config), "--data", str(deployment.data)]
        monkeypatch.setattr(sys, "argv", ["presswatch", *place, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0, said.out, said.err)

    return run


def known(monkeypatch: pytest.MonkeyPatch, *homes: tuple[str, str]) -> None:
    outlets = tuple(Outlet(name, home, "PT", "pt", "Europe/Lisbon") for name, home in homes)
    monkeypatch.setattr(outlet_catalogue, "catalogue", lambda: Catalogue(date(2026, 11, 28), outlets))


def configure(deployment: Deployment, sites: list[Site]) -> None:
    crawl: dict[str, Any] = {"delay": "0s", "timeout": "5s", "allow_addresses": [one.host for one in sites]}
    values = {"contact": "desk@gazette.example", "crawl": crawl, "web": {"enabled": False}}
    deployment.write("presswatch.yaml", yaml.safe_dump(values))


def test_each_home_page_answers_moved_is_refused_or_away(
    deployment: Deployment, ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        well, moved, gone, other, forbids = (stack.enter_context(serving()) for _ in range(5))
        with serving() as ended:
            pass
        configure(deployment, [well, moved, gone, other, forbids, ended])
        well.serve("/", "<html><body>News</body></html>")
        other.serve("/", "<html><body>News</body></html>")
        moved.redirect("/", f"{other.url}/")
        forbids.serve("/robots.txt", "User-agent: *\nDisallow: /\n", content_type="text/plain")
        forbids.serve("/", "<html><body>News</body></html>")
        named = {"Well": well, "Moved": moved, "Gone": gone, "Forbids": forbids, "Ended": ended}
        known(monkeypatch, *((name, f"{site.url}/") for name, site in named.items()))

        code, out, err = ask("catalogue", "check", "--json")

        assert (code, err) == (1, "")
        told = {one["name"]: (one["state"], one["said"]) for one in json.loads(out)["outlets"]}
        states = {name: state for name, (state, _said) in told.items()}
        assert states == {
            "Well": "answers",
            "Moved": "moved",
            "Gone": "refused",
            "Forbids": "refused",
            "Ended": "away",
        }
        assert other.url in told["Moved"][1]
        assert "404" in told["Gone"][1]
        assert "robots.txt" in told["Forbids"][1]
        assert forbids.paths() == []

        code, out, _ = ask("catalogue", "check", "well")
        assert (code, out) == (0, "1 home pages: 1 answers\n")


def test_what_is_found_says_which_source_reads_it_and_how_to_add_one(
    deployment: Deployment, ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.write("presswatch.yaml", "contact: desk@gazette.example\n")
    deployment.write("sources/gazette.yaml", "name: Gazette\nstart: [https://www.gazette.example/feed]\n")
    known(monkeypatch, ("A Gazeta", "https://gazette.example/"), ("O Farol", "https://farol.example/"))
    _, out, _ = ask("sources", "find", "lisbon")
    [row] = [line for line in out.splitlines() if "gazette.example" in line]
    assert row.split()[-1] == "gazette"
    assert "2 outlets of the 2 of the catalogue, which was made on 2026-11-28" in out
    assert "presswatch sources add URL" in out
    code, out, _ = ask("sources", "find", "timbuktu")
    assert (code, "presswatch sources add URL" in out) == (0, True)
