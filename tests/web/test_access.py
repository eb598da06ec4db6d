"""Who may ask for which page: enumerated over every page there is."""

import re

import pytest
from starlette.requests import Request

from presswatch.archive import Archive, sessions
from presswatch.config.models import TrustedProxy, WebConfig
from presswatch.web.access import Reader, Role, Stranger, client_address, own_path, who_asks
from presswatch.web.routes import PAGES, Page
from support.newsroom import NOW
from support.pages_server import Answer, Pages
from support.reading_room import ReadingRoom

READERS = [page for page in PAGES if page.role is not None]


def address(page: Page) -> str:
    return re.sub(r"\{\w+\}", "1", page.path)


def named(page: Page) -> str:
    return f"{page.method} {page.path}"


def asked(pages: Pages, page: Page, **headers: str) -> Answer:
    if page.method == "GET":
        return pages.get(address(page), **headers)
    return pages.post(address(page), None, **headers)


def ask(pages: Pages, page: Page, **headers: str) -> int:
    return asked(pages, page, **headers).status


def leads_to_sign_in(answer: Answer) -> bool:
    """A form is answered by the sign-in page itself, as it carries on what was typed."""
    if answer.status == 403:
        return 'name="password"' in answer.text
    return answer.status == 303 and answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("page", READERS, ids=named)
def test_without_accounts_pages_are_for_whoever_sits_at_this_machine(room: ReadingRoom, page: Page) -> None:
    assert ask(room.pages, page) not in (401, 403, 421)
    assert ask(room.pages, page, X_Forwarded_For="192.0.2.7") == 403
    assert ask(room.pages, page, Forwarded="for=192.0.2.7") == 403
    assert ask(room.pages, page, Host="evil.example") == 421


@pytest.mark.parametrize("page", READERS, ids=named)
def test_with_accounts_a_page_is_for_those_of_its_role(room: ReadingRoom, page: Page) -> None:
    room.account("chief", Role.OPERATOR)
    # From this machine, too, and whatever the browser says that it has.
    assert leads_to_sign_in(asked(room.pages, page))
    assert leads_to_sign_in(asked(room.pages, page, Cookie="presswatch=made-up"))
    assert leads_to_sign_in(asked(room.pages, page, X_Remote_User="chief"))
    assert page.role is not None
    for role in Role:
        answer = asked(room.reader(role), page)
        assert not leads_to_sign_in(answer)
        if role < page.role:
            assert answer.status == 403
            assert "Your account may not do this." in answer.text
        else:
            assert answer.status not in (401, 403)


@pytest.mark.parametrize("page", [page for page in PAGES if page.method == "POST"], ids=named)
def test_no_page_of_another_site_can_ask_for_a_change(room: ReadingRoom, page: Page) -> None:
    signed_in = room.reader(Role.OPERATOR)
    for pages in (room.pages, signed_in):
        assert ask(pages, page, Sec_Fetch_Site="cross-site") == 403
        assert ask(pages, page, Sec_Fetch_Site="same-site") == 403
        assert ask(pages, page, Origin="https://evil.example") == 403
        assert ask(pages, page, Origin="null") == 403
    with room.newsroom.archive.reading() as tx:
        assert sessions.of_account(tx, "a-operator", room.newsroom.now)


def test_a_page_says_why_it_is_not_for_this_reader(room: ReadingRoom) -> None:
    assert "no accounts" in room.pages.get("/search", X_Forwarded_For="192.0.2.7").text


def test_every_section_that_the_head_names_is_for_its_reader(room: ReadingRoom) -> None:
    for role in Role:
        pages = room.reader(role)
        head = re.search(r"<nav.*?</nav>", pages.get("/").text, re.DOTALL)
        assert head
        for link in re.findall(r'href="([^"]+)"', head.group()):
            assert pages.get(link).status == 200


def request_from(peer: str, **headers: str) -> Request:
    named = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "client": (peer, 1), "headers": named})


def who_asks_from(archive: Archive, request: Request) -> Reader | Stranger:
    with archive.reading() as tx:
        return who_asks(request, tx, WebConfig(), NOW)


def test_nobody_elsewhere_is_taken_for_whoever_sits_here(archive: Archive) -> None:
    """Also when the pages listen beyond this machine and the last account is removed meanwhile."""
    asking = {
        peer: who_asks_from(archive, request_from(peer, Host="localhost"))
        for peer in (
            "127.0.0.1",
            "::1",
            "192.0.2.7",
            "2001:db8::7",
            "::ffff:127.0.0.1",
            "::ffff:192.0.2.7",
            "",
        )
    }
    assert {peer for peer, who in asking.items() if isinstance(who, Reader)} == {
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
    }
    assert {who for who in asking.values() if isinstance(who, Stranger)} == {Stranger.ELSEWHERE}


def test_a_name_that_came_beside_another_is_nobodys(room: ReadingRoom) -> None:
    """The web server added its own to what a browser had sent."""
    room.account("chief", Role.OPERATOR)
    web = WebConfig(proxy=TrustedProxy(header="X-Remote-User", address="10.0.0.3"))
    one, two = ("x-remote-user", "chief"), ("x-remote-user", "jane")
    asking = []
    for given in ([one], [one, two]):
        headers = [(name.encode(), value.encode()) for name, value in given]
        request = Request({"type": "http", "method": "GET", "client": ("10.0.0.3", 1), "headers": headers})
        with room.newsroom.archive.reading() as tx:
            asking.append(who_asks(request, tx, web, NOW))
    assert isinstance(asking[0], Reader)
    assert asking[1] is Stranger.NO_ACCOUNT


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.7", "198.51.100.9", "192.0.2.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.9, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7, not an address", "127.0.0.1"),
        ("10.0.0.3", "192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:0db8:0001:0002"),
        ("::1", "2001:db8:1:2::9", "2001:0db8:0001:0002"),
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
        ("::ffff:10.0.0.3", "::ffff:192.0.2.7", "192.0.2.7"),
        ("", "", ""),
    ],
)
def test_tries_are_counted_by_the_address_of_the_client(peer: str, forwarded: str, counted: str) -> None:
    web = WebConfig(proxy=TrustedProxy(header="X-Remote-User", address="10.0.0.3"))
    given = {"X_Forwarded_For": forwarded} if forwarded else {}
    assert client_address(request_from(peer, **given), web) == counted


@pytest.mark.parametrize(
    "path",
    ["/", "/search?q=ferry%20port&after=x", "/watches/ferries", "/a//b", "/search?q=http://x.example/"],
)
def test_a_path_of_ours_is_gone_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "/\r\nset-cookie: a=b",
        " /search",
        "\x00/search",
        "javascript:alert(1)",
        "search",
        "/" + "a" * 5000,
        "/\u2028/evil.example",
    ],
)
def test_an_address_of_others_is_not(path: str) -> None:
    assert own_path(path) == "/"
