"""The desk of a press review in a browser: an issue is made, finished, taken back and sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser

from presswatch import config
from presswatch.archive import Archive
from presswatch.watches.match import match_step
from presswatch.watches.review_step import review_step
from presswatch.web.access import Role
from support.reading_room import ReadingRoom, opened
from support.visitor import Visit, Visitor, visiting

DESK = "desk@gazette.example"
HOUR = "Sat, 21 Nov 2026, 07:00 UTC"


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """A review of what two watches found; its next hour is 07:00 tomorrow."""
    with opened(archive, tmp_path) as room:
        config.write_watch(room.folder, "opera", {"name": "Opera", "query": "opera", "recipients": [DESK]})
        review = {
            "name": "Morning review",
            "sections": [
                {"name": "Harbour", "watches": ["ferries"]},
                {"name": "Stage", "watches": ["opera"]},
            ],
            "recipients": [DESK],
            "cron": "0 7 * * *",
        }
        (room.folder / "reviews").mkdir()
        (room.folder / "reviews" / "morning.yaml").write_text(yaml.safe_dump(review))
        tick(room)
        # The newest stand first.
        for title in ("Towed away", "Afloat", "Aground"):
            room.publish("The ferry.", title)
        room.publish("The opera opens.", "Tosca")
        room.publish("Nobody watches this.", "Found by hand", url="https://gazette.example/by-hand")
        tick(room)
        yield room


def tick(room: ReadingRoom) -> None:
    """What the daemon does at each tick, but for sending."""
    loaded = config.load(room.folder)
    while match_step(room.newsroom.archive, loaded, room.newsroom.now):
        pass
    while review_step(room.newsroom.archive, loaded, room.newsroom.now):
        pass


def in_hand(editor: Visitor) -> str:
    """What the keyboard is at."""
    return str(editor.page.evaluate("document.activeElement.innerText"))


def issue(editor: Visitor) -> list[tuple[str, list[str]]]:
    """What the desk has in the issue: the sections, and the titles in each."""
    found = []
    for section in editor.page.locator(".desk section").all():
        titles = section.locator(".taken h4").all_inner_texts()
        found.append((section.get_by_role("heading", level=2).inner_text().strip("\u2068\u2069"), titles))
    return found


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_an_issue_is_made_finished_taken_back_and_sent(room: ReadingRoom, visit: Visit) -> None:
    jane = visit(room.reader(Role.EDITOR, "jane"))
    jane.open("/")
    jane.follow("Press reviews")
    jane.follow("Edit the next issue of Morning review")
    assert jane.sees("0 taken, 4 undecided")
    jane.press("Take", jane.card("Aground"))
    assert issue(jane) == [("Harbour", ["Aground"]), ("Stage", [])]
    assert "Afloat" in in_hand(jane), "it goes on at the next one"
    jane.press("Leave out", jane.card("Afloat"))
    jane.page.get_by_label("Mark Towed away").check()
    jane.type("Foreword", "Good morning.")
    jane.press("Take the marked")
    assert jane.page.get_by_label("Foreword").input_value() == "Good morning."
    jane.press("Take all of these")
    assert jane.sees("3 taken, 0 undecided, 1 left out")
    jane.page.get_by_text("Left out (1)").click()
    jane.press("Take", jane.card("Afloat"))
    jane.press("Up", jane.card("Towed away"))
    assert "Towed away" in in_hand(jane), "it goes on at what was moved"
    tosca = jane.card("Tosca")
    tosca.get_by_text("Move to…").click()
    jane.press("Harbour", tosca)
    jane.press("Leave out", jane.card("Afloat"))
    jane.type("Annotation to Tosca", "On page 3.\nAsk the opera.")
    jane.press("Save")
    assert jane.page.get_by_label("Annotation to Tosca").input_value() == "On page 3.\nAsk the opera."
    jane.type("Its address, or that of its page here", "https://gazette.example/nothing")
    jane.press("Add")
    assert "The archive has no article at this address" in jane.told
    jane.type("Its address, or that of its page here", "https://gazette.example/by-hand")
    jane.choose("Section", "Stage")
    jane.press("Add")
    made = [("Harbour", ["Towed away", "Aground", "Tosca"]), ("Stage", ["Found by hand"])]
    assert issue(jane) == made
    jane.press("Preview and send")
    assert jane.sees("It has 4 stories. 1 was left out.")
    assert "On page 3." in jane.page.frame_locator("iframe").locator("body").inner_text()
    jane.press(f"Finish it: it leaves at {HOUR}")
    assert jane.sees("Finished by jane: it leaves at its hour as it is.")
    jane.follow("Edit it")
    assert jane.page.get_by_role("button", name="Leave out").count() == 0
    jane.press("Take it back to edit it")
    assert issue(jane) == made
    jane.press("Preview and send")
    jane.press("Send it now as an extra issue")
    assert jane.path == "/reviews/morning"
    tick(room)
    jane.page.reload()
    jane.follow("Fri, 20 Nov 2026, 12:00 UTC")
    assert jane.sees("Good morning.")
    assert jane.sees("On page 3.")
    told = jane.says
    assert (
        told.index("Towed away") < told.index("Aground") < told.index("Tosca") < told.index("Found by hand")
    )
    assert not jane.sees("Afloat")


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_of_two_who_edit_an_issue_each_sees_what_the_other_did(room: ReadingRoom, visit: Visit) -> None:
    jane, john = (visit(room.reader(Role.EDITOR, name)) for name in ("jane", "john"))
    jane.open("/reviews/morning/edit")
    jane.press("Take", jane.card("Aground"))
    john.open("/reviews/morning/edit")
    jane.type("Annotation to Aground", "Of Jane.")
    jane.press("Save")
    john.type("Annotation to Aground", "Of John.")
    john.press("Take", john.card("Afloat"))
    assert "Another wrote here while you did." in john.told
    assert john.sees("jane wrote beside “Aground”")
    assert john.sees("Of Jane.")
    assert john.page.get_by_label("Annotation to Aground").input_value() == "Of John."
    assert issue(john)[0] == ("Harbour", ["Aground", "Afloat"]), "what has no other side is done"
    john.press("Save")
    assert john.page.get_by_role("alert").count() == 0
    jane.press("Leave out", jane.card("Towed away"))
    assert jane.sees("john took “Afloat”")
    assert jane.page.get_by_label("Annotation to Aground").input_value() == "Of John."

    for editor in (jane, john):
        editor.press("Preview and send")
    jane.press(f"Send it now, and nothing at {HOUR}")
    john.press("Send it now as an extra issue")
    assert "Sent by jane" in john.told
    john.page.go_back()
    john.follow("Back to editing")
    tick(room)
    john.page.reload()
    assert john.sees("0 taken, 0 undecided")
    assert not john.sees("Afloat")


def test_the_desk_is_worked_by_keys(room: ReadingRoom, browser: Browser) -> None:
    with visiting(browser, room.reader(Role.EDITOR)) as editor:
        keyboard = editor.page.keyboard

        def decide(key: str) -> None:
            with editor.page.expect_navigation():
                keyboard.press(key)

        editor.open("/reviews/morning/edit")
        assert editor.sees("Keys: j and k")
        keyboard.press("j")
        assert "Aground" in in_hand(editor)
        decide("t")
        assert "Afloat" in in_hand(editor)
        decide("x")
        keyboard.press("m")
        assert editor.page.get_by_label("Mark Towed away").is_checked()
        keyboard.press("j")
        assert "Tosca" in in_hand(editor)
        decide("t")
        assert editor.page.get_by_label("Mark Towed away").is_checked(), (
            "a mark stays while others are decided"
        )
        assert issue(editor) == [("Harbour", ["Aground"]), ("Stage", ["Tosca"])]
        editor.card("Tosca").focus()
        keyboard.press("a")
        keyboard.type("text")
        editor.press("Save")
        assert editor.page.get_by_label("Annotation to Tosca").input_value() == "text", "keys write there"
        assert editor.complaints == []


def test_a_press_review_is_made(room: ReadingRoom, visit: Visit) -> None:
    editor = visit(room.pages)
    editor.open("/reviews")
    editor.follow("New press review")
    editor.type("Name", "Evening review")
    editor.press("Make it")
    assert editor.told == "Choose at least one watch."
    editor.tick("Opera")
    editor.type("Recipients", DESK)
    editor.page.get_by_label("Its hour").fill("18:30")
    editor.press("Make it")
    assert editor.heading == "Evening review"
    assert yaml.safe_load((room.folder / "reviews" / "evening-review.yaml").read_text()) == {
        "name": "Evening review",
        "sections": [{"name": "Evening review", "watches": ["opera"]}],
        "recipients": [DESK],
        "cron": "30 18 * * 1-5",
    }
    editor.open("/reviews/new")
    editor.type("Name", "evening REVIEW")
    editor.press("Make it")
    assert editor.told == "There is a press review of this name already."
