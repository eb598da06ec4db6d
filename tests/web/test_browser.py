"""Every page in a real browser: readable on a phone, without a finding of axe or an error of its own."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage
from sqlalchemy import Connection

from presswatch import config
from presswatch.archive import (
    Archive,
    articles,
    mails,
    marks,
    removals,
    requests,
    reviews,
    saved_searches,
    site_looks,
    source_imports,
)
from presswatch.archive.drafts import Desk
from presswatch.archive.tables import Finish, RequestKind, Verdict
from presswatch.sources.entry import Skipped
from presswatch.sources.source_list import read
from presswatch.watches.review_step import review_step
from presswatch.web.routes import PAGES
from presswatch.web.routes import Page as Route
from support.alarm import READER, Alarm
from support.browser import overflow, shift, transferred
from support.indexing import drain
from support.outlets import opml, outline
from support.pages_server import Pages
from support.proposals import FEED, PROPOSAL, SITE
from support.reading_room import opened
from support.template import new_archive
from support.visitor import PATIENCE

# One browser and one archive for all of them.
pytestmark = pytest.mark.xdist_group("browser")

# A browser saves these and shows nothing.
FILES = (
    "raw page",
    "search export",
    "collection export",
    "file of what was made here",
    "PDF of coming issue",
    "PDF of issue",
    "export of issues",
)
# These are in the language of their recipients.
MAILS = ("mail of coming issue", "mail of issue", "body of mail")
READERS_PAGES = [
    page
    for page in PAGES
    if page.role is not None and page.method == "GET" and page.name not in (*FILES, *MAILS)
]
# What a page is asked for besides.
ASKED = {
    "search": "?q=ferry+OR+US&since=now-30d&stories=apart&after=x",
    "add source": "?find=german",
}
LOOKS = [(360, "dark", "ar"), (1280, "light", "de")]
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
        with archive.writing() as tx:
            note, kept = marked(tx, record.id, alarm.now)
            asked = "q=ferry+OR+US&source=gazette&since=now-30d&sort=relevance"
            search = saved_searches.save(tx, "", HOSTILE[:100], asked, alarm.now)
            saved_searches.save(tx, "", "Of before", "q=%40gone", alarm.now)
        drain(archive, room.index)
        known = edited(archive, folder / "config", alarm)
        known |= {"collection": str(kept), "note": str(note), "search": search.id}
        known |= {"article": record.id, "story": record.story, "watch": "ferries", "source": "gazette"}
        yield House(
            room.pages, known | {"mail": str(newest.number), "number": "1", "list": "2", "change": "1..2"}
        )
    archive.close()


def marked(tx: Connection, id_: str, now: datetime) -> tuple[int, int]:
    """Marks on an article, some of which mean harm; the numbers of a note and of a collection."""
    for name in ("harbour", HOSTILE[:100], "ميناء"):
        marks.add_tag(tx, id_, name, "ann", now)
    marks.add_note(tx, id_, "من يدفع؟\nAsk the city.", "", now)
    note = marks.add_note(tx, id_, HOSTILE, "bo", now)
    marks.change_note(tx, note, 1, f"{HOSTILE}\n\n{HOSTILE}", "ann", now)
    kept = marks.make_collection(tx, HOSTILE[:200], HOSTILE, "ann", now)
    marks.collect(tx, kept, id_, "ann", now)
    return note, kept


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
    removed = alarm.publish("A boat.", title=HOSTILE)
    alarm.publish(f"{HOSTILE} ferry", title=HOSTILE, authors=(HOSTILE,), section=HOSTILE)
    alarm.publish("The ferry was towed away.", title="Ferry towed away", authors=("Ann Lee",))
    alarm.revise("The ferry was towed away at night.", title="Ferry towed away at night")
    alarm.tick()
    with archive.writing() as tx:
        removals.remove(tx, removed, HOSTILE, alarm.now)
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


def edited(archive: Archive, folder: Path, alarm: Alarm) -> dict[str, str]:
    """A press review with an issue that was sent and one that is edited; what stands in their addresses."""
    values = {
        "name": "Morning",
        "sections": [
            {"name": "Harbour", "watches": ["ferries"]},
            {"name": HOSTILE[:200], "watches": ["ferries"]},
        ],
        "recipients": [READER],
        "cron": "0 7 * * *",
    }
    (folder / "reviews").mkdir()
    (folder / "reviews" / "morning.yaml").write_text(yaml.safe_dump(values))
    with archive.reading() as tx:
        found = articles.since(tx, 0, 100)
    for how in (Finish.EXTRA, None):
        with archive.writing() as tx:
            # Of the second issue everything is new.
            seen = (reviews.newest_match(tx) if how else 0, alarm.now)
            desk = Desk(tx, "morning", "jane", alarm.now, seen)
            desk.foreword(HOSTILE)
            for record, section in zip(found, ("Harbour", "Harbour", "Gone"), strict=False):
                desk.decide(record.id, Verdict.TAKEN, section, 0)
                desk.annotate(record.id, HOSTILE)
            desk.decide(found[3].id, Verdict.LEFT_OUT, "Harbour", 1)
            if how:
                desk.finish(how, None)
        while review_step(archive, config.load(folder), alarm.now):
            pass
    with archive.reading() as tx:
        [issue] = reviews.issues(tx, "morning", 2)
    return {"review": "morning", "issue": str(issue.number)}


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
    context.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: complaints.append(told(said)) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    sent = transferred(page)
    answer = page.goto(house.address(route))
    assert answer is not None
    assert answer.ok, page.inner_text("main")
    assert 1_000 < sum(sent) < 100_000, "of the page and all that it needs"
    if "text/html" in answer.headers["content-type"]:
        assert overflow(page) == []
        assert shift(page) < 0.01, "it stands still while it loads"
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.locator("html").get_attribute("lang") == language
    assert complaints == []
    context.close()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_pages_that_tell_why_something_cannot_be_are_readable_and_accessible(
    house: House, browser: Browser, width: int, scheme: str, language: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=language,
    )
    page = context.new_page()
    here = f"http://127.0.0.1:{house.pages.port}"
    removal = f"{here}/articles/{house.known['article']}/remove"

    def check(status: int) -> None:
        # A form's answer is there before its style is.
        page.wait_for_load_state("load")
        assert page.locator("nav a").count() > 3, "it leads on"
        assert overflow(page) == []
        found = Axe().run(page)
        assert found.violations_count == 0, (status, found.generate_report())

    answer = page.goto(f"{here}/none")
    assert answer is not None
    assert answer.status == 404
    check(404)
    # A search under the name that another has.
    page.goto(f"{here}/search?q=boat")
    page.fill("#save-as", "of BEFORE")
    page.click(".saving button")
    page.locator("#fault").wait_for()
    check(409)
    page.goto(removal)
    page.fill("#reason", HOSTILE)
    page.fill("#typed", "another article")
    page.click(".removal button")
    page.locator("#fault").wait_for()
    assert page.input_value("#reason") == HOSTILE
    check(400)
    context.close()


def told(said: ConsoleMessage) -> str:
    return said.text
