"""Search and Compare in a browser, as a reader and an editor use them."""

from datetime import timedelta

import pytest

from presswatch import config
from presswatch.accounts import Role
from support.indexing import put
from support.library import make
from support.reading_room import ReadingRoom
from support.visitor import Visit, Visitor


@pytest.fixture
def room(room: ReadingRoom) -> ReadingRoom:
    """With 25 articles of a ferry, an hour apart, two of which are of one story, and one of a train."""
    put(
        room.index,
        [
            *(make(n, f"Ferry {n}", "A ferry sails.", section="Harbour") for n in range(23)),
            make(30, "Wreck", "A ferry sank.", story="wreck"),
            make(31, "Wreck again", "A ferry sank.", story="wreck", source=("herald",)),
            make(50, "Train", "A train, zuge.", language="de", source=("herald",)),
        ],
    )
    return room


def titles(visitor: Visitor) -> list[str]:
    return visitor.page.locator("ol.hits h2").all_inner_texts()


def ask(visitor: Visitor, query: str) -> None:
    visitor.page.get_by_role("textbox", name="Query", exact=True).fill(query)
    visitor.press("Search")


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_a_query_is_asked_mended_and_narrowed(room: ReadingRoom, visit: Visit) -> None:
    reader = visit(room.pages)
    reader.open("/")
    reader.follow("Search")
    ask(reader, "ferry AND (")
    assert "never closed" in reader.told
    assert reader.page.locator("mark").inner_text() == "("
    assert reader.page.get_by_role("textbox", name="Query", exact=True).input_value() == "ferry AND ("
    ask(reader, "ferry")
    assert "25 articles" in reader.told
    reader.follow("Herald", reader.page.get_by_role("complementary"))
    assert titles(reader) == ["Wreck again"]
    reader.follow("Take away: Source: Herald")
    assert "25 articles" in reader.told
    reader.choose("Language", "German")
    ask(reader, "train")
    assert titles(reader) == ["Train"]
    reader.go_by(reader.page.get_by_label("Narrowed by").get_by_role("link"))
    ask(reader, "nothing")
    assert reader.sees("No article matches.")


def test_a_bar_of_the_timeline_narrows_to_its_time(room: ReadingRoom, visit: Visit) -> None:
    reader = visit(room.pages)
    reader.open("/search?q=ferry")
    before = len(titles(reader))
    reader.go_by(reader.page.locator(".timeline svg a").first)
    assert 0 < len(titles(reader)) < before
    narrowed = reader.page.get_by_label("Narrowed by").get_by_role("link")
    assert narrowed.count() == 2, "from and until"
    reader.page.go_back()
    reader.page.get_by_text("As a table").click()
    reader.go_by(reader.page.get_by_role("complementary").get_by_role("table").get_by_role("link").first)
    assert 0 < len(titles(reader)) < before


def test_pages_orders_and_stories_follow_by_links(room: ReadingRoom, visit: Visit) -> None:
    reader = visit(room.pages)
    reader.open("/search?q=ferry")
    first = titles(reader)
    reader.follow("Next page")
    assert not {*first} & {*titles(reader)}
    assert titles(reader)[-1] == "Wreck"
    reader.page.get_by_text("also in 1 outlet").click()
    assert reader.page.get_by_role("link", name="Wreck again").is_visible()
    reader.follow("First page")
    assert titles(reader) == first
    reader.follow("Most relevant first")
    assert reader.page.locator("a[aria-current='true']").first.inner_text() == "Most relevant first"
    reader.follow("Every article by itself")
    reader.follow("Next page")
    assert "Wreck again" in titles(reader)
    reader.follow("Articles of a story together")
    assert "Most relevant first" in reader.page.locator("a[aria-current='true']").all_inner_texts()


def test_what_was_found_is_taken_along(room: ReadingRoom, visit: Visit) -> None:
    editor = visit(room.reader(Role.EDITOR))
    editor.open("/search?q=ferry")
    editor.follow("Address to share")
    address = editor.path
    for form, suffix in (("CSV", ".csv"), ("JSON Lines", ".jsonl"), ("Atom", ".xml"), ("RSS", ".xml")):
        saved = editor.save(form)
        assert "Ferry 22" in saved.read_text()
        assert saved.suffix == suffix
    feed = editor.page.get_by_role("link", name="Follow it in a feed reader (Atom)").get_attribute("href")
    assert feed is not None
    assert "Ferry 22" in room.pages.another().get(feed).text, "without a session"
    assert editor.path == address
    editor.follow("Make a watch of this")
    assert editor.heading == "New watch"
    assert editor.page.get_by_label("Query").input_value() == "ferry"


def test_a_reader_is_offered_no_watch_and_no_button_that_would_be_refused(
    room: ReadingRoom, visit: Visit
) -> None:
    reader = visit(room.reader(Role.READER))
    reader.open("/search?q=ferry")
    assert not reader.sees("Make a watch of this")
    reader.follow("Watches")
    assert not reader.sees("New watch")
    reader.follow("Ferries")
    sign_out_alone = reader.page.get_by_role("button").all_inner_texts()
    assert sign_out_alone == ["Sign out"]
    assert not reader.sees("desk@gazette.example")


def test_two_searches_and_a_watch_are_compared(room: ReadingRoom, visit: Visit) -> None:
    reader = visit(room.pages)
    reader.open("/")
    reader.follow("Compare")
    assert reader.sees("Give two to five queries")
    reader.type("Query 1", "ferry")
    reader.type("Query 2", "train AND (")
    reader.press("Compare")
    assert "train AND (" in reader.told
    reader.type("Query 2", "train")
    reader.tick("Ferries")
    reader.choose("Time", "the last 7 days")
    reader.press("Compare")
    table = reader.page.get_by_role("table").first
    counts = table.get_by_role("row").filter(has_text="Articles").get_by_role("cell").all_inner_texts()
    assert counts == ["25", "25", "1"]
    reader.follow("train", table)
    assert reader.path.startswith("/search")
    assert titles(reader) == ["Train"]


def test_a_saved_search_stands_beside_the_result(room: ReadingRoom, visit: Visit) -> None:
    (room.folder / "searches").mkdir(exist_ok=True)
    (room.folder / "searches" / "trains.yaml").write_text("name: Trains\nquery: train\n")
    assert config.load(room.folder).searches
    reader = visit(room.pages)
    reader.open("/search?q=ferry")
    reader.follow("Trains")
    assert titles(reader) == ["Train"]


def test_the_list_of_sources_is_filtered_and_sorted(room: ReadingRoom, visit: Visit) -> None:
    room.newsroom.now += timedelta(hours=1)
    reader = visit(room.pages)
    reader.open("/sources")
    reader.type("Name, address or tag", "HERALD")
    reader.press("Show")
    assert reader.page.get_by_role("rowheader").all_inner_texts() == ["Herald"]
    reader.follow("Name")
    assert reader.page.get_by_label("Name, address or tag").input_value() == "HERALD"
    reader.type("Name, address or tag", "nothing")
    reader.press("Show")
    reader.follow("Show all")
    assert len(reader.page.get_by_role("rowheader").all_inner_texts()) == 2
