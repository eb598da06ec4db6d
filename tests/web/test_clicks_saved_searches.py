"""Saved searches in a browser: saved, replaced, renamed, shared and removed."""

import pytest

from presswatch.accounts import Role
from presswatch.archive import saved_searches
from support.reading_room import ReadingRoom
from support.visitor import Visit, Visitor


@pytest.fixture
def room(room: ReadingRoom) -> ReadingRoom:
    """With an article of a ferry, of the herald."""
    room.publish("The ferry ran aground.", "Ferry aground", source="herald")
    return room


def saved(room: ReadingRoom, account: str) -> dict[str, str]:
    """The addresses of an account's searches, by their names."""
    with room.newsroom.archive.reading() as tx:
        return {one.name: one.address for one in saved_searches.of_account(tx, account)}


def disclose(visitor: Visitor, words: str) -> None:
    visitor.page.locator(f'summary[aria-label="{words}"]').click()


def test_a_search_is_saved_renamed_shared_and_removed(room: ReadingRoom, visit: Visit) -> None:
    jane, nils = visit(room.reader(Role.READER, "jane")), visit(room.reader(Role.READER, "nils"))
    jane.open("/search?q=ferry&source=herald")
    asked = jane.path
    jane.type("Save this search as", "Ferries")
    jane.press("Save")
    assert jane.path == asked
    assert jane.sees("This search is saved as Ferries.")

    jane.open("/search?q=ferry+OR+boat")
    jane.type("Save this search as", "ferries")
    jane.press("Save")
    assert jane.told == "You have a saved search of this name already."
    assert jane.sees("ferry OR boat")
    jane.press("Have it ask for this instead")
    assert jane.sees("This search is saved as Ferries.")
    assert saved(room, "jane") == {"Ferries": "q=ferry+OR+boat"}
    jane.open(asked)
    jane.type("Save this search as", "Ferries")
    jane.press("Save")
    jane.type("Name", "Of the herald")
    jane.press("Save")
    assert jane.path == asked

    jane.follow("All saved searches")
    herald = jane.card("Of the herald")
    disclose(jane, "Rename Of the herald")
    herald.get_by_label("Name", exact=True).fill("Ferries")
    jane.press("Give it this name", herald)
    assert "You have a saved search of this name already." in jane.told
    disclose(jane, "Rename Of the herald")
    herald.get_by_label("Name", exact=True).fill("Herald only")
    jane.press("Give it this name", herald)
    assert "It has another name." in jane.told
    jane.follow("Herald only")
    assert jane.path == asked
    jane.page.go_back()

    herald = jane.card("Herald only")
    disclose(jane, "Share Herald only")
    shared = herald.get_by_role("link").filter(has_text="/searches/shared/").inner_text()
    nils.page.goto(shared)
    assert nils.heading == "Herald only"
    assert nils.sees("A search of jane")
    nils.press("Save it")
    assert nils.path == asked
    assert nils.sees("This search is saved as Herald only.")

    disclose(jane, "Remove Herald only")
    jane.press("Remove the search", herald)
    assert "It was removed." in jane.told
    assert not jane.sees("Herald only")
    assert saved(room, "jane").keys() == {"Ferries"}
    assert saved(room, "nils").keys() == {"Herald only"}
    nils.page.goto(shared)
    assert "There is no such saved search" in nils.told
