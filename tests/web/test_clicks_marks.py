"""Tags, notes and collections in a browser: of one article, of several hits at once, and everywhere."""

import pytest

from presswatch.accounts import Role
from presswatch.archive import marks
from support.indexing import drain
from support.reading_room import ReadingRoom
from support.visitor import Visit, Visitor

TAGS = "Tags, parted by commas"
COLLECTION = "Collection; a new name makes one"


@pytest.fixture
def ferry(room: ReadingRoom) -> str:
    """An article of a ferry, one of two; a third is of an opera."""
    room.publish("The opera opens.", "Opera opens")
    room.publish("Crews of the ferry strike.", "Ferry strike")
    return room.publish("The ferry ran aground.", "Ferry aground")


def on(room: ReadingRoom, id_: str) -> marks.OnArticle:
    with room.newsroom.archive.reading() as tx:
        return marks.on(tx, [id_])[id_]


def write(visitor: Visitor, name: str, words: str) -> None:
    """Into a field whose label holds what was typed before, too."""
    visitor.page.get_by_role("textbox", name=name, exact=True).fill(words)


def tagged(visitor: Visitor, words: str) -> int:
    """How many hits have this tag, as the page shows it."""
    return visitor.page.locator("ol.hits").get_by_role("link", name=f"Tag of the desk: {words}").count()


def test_an_article_gets_tags_a_collection_and_notes(room: ReadingRoom, ferry: str, visit: Visit) -> None:
    ann, bo = visit(room.reader(Role.EDITOR, "ann")), visit(room.reader(Role.EDITOR, "bo"))
    ann.open("/search?q=aground")
    ann.follow("Ferry aground")
    ann.type(TAGS, "Harbour, to read")
    ann.press("Add tags")
    assert ann.sees("The tags are on.")
    assert ann.heading == "Ferry aground"
    ann.press("Take the tag off: to read")
    assert ann.sees("The tag was taken off.")
    assert [one.name for one in on(room, ferry).tags] == ["Harbour"]
    ann.type(COLLECTION, "Report")
    ann.press("Add to the collection")
    assert on(room, ferry).collections
    ann.press("Take out Report")
    assert not on(room, ferry).collections
    ann.type("Note", "Who pays?\n\nAsk the city.")
    ann.press("Write the note")
    assert ann.sees("The note was written.")
    assert ann.sees("Who pays? Ask the city.")

    bo.open(f"/articles/{ferry}")
    for editor in (ann, bo):
        editor.follow("Change or remove note 1")
        assert editor.heading == "Note"
    write(ann, "Text", "The city pays.")
    ann.press("Save the note")
    assert ann.sees("The city pays.")
    write(bo, "Text", "Nobody pays.")
    bo.press("Save the note")
    assert "Somebody else changed this note meanwhile" in bo.told
    assert "The city pays." in bo.told
    assert bo.page.get_by_label("Your text").input_value() == "Nobody pays."
    write(bo, "Your text", "The city pays; or nobody.")
    bo.press("Save the note")
    assert bo.heading == "Ferry aground"
    assert [one.text for one in on(room, ferry).notes] == ["The city pays; or nobody."]
    bo.follow("Change or remove note 1")
    bo.press("Remove the note")
    assert not bo.sees("or nobody")
    ann.page.reload()
    assert not ann.sees("The city pays"), "nothing is written again by loading the page again"
    assert on(room, ferry).notes == ()


def test_hits_are_marked_at_once(room: ReadingRoom, ferry: str, visit: Visit) -> None:
    editor = visit(room.pages)
    editor.open("/search?q=ferry&stories=apart")
    for title in ("Ferry aground", "Ferry strike"):
        editor.tick(f"Choose: {title}")
    editor.type(TAGS, "harbour, crew")
    editor.press("Add tags")
    assert editor.sees("The tags are on.")
    assert (tagged(editor, "harbour"), tagged(editor, "crew")) == (2, 2)
    editor.tick("Choose: Ferry aground")
    editor.type(TAGS, "crew")
    editor.press("Take tags off")
    assert (tagged(editor, "harbour"), tagged(editor, "crew")) == (2, 1)
    for title in ("Ferry aground", "Ferry strike"):
        editor.tick(f"Choose: {title}")
    editor.type(COLLECTION, "Report")
    editor.press("Add to the collection")
    in_it = editor.page.get_by_role("link", name="In the collection Report")
    assert in_it.count() == 2
    editor.tick("Choose: Ferry strike")
    editor.type(COLLECTION, "report")
    editor.press("Take out of it")
    assert in_it.count() == 1
    editor.type(TAGS, "nothing")
    editor.press("Add tags")
    assert editor.told == "Choose at least one article."
    editor.page.go_back()
    assert tagged(editor, "nothing") == 0
    drain(room.newsroom.archive, room.index)
    editor.follow("Tag of the desk: crew")
    assert editor.page.locator("ol.hits h2").all_inner_texts() == ["Ferry strike"]


def test_enter_in_the_field_of_a_collection_adds_the_hits_to_it(
    room: ReadingRoom, ferry: str, visit: Visit
) -> None:
    editor = visit(room.pages)
    editor.open("/search?q=ferry")
    editor.tick("Choose: Ferry aground")
    editor.type(COLLECTION, "Report")
    with editor.page.expect_navigation():
        editor.page.get_by_label(COLLECTION).press("Enter")
    assert editor.page.get_by_role("link", name="In the collection Report").count() == 1
    assert [one.name for one in on(room, ferry).collections] == ["Report"]


def test_a_collection_is_made_described_emptied_and_removed(
    room: ReadingRoom, ferry: str, visit: Visit
) -> None:
    mine, theirs = visit(room.reader(Role.EDITOR, "ann")), visit(room.reader(Role.EDITOR, "bo"))
    mine.open("/")
    mine.follow("Collections")
    assert mine.sees("There is no collection yet.")
    mine.page.get_by_text("Make a collection").click()
    mine.type("Name", "Report")
    write(mine, "What it is for", "For the board")
    mine.press("Make it")
    assert mine.heading == "Report"
    assert mine.sees("No article is in it yet.")
    mine.follow("Collections")
    mine.page.get_by_text("Make a collection").click()
    mine.type("Name", "REPORT")
    write(mine, "What it is for", "Typed at length")
    mine.press("Make it")
    assert mine.told == "There is a collection of this name already."
    assert mine.page.get_by_label("What it is for").input_value() == "Typed at length"
    mine.follow("Report")
    theirs.open(mine.path)
    for editor in (mine, theirs):
        editor.page.get_by_text("Rename or describe it").click()
    theirs.type("Name", "Harbours")
    theirs.press("Save")
    assert theirs.heading == "Harbours"
    write(mine, "What it is for", "For the editor")
    mine.press("Save")
    assert "Somebody else changed this collection meanwhile" in mine.told
    assert mine.heading == "Harbours"
    mine.type("Name", "Harbours")
    mine.press("Save")
    assert mine.sees("For the editor")

    mine.open(f"/articles/{ferry}")
    mine.type(COLLECTION, "harbours")
    mine.press("Add to the collection")
    mine.follow("Harbours")
    assert "Ferry aground" in mine.save("JSON Lines").read_text()
    mine.press("Take out Ferry aground")
    assert mine.sees("No article is in it yet.")
    mine.page.get_by_text("Rename or describe it").click()
    mine.follow("Remove the collection")
    assert mine.heading == "Remove Harbours?"
    mine.follow("Keep it")
    mine.page.get_by_text("Rename or describe it").click()
    mine.follow("Remove the collection")
    mine.press("Remove the collection")
    assert mine.sees("The collection was removed. Its articles are still there.")
    assert mine.sees("There is no collection yet.")
    theirs.page.reload()
    assert theirs.told == "There is no such collection. It may have been removed."


def test_a_tag_is_renamed_and_taken_off_everywhere(room: ReadingRoom, ferry: str, visit: Visit) -> None:
    with room.newsroom.archive.writing() as tx:
        for tag in ("energy", "Energie"):
            marks.add_tag(tx, ferry, tag, "", room.newsroom.now)
    editor = visit(room.pages)
    editor.open("/collections")
    editor.follow("All tags of the desk")
    editor.type("Tag", "energie")
    editor.type("New name; that of another tag makes them one", "energy")
    editor.press("Rename it")
    assert editor.page.get_by_role("main").get_by_role("link").all_inner_texts() == ["energy"]
    editor.type("Tag", "energy")
    editor.press("Take it off all articles")
    assert editor.sees("No article has a tag of the desk yet.")
    assert on(room, ferry).tags == ()
