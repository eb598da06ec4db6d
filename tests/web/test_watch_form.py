"""The form of a watch: trying, saving, what is wrong, and two who edit at the same time."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from presswatch import config
from presswatch.archive import Archive, alerts
from presswatch.watches.match import match_step
from presswatch.web.watches.watch_form import WatchForm, of_fields, of_values
from support.pages_server import Answer
from support.reading_room import ReadingRoom, opened

DESK = "desk@gazette.example"
NEW = {"form": "1", "name": "Harbours", "query": "harbour", "recipients": DESK, "way": "instant"}
NEW |= {"tells": "matches", "do": "save"}
# What is typed, at which field something is said, and what.
WRONG = [
    ({"query": "ferry AND ("}, "query", "is never closed"),
    ({"query": ""}, "query", "the query is empty"),
    ({"recipients": "desk@"}, "recipients", "expected a mail address"),
    ({"recipients": "everybody"}, "recipients", "there is no group everybody"),
    ({"recipients": ""}, "recipients", "expected at least one"),
    ({"recipients": "a@b.example language=tlh"}, "recipients", "expected one of en (English)"),
    ({"owner": "nobody"}, "owner", "expected a mail address"),
    ({"quiet": "at night"}, "quiet", "20:00-07:00"),
    ({"at_most": "few"}, "at_most", "6 per hour"),
    ({"time_zone": "Berlin"}, "time_zone", "do you mean"),
    ({"way": "cron", "cron": "0 25 * * *"}, "way", "expected 0 to 23"),
    ({"way": "every", "every": "0s"}, "way", "at least 1s"),
    ({"silence": "long"}, "tells", "expected a duration"),
]


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """A reading room whose source has been there for a while."""
    with opened(archive, tmp_path) as room:
        room.newsroom.finish_run(room.newsroom.start_run())
        yield room


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def fields(page: Answer) -> dict[str, str]:
    """What a browser would send of the form of a page, but for the button."""
    [form] = re.findall(r'<form method="post".*?</form>', page.text, re.DOTALL)
    found = {}
    for given in re.findall(r"<input([^>]*)>", form):
        values = dict(re.findall(r'(\w+)="([^"]*)"', given))
        if values.get("type") in ("radio", "checkbox") and "checked" not in given:
            continue
        found[values["name"]] = unescape(values["value"])
    for name, text in re.findall(r'<textarea id="\w+" name="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select id="\w+" name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="(\w*)" selected>', options)
        found[name] = chosen[0] if chosen else ""
    return found


def file(room: ReadingRoom, id_: str = "ferries") -> Path:
    return room.folder / "watches" / f"{id_}.yaml"


def test_a_query_of_the_address_is_tried_before_anybody_is_named(room: ReadingRoom) -> None:
    id_ = room.publish("Early today the ferry ran aground.", "Ferry aground")
    for number in range(3):
        room.newsroom.now += timedelta(days=1)
        room.publish("The ferry was towed away.", f"Ferry towed {number}")
    page = room.pages.get("/watches/new?query=ferry")
    said = words(page.text)
    assert page.status == 200
    assert "4 of 4 articles in 4 days" in said
    assert "Understood as: ferry" in said
    assert f'href="/articles/{id_}"' in page.text
    assert page.text.count('<rect class="room"') == 30
    assert "Fri, 20 Nov 2026: 1" in page.text
    # Four articles on the four days that there is an archive: four mails at once, and four digests.
    assert "As it is set 1 At once 1 Every hour 1 Once a day 1" in said
    assert "expected" not in said


def test_the_mail_is_shown_in_a_frame_that_nothing_leaves(room: ReadingRoom) -> None:
    room.publish("The <b>ferry</b> ran aground.", "Ferry <script>alert(1)</script>")
    page = room.pages.post("/watches/new", {**NEW, "query": "ferry", "do": "try", "language": "de"})
    [address] = re.findall(r'<iframe class="mail" sandbox src="([^"]+)"', page.text)
    mail = room.pages.get(unescape(address))
    assert mail.status == 200
    assert "<script" not in mail.text
    assert '<html lang="de"' in mail.text
    policy = mail.headers["content-security-policy"]
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in page.headers["content-security-policy"]


def test_what_is_odd_about_a_query_is_said(room: ReadingRoom) -> None:
    room.publish("The ferry ran aground.", "Ferry aground")
    said = words(room.pages.get("/watches/new?query=source:gazzette").text)
    assert "source:gazzette cannot match: there is no such source" in said
    assert "did you mean source:gazette" in said


def test_a_new_watch_is_written_as_the_command_line_writes_it(room: ReadingRoom) -> None:
    done = room.pages.post(
        "/watches/new",
        {
            **NEW,
            "query": 'harbour AND NOT "opera house"',
            "recipients": "Jane Doe <jane@example.org>\r\ndesk@example.org format=text",
            "language": "de",
            "way": "cron",
            "cron": "0 7 * * mon",
            "quiet": "20:00-07:00",
            "at_most": "6 per hour",
            "silence": "48h",
            "backfill": "7d",
        },
    )
    assert (done.status, done.headers["location"]) == (303, "/watches/harbours?done=made")
    made = config.load(room.folder).watch("harbours")
    assert made is not None
    assert made.query == 'harbour AND NOT "opera house"'
    assert [str(one) for one in made.recipients] == ["Jane Doe <jane@example.org>", "desk@example.org"]
    assert {one.language for one in made.recipients if not isinstance(one, str)} == {"de"}
    assert made.delivery_said == "0 7 * * mon"
    assert made.backfill == timedelta(days=7)
    assert made.tells.silence == timedelta(days=2)
    assert file(room, "harbours").read_text().startswith("# What presswatch looks for")
    assert room.pages.get("/watches/harbours").status == 200


def test_a_new_watch_without_a_name_is_called_by_its_query(room: ReadingRoom) -> None:
    assert room.pages.post("/watches/new", {**NEW, "name": "", "query": "new"}).status == 303
    # `new` is the address of the form.
    assert config.load(room.folder).watch("new-watch") is not None
    assert room.pages.post("/watches/new", {**NEW, "name": "Ferries!"}).status == 303
    assert config.load(room.folder).watch("ferries-2") is not None


@pytest.mark.parametrize("wrong", [{"do": "try"}, {"recipients": "desk@"}], ids=["tried", "refused"])
def test_a_name_that_nobody_typed_is_that_of_the_query_that_is_saved(
    room: ReadingRoom, wrong: dict[str, str]
) -> None:
    page = room.pages.post("/watches/new", {**NEW, "name": "", "query": "harbour", **wrong})
    again = fields(page) | {"query": "lifeboat", "do": "save", "recipients": DESK, "tells": "matches"}
    assert again["name"] == ""
    assert room.pages.post("/watches/new", again).headers["location"] == "/watches/lifeboat?done=made"
    made = config.load(room.folder).watch("lifeboat")
    assert made is not None
    assert made.name == "lifeboat"


@pytest.mark.parametrize("name", ["Ferries", "  ferries ", "FERRIES", "Ｆerries"])
def test_no_two_watches_have_one_name(room: ReadingRoom, name: str) -> None:
    page = room.pages.post("/watches/new", {**NEW, "name": name})
    assert page.status == 422
    assert fields(page)["query"] == NEW["query"]
    [fault] = re.findall(r'<p class="bad" id="fault-name"[^>]*>(.*?)</p>', page.text)
    assert "The watch ferries has this name already" in words(fault)
    assert [one.id for one in config.load(room.folder).watches] == ["ferries"]


def test_a_watch_keeps_its_name_and_takes_no_other_ones(room: ReadingRoom) -> None:
    assert room.pages.post("/watches/new", NEW).status == 303
    sent = {**fields(room.pages.get("/watches/harbours/edit")), "tells": "matches", "do": "save"}
    refused = room.pages.post("/watches/harbours/edit", sent | {"name": "ferries"})
    assert refused.status == 422
    assert 'id="fault-name"' in refused.text
    assert room.pages.post("/watches/harbours/edit", sent | {"query": "port"}).status == 303


@pytest.mark.parametrize(("back", "said"), [("7d", "it looks back once"), ("", "from now on")])
def test_what_was_saved_is_said_as_it_is(room: ReadingRoom, back: str, said: str) -> None:
    done = room.pages.post("/watches/new", {**NEW, "backfill": back})
    told = words(room.pages.get(done.headers["location"]).text)
    assert said in told
    assert ("looks back" in told) == bool(back)


def test_the_trial_mail_has_links_that_choose_nothing_where_mails_have_them(
    archive: Archive, tmp_path: Path
) -> None:
    with opened(archive, tmp_path, {"web": {"public_url": "http://localhost"}}) as room:
        room.newsroom.finish_run(room.newsroom.start_run())
        room.publish("The ferry ran aground.", "Ferry aground")
        # As whoever sits at this machine; the address that readers use is another one.
        mail = room.pages.get("/watches/preview/mail?query=ferry")
    assert "Mute this story" in mail.text
    assert "pause or end these mails" in mail.text
    assert "/mail/" not in mail.text


def test_what_an_earlier_watch_of_the_id_found_is_not_told(room: ReadingRoom) -> None:
    archive, now = room.newsroom.archive, room.newsroom.now
    match_step(archive, config.load(room.folder), now)
    room.publish("The ferry ran aground.", "Ferry aground")
    match_step(archive, config.load(room.folder), now)
    file(room).unlink()
    assert room.pages.post("/watches/new", {**NEW, "name": "Ferries"}).status == 303
    with archive.reading() as tx:
        assert alerts.untold(tx) == {}


@pytest.mark.parametrize(
    ("address", "typed", "field", "said"),
    [
        *(("/watches/new", *one) for one in [*WRONG, ({"backfill": "x"}, "backfill", "expected a duration")]),
        *(("/watches/ferries/edit", *one) for one in WRONG),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    room: ReadingRoom, address: str, typed: dict[str, str], field: str, said: str
) -> None:
    before = {path: path.read_bytes() for path in room.folder.rglob("*.yaml")}
    sent = {**NEW, **typed, "seen": fields(room.pages.get("/watches/ferries/edit"))["seen"]}
    page = room.pages.post(address, sent)
    assert page.status == 422
    [fault] = re.findall(rf'<p class="bad" id="fault-{field}"[^>]*>(.*?)</p>', page.text)
    assert said in words(fault)
    assert f'href="#{field}"' in page.text
    kept = fields(page)
    assert {name: kept[name] for name in typed} == typed
    assert kept["name"] == "Harbours"
    assert before == {path: path.read_bytes() for path in room.folder.rglob("*.yaml")}


def test_a_query_is_marked_at_the_character_that_it_stumbles_at(room: ReadingRoom) -> None:
    page = room.pages.get(f"/watches/new?query={quote('<b> AND (ferry')}")
    [stumble] = re.findall(r'<pre class="stumble"[^>]*>(.*?)</pre>', page.text)
    assert stumble == "&lt;b&gt; AND <mark>(</mark>ferry"
    assert page.status == 200


@pytest.mark.parametrize(
    "name",
    [
        '"><script>alert(1)</script>',
        "'; enabled: false #",
        "{{ 7 * 7 }} %(x)s %s",
        "\u202eevil\u0000\u0085\u2028: - &a *a !!python/object",
        "فيري: - [",
        "🚢" * 90,
        "...",
    ],
)
def test_hostile_names_stay_names(room: ReadingRoom, name: str) -> None:
    assert room.pages.post("/watches/new", {**NEW, "name": name}).status == 303
    page = room.pages.get("/watches/ferries/edit")
    done = room.pages.post("/watches/ferries/edit", {**fields(page), "name": f"{name}?", "do": "save"})
    assert done.status == 303
    loaded = config.load(room.folder)
    [made] = [watch for watch in loaded.watches if watch.id != "ferries"]
    changed = loaded.watch("ferries")
    assert changed is not None
    assert changed.name == f"{made.name}?"
    assert (made.enabled, changed.enabled) == (True, True)
    for address in ("/watches", f"/watches/{made.id}", f"/watches/{made.id}/edit", "/watches/ferries"):
        shown = room.pages.get(address)
        assert shown.status == 200
        assert "<script>alert" not in shown.text
        assert "\u202e" not in shown.text
    assert fields(room.pages.get("/watches/ferries/edit"))["name"] == f"{made.name}?"


def test_a_name_that_is_too_long_is_refused(room: ReadingRoom) -> None:
    room.publish("The harbour was closed.", "Harbour closed")
    page = room.pages.post("/watches/new", {**NEW, "name": "x" * 5_000})
    assert page.status == 422
    [fault] = re.findall(r'<p class="bad" id="fault-name"[^>]*>(.*?)</p>', page.text)
    assert "expected at most 200 characters" in words(fault)
    assert "should" not in words(fault).lower()
    # What is wrong elsewhere takes nothing from what the query would find.
    assert "1 of 1 articles" in words(page.text)


@pytest.mark.parametrize(
    "wrong",
    [{"tells": ""}, {"owner": "nobody"}, {"quiet": "x", "at_most": "y", "silence": "z"}, {"name": "ferries"}],
    ids=["nothing is told of", "owner", "several", "name"],
)
def test_an_error_leaves_what_would_have_been_found(room: ReadingRoom, wrong: dict[str, str]) -> None:
    room.publish("The harbour was closed.", "Harbour closed")
    page = room.pages.post("/watches/new", {**NEW, **wrong})
    assert page.status == 422
    assert "1 of 1 articles" in words(page.text)
    assert "Harbour closed" in page.text


def test_an_edit_keeps_comments_and_all_that_was_not_touched(room: ReadingRoom) -> None:
    text = (
        "# Looked after by the desk.\n"
        "name: 'Ferries'  # for people\n"
        "query: >-\n  ferry OR\n  boat\n"
        "sources: [gazette]\n"
        "recipients:\n  - address: jane@example.org  # since May\n    time_zone: Europe/Berlin\n"
        "  - desk@gazette.example\n"
        "deliver: {collect: 1m, gap: 2m}\n"
        "max_age: 5d\n"
    )
    file(room).write_text(text)
    page = room.pages.get("/watches/ferries/edit")
    typed = fields(page)
    assert typed["query"] == "ferry OR boat"
    assert typed["recipients"] == "jane@example.org time_zone=Europe/Berlin\ndesk@gazette.example"
    assert room.pages.post("/watches/ferries/edit", {**typed, "do": "save"}).status == 303
    assert file(room).read_text() == text
    done = room.pages.post("/watches/ferries/edit", {**typed, "quiet": "20:00-07:00", "do": "save"})
    assert done.status == 303
    written = file(room).read_text()
    assert written.startswith(text)
    made = config.load(room.folder).watch("ferries")
    assert made is not None
    assert made.quiet is not None
    assert made.deliver != "instant"


def test_of_two_who_edit_one_watch_the_second_is_shown_both(room: ReadingRoom) -> None:
    mine = fields(room.pages.get("/watches/ferries/edit"))
    theirs = dict(mine)
    done = room.pages.post("/watches/ferries/edit", {**theirs, "name": "Theirs", "do": "save"})
    assert done.status == 303
    mine |= {"query": 'ferry OR "<b>boat</b>"', "recipients": "me@example.org\r\n" + DESK}
    page = room.pages.post("/watches/ferries/edit", {**mine, "do": "save"})
    assert page.status == 409
    said = words(page.text)
    assert "Somebody else changed this watch meanwhile" in said
    assert "Name Theirs Ferries" in said
    assert 'Query ferry ferry OR "<b>boat</b>"' in said
    kept = fields(page)
    assert (kept["query"], kept["recipients"]) == ('ferry OR "<b>boat</b>"', f"me@example.org\n{DESK}")
    assert "Theirs" in file(room).read_text()
    # Whoever has seen it may write over it.
    assert room.pages.post("/watches/ferries/edit", {**kept, "do": "save"}).status == 303
    made = config.load(room.folder).watch("ferries")
    assert made is not None
    assert (made.name, made.query) == ("Ferries", 'ferry OR "<b>boat</b>"')


def test_of_many_who_save_at_the_same_moment_one_is_first(room: ReadingRoom) -> None:
    typed = fields(room.pages.get("/watches/ferries/edit"))
    sent = [{**typed, "name": f"Name {number}", "do": "save"} for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda one: room.pages.post("/watches/ferries/edit", one).status, sent))
    assert sorted(done) == [303, 409, 409, 409, 409, 409]
    made = config.load(room.folder).watch("ferries")
    assert made is not None
    assert made.name == f"Name {done.index(303)}"


def test_of_many_who_make_a_watch_of_one_name_none_writes_over_another(room: ReadingRoom) -> None:
    with ThreadPoolExecutor(4) as pool:
        sent = [{**NEW, "query": f"harbour{number}"} for number in range(4)]
        done = list(pool.map(lambda one: room.pages.post("/watches/new", one), sent))
    made = {watch.query for watch in config.load(room.folder).watches if watch.id != "ferries"}
    saved = [one["query"] for one, answer in zip(sent, done, strict=True) if answer.status == 303]
    assert made == set(saved)
    for one, answer in zip(sent, done, strict=True):
        assert answer.status == 303 or fields(answer)["query"] == one["query"]


def test_a_watch_that_was_removed_meanwhile_leaves_what_was_typed(room: ReadingRoom) -> None:
    typed = fields(room.pages.get("/watches/ferries/edit")) | {"query": "ferry OR boat"}
    file(room).unlink()
    page = room.pages.post("/watches/ferries/edit", {**typed, "do": "save"})
    assert page.status == 410
    assert "This watch was removed meanwhile" in words(page.text)
    kept = fields(page)
    assert kept["query"] == "ferry OR boat"
    assert 'action="/watches/new"' in page.text
    assert room.pages.post("/watches/new", {**kept, "do": "save"}).status == 303
    assert config.load(room.folder).watch("ferries") is not None


def test_where_nothing_can_be_written_the_file_is_shown_to_paste(room: ReadingRoom, tmp_path: Path) -> None:
    (room.folder / "watches").rename(tmp_path / "elsewhere")
    # A folder of the system in which nobody, not even root, can make a file.
    (room.folder / "watches").symlink_to("/proc/sys/kernel/random")
    page = room.pages.post("/watches/new", {**NEW, "query": '"a: #b"'})
    assert page.status == 409
    said = words(page.text)
    assert "The file cannot be written" in said
    assert "harbours.yaml where it is kept" in said
    [text] = re.findall(r'<textarea id="paste"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)
    (room.folder / "watches").unlink()
    (tmp_path / "elsewhere").rename(room.folder / "watches")
    file(room, "harbours").write_text(unescape(text))
    made = config.load(room.folder).watch("harbours")
    assert made is not None
    assert made.query == '"a: #b"'


def test_a_broken_file_beside_it_keeps_what_was_typed(room: ReadingRoom) -> None:
    typed = fields(room.pages.get("/watches/ferries/edit"))
    file(room, "broken").write_text("name: [\n")
    page = room.pages.post("/watches/ferries/edit", {**typed, "name": "Mine", "do": "save"})
    assert page.status == 422
    assert "broken.yaml" in page.text
    assert fields(page)["name"] == "Mine"
    file(room).write_text("query: [\n")
    assert room.pages.get("/watches/ferries/edit").status == 409
    kept = room.pages.post("/watches/ferries/edit", {**typed, "name": "Mine", "do": "save"})
    assert fields(kept)["name"] == "Mine"


def test_strange_forms_are_answered(room: ReadingRoom) -> None:
    for address in ("/watches/new", "/watches/ferries/edit"):
        for sent in ({}, {"way": "x", "form": "1"}, {"tells": "x", "form": "1", "do": "save"}):
            assert room.pages.post(address, sent).status in (200, 303, 409, 422)
    assert room.pages.get("/watches/preview/mail").status == 200
    odd = urlencode({"query": "(", "of": "../../x", "language": "<", "way": "cron", "cron": "x"})
    assert room.pages.get(f"/watches/preview/mail?{odd}").status == 200


def test_a_file_s_values_come_back_from_its_form() -> None:
    values = {
        "name": "Ferries",
        "query": "ferry\n",
        "recipients": [
            "desk",
            {"address": "jane@example.org", "name": "Jane", "language": "de", "format": "text"},
        ],
        "deliver": {"every": "30m"},
        "tells": {"matches": False, "spikes": True},
    }
    form = of_values(values)
    assert form.recipients == "desk\nJane <jane@example.org> language=de format=text"
    assert form.changed(of_values(values)) == {}
    assert form.values["recipients"] == values["recipients"]
    sent: dict[str, list[str]] = {}
    for name, value in form.fields:
        sent.setdefault(name, []).append(value)
    assert of_fields(sent) == form
    assert of_fields({}) == WatchForm()
