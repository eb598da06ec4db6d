"""Who may ask for which page: enumerated over every page there is."""

import re

import pytest

from presswatch.web.routes import PAGES, Page
from support.reading_room import ReadingRoom

READERS = [page for page in PAGES if page.role is not None]


def address(page: Page) -> str:
    return re.sub(r"\{\w+\}", "1", page.path)


def named(page: Page) -> str:
    return f"{page.method} {page.path}"


def ask(room: ReadingRoom, page: Page, **headers: str) -> int:
    if page.method == "GET":
        return room.pages.get(address(page), **headers).status
    return room.pages.post(address(page), None, **headers).status


@pytest.mark.parametrize("page", READERS, ids=named)
def test_without_accounts_pages_are_for_whoever_sits_at_this_machine(room: ReadingRoom, page: Page) -> None:
    assert ask(room, page) not in (401, 403, 421)
    assert ask(room, page, X_Forwarded_For="192.0.2.7") == 403
    assert ask(room, page, Forwarded="for=192.0.2.7") == 403
    assert ask(room, page, Host="evil.example") == 421


@pytest.mark.parametrize("page", [page for page in PAGES if page.method == "POST"], ids=named)
def test_no_page_of_another_site_can_ask_for_a_change(room: ReadingRoom, page: Page) -> None:
    assert ask(room, page, Sec_Fetch_Site="cross-site") == 403
    assert ask(room, page, Sec_Fetch_Site="same-site") == 403
    assert ask(room, page, Origin="https://evil.example") == 403
    assert ask(room, page, Origin="null") == 403


def test_a_page_says_why_it_is_not_for_this_reader(room: ReadingRoom) -> None:
    assert "no accounts" in room.pages.get("/search", X_Forwarded_For="192.0.2.7").text
