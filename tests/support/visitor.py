"""Somebody at a browser: they open pages, press buttons and follow links by the words that they see."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Request

from presswatch.web.routes import PAGES
from support.pages_server import Pages

# The milliseconds after which something is not there: a page of ours takes a fraction of a second, but other
# tests share the machine.
PATIENCE = 120_000


@dataclass(slots=True)
class Visitor:
    """A browser with cookies of its own.

    `posted` are the names of routes that were posted to, as routes.PAGES has them, and `in_place` those that
    answered with a page instead of leading to one, so that going back to it would ask to send the form again.
    `complaints` is what went wrong: errors of the console, scripts of others, dialogs.
    """

    page: Page
    site: str
    posted: list[str] = field(default_factory=list)
    in_place: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.site}{path}")

    def press(self, words: str, within: Locator | None = None) -> None:
        """The button of these words, the first of several, which leads to a page."""
        self.go_by(self._found("button", words, within))

    def follow(self, words: str, within: Locator | None = None) -> None:
        """The link of these words, the first of several, which leads to another page."""
        self.go_by(self._found("link", words, within))

    def go_by(self, where: Locator) -> None:
        """Press what leads to another page, and wait until it is there."""
        with self.page.expect_navigation():
            where.click()

    def save(self, words: str, within: Locator | None = None) -> Path:
        """The file that the link of these words leads to, with the name that it has."""
        with self.page.expect_download() as download:
            self._found("link", words, within).click()
        path = Path(download.value.path())
        return path.rename(path.parent / download.value.suggested_filename)

    def type(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=True).first.fill(words)

    def choose(self, label: str, words: str) -> None:
        self._found("combobox", label, None).select_option(label=words)

    def tick(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).check()

    def sees(self, words: str) -> bool:
        """Whether the page says so."""
        return words in self.says

    @property
    def says(self) -> str:
        """All that is read on the page, with single blanks and without marks of direction."""
        text = self.page.locator("body").inner_text()
        return " ".join(re.sub("[\u2066-\u2069]", "", text).split())

    @property
    def told(self) -> str:
        """What a page says of what was just done."""
        said = self.page.get_by_role("status").or_(self.page.get_by_role("alert"))
        return " ".join(said.all_inner_texts())

    @property
    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def path(self) -> str:
        """The address behind the site's."""
        return self.page.url.removeprefix(self.site)

    def card(self, words: str) -> Locator:
        """The item of a list that has these words."""
        return self.page.get_by_role("listitem").filter(has_text=words)

    def _found(self, role: Any, words: str, within: Locator | None) -> Locator:
        return (within or self.page).get_by_role(role, name=words, exact=True).first


# A new visitor of these pages.
Visit = Callable[[Pages], Visitor]


@contextmanager
def visiting(
    browser: Browser, pages: Pages, *, scripted: bool = True, width: int = 1280, language: str = "en"
) -> Iterator[Visitor]:
    """A visitor of these pages, with the headers that `pages` sends."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, locale=language, java_script_enabled=scripted
    )
    context.set_default_timeout(PATIENCE)
    site = f"http://127.0.0.1:{pages.port}"
    if kept := pages.headers.get("Cookie"):
        name, _equals, value = kept.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": site}])
    page = context.new_page()
    visitor = Visitor(page, site)
    page.on("requestfinished", lambda asked: _note(visitor, asked))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.on("dialog", lambda dialog: visitor.complaints.append(f"a dialog: {dialog.message}"))
    # A status of 400 is an error of the console, too, and is asked for.
    page.on(
        "console",
        lambda said: (
            visitor.complaints.append(said.text)
            if said.type == "error" and "the server responded with a status of" not in said.text
            else None
        ),
    )
    try:
        yield visitor
    finally:
        context.close()


def _note(visitor: Visitor, asked: Request) -> None:
    if asked.method != "POST":
        return
    name = posting_to(urlsplit(asked.url).path)
    visitor.posted.append(name)
    answer = asked.response()
    if answer is not None and answer.ok:
        visitor.in_place.append(name)


def posting_to(path: str) -> str:
    """The name of the route that a POST to this path is for."""
    return next(name for name, shape in _shapes() if shape.fullmatch(path))


@cache
def _shapes() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (page.name, re.compile(re.sub(r"\{\w+\}", "[^/]+", page.path)))
        for page in PAGES
        if page.method == "POST"
    ]
