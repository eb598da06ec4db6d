"""The pages while another process writes to the archive, or while the index does not answer."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from presswatch import sqlite_faults
from presswatch.archive import Archive, marks, saved_searches
from presswatch.web.routes import PAGES
from presswatch.web.routes import Page as Route
from support import press_desk
from support.elasticsearch import free_port
from support.pages_server import Pages
from support.reading_room import ReadingRoom, opened
from support.template import new_archive

# It locks as any program may that has the file, and says so.
_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""
ASKED = {
    "search": "?q=ferry",
    "compare": "?q=ferry&q=boat",
    "why": "?url={article}",
    "new watch": "?query=ferry",
}
READERS_PAGES = [page for page in PAGES if page.role is not None and page.method == "GET"]
# What these show comes from the index alone.
OF_INDEX = ("search export", "compare", "search")


# These ask for what nobody made.
NOBODYS = {"number": "1", "list": "1", "review": "morning", "issue": "1"}
KNOWN = {
    "mail": "1",
    "watch": "ferries",
    "source": "gazette",
    "form": "csv",
    "change": "1..2",
    "file": "accounts.jsonl",
}


def address(route: Route, made: Mapping[str, str]) -> str:
    return f"{route.path}{ASKED.get(route.name, '')}".format(**KNOWN, **NOBODYS, **made)


def found(route: Route) -> int:
    if route.name == "saved search":
        return 303  # to the search page
    return 404 if any(f"{{{name}}}" in route.path for name in NOBODYS) else 200


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Who waits for a lock waits for half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_faults, "BUSY_SECONDS", 0.5)
        yield


@contextmanager
def locked(archive: Archive) -> Iterator[None]:
    holder = subprocess.Popen(
        [sys.executable, "-c", _LOCK, archive.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"locked\n"
    try:
        yield
    finally:
        holder.communicate()


@pytest.fixture(scope="module")
def furnished(
    quick: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ReadingRoom, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("locked")
    archive = new_archive(folder / "data" / "archive.sqlite")
    with opened(archive, folder) as room:
        yield room, furnish(room)
    archive.close()


@pytest.fixture(scope="module")
def room(furnished: tuple[ReadingRoom, dict[str, str]]) -> ReadingRoom:
    return furnished[0]


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pages, dict[str, str]]]:
    """The pages where the index is an Elasticsearch that is not there, and an article."""
    folder = tmp_path_factory.mktemp("blind")
    archive = new_archive(folder / "data" / "archive.sqlite")
    away = {"search": {"elasticsearch": {"urls": [f"http://127.0.0.1:{free_port()}"]}}}
    with opened(archive, folder, away) as room:
        yield room.pages, furnish(room)
    archive.close()


def furnish(room: ReadingRoom) -> dict[str, str]:
    """An article in two revisions, and what people put on it and saved, as addresses name these."""
    press_desk.tell(room)
    id_ = room.publish("The ferry ran aground.", "Ferry aground", f"{press_desk.SITE}/article-0")
    press_desk.edit(room, f"{press_desk.SITE}/article-0", "The ferry was towed.", title="Ferry towed")
    press_desk.tell(room)
    now = room.newsroom.now
    with room.newsroom.archive.writing() as tx:
        note = marks.add_note(tx, id_, "Who pays?", "ann", now)
        kept = marks.make_collection(tx, "Report", "", "ann", now)
        search = saved_searches.save(tx, "", "Boats", "q=boat", now).id
    return {"article": id_, "story": id_, "note": str(note), "collection": str(kept), "search": search}


@pytest.mark.parametrize("route", READERS_PAGES, ids=lambda route: route.name)
def test_whoever_reads_waits_for_no_writer(
    furnished: tuple[ReadingRoom, dict[str, str]], route: Route
) -> None:
    room, made = furnished
    with locked(room.newsroom.archive):
        answer = room.pages.get(address(route, made))
    assert answer.status == found(route)


def test_a_change_that_waits_in_vain_says_that_nothing_was_changed(room: ReadingRoom) -> None:
    page = room.pages.get("/watches/ferries")
    with locked(room.newsroom.archive):
        answer = room.pages.press(page, "Pause for 7 days")
    assert answer.status == 503
    assert "The archive is busy, and nothing was changed." in answer.text
    assert room.pages.press(answer, "Send it again").status == 303
    assert "Paused" in room.pages.get("/watches/ferries").text


def test_a_password_is_not_sent_back_by_a_busy_archive(room: ReadingRoom) -> None:
    with locked(room.newsroom.archive):
        answer = room.pages.post("/accounts", {"name": "jane", "role": "operator", "password": "hush-hush"})
    assert answer.status == 503
    assert 'value="jane"' in answer.text
    assert "hush-hush" not in answer.text


def test_what_was_typed_into_a_watch_s_form_is_there_when_it_could_not_be_saved(room: ReadingRoom) -> None:
    typed = {"form": "1", "name": "Typed", "query": "ferry OR boat", "recipients": "jane@example.org"}
    typed |= {"way": "instant", "tells": "matches", "do": "save"}
    seen = room.pages.get("/watches/ferries/edit").text.partition('name="seen" value="')[2].partition('"')[0]
    with locked(room.newsroom.archive):
        for path in ("/watches/new", "/watches/ferries/edit"):
            answer = room.pages.post(path, typed | {"seen": seen})
            assert answer.status == 503
            assert "ferry OR boat" in answer.text
            assert 'value="Typed"' in answer.text
    assert "Typed" not in room.pages.get("/watches").text


@pytest.mark.parametrize("route", READERS_PAGES, ids=lambda route: route.name)
def test_a_page_says_what_it_cannot_show_without_the_index(
    blind: tuple[Pages, dict[str, str]], route: Route
) -> None:
    pages, made = blind
    answer = pages.get(address(route, made))
    assert "archive is busy" not in answer.text
    assert "A fault of presswatch" not in answer.text
    if route.name in OF_INDEX:
        assert answer.status == 503
        assert "The index does not answer now" in answer.text
    else:
        assert answer.status == found(route)


def test_a_feed_of_a_search_without_the_index_says_so(blind: tuple[Pages, dict[str, str]]) -> None:
    pages, _made = blind
    page = pages.get("/search?q=ferry").text
    feed = page.partition('type="application/atom+xml" href="')[2].partition('"')[0]
    answer = pages.get(feed)
    assert answer.status == 503
    assert "index" in answer.text
