"""Accounts in a browser: signing in and out, one's own, those of others."""

from datetime import timedelta

import pytest

from presswatch.accounts import Role
from support.reading_room import PASSWORD, ReadingRoom
from support.visitor import Visit, Visitor

NEW = "another long password"


@pytest.fixture
def room(room: ReadingRoom) -> ReadingRoom:
    """With an operator `chief` and a reader `jane`."""
    room.account("jane", Role.READER)
    return room


def sign_in(visitor: Visitor, name: str, password: str = PASSWORD) -> None:
    visitor.type("Name", name)
    visitor.type("Password", password)
    visitor.press("Sign in")


def test_signing_in_leads_to_the_page_that_was_asked_for(room: ReadingRoom, visit: Visit) -> None:
    jane = visit(room.pages)
    jane.open("/search?q=ferry+port")
    assert jane.heading == "Sign in"
    sign_in(jane, "jane", "a wrong password")
    assert "no account of this name with this password" in jane.told
    assert jane.page.get_by_label("Name").input_value() == "jane"
    sign_in(jane, " Jane ")
    assert jane.path == "/search?q=ferry+port"
    jane.press("Sign out")
    assert jane.path == "/sign-in"
    jane.page.go_back()
    assert jane.heading == "Sign in", "what was on the screen is not there for whoever comes next"


def test_a_form_survives_the_end_of_its_session(room: ReadingRoom, visit: Visit) -> None:
    chief = visit(room.reader(Role.OPERATOR))
    chief.open("/accounts")
    chief.type("Name", "nils")
    chief.choose("Role", "Editor")
    room.newsroom.now += timedelta(hours=13)
    chief.press("Add the account")
    assert "nothing was changed" in chief.told
    sign_in(chief, "chief")
    assert chief.heading == "Send what you typed?"
    assert chief.sees("nils")
    chief.press("Send it now")
    assert chief.heading == "A password for once"
    chief.follow("All accounts")
    assert chief.card("nils").get_by_role("combobox").input_value() == "editor"


def test_an_operator_looks_after_accounts(room: ReadingRoom, visit: Visit) -> None:
    chief = visit(room.reader(Role.OPERATOR))
    chief.open("/")
    chief.follow("Accounts")
    chief.type("Name", "jane")
    chief.press("Add the account")
    assert "There is an account of this name already." in chief.told
    chief.type("Name", "nils")
    chief.choose("Role", "Reader")
    chief.press("Add the account")
    password = chief.page.locator("code").inner_text()
    nils = visit(room.pages)
    nils.open("/search")
    sign_in(nils, "nils", password)
    assert nils.heading == "Your account"
    assert "An operator made your password up" in nils.told

    chief.follow("All accounts")
    chief.page.get_by_label("Role of nils").select_option(label="Operator")
    chief.press("Change the role", chief.card("nils"))
    assert "The role was changed." in chief.told
    chief.press("Sign out everywhere", chief.card("nils"))
    assert "This account is signed out everywhere." in chief.told
    nils.open("/account")
    assert nils.heading == "Sign in"

    chief.card("nils").get_by_text("New password", exact=True).click()
    chief.press("Make a new password", chief.card("nils"))
    assert chief.page.locator("code").inner_text() != password
    chief.follow("All accounts")
    chief.card("nils").get_by_text("Remove", exact=True).click()
    chief.press("Remove the account", chief.card("nils"))
    assert "The account was removed." in chief.told
    assert chief.card("nils").count() == 0
    chief.follow("Audit trail")
    assert chief.page.get_by_text("removed an account").first.is_visible()
    assert chief.sees("nils")


def test_ones_own_password_language_and_browsers(room: ReadingRoom, visit: Visit) -> None:
    here, there = visit(room.pages), visit(room.pages)
    for jane in (here, there):
        jane.open("/account")
        sign_in(jane, "jane")
    here.page.reload()
    here.press("Sign out there")
    assert "Signed out there." in here.told
    there.page.reload()
    assert there.heading == "Sign in"

    here.type("Old password", "not this one at all")
    here.type("New password, of at least 12 characters", NEW)
    here.type("New password once more", NEW)
    here.press("Change the password")
    assert "The old password is another one." in here.told
    here.type("Old password", PASSWORD)
    here.type("New password, of at least 12 characters", NEW)
    here.type("New password once more", NEW)
    here.press("Change the password")
    assert "Your password was changed." in here.told
    sign_in(there, "jane", NEW)
    assert there.path == "/account"

    here.choose("Language of the pages", "العربية")
    here.press("Change the language")
    html = here.page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("ar", "rtl")
    name, out = here.page.get_by_text("presswatch"), here.page.get_by_role("banner").get_by_role("button")
    assert place(name) > place(out), "the head of the page begins at the right"


def place(one: object) -> float:
    box = one.bounding_box()  # type: ignore[attr-defined]
    return float(box["x"])
