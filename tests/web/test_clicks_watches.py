"""Watches in a browser: made, tried, changed by two at a time, paused, muted, switched off and removed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from presswatch import config
from presswatch.archive import Archive
from presswatch.watches.digest import close_step
from presswatch.watches.match import match_step
from support.reading_room import ReadingRoom, opened
from support.visitor import Visit


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """A watch `ferries` that found an article of the gazette, of which a mail waits."""
    with opened(archive, tmp_path, {"alerts": {"collect": "0s", "gap": "0s"}}) as room:
        tick(room)
        room.publish("The ferry ran aground.", "Ferry aground")
        tick(room)
        yield room


def tick(room: ReadingRoom) -> None:
    """What the daemon does at each tick, but for sending."""
    loaded = config.load(room.folder)
    while match_step(room.newsroom.archive, loaded, room.newsroom.now):
        pass
    close_step(room.newsroom.archive, loaded, room.newsroom.now)


def test_a_watch_is_tried_and_made(room: ReadingRoom, visit: Visit) -> None:
    editor = visit(room.pages)
    editor.open("/")
    editor.follow("Watches")
    editor.follow("New watch")
    editor.type("Query", "ferry AND (")
    editor.press("Try it out")
    assert editor.page.locator("mark").first.inner_text() == "("
    editor.type("Query", "ferry")
    editor.press("Try it out")
    assert editor.sees("1 of 1 articles in 1 day")
    mail = editor.page.frame_locator("iframe")
    assert "Ferry aground" in mail.locator("body").inner_text()
    editor.type("Name", "Harbours")
    editor.type("Recipients", "nobody")
    editor.press("Save")
    assert "nothing was saved" in editor.told
    editor.page.get_by_role("alert").get_by_role("link", name="Recipients").click()
    assert editor.page.evaluate("document.activeElement.id") == "recipients"
    editor.type("Recipients", "jane@example.org")
    editor.press("Save")
    assert editor.heading == "Harbours"
    assert "saved" in editor.told
    made = config.load(room.folder).watch("harbours")
    assert made is not None
    assert (made.name, made.query) == ("Harbours", "ferry")


def test_of_two_who_edit_the_second_sees_both(room: ReadingRoom, visit: Visit) -> None:
    mine, theirs = visit(room.pages), visit(room.pages)
    for editor in (mine, theirs):
        editor.open("/watches/ferries")
        editor.follow("Edit")
    theirs.type("Name", "Theirs")
    theirs.press("Save")
    assert theirs.heading == "Theirs"
    mine.type("Query", "ferry OR boat")
    mine.press("Save")
    assert "Somebody else changed this watch meanwhile" in mine.told
    assert mine.page.get_by_role("row").filter(has_text="Theirs").count() == 1
    assert mine.page.get_by_label("Query").input_value() == "ferry OR boat"
    mine.follow("Begin again with what is in the file now")
    assert mine.page.get_by_label("Name").input_value() == "Theirs"
    mine.type("Query", "ferry OR boat")
    mine.press("Save")
    assert "saved" in mine.told
    made = config.load(room.folder).watch("ferries")
    assert made is not None
    assert (made.name, made.query) == ("Theirs", "ferry OR boat")


def test_a_watch_is_paused_muted_switched_and_removed(room: ReadingRoom, visit: Visit) -> None:
    editor = visit(room.pages)
    editor.open("/watches")
    editor.follow("Ferries")
    editor.press("Pause for 7 days")
    assert "paused" in editor.told
    editor.press("Resume")
    assert "resumed" in editor.told
    hit = editor.card("The ferry ran aground.")
    editor.press("Mute this story", hit)
    assert "Muted" in editor.told
    editor.press("Mute this source", hit)
    muted = editor.page.get_by_role("listitem").filter(has_text="Source muted")
    assert muted.count() == 1
    for _ in range(2):
        editor.press("Undo")
    assert "Taken back" in editor.told
    assert not editor.sees("Muted for everybody")
    editor.press("Switch off")
    assert "switched off" in editor.told
    editor.press("Switch on")
    assert "switched on" in editor.told

    editor.follow("Remove")
    assert editor.heading == "Remove Ferries?"
    editor.follow("Keep it")
    editor.follow("Remove")
    editor.press("Remove the watch, drop them")
    assert editor.path.startswith("/watches")
    assert "The watch was removed." in editor.told
    assert editor.sees("There is no watch yet.")
    editor.page.go_back()
    assert editor.heading == "There is no watch ferries."
