"""An archive of articles that mean harm, in a browser: nothing of them runs, and each page stays readable."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from presswatch.archive import Archive, mails, requests
from presswatch.archive.signing_key import signing_key
from presswatch.archive.tables import RequestKind
from presswatch.model import Article, Block, BlockKind, Image, Moment, Precision
from presswatch.watches.links import Links
from support import press_desk
from support.browser import overflow, shift
from support.newsroom import NOW
from support.pages_server import Pages
from support.press_desk import SITE, links
from support.proposals import PROPOSAL
from support.reading_room import opened
from support.template import new_archive
from support.visitor import visiting

MARKUP = (
    '"><script>window.owned=1</script><img src=x onerror="window.owned=2"><svg onload=window.owned=3>'
    "<iframe srcdoc='<script>parent.owned=4</script>'></iframe><style>body{display:none}</style>"
    "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>"
    "</title></textarea></svg></script>{{ 7 * 7 }}{% raw %} javascript:window.owned=5 "
)
BIDI = "\u202egnp.exe\u2066\u2067\u200f\u202d "
NOISE = "\x00\x01\x1b[31m\x7f\u0085\u2028\ufeff\ufffe🚢🏴‍☠️👩‍👩‍👧‍👦e\u0301" + "\u0336" * 40
HUGE = "W" * 10_000
RTL = "جنوح العبّارة " + "ا" * 300
EVERYTHING = f"ferry {MARKUP}{BIDI}{NOISE}{HUGE} {RTL}"
MANY = tuple(f"{MARKUP}{number} {'w' * 80}" for number in range(500))
GAZETTE = f"{SITE}/article-0"


def hostile_article(address: str, text: str) -> Article:
    """All of that in every field that a page may fill."""
    return Article(
        title=f"{text} {EVERYTHING}",
        blocks=tuple(Block(kind, f"{text} {EVERYTHING}") for kind in BlockKind),
        canonical_url=address,
        title_cut=EVERYTHING,
        section=EVERYTHING,
        authors=MANY,
        editor=EVERYTHING,
        origin=EVERYTHING,
        published=Moment(NOW, None, Precision.MINUTE, EVERYTHING, EVERYTHING, assumed_zone=True),
        language='en" onload="window.owned=6',
        summary=f"{text} {EVERYTHING}",
        image=Image("javascript:window.owned=7", EVERYTHING),
        tags=MANY,
        related=links(
            "javascript:window.owned=8",
            "https://gazette.example/<script>",
            *(f"{SITE}/{n}" for n in range(50)),
        ),
    )


@dataclass(frozen=True, slots=True)
class House:
    """The pages of such an archive, and what stands in their addresses."""

    pages: Pages
    article: str
    mail: str
    copy: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("hostile")
    archive = new_archive(folder / "data" / "archive.sqlite")
    watch = {"name": f"Ferries {MARKUP[:150]}{BIDI}", "recipients": ["Jane <jane@example.org>"]}
    with opened(archive, folder, {"alerts": {"collect": "0s", "gap": "0s"}}, watch) as room:
        press_desk.tell(room)
        id_ = room.publish("The ferry.", EVERYTHING, GAZETTE)
        other = room.publish("The ferry.", RTL, source="herald", section=RTL)
        press_desk.revise(room, GAZETTE, hostile_article(GAZETTE, "ferry"), body=MARKUP.encode())
        press_desk.revise(room, GAZETTE, hostile_article(GAZETTE, "boat ferry"), body=HUGE.encode())
        room.join(id_, other)
        press_desk.tell(room)
        with archive.writing() as tx:
            number = requests.ask(tx, RequestKind.PROBE, SITE, EVERYTHING, room.newsroom.now)
            said = {"name": EVERYTHING, "notes": [EVERYTHING], "reason": EVERYTHING}
            requests.answer(tx, number, json.dumps(PROPOSAL | said), room.newsroom.now)
        yield House(room.pages, id_, mail(archive), str(number))
    archive.close()


def mail(archive: Archive) -> str:
    with archive.reading() as tx:
        assert mails.latest(tx, 1), "the watch found them"
    return Links("", signing_key(archive)).token(1)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=ferry",
        "/search?q=ferry&stories=apart&sort=relevance",
        "/compare?q=ferry&watch=ferries",
        "/articles/{article}",
        "/articles/{article}?q=ferry",
        "/articles/{article}?revision=1",
        "/articles/{article}/revisions",
        "/articles/{article}/revisions/1..3",
        "/articles/{article}/evidence",
        "/stories/{article}",
        "/why?url={article}&watch=ferries",
        "/watches",
        "/watches/ferries",
        "/watches/ferries/edit",
        "/watches/new?query=ferry",
        "/watches/preview/mail?query=ferry",
        "/sources",
        "/sources/gazette",
        "/sources/add",
        "/sources/add/{copy}",
        "/operations",
        "/audit",
        "/mail/{mail}",
    ],
)
def test_nothing_of_it_runs_and_the_page_stays_readable(house: House, browser: Browser, path: str) -> None:
    address = path.format(article=house.article, mail=house.mail, copy=house.copy)
    with visiting(browser, house.pages, width=360) as visitor:
        page = visitor.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        visitor.open(address)
        assert page.evaluate("[window.owned, document.querySelectorAll('base').length]") == [None, 0]
        assert [one for one in asked if not one.startswith(visitor.site)] == [], "nobody else is asked"
        assert visitor.path == address, "nothing leads away"
        if "preview/mail" not in path:
            assert overflow(page) == []
            assert shift(page) < 0.01
            assert page.locator("body").is_visible()
            assert "49" not in visitor.says.partition("</script>")[2][:20]
        # What turns the direction of text would turn that of the page's own words, too.
        assert not {*"\u202e\u202d\u2067"} & {*page.content()}
        if not path.startswith("/articles"):
            assert page.evaluate("document.documentElement.scrollHeight") < 15_000, "it is no whole article"
        assert visitor.complaints == []
