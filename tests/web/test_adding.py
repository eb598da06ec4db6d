"""Adding a source on the pages: an address, the daemon's answer, the file."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
import yaml

from presswatch import config, lock
from presswatch.archive import requests, site_facts
from presswatch.archive.tables import RequestKind
from support.pages_server import Answer
from support.proposals import FEED, PROPOSAL, SITE
from support.reading_room import ReadingRoom

GIVEN = {"id": "courier", "name": "Courier", "every": "30m", "language": "en", "time_zone": "", "start": FEED}


def words(answer: Answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def ask(room: ReadingRoom, address: str = SITE) -> str:
    """Ask as a form does; the address of the page that follows."""
    answer = room.pages.post("/sources/add", {"address": address})
    assert answer.status == 303
    return answer.headers["location"]


def answer(room: ReadingRoom, path: str, said: object, *, failed: bool = False) -> None:
    """What the daemon does."""
    with room.newsroom.archive.writing() as tx:
        number = int(path.rpartition("/")[2])
        assert requests.answer(tx, number, json.dumps(said), room.newsroom.now, failed=failed)


def test_a_page_waits_for_the_daemon_and_looks_again_by_itself(room: ReadingRoom) -> None:
    path = ask(room, "courier.example")
    page = room.pages.get(path)
    assert "The daemon is not running" in words(page)
    with lock.daemon_lock(room.newsroom.archive.path.parent):
        page = room.pages.get(path)
        assert '<meta http-equiv="refresh" content="3">' in page.text
        assert "This waits for the daemon" in words(page)
    assert SITE in room.pages.get("/sources/add").text
    with room.newsroom.archive.reading() as tx:
        [asked] = requests.latest(tx, RequestKind.PROBE)
    assert asked.subject == SITE


@pytest.mark.parametrize("address", ["", "nothing", "ftp://courier.example/", 'mailto:"><b>@x.example'])
def test_what_is_no_address_is_said_beside_what_was_typed(room: ReadingRoom, address: str) -> None:
    page = room.pages.post("/sources/add", {"address": address})
    assert page.status == 400
    assert "This is no address" in words(page)
    assert "<b>" not in page.text
    assert f'value="{address}"' in page.text or '"' in address


def test_only_so_many_wait(room: ReadingRoom) -> None:
    for number in range(requests.MOST_WAITING[RequestKind.PROBE]):
        ask(room, f"https://{number}.example/")
    page = room.pages.post("/sources/add", {"address": SITE})
    assert page.status == 400
    assert "wait for the daemon already" in words(page)
    assert f'value="{SITE}"' in page.text


def test_the_proposal_is_shown_and_its_words_stay_words(room: ReadingRoom) -> None:
    path = ask(room)
    answer(room, path, PROPOSAL)
    page = room.pages.get(path)
    assert "http-equiv" not in page.text
    assert f'name="start" value="{FEED}" checked' in page.text
    assert f'name="start" value="{SITE}">' in page.text
    assert 'value="Europe/London"' in page.text
    said = words(page)
    assert "12 articles in 5 days" in said
    assert "No article: a login page a form" in said
    assert "&lt;i&gt;aground&lt;/i&gt;" in page.text
    assert "<i>" not in page.text
    assert "javascript:" not in page.text


def test_a_site_that_tells_no_zone_and_no_language_has_a_proposal(room: ReadingRoom) -> None:
    path = ask(room)
    source = {"name": "The Courier", "start": [FEED], "schedule": {"every": "1h"}}
    answer(room, path, PROPOSAL | {"source": source})
    page = room.pages.get(path)
    assert page.status == 200
    assert "Ferry <i>aground</i>" in unescape(page.text)


def test_an_id_that_a_source_has_is_not_proposed(room: ReadingRoom) -> None:
    path = ask(room)
    answer(room, path, PROPOSAL | {"url": "https://gazette/", "name": "Gazette"})
    assert 'name="id" value="gazette-2"' in room.pages.get(path).text


def test_a_page_that_a_source_reads_makes_no_second_source(room: ReadingRoom) -> None:
    path = ask(room)
    answer(room, path, PROPOSAL)
    assert "This site has a source already" not in words(room.pages.get(path))
    assert room.pages.post(path, GIVEN).status == 303
    # Gone back, and sent again under another id.
    again = room.pages.post(path, GIVEN | {"id": "courier-2"})
    assert again.status == 400
    assert f"{FEED} is read by the source courier already" in words(again)
    page = room.pages.get(path)
    assert "This site has a source already: Courier" in words(page)
    assert "It is read by courier already." in words(page)
    assert f'name="start" value="{FEED}">' in page.text, "it is not ticked"
    assert [file.stem for file in (room.folder / "sources").glob("courier*")] == ["courier"]


def test_who_agrees_has_the_file_written_as_the_command_does(room: ReadingRoom) -> None:
    path = ask(room)
    answer(room, path, PROPOSAL)
    done = room.pages.post(path, GIVEN)
    assert done.status == 303
    assert done.headers["location"] == "/sources/courier?done=added"
    file = room.folder / "sources" / "courier.yaml"
    assert file.read_text().startswith("# A site that presswatch reads.")
    assert yaml.safe_load(file.read_text()) == {
        "name": "Courier",
        "start": [FEED],
        "schedule": {"every": "30m"},
        "language": "en",
    }
    with room.newsroom.archive.reading() as tx:
        assert site_facts.of(tx, "courier").title_ends == (" | The Courier",)
    assert "Never run" in words(room.pages.get("/sources/courier"))


def test_a_source_is_proposed_to_be_read_by_its_own_rhythm(room: ReadingRoom) -> None:
    path = ask(room)
    answer(room, path, PROPOSAL | {"source": PROPOSAL["source"] | {"schedule": "auto"}})
    assert 'name="every" value="auto"' in room.pages.get(path).text
    assert room.pages.post(path, GIVEN | {"every": "auto"}).status == 303
    assert config.load(room.folder).source("courier").schedule == "auto"  # type: ignore[union-attr]  # it is there
    page = words(room.pages.get("/sources/courier"))
    assert "Schedule by its own rhythm" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"id": "gazette"}, "There is a source gazette already"),
        ({"id": "../x"}, "small letters, digits and hyphens"),
        ({"id": ""}, "id"),
        ({"every": "soon"}, "soon"),
        ({"every": "0s"}, "every"),
        ({"name": ""}, "name"),
        ({"language": "<b>"}, "language"),
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"start": "https://evil.example/"}, "Choose start pages of this proposal"),
        ({"start": None}, "Choose one start page"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    room: ReadingRoom, given: dict[str, str | None], said: str
) -> None:
    path = ask(room)
    answer(room, path, PROPOSAL)
    before = sorted(room.folder.rglob("*"))
    values = {name: value for name, value in (GIVEN | {"name": "Typed"} | given).items() if value is not None}
    page = room.pages.post(path, values)
    assert page.status == 400
    [alert] = re.findall(r'role="alert"[^>]*>(.*?)</p>', page.text, re.DOTALL)
    assert said in re.sub(r"<[^>]+>", "", alert)
    assert "<b>" not in page.text
    if "name" not in given:
        assert 'value="Typed"' in page.text
    assert sorted(room.folder.rglob("*")) == before


def test_a_fault_is_told_and_the_site_can_be_looked_at_again(room: ReadingRoom) -> None:
    path = ask(room)
    answer(room, path, {"fault": f"{SITE}: answered 404 <b>"}, failed=True)
    page = room.pages.get(path)
    assert "answered 404 &lt;b&gt;" in page.text
    again = room.pages.post("/sources/add", {"address": SITE})
    assert again.headers["location"] != path
    assert room.pages.post(path, GIVEN).status == 404


def test_a_site_with_nothing_to_read_makes_no_source(room: ReadingRoom) -> None:
    path = ask(room)
    answer(room, path, PROPOSAL | {"source": None, "starts": [], "reason": "no page shows articles"})
    page = room.pages.get(path)
    assert "no page shows articles" in words(page)
    assert "Add this source" not in page.buttons
    assert room.pages.post(path, GIVEN).status == 400


@pytest.mark.parametrize("number", ["1", "0", "x", "9" * 30, "-1", "%00"])
def test_no_such_proposal(room: ReadingRoom, number: str) -> None:
    assert room.pages.get(f"/sources/add/{number}").status == 404
    assert room.pages.post(f"/sources/add/{number}", GIVEN).status == 404


def test_a_request_for_a_run_is_no_proposal(room: ReadingRoom) -> None:
    with room.newsroom.archive.writing() as tx:
        now = room.newsroom.now - timedelta(hours=1)
        number = requests.ask(tx, RequestKind.RUN_NOW, "gazette", "", now)
    assert room.pages.get(f"/sources/add/{number}").status == 404


def test_an_outlet_of_the_catalogue_is_found_in_the_readers_language_and_its_address_is_filled_in(
    room: ReadingRoom,
) -> None:
    german = {"Accept-Language": "de"}
    page = room.pages.get("/sources/add?find=lissabon")
    assert "none that is called so" in words(page)
    page = room.pages.get("/sources/add?find=Frankreich+monde", **german)
    assert "Le Monde diplomatique" in words(page)
    [query] = re.findall(r'/sources/add\?(address=[^"]+)"><bdi>Le Monde</bdi>', page.text)
    assert 'value="https://www.lemonde.fr/"' in room.pages.get(f"/sources/add?{query}").text
    config.write_source(room.folder, "monde", {"name": "Monde", "start": ["https://lemonde.fr/rss"]})
    page = room.pages.get("/sources/add?find=lemonde.fr")
    assert page.text.count('/sources/monde"') == 1
    page = room.pages.get("/sources/add?find=german")
    assert "more are not shown" in words(page)
    assert "<b>" not in room.pages.get("/sources/add?find=%3Cb%3Ex").text
