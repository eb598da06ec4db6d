"""The pages by keys alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from presswatch import config
from support.indexing import put
from support.library import make
from support.reading_room import ReadingRoom
from support.visitor import Visitor, visiting

# What has the focus: its words or its name.
_FOCUSED = """() => {
    const one = document.activeElement;
    return one.getAttribute("aria-label") || one.labels?.[0]?.innerText.trim()
        || one.innerText.trim() || one.tagName;
}"""
# Whether what has the focus is in sight and drawn as such.
_IS_SEEN = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return box.width > 1 && box.height > 1 && box.top >= 0 && box.bottom <= innerHeight + 1
        && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


@pytest.fixture
def typist(browser: Browser, room: ReadingRoom) -> Iterator[Visitor]:
    put(room.index, [make(n, f"Ferry {n}", "A ferry sails.", section="Harbour") for n in range(30)])
    with visiting(browser, room.pages) as visitor:
        yield visitor
        assert visitor.complaints == []


def tab_to(visitor: Visitor, words: str, key: str = "Tab") -> None:
    """Press Tab until this has the focus; whatever has it on the way is seen."""
    page, met = visitor.page, list[str]()
    while True:
        page.keyboard.press(key)
        focused = str(page.evaluate(_FOCUSED))
        assert page.evaluate(_IS_SEEN), f"the focus is not seen at {focused!r}"
        if focused == words:
            return
        met.append(focused)
        assert len(met) < 90, f"{words!r} is not among {met}"


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_search_by_keys(typist: Visitor) -> None:
    page = typist.page
    typist.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUSED) == "To the content"
    assert page.evaluate(_IS_SEEN)
    tab_to(typist, "Search")
    enter(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert typist.path == "/search#main"
    tab_to(typist, "Query")
    page.keyboard.type("ferry")
    enter(page)
    assert "30 articles" in typist.told
    tab_to(typist, "Ferry 0")
    enter(page)
    page.go_back()
    tab_to(typist, "Next page")
    enter(page)
    assert page.locator("ol.hits h2").first.inner_text() == "Ferry 20"


def test_a_watch_by_keys(typist: Visitor, room: ReadingRoom) -> None:
    page = typist.page
    typist.open("/watches")
    tab_to(typist, "New watch")
    enter(page)
    tab_to(typist, "Query")
    page.keyboard.type("ferry")
    tab_to(typist, "Name")
    page.keyboard.type("By keys")
    tab_to(typist, "Recipients")
    page.keyboard.type("jane@example.org")
    tab_to(typist, "Try it out")
    enter(page)
    tab_to(typist, "Save")
    enter(page)
    assert typist.heading == "By keys"
    assert "saved" in str(page.evaluate(_FOCUSED)), "whoever reads by ear begins at what was done"
    assert config.load(room.folder).watch("by-keys") is not None


def test_a_form_that_is_wrong_has_the_focus_at_what_is(typist: Visitor) -> None:
    typist.open("/watches/new")
    typist.type("Query", "ferry AND (")
    typist.press("Save")
    assert "nothing was saved" in str(typist.page.evaluate(_FOCUSED))
    tab_to(typist, "Query")
    enter(typist.page)
    assert typist.page.evaluate("document.activeElement.id") == "query"
