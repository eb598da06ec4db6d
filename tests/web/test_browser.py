"""Every page in a real browser: readable on a phone, without a finding of axe or an error of its own."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from presswatch.archive import Archive, articles, mails, requests, site_looks, source_imports
from presswatch.archive.tables import RequestKind
from presswatch.sources.entry import Skipped
from presswatch.sources.source_list import read
from presswatch.web.routes import PAGES
from presswatch.web.routes import Page as Route
from support.alarm import READER, Alarm
from support.browser import browsing, chromium
from support.indexing import drain
from support.outlets import opml, outline
from support.pages_server import Pages
from support.proposals import FEED, PROPOSAL, SITE
from support.reading_room import opened
from support.template import new_archive

# One browser and one archive for all of them.
pytestmark = pytest.mark.xdist_group("browser")

# A browser saves these and shows nothing.
FILES = ("raw page", "search export")
READERS_PAGES = [
    page for page in PAGES if page.role is not None and page.method == "GET" and page.name not in FILES
]
# What a page is asked for besides.
ASKED = {"search": "?q=ferry+OR+US&since=now-30d&stories=apart&after=x"}
LOOKS = [(360, "light", "ar"), (360, "dark", "de"), (1280, "light", "en"), (1280, "dark", "ar")]
HOSTILE = (
    "<script>alert(1)</script> \u202egnp\u2066 "
    + "Donaudampfschifffahrt" * 20
    + " <img src=x onerror=alert(2)>"
)


@dataclass(frozen=True, slots=True)
class House:
    """The pages of an archive with something of everything, and what stands in their addresses."""

    pages: Pages
    known: dict[str, str]

    def address(self, route: Route) -> str:
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda name: self.known[name[1]], route.path)
        return f"http://127.0.0.1:{self.pages.port}{path}{ASKED.get(route.name, '')}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = chromium()
    if executable is None:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail("there is no Chromium, and PRESSWATCH_REQUIRE_SERVERS asks for one")
        pytest.skip("there is no Chromium: apt install chromium")
    with browsing(executable) as browser:
        yield browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    archive = new_archive(folder / "data" / "archive.sqlite")
    watch = {"recipients": [f"Jane <{READER}>"], "owner": "owner@example.org"}
    alarm = furnished(archive)
    with opened(archive, folder, {"web": {"public_url": "https://watch.example.org"}}, watch) as room:
        room.newsroom.now = alarm.now
        drain(archive, room.index)
        with archive.reading() as tx:
            [newest] = mails.latest(tx, 1)
            [*_, record] = articles.since(tx, 0, 100)
        known = {"article": record.id, "story": record.story, "watch": "ferries", "source": "gazette"}
        yield House(
            room.pages, known | {"mail": str(newest.number), "number": "1", "list": "2", "change": "1..2"}
        )
    archive.close()


def furnished(archive: Archive) -> Alarm:
    """Articles in several scripts and one that means harm, a revision, a story, matches and a mail."""
    alarm = Alarm(archive)
    alarm.watch(recipients=[f"Jane <{READER}>"], owner="owner@example.org")
    alarm.publish(
        "The ferry ran aground off the northern cape at dawn.", title="Ferry aground", section="Harbour"
    )
    alarm.publish(
        "جنحت العبارة قبالة الرأس الشمالي فجر اليوم. ferry", title="جنوح العبارة عند الفجر", language="ar"
    )
    alarm.publish(f"{HOSTILE} ferry", title=HOSTILE, authors=(HOSTILE,), section=HOSTILE)
    alarm.publish("The ferry was towed away.", title="Ferry towed away", authors=("Ann Lee",))
    alarm.revise("The ferry was towed away at night.", title="Ferry towed away at night")
    alarm.tick()
    with archive.writing() as tx:
        number = requests.ask(tx, RequestKind.PROBE, SITE, HOSTILE, alarm.now)
        requests.answer(tx, number, json.dumps(PROPOSAL | {"name": HOSTILE, "notes": [HOSTILE]}), alarm.now)
        listed = read(opml(outline("Courier", FEED), outline("Gone", "https://gone.example/rss")).encode())
        listed = replace(listed, skipped=(Skipped(3, HOSTILE, "has no address"),))
        listed = replace(listed, entries=tuple(replace(one, title=HOSTILE) for one in listed.entries))
        number = source_imports.ask(tx, HOSTILE, listed, HOSTILE, alarm.now)
        site_looks.keep(tx, FEED, PROPOSAL | {"warnings": [HOSTILE]}, alarm.now)
        site_looks.keep(tx, "https://gone.example/rss", {"fault": HOSTILE}, alarm.now)
        requests.answer(tx, number, json.dumps({"fault": HOSTILE}), alarm.now)
    return alarm


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
@pytest.mark.parametrize("route", READERS_PAGES, ids=lambda route: route.path)
def test_a_page_is_readable_and_accessible(
    house: House, browser: Browser, route: Route, width: int, scheme: str, language: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=language,
    )
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: complaints.append(told(said)) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    answer = page.goto(house.address(route))
    assert answer is not None
    assert answer.ok, page.inner_text("main")
    if "text/html" in answer.headers["content-type"]:
        assert overflow(page) == []
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.locator("html").get_attribute("lang") == language
    assert complaints == []
    context.close()


def told(said: ConsoleMessage) -> str:
    return said.text


def overflow(page: Page) -> list[str]:
    """What stands out of the page to the side, but for what scrolls by itself."""
    script = """() => [...document.querySelectorAll('body *')].filter(one => {
        const box = one.getBoundingClientRect();
        const wide = box.right > innerWidth + 1 || box.left < -1;
        return wide && box.width > 1 && !one.closest('.scrolls, .unseen, .skip, svg');
    }).map(one => one.outerHTML.slice(0, 120))"""
    found: list[str] = page.evaluate(script)
    return found
