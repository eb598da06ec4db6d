"""Importing sources in a browser: a file is looked at, the chosen are added, the rest is asked for."""

import json

from playwright.sync_api import FilePayload

from presswatch import config
from presswatch.archive import requests, site_looks
from support.outlets import opml, outline
from support.proposals import FEED, PROPOSAL
from support.reading_room import ReadingRoom
from support.visitor import Visit

GONE, LATE = "https://gone.example/rss", "https://late.example/rss"
LIST = opml(outline("The Courier", FEED), outline("Gone", GONE), outline("Late", LATE))


def answer(room: ReadingRoom, path: str, said: dict[str, object]) -> None:
    """As the daemon answers when it is through a list."""
    with room.newsroom.archive.writing() as tx:
        assert requests.answer(tx, int(path.rpartition("/")[2]), json.dumps(said), room.newsroom.now)


def test_a_list_becomes_sources(room: ReadingRoom, visit: Visit) -> None:
    operator = visit(room.pages)
    operator.open("/sources")
    operator.follow("Import sources")
    operator.press("Look at them")
    assert "Choose a file, or paste addresses." in operator.told
    operator.type("Or addresses, one a line", "no address")
    operator.press("Look at them")
    assert operator.page.get_by_label("Or addresses, one a line").input_value() == "no address"
    operator.type("Or addresses, one a line", "")
    file = FilePayload(name="feeds.opml", mimeType="text/x-opml", buffer=LIST.encode())
    operator.page.get_by_label("A file: OPML").set_input_files(file)
    operator.press("Look at them")
    assert operator.heading == "feeds.opml"
    assert operator.sees("0 of 3 outlets")
    with room.newsroom.archive.writing() as tx:
        site_looks.keep(tx, FEED, PROPOSAL, room.newsroom.now)
        site_looks.keep(tx, GONE, {"fault": "answered 404"}, room.newsroom.now)
    answer(room, operator.path, {"fault": "presswatch was stopped"})
    operator.follow("Look again now")
    assert "1 outlet was not looked at. presswatch was stopped" in operator.told
    assert operator.sees("answered 404")
    courier = operator.page.get_by_role("checkbox", name="The Courier")
    courier.uncheck()
    operator.press("Add the chosen ones")
    assert "Choose one outlet at least." in operator.told
    courier.check()
    operator.press("Add the chosen ones")
    assert "1 source was added." in operator.told
    assert config.load(room.folder).source("courier-example") is not None
    operator.press("Look at the rest")
    assert operator.sees("2 of 3 outlets")
    late = PROPOSAL | {"url": LATE, "id": "late", "name": "The Late News"}
    # Nothing tells its language.
    late |= {"source": {"name": "The Late News", "start": [LATE], "schedule": {"every": "6h"}}}
    with room.newsroom.archive.writing() as tx:
        site_looks.keep(tx, LATE, late, room.newsroom.now)
    operator.follow("Look again now")
    operator.follow("Choose from the 1 found so far")
    operator.press("Add the chosen ones")
    assert "1 source was added." in operator.told
    operator.follow("Sources")
    operator.follow("Late")
    assert operator.path == "/sources/late-example"
