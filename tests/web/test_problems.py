"""Whatever a page cannot do: its reader is told what to do, and finds the way on."""

import re

import pytest

from presswatch.accounts import Role
from presswatch.archive import accounts, removals
from support.pages_server import Answer
from support.reading_room import ReadingRoom
from support.web_page import read


def leads_on(answer: Answer) -> bool:
    """Whether the page has the sections of the application, and a step to take."""
    page = read(answer.text)
    steps = re.search(r'<ul class="next-steps">.*?</ul>', answer.text, re.DOTALL)
    return page.links.get("Search") == "/search" and steps is not None and "href=" in steps.group()


def test_an_address_that_is_none_leads_on(room: ReadingRoom) -> None:
    for address in (
        "/none",
        "/articles",
        "/search/none",
        "/static/none.css",
        "/%F0%9F",
        "/operations/made/x",
    ):
        answer = room.pages.get(address)
        assert (address, answer.status, leads_on(answer)) == (address, 404, True)
        assert "Ask by the address of an article what became of it" in answer.text


def test_a_form_that_is_opened_as_an_address_leads_on(room: ReadingRoom) -> None:
    for answer in (room.pages.get("/accounts/role"), room.pages.post("/today")):
        assert (answer.status, leads_on(answer)) == (405, True)


def test_what_is_gone_leads_on(room: ReadingRoom) -> None:
    id_ = room.publish("A ferry.", "Ferry")
    with room.newsroom.archive.writing() as tx:
        removals.remove(tx, id_, "asked", room.newsroom.now)
    answer = room.pages.get(f"/articles/{id_}")
    assert (answer.status, read(answer.text).links["Search"]) == (410, "/search")


def test_a_fault_of_ours_leads_on(room: ReadingRoom) -> None:
    with room.newsroom.archive.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE removal RENAME TO away")
    answer = room.pages.get("/operations/removals")
    assert (answer.status, leads_on(answer)) == (500, True)
    assert "tell an operator" in answer.text


def test_a_fault_of_the_archive_itself_is_told_without_the_archive(room: ReadingRoom) -> None:
    with room.newsroom.archive.writing() as tx:
        tx.exec_driver_sql("ALTER TABLE account RENAME TO away")
    for address in ("/search", "/none"):
        answer = room.pages.get(address)
        assert answer.status in (404, 500)
        assert '<div role="status">' in answer.text


def test_it_is_told_in_the_language_of_the_account(room: ReadingRoom) -> None:
    pages = room.reader(Role.READER, "jane")
    with room.newsroom.archive.writing() as tx:
        accounts.set_language(tx, "jane", "ar")
    for answer in (pages.get("/none"), pages.get("/accounts"), pages.post("/today")):
        assert '<html lang="ar" dir="rtl">' in answer.text
        assert 'class="next-steps"' in answer.text


def test_a_stranger_sees_no_sections(room: ReadingRoom) -> None:
    room.account("chief", Role.OPERATOR)
    answer = room.pages.get("/none")
    assert answer.status == 404
    assert "<nav" not in answer.text


@pytest.mark.parametrize(
    ("role", "address", "needs"),
    [
        (Role.READER, "/accounts", "It needs the role Operator; yours is Reader."),
        (Role.READER, "/watches/new", "It needs the role Editor; yours is Reader."),
        (Role.EDITOR, "/operations", "It needs the role Operator; yours is Editor."),
    ],
)
def test_who_may_not_is_told_who_may_and_who_can_change_that(
    room: ReadingRoom, role: Role, address: str, needs: str
) -> None:
    room.account("anna", Role.OPERATOR)
    answer = room.reader(role).get(address)
    page = read(answer.text)
    assert (answer.status, leads_on(answer)) == (403, True)
    assert "Your account may not do this." in page.words
    assert needs in page.words
    assert "Operators can change your role: anna and chief" in page.words


def test_hostile_addresses_are_inert(room: ReadingRoom) -> None:
    answer = room.pages.get("/%3Cscript%3Ex%3C/script%3E")
    assert "<script>x" not in answer.text
