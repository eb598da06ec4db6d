"""Sources in a browser: one is added, run, paused, enabled, and what could not be read is tried again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from presswatch import config
from presswatch.archive import audit, requests
from presswatch.archive.tables import RequestKind, UrlState, url
from support import PATIENCE
from support.deployment import Deployment
from support.elasticsearch import free_port
from support.pages_server import Pages
from support.proposals import PROPOSAL, SITE
from support.reading_room import ReadingRoom
from support.site import serving
from support.visitor import Visit, visiting


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """presswatch as somebody runs it, ended with all its processes."""
    made = Deployment(tmp_path)
    yield made
    made.end()


def test_a_proposal_becomes_a_source(room: ReadingRoom, visit: Visit) -> None:
    operator = visit(room.pages)
    operator.open("/sources")
    operator.follow("Add a source")
    operator.type("Address of its home page, a listing, a feed or a sitemap", "nothing")
    operator.press("Look at it")
    assert "This is no address" in operator.told
    operator.type("Address of its home page, a listing, a feed or a sitemap", "courier.example")
    operator.press("Look at it")
    assert "The daemon is not running" in operator.told
    number = int(operator.path.rpartition("/")[2])
    with room.newsroom.archive.writing() as tx:
        assert requests.answer(tx, number, json.dumps(PROPOSAL), room.newsroom.now)
    operator.follow("Look again now")
    assert operator.heading == "The Courier"
    operator.type("Id", "gazette")
    operator.press("Add this source")
    assert "There is a source gazette already" in operator.told
    operator.type("Id", "courier")
    operator.type("Read every", "30m")
    operator.press("Add this source")
    assert operator.heading == "The Courier"
    assert "The source was added." in operator.told
    made = config.load(room.folder).source("courier")
    assert made is not None
    operator.follow("Sources")
    operator.follow("Add a source")
    operator.follow(SITE)
    assert operator.heading == "The Courier"


def test_a_source_is_run_paused_and_enabled(room: ReadingRoom, visit: Visit) -> None:
    operator = visit(room.pages)
    operator.open("/sources")
    operator.follow("Gazette")
    operator.press("Run now")
    assert "what was asked for is kept" in operator.told
    operator.page.get_by_label("Pause until (UTC)").fill("2026-11-19T08:00")
    operator.press("Pause until then")
    assert "expected a time that is to come" in operator.told
    operator.page.get_by_label("Pause until (UTC)").fill("2026-11-24T08:00")
    operator.press("Pause until then")
    assert operator.sees("Paused until Tue, 24 Nov 2026, 08:00 UTC")
    operator.press("End the pause")
    assert "The source is read again as planned." in operator.told
    assert not operator.sees("Paused")
    operator.press("Switch off")
    assert "The source is off" in operator.told
    assert operator.page.get_by_role("button", name="Run now").count() == 0
    operator.press("Enable")
    assert "The source is enabled." in operator.told
    assert operator.page.get_by_role("button", name="Run now").is_visible()


def test_a_source_is_healed_when_an_operator_says_so(room: ReadingRoom, visit: Visit) -> None:
    path = room.folder / "sources" / "gazette.yaml"
    path.write_text("name: Gazette\nstart:\n  - https://gazette.example/  # what Ada found\nlanguage: en\n")
    operator = visit(room.pages)
    operator.open("/sources/gazette")
    operator.press("Look where its articles are listed now")
    assert "The daemon is not running" in operator.told
    said = {
        "start": ["https://gazette.example/latest/"],
        "broken": {"https://gazette.example/": "answered 404 Not Found"},
        "evidence": [
            {
                "url": "https://gazette.example/latest/",
                "kind": "listing",
                "again": 7,
                "titles": ["<b>Ferry</b>"],
            }
        ],
        "known": 9,
        "reason": "",
        "given": {"start": '["https://gazette.example/latest/"]'},
        "dropped": [],
    }
    with room.newsroom.archive.writing() as tx:
        [request] = requests.unanswered(tx, RequestKind.HEAL)
        assert requests.answer(tx, request.id, json.dumps(said), room.newsroom.now)
    before = path.read_text()
    operator.open("/sources/gazette")
    assert operator.sees("It shows 7 of the newest 9 articles again:")
    shown = operator.page.locator("#healing ~ .card pre").inner_text().splitlines()
    assert "-  - https://gazette.example/  # what Ada found" in shown
    assert "+  - https://gazette.example/latest/ # what Ada found" in shown
    assert operator.sees(f"{path}:2")
    # Somebody edits it meanwhile: what was shown is not what would be written.
    path.write_text(f"{before}# by hand\n")
    operator.press("Write this into the file")
    assert operator.sees("The file of the source has changed since this was shown")
    assert path.read_text() == f"{before}# by hand\n"
    operator.open("/sources/gazette")
    operator.press("Write this into the file")
    assert "The file of the source was changed." in operator.told
    assert path.read_text() == before.replace("/  # what", "/latest/ # what") + "# by hand\n"
    with room.newsroom.archive.reading() as tx:
        assert [act.did for act in audit.latest(tx, 2)] == ["source.edit", "source.heal"]


def test_what_could_not_be_read_is_tried_again(room: ReadingRoom, visit: Visit) -> None:
    room.publish("Words.", "Ferry aground")
    with room.newsroom.archive.writing() as tx:
        bad = {"state": UrlState.FAILING, "reason": "answered 500"}
        tx.execute(url.update().where(url.c.scope == "").values(**bad))
    operator = visit(room.pages)
    operator.open("/sources/gazette")
    assert operator.sees("answered 500")
    operator.press("Retry what could not be read")
    assert "1 page is fetched with the next run." in operator.told


def test_an_outlet_is_added_from_its_home_page_and_read(deployment: Deployment, browser: Browser) -> None:
    with serving() as site:
        stories = [f"/story-000{number}.html" for number in range(1, 6)]
        site.listing("/", *stories)
        for story in stories:
            site.article(story, f"What the council of {story} decided")
        port = free_port()
        deployment.configure(
            [],
            web={"listen": f"127.0.0.1:{port}"},
            crawl={"delay": "20ms", "readers": 1, "allow_addresses": [site.host]},
        )
        deployment.start()
        pages = Pages(port)
        deployment.wait_until("the pages", lambda: answers(pages))
        with visiting(browser, pages, scripted=False) as operator:
            operator.open("/sources/add")
            operator.type("Address of its home page, a listing, a feed or a sitemap", site.url)
            operator.press("Look at it")
            # The page looks again by itself, without a script.
            agree = operator.page.get_by_role("button", name="Add this source")
            agree.wait_for(timeout=1000 * PATIENCE)
            operator.type("Name", "The Council")
            operator.type("Id", "council")
            operator.press("Add this source")
            assert "The source was added." in operator.told
            deployment.wait_until("its first run", lambda: "5 in all" in pages.get("/sources/council").text)
            operator.press("Run now")
            done = operator.page.get_by_text("The run that was asked for is done.")
            done.wait_for(timeout=1000 * PATIENCE)
            operator.open("/search?q=council")
            assert "5 articles" in operator.told
            assert operator.complaints == []


def answers(pages: Pages) -> bool:
    try:
        return pages.get("/sources").status == 200
    except OSError:
        return False
