"""The pages of watches: what they show, and what editors do there by a button."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from starlette.requests import Request

from presswatch import config
from presswatch.archive import Archive, alerts, choices, mails
from presswatch.archive.choices import Choice
from presswatch.archive.tables import ChoiceKind
from presswatch.config.reload import Configured
from presswatch.errors import DeliveryError
from presswatch.watches.digest import close_step
from presswatch.watches.match import match_step
from presswatch.watches.outbox import send_step
from presswatch.web.access import Reader, Role
from presswatch.web.application import application
from presswatch.web.asking import Asked
from presswatch.web.watches import watch_pages
from support.alarm import Postbox
from support.reading_room import ReadingRoom, opened

DESK = "desk@gazette.example"


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """A reading room whose source has been there for a while, and whose watch begins now."""
    settings = {"alerts": {"collect": "0s", "gap": "0s"}}
    with opened(archive, tmp_path, settings) as room:
        room.newsroom.finish_run(room.newsroom.start_run())
        tick(room)
        yield room


def tick(room: ReadingRoom) -> None:
    """What the daemon does at each tick, but for sending."""
    loaded = config.load(room.folder)
    while match_step(room.newsroom.archive, loaded, room.newsroom.now):
        pass
    close_step(room.newsroom.archive, loaded, room.newsroom.now)


def words(text: str) -> str:
    """What a reader reads of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def state(room: ReadingRoom) -> alerts.WatchState:
    with room.newsroom.archive.reading() as tx:
        return alerts.watches(tx)["ferries"]


def chosen(room: ReadingRoom) -> list[Choice]:
    with room.newsroom.archive.reading() as tx:
        return choices.current(tx, "ferries", room.newsroom.now)


def test_the_list_tells_what_each_watch_found_and_when_it_mails_next(room: ReadingRoom) -> None:
    for number in range(3):
        room.publish("The ferry ran aground.", f"Ferry {number}")
    tick(room)
    room.newsroom.now += timedelta(days=10)
    room.publish("A ferry again.", "Ferry late")
    tick(room)
    page = room.pages.get("/watches")
    assert page.status == 200
    assert 'href="/watches/ferries"' in page.text
    said = words(page.text)
    assert "when something is found" in said
    assert re.search(r"Ferries ferry 1 4", said)
    # Two days have a bar.
    spark = re.search(r"<svg class=\"spark\".*?</svg>", page.text, re.DOTALL)
    assert spark is not None
    [bars] = re.findall(r'<path d="([^"]+)"', spark[0])
    assert bars.count("M") == 2


def test_the_list_says_when_a_digest_is_due_and_what_is_paused_off_or_muted(room: ReadingRoom) -> None:
    digest = {"name": "Mornings", "query": "x", "recipients": [DESK], "deliver": {"cron": "0 8 * * *"}}
    config.write_watch(room.folder, "mornings", digest)
    off = {"name": "Offside", "query": "x", "recipients": [DESK], "enabled": False}
    config.write_watch(room.folder, "off", off)
    tick(room)
    with room.newsroom.archive.writing() as tx:
        alerts.pause_watch(tx, "ferries", alerts.FOR_EVER)
        choices.keep(
            tx,
            Choice("mornings", "", ChoiceKind.MUTE_SOURCE, "herald", False, None, room.newsroom.now),
        )
    said = words(room.pages.get("/watches").text)
    assert "Ferries Paused until somebody resumes it" in said
    assert "Mornings 1 muted x 0 0 Sat, 21 Nov 2026, 08:00 UTC if something is found" in said
    assert "Offside Off" in said
    assert "Offside" not in words(room.pages.get("/watches?find=morn").text)
    assert "No watch has these words" in room.pages.get("/watches?find=%3Cb%3E").text


def test_many_watches_stand_on_several_pages(room: ReadingRoom) -> None:
    for number in range(60):
        values = {"name": f"Number {number:02}", "query": "x", "recipients": [DESK]}
        config.write_watch(room.folder, f"n-{number:02}", values)
    first, second = room.pages.get("/watches"), room.pages.get("/watches?page=2")
    assert "Number 48" in first.text
    assert "Number 49" not in first.text
    assert "Number 49" in second.text
    for odd in ("0", "-1", "99999999999999999999", "x", ""):
        assert room.pages.get(f"/watches?page={odd}").status == 200


def test_a_watch_shows_its_query_its_people_its_finds_and_its_mails(room: ReadingRoom) -> None:
    id_ = room.publish("Early today the <b>ferry</b> ran aground.", "Ferry <script>alert(1)</script>")
    tick(room)
    box = Postbox({DESK: DeliveryError("550 <desk@gazette.example> no such user", permanent=True)})
    while send_step(room.newsroom.archive, box, lambda: room.newsroom.now, alerts.MAIL, ""):
        pass
    page = room.pages.get("/watches/ferries")
    said = words(page.text)
    assert f'href="/articles/{id_}"' in page.text
    assert "<mark>ferry</mark>" in page.text
    assert "<script" not in page.text
    assert "At once: 0s after the first news" in said
    assert f"Recipients {DESK}" in said
    assert "Stands in watches/ferries.yaml:" in said
    assert f"{DESK} : failed – 550 <desk@gazette.example> no such user" in said
    [feed] = re.findall(r'href="(http[^"]+/feeds/[^"]+\.atom)"', page.text)
    assert room.pages.get(feed.partition(str(room.pages.port))[2]).status == 200


def test_finds_of_one_look_stand_by_their_time(room: ReadingRoom) -> None:
    earlier = room.newsroom.now
    for title, hours in (("Ferry second", 2), ("Ferry first", 1), ("Ferry third", 3)):
        room.newsroom.now = earlier + timedelta(hours=hours)
        room.publish(f"The ferry ran aground: {title}.", title)
    tick(room)
    page = room.pages.get("/watches/ferries").text
    found = words(page[page.index('id="found"') : page.index('id="mails"')])
    places = [found.index(one) for one in ("15:00", "14:00", "13:00")]
    assert places == sorted(places)


def test_an_editor_opens_a_mail_that_was_made_and_chooses_for_nobody(room: ReadingRoom) -> None:
    one = room.publish("The ferry ran aground.", "Ferry aground")
    two = room.publish("The ferry ran aground.", "Ferry aground", source="herald")
    room.publish("A ferry sank.", "Ferry sunk")
    room.join(one, two)
    tick(room)
    with room.newsroom.archive.reading() as tx:
        [mail] = mails.latest(tx, 1)
    assert mail.subject.startswith("Ferries (2): ")
    listed = room.pages.get("/watches/ferries").text
    said = words(listed[listed.index('id="mails"') :])
    assert "2 stories, 3 articles" in said
    [address] = re.findall(rf'href="(/watches/ferries/mails/{mail.number})"', listed)
    page = room.pages.get(address)
    assert mail.subject in words(page.text)
    assert DESK in page.text
    assert f'href="/articles/{one}"' in page.text
    [frame] = re.findall(r'<iframe class="mail" sandbox src="([^"]+)"', page.text)
    body = room.pages.get(frame)
    assert "sandbox" in body.headers["content-security-policy"]
    assert "Ferry sunk" in body.text
    for wrong in ("/watches/ferries/mails/999", "/watches/ferries/mails/x", "/watches/ferries/mails/x/body"):
        assert room.pages.get(wrong).status == 404
    reader = room.reader(Role.READER)
    assert reader.get(address).status == 403
    assert "/mails/" not in reader.get("/watches/ferries").text


def test_readers_see_no_addresses_and_no_buttons(room: ReadingRoom) -> None:
    room.publish("The ferry ran aground.", "Ferry aground")
    tick(room)
    now = room.newsroom.now
    with room.newsroom.archive.writing() as tx:
        choices.keep(tx, Choice("ferries", DESK, ChoiceKind.STOP, "", False, None, now))
    app = application(room.newsroom.archive, Configured(room.folder), room.folder.parent, lambda: now)
    scope = {
        **{"type": "http", "method": "GET", "path": "/watches/ferries", "query_string": b"", "app": app},
        **{"headers": [], "path_params": {"watch": "ferries"}, "scheme": "http", "server": ("localhost", 80)},
    }
    reader = Asked(Request(scope), Reader("reader", Role.READER), config.load(room.folder))
    text = bytes(watch_pages.one(reader).body).decode()
    assert DESK not in text
    assert "1 recipient" in words(text)
    assert "Mails ended" in text
    assert "<form" not in text
    assert "/edit" not in text


def test_a_watch_that_is_not_there_is_said_with_what_may_be_meant(room: ReadingRoom) -> None:
    page = room.pages.get("/watches/feries")
    assert page.status == 404
    assert 'href="/watches/ferries"' in page.text
    assert room.pages.get("/watches/%3Cscript%3E").text.count("<script") == 0
    for act in ("pause", "resume", "mute", "switch", "remove", "edit"):
        assert room.pages.post(f"/watches/nothing/{act}").status == 404


def test_an_editor_pauses_and_resumes(room: ReadingRoom) -> None:
    done = room.pages.press(room.pages.get("/watches/ferries"), "Pause for 7 days")
    assert (done.status, done.headers["location"]) == (303, "/watches/ferries?done=paused")
    assert state(room).paused_until == room.newsroom.now + timedelta(days=7)
    paused = room.pages.get("/watches/ferries")
    assert "Paused until Fri, 27 Nov 2026, 12:00 UTC" in words(paused.text)
    room.pages.press(paused, "Resume")
    assert state(room).paused_until is None
    room.pages.press(room.pages.get("/watches/ferries"), "Pause until resumed")
    assert state(room).paused_until == alerts.FOR_EVER


def test_what_was_found_while_paused_may_only_be_counted(room: ReadingRoom) -> None:
    room.pages.press(room.pages.get("/watches/ferries"), "Pause until resumed")
    room.publish("The ferry ran aground.", "Ferry aground")
    tick(room)
    room.pages.press(room.pages.get("/watches/ferries"), "Resume, and only count what was found meanwhile")
    tick(room)
    with room.newsroom.archive.reading() as tx:
        assert alerts.untold(tx) == {}
        assert mails.latest(tx, 5, "ferries") == []
    # Of a watch that is not paused nothing is passed over.
    room.publish("A ferry again.", "Ferry again")
    room.pages.post("/watches/ferries/resume", {"skip": "1"})
    tick(room)
    with room.newsroom.archive.reading() as tx:
        assert len(mails.latest(tx, 5, "ferries")) == 1


def test_an_editor_mutes_for_everybody_and_takes_it_back(room: ReadingRoom) -> None:
    id_ = room.publish("The ferry ran aground.", "Ferry aground")
    tick(room)
    room.pages.press(room.pages.get("/watches/ferries"), "Mute this story")
    assert [(one.recipient, one.kind, one.subject) for one in chosen(room)] == [
        ("", ChoiceKind.MUTE_STORY, id_)
    ]
    muted = room.pages.get("/watches/ferries")
    assert "Story muted: Ferry aground" in words(muted.text)
    assert "Mute this story" not in muted.buttons
    room.pages.press(muted, "Undo")
    assert chosen(room) == []
    room.pages.press(room.pages.get("/watches/ferries"), "Mute this source")
    assert [(one.kind, one.subject) for one in chosen(room)] == [(ChoiceKind.MUTE_SOURCE, "gazette")]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "mute-story", "subject": "nothing"},
        {"kind": "mute-source", "subject": "nothing"},
        {"kind": "stop", "subject": ""},
        {"kind": "stop", "subject": "", "undo": "1"},
        {},
    ],
)
def test_what_is_not_there_cannot_be_muted(room: ReadingRoom, fields: dict[str, str]) -> None:
    assert room.pages.post("/watches/ferries/mute", fields).status == 404
    assert chosen(room) == []


def test_an_editor_cannot_undo_what_a_recipient_chose(room: ReadingRoom) -> None:
    made = Choice("ferries", DESK, ChoiceKind.MUTE_SOURCE, "herald", False, None, room.newsroom.now)
    with room.newsroom.archive.writing() as tx:
        choices.keep(tx, made)
    page = room.pages.get("/watches/ferries")
    assert f"{DESK} : Source muted: Herald" in words(page.text)
    assert "Undo" not in page.buttons


def test_a_watch_is_switched_off_and_on_and_its_comments_stay(room: ReadingRoom) -> None:
    path = room.folder / "watches" / "ferries.yaml"
    path.write_text(path.read_text() + "# Ours.\n")
    room.pages.press(room.pages.get("/watches/ferries"), "Switch off")
    assert "enabled: false" in path.read_text()
    assert "# Ours." in path.read_text()
    assert "Off" in words(room.pages.get("/watches").text)
    room.pages.press(room.pages.get("/watches/ferries"), "Switch on")
    assert "enabled: true" in path.read_text()


def test_a_broken_file_is_neither_switched_nor_harmed(room: ReadingRoom) -> None:
    path = room.folder / "watches" / "ferries.yaml"
    room.pages.get("/watches")
    path.write_bytes(b"name: [\xff")
    page = room.pages.post("/watches/ferries/switch", {"enabled": "false"})
    assert page.status == 409
    assert "not UTF-8" in page.text
    assert path.read_bytes() == b"name: [\xff"


def test_removing_asks_what_becomes_of_mails_that_wait(room: ReadingRoom) -> None:
    room.publish("The ferry ran aground.", "Ferry aground")
    tick(room)
    path = room.folder / "watches" / "ferries.yaml"
    asked = room.pages.get("/watches/ferries/remove")
    assert "1 of its mails waits to be sent" in words(asked.text)
    assert room.pages.post("/watches/ferries/remove").status == 200
    assert path.exists()
    done = room.pages.press(asked, "Remove the watch, drop them")
    assert (done.status, done.headers["location"]) == (303, "/watches?done=removed")
    assert not path.exists()
    with room.newsroom.archive.reading() as tx:
        assert mails.waiting(tx, "ferries") == []
    assert room.pages.get("/watches/ferries").status == 404


def test_removing_passes_over_what_no_mail_told_of(room: ReadingRoom) -> None:
    room.pages.press(room.pages.get("/watches/ferries"), "Pause until resumed")
    room.publish("The ferry ran aground.", "Ferry aground")
    tick(room)
    asked = room.pages.get("/watches/ferries/remove")
    assert "1 article of which no mail told yet will not be told" in words(asked.text)
    room.pages.press(asked, "Remove the watch")
    with room.newsroom.archive.reading() as tx:
        assert alerts.untold(tx) == {}


def test_looking_changes_nothing(room: ReadingRoom) -> None:
    before = state(room), {path: path.read_bytes() for path in room.folder.rglob("*.yaml")}
    for path in ("", "/ferries", "/ferries/edit", "/ferries/remove", "/new?query=ferry&do=save&name=x"):
        assert room.pages.get(f"/watches{path}").status == 200
    assert before == (state(room), {path: path.read_bytes() for path in room.folder.rglob("*.yaml")})


def test_days_are_those_of_the_zone() -> None:
    """New York is still at the day before when it is three in the morning in UTC."""
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    counted = watch_pages.days_of({datetime(2026, 11, 20, 3, tzinfo=UTC): 2}, "America/New_York", now)
    assert len(counted) == watch_pages.DAYS
    assert {day.isoformat(): count for day, count in counted.items() if count} == {"2026-11-19": 2}
