"""Importing sources on the pages: a list, the daemon's answers, the files of the chosen."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from presswatch import config, lock
from presswatch.accounts import Role
from presswatch.archive import audit, requests, runs, site_facts, site_looks, source_imports
from presswatch.archive.tables import RequestKind
from presswatch.web import upload
from support.outlets import opml, outline
from support.pages_server import Answer, Pages
from support.proposals import FEED, PROPOSAL
from support.reading_room import ReadingRoom

HERALD = "https://daily.example/rss"
LIST = opml(
    outline("The Courier", FEED), outline("Daily", HERALD), outline("Gone", "https://gone.example/rss")
)
BOUNDARY = "----made-up-7b3"


def words(answer: Answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def upload_of(pages: Pages, content: bytes, name: str = "feeds.opml") -> Answer:
    """As a browser sends the form with a file."""
    rows = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="list"; filename="{name}"\r\n'
        "Content-Type: text/x-opml\r\n\r\n"
    ).encode()
    rest = (
        f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="addresses"\r\n\r\n\r\n--{BOUNDARY}--\r\n'
    )
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return pages.send("/sources/import", rows + content + rest.encode(), kind)


def asked(room: ReadingRoom, content: bytes = LIST.encode()) -> str:
    answer = upload_of(room.pages, content)
    assert answer.status == 303, words(answer)
    return answer.headers["location"]


def found(room: ReadingRoom, url: str, answer: dict[str, Any]) -> None:
    """What the daemon keeps of an address."""
    with room.newsroom.archive.writing() as tx:
        site_looks.keep(tx, url, answer, room.newsroom.now)


def done(room: ReadingRoom, path: str, said: object = None) -> None:
    with room.newsroom.archive.writing() as tx:
        number = int(path.rpartition("/")[2])
        assert requests.answer(tx, number, json.dumps(said or {"done": True}), room.newsroom.now)


def answered(room: ReadingRoom) -> str:
    """A list of which two outlets make sources, and one does not."""
    path = asked(room)
    found(room, FEED, PROPOSAL)
    daily = PROPOSAL | {"url": HERALD, "id": "daily-example", "name": "Daily"}
    start = {**PROPOSAL["starts"][0], "url": HERALD}
    found(room, HERALD, daily | {"starts": [start], "source": PROPOSAL["source"] | {"start": [HERALD]}})
    found(room, "https://gone.example/rss", {"fault": "answered 404 <b>Not Found"})
    done(room, path)
    return path


def choices(page: Answer) -> list[str]:
    return re.findall(r'name="outlet" value="([^"]+)"', page.text)


def sources(room: ReadingRoom) -> list[str]:
    return sorted(path.stem for path in (room.folder / "sources").iterdir())


def test_a_list_waits_for_the_daemon_and_shows_how_far_it_is(room: ReadingRoom) -> None:
    path = asked(room)
    page = room.pages.get(path)
    assert "The daemon is not running" in words(page)
    with lock.daemon_lock(room.newsroom.archive.path.parent):
        found(room, FEED, PROPOSAL)
        page = room.pages.get(path)
        assert '<meta http-equiv="refresh" content="5">' in page.text
        assert "1 of 3 outlets" in words(page)
        assert choices(page) == [], "what is ticked would be undone by the next look"
        chosen = room.pages.get(f"{path}?choose=1")
        assert len(choices(chosen)) == 1
        assert "http-equiv" not in chosen.text
    assert "feeds.opml" in words(room.pages.get("/sources/import"))
    assert 'href="/sources/import"' in room.pages.get("/sources").text


def test_the_chosen_ones_are_written_and_audited(room: ReadingRoom) -> None:
    path = answered(room)
    page = room.pages.get(path)
    first, second = choices(page)
    assert page.text.count(" checked>") == 2
    assert "answered 404 &lt;b&gt;Not Found" in page.text
    assert "<i>" not in page.text
    assert "javascript:" not in page.text
    answer = room.pages.post(path, {"outlet": first})
    assert answer.status == 303
    assert sources(room) == ["courier-example", "gazette", "herald"]
    text = (room.folder / "sources" / "courier-example.yaml").read_text()
    assert yaml.safe_load(text) == {
        "name": "The Courier",
        "start": [FEED],
        "schedule": {"every": "1h"},
        "language": "en",
        "time_zone": "Europe/London",
        "tags": ["Press"],
    }
    with room.newsroom.archive.reading() as tx:
        assert site_facts.of(tx, "courier-example").title_ends == (" | The Courier",)
        act = audit.latest(tx, 1)[0]
        assert (act.did, act.subject, act.detail) == ("source.add", "courier-example", {"list": "feeds.opml"})
    after = room.pages.get(answer.headers["location"])
    assert "1 source was added." in words(after)
    assert "is read by courier-example already" in words(after)
    assert choices(after) == [second]


def test_what_another_operator_added_meanwhile_is_not_written_twice(room: ReadingRoom) -> None:
    path = answered(room)
    chosen = choices(room.pages.get(path))
    assert room.pages.post(path, {"outlet": chosen}).status == 303
    written = {id_: (room.folder / "sources" / f"{id_}.yaml").read_text() for id_ in sources(room)}
    again = room.pages.post(path, {"outlet": chosen})
    assert again.status == 400
    assert "no longer as this page showed it" in words(again)
    assert {id_: (room.folder / "sources" / f"{id_}.yaml").read_text() for id_ in sources(room)} == written


def test_a_page_that_was_left_open_for_a_day_writes_what_it_showed_or_shows_it_anew(
    room: ReadingRoom,
) -> None:
    path = answered(room)
    first, second = choices(room.pages.get(path))
    room.newsroom.now += timedelta(days=1, hours=2)
    changed = PROPOSAL | {"source": PROPOSAL["source"] | {"schedule": {"every": "6h"}}}
    found(room, FEED, changed)
    page = room.pages.post(path, {"outlet": first})
    assert page.status == 400
    assert sources(room) == ["gazette", "herald"]
    assert page.text.count(" checked>") == 1, "what was chosen stays chosen"
    assert room.pages.post(path, {"outlet": second}).status == 303
    assert sources(room) == ["daily-example", "gazette", "herald"]


def test_where_files_cannot_be_written_their_text_is_shown(
    room: ReadingRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = answered(room)
    chosen = choices(room.pages.get(path))

    def fails(target: Path, content: bytes) -> None:
        if target.is_relative_to(room.folder):
            raise OSError(30, "Read-only file system")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    monkeypatch.setattr("presswatch.config.files.write_atomically", fails)
    page = room.pages.post(path, {"outlet": chosen})
    assert page.status == 400
    assert "Read-only file system" in words(page)
    assert page.text.count("<textarea") == 2
    assert f"- {HERALD}" in page.text
    assert "courier-example.yaml" in page.text
    with room.newsroom.archive.reading() as tx:
        assert [act for act in audit.latest(tx, 5) if act.did == "source.add"] == []


def test_nothing_is_written_when_the_configuration_would_not_load(room: ReadingRoom) -> None:
    path = answered(room)
    chosen = choices(room.pages.get(path))
    (room.folder / "sources" / "broken.yaml").write_text("name: Broken\nstart: nowhere\n")
    page = room.pages.post(path, {"outlet": chosen})
    assert page.status == 400
    assert "nothing was changed" in words(page)
    assert sources(room) == ["broken", "gazette", "herald"]


def test_nothing_chosen_is_said(room: ReadingRoom) -> None:
    path = answered(room)
    page = room.pages.post(path, {})
    assert page.status == 400
    assert "Choose one outlet" in words(page)
    assert room.pages.post(path, {"outlet": "7-deadbeef"}).status == 400
    assert sources(room) == ["gazette", "herald"]


def test_what_was_not_looked_at_can_be_asked_for_again(room: ReadingRoom) -> None:
    path = asked(room)
    found(room, FEED, PROPOSAL)
    done(room, path, {"fault": "the daemon ended 3 times while it looked"})
    page = room.pages.get(path)
    assert "2 outlets were not looked at. the daemon ended 3 times" in words(page)
    again = room.pages.press(page, "Look at the rest")
    assert again.status == 303
    assert again.headers["location"] != path


def test_addresses_are_pasted_too_and_the_same_list_is_asked_for_once(room: ReadingRoom) -> None:
    given = {"addresses": f"# ours\n{FEED} press\nnews.example\n"}
    first = room.pages.post("/sources/import", given)
    assert first.headers["location"] == room.pages.post("/sources/import", given).headers["location"]
    assert "Pasted addresses" in words(room.pages.get("/sources/import"))
    with room.newsroom.archive.reading() as tx:
        [request] = requests.latest(tx, RequestKind.IMPORT, limit=9)
        listed = source_imports.of(tx, request.id)
    assert listed is not None
    assert listed.listed.addresses == [FEED, "https://news.example/"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04", "ZIP"),
        (bytes(range(256)) * 40, "no text"),
        (b"<opml><outline text='x'/></opml>", "no address"),
        (b"<rss/>", "it is a feed"),
        (b"\n".join(b"https://%d.example/" % number for number in range(501)), "at most 500"),
        (b'<!DOCTYPE o [<!ENTITY a "aaa"><!ENTITY b "&a;&a;&a;">]><opml>&b;</opml>', "no address"),
    ],
)
def test_what_is_no_list_is_said(room: ReadingRoom, content: bytes, said: str) -> None:
    page = upload_of(room.pages, content, "<b>.opml")
    assert page.status == 400
    assert said in words(page)
    assert "<b>.opml" not in page.text
    with room.newsroom.archive.reading() as tx:
        assert requests.latest(tx, RequestKind.IMPORT) == []


def test_a_file_that_is_too_long_is_not_taken(room: ReadingRoom) -> None:
    assert upload_of(room.pages, b"https://news.example/\n" * 60_000).status == 413


def test_what_was_typed_stays_where_it_cannot_be_read(room: ReadingRoom) -> None:
    page = room.pages.post("/sources/import", {"addresses": "no </textarea> addresses"})
    assert page.status == 400
    assert "no &lt;/textarea&gt; addresses" in page.text
    assert room.pages.post("/sources/import", {"addresses": " "}).status == 400


def test_only_so_many_lists_wait(room: ReadingRoom) -> None:
    for number in range(requests.MOST_WAITING[RequestKind.IMPORT]):
        asked(room, f"https://{number}.example/".encode())
    page = upload_of(room.pages, b"https://more.example/")
    assert page.status == 400
    assert "wait for the daemon already" in words(page)


def test_a_file_is_for_operators_and_is_not_carried_through_a_sign_in(room: ReadingRoom) -> None:
    room.account("chief", Role.OPERATOR)
    page = upload_of(room.pages, LIST.encode())
    assert page.status == 403
    assert "courier" not in page.text
    assert upload_of(room.reader(Role.EDITOR), LIST.encode()).status == 403


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 30])
def test_no_such_import(room: ReadingRoom, number: str) -> None:
    assert room.pages.get(f"/sources/import/{number}").status == 404
    assert room.pages.post(f"/sources/import/{number}", {"outlet": "0"}).status == 404
    assert room.pages.post(f"/sources/import/{number}/again").status == 404


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other"]
)
def test_a_form_that_no_browser_sends_holds_nothing(kind: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'
    assert upload.sent(body, kind) == upload.Sent()
    assert upload.sent(body, "multipart/form-data; boundary=x").fields == {"a": ["1"]}


def test_a_source_is_paused_until_a_day(room: ReadingRoom) -> None:
    until = room.newsroom.now + timedelta(days=3)
    given = {"until": f"{until:%Y-%m-%dT%H:%M}"}
    assert (
        room.pages.post("/sources/gazette/pause", given).headers["location"] == "/sources/gazette?done=paused"
    )
    page = room.pages.get("/sources/gazette")
    assert "Paused until" in words(page)
    assert "Paused (1)" in words(room.pages.get("/sources"))
    with room.newsroom.archive.reading() as tx:
        assert runs.sources(tx)["gazette"].paused_until == until.replace(second=0, microsecond=0)
    assert config.load(room.folder).source("gazette").enabled  # type: ignore[union-attr]
    assert room.pages.press(page, "End the pause").status == 303
    assert "Paused until" not in words(room.pages.get("/sources/gazette"))
    with room.newsroom.archive.reading() as tx:
        assert [act.did for act in audit.latest(tx, 2)] == ["source.resume", "source.pause"]


@pytest.mark.parametrize("until", ["soon", "2020-01-01", "9999-01-01", "<b>"])
def test_a_pause_needs_a_time_that_is_to_come(room: ReadingRoom, until: str) -> None:
    page = room.pages.post("/sources/gazette/pause", {"until": until})
    assert page.status == 400
    assert "<b>" not in page.text
    assert re.search("expected a|is too far away", words(page))
