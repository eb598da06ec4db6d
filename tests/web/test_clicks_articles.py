"""Articles, their stories and why they were told, in a browser."""

import pytest

from support import press_desk
from support.press_desk import SITE, edit, links
from support.reading_room import ReadingRoom
from support.visitor import Visit

GAZETTE = f"{SITE}/article-0"


@pytest.fixture
def article(room: ReadingRoom) -> str:
    """An article that was edited, links to another, is of a story with a third, and was mailed."""
    press_desk.tell(room)
    related = room.publish("The harbour was closed.", "Harbour closed", f"{SITE}/harbour")
    id_ = room.publish(
        "The ferry ran aground.", "Ferry aground", GAZETTE, related=links(f"{SITE}/harbour"), section="Sea"
    )
    other = room.publish("The ferry ran aground at dawn.", "Ferry aground at dawn", source="herald")
    edit(room, GAZETTE, "The ferry was towed away.", title="Ferry towed", related=links(f"{SITE}/harbour"))
    room.join(id_, other)
    press_desk.tell(room)
    assert related
    return id_


def test_an_article_leads_to_all_that_is_known_of_it(room: ReadingRoom, article: str, visit: Visit) -> None:
    reader = visit(room.pages)
    reader.open("/search?q=towed")
    reader.follow("Ferry towed")
    assert reader.path == f"/articles/{article}?q=towed"
    assert reader.page.locator("article mark").count() == 2
    reader.page.get_by_role("textbox", name="Query to mark in this article").fill("ferry")
    reader.press("Mark")
    assert "2 places are marked." in reader.told
    saved = reader.save("The page as it was fetched")
    assert saved.read_bytes() == b"The ferry was towed away."

    reader.follow("Harbour closed")
    assert reader.heading == "Harbour closed"
    reader.follow("Ferry towed")
    reader.page.get_by_text("Each field, and what told it").click()
    reader.follow("Read the kept page again, and show every witness")
    assert reader.heading


def test_revisions_are_compared(room: ReadingRoom, article: str, visit: Visit) -> None:
    reader = visit(room.pages)
    reader.open(f"/articles/{article}")
    reader.go_by(reader.page.get_by_role("link").filter(has_text="change").first)
    assert reader.page.locator("del").first.is_visible()
    assert reader.page.locator("ins").first.is_visible()
    reader.open(f"/articles/{article}?revision=1")
    assert "This is revision 1 of 2." in reader.told
    reader.follow("The newest one")
    assert reader.heading == "Ferry towed"


def test_a_story_and_why_it_was_told(room: ReadingRoom, article: str, visit: Visit) -> None:
    reader = visit(room.pages)
    reader.open("/today")
    reader.go_by(reader.page.get_by_role("main").get_by_role("link").filter(has_text="Ferry").first)
    assert reader.sees("2 outlets")
    reader.follow("Its first version")
    assert "This is revision 1 of 2." in reader.told
    reader.follow("Why was it told, or not?")
    assert reader.page.get_by_role("main").get_by_role("link", name="Ferry towed").is_visible()
    reader.follow("Why?")
    reader.page.get_by_role("textbox").first.fill("https://nobody.example/heard")
    reader.page.get_by_role("main").get_by_role("button").first.click()
    assert reader.sees("presswatch has never heard of this address")
