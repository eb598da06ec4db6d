"""The page that tells the whole way of an article to a watch's mail."""

from urllib.parse import quote

import pytest

from presswatch.archive import Archive
from support import press_desk
from support.inert import faults
from support.press_desk import SITE
from support.reading_room import ReadingRoom

GAZETTE = f"{SITE}/article-0"


def ask(room: ReadingRoom, address: str, watch: str = "") -> str:
    answer = room.pages.get(f"/why?url={quote(address, safe='')}&watch={quote(watch, safe='')}")
    assert faults(answer.text) == []
    return answer.text


def test_the_form_alone(room: ReadingRoom) -> None:
    page = room.pages.get("/why").text
    assert '<option value="ferries">Ferries</option>' in page
    assert faults(page) == []


def test_the_way_of_an_article_that_was_told(room: ReadingRoom) -> None:
    press_desk.tell(room)
    id_ = room.publish("The ferry ran aground.", "Ferry aground", GAZETTE)
    press_desk.tell(room)
    for asked in (GAZETTE, id_, GAZETTE.removeprefix("https://")):
        page = ask(room, asked)
        for stage in ("Found", "Fetched", "Article", "Part of the query", "Matched", "Mail", "Sent"):
            assert f"<strong>{stage}</strong>" in page
        assert "desk@gazette.example" in page
        assert f'<a href="/articles/{id_}">Ferry aground</a>' in page
        assert '<a href="/watches/ferries"><bdi>Ferries</bdi></a>' in page


def test_why_a_watch_did_not_match(room: ReadingRoom) -> None:
    press_desk.tell(room)
    room.publish("A new opera.", "Opera", GAZETTE)
    assert "No watch matches it." in ask(room, GAZETTE)
    page = ask(room, GAZETTE, "ferries")
    assert '<option value="ferries" selected>' in page
    assert "<bdi>ferry</bdi>: not in the article" in page
    assert "ends or waits here" in page


def test_an_address_that_nobody_heard_of_says_what_to_do(room: ReadingRoom) -> None:
    page = ask(room, "https://unknown.example/a")
    assert "never heard of this address" in page
    assert 'href="/sources"' in page
    assert 'value="https://unknown.example/a"' in page


def test_an_address_that_waits_to_be_fetched_is_not_unknown(room: ReadingRoom) -> None:
    newsroom = room.newsroom
    newsroom.list_links(newsroom.start_run(), f"{SITE}/", f"{SITE}/waiting")
    page = ask(room, f"{SITE}/waiting")
    assert "never heard" not in page
    assert "waits for a run of <bdi>gazette</bdi>" in page


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://gazette.example/1",
        "mailto:desk@gazette.example",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@gazette.example/",
        "http://[::1",
        "https://gazette.example:99999/",
        '"><script>alert(1)</script>',
        "\u202egro.elpmaxe",
        "\x00",
        "x" * 5_000,
    ],
)
def test_what_is_no_address_is_told_as_such(room: ReadingRoom, address: str) -> None:
    page = ask(room, address)
    assert 'role="alert"' in page
    assert "<script" not in page


def test_a_watch_that_never_was(room: ReadingRoom) -> None:
    room.publish("The ferry.", "Title", GAZETTE)
    assert "There is no such watch." in ask(room, GAZETTE, "none")


def test_a_watch_that_was_removed_is_still_told_of(room: ReadingRoom, archive: Archive) -> None:
    press_desk.tell(room)
    room.publish("The ferry.", "Title", GAZETTE)
    press_desk.tell(room)
    (room.folder / "watches" / "ferries.yaml").unlink()
    page = ask(room, GAZETTE, "ferries")
    assert "it was removed since" in page
