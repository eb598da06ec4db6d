"""The pages of sources: what they say of each, and what an operator does there."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from presswatch import config, lock
from presswatch.archive import known_urls, postings, requests, runs, sites
from presswatch.archive.sites import HostRest
from presswatch.archive.tables import RequestKind, UrlState, source, url
from presswatch.posting_rate import Arrival, Postings, observed
from presswatch.sources.judging import judge_step
from support.pages_server import Answer
from support.reading_room import ReadingRoom

SUMMARY = {
    "pages": 9,
    "new": 4,
    "seconds": 2.5,
    "starts": [
        {"url": "https://gazette.example/feed", "outcome": "feed", "links": 12, "fresh": 4, "reason": ""},
        {
            "url": "https://gazette.example/<b>",
            "outcome": "failed",
            "links": 0,
            "fresh": 0,
            "reason": "answered 500 <script>",
        },
    ],
}


def rows(answer: Answer) -> list[str]:
    """The ids of the listed sources, in their order."""
    return re.findall(r'<th role="rowheader" scope="row"><a href="/sources/([^"]+)"', answer.text)


def words(answer: Answer) -> str:
    """What is read on a page, its tags left out."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def run(room: ReadingRoom, id_: str, reason: str = "", summary: object = SUMMARY) -> None:
    with room.newsroom.archive.writing() as tx:
        runs.ensure_sources(tx, [id_], room.newsroom.now)
        room.newsroom.now += timedelta(minutes=1)
        number = runs.plan(tx, id_, room.newsroom.now)
        assert number is not None
        runs.finish(tx, number, json.dumps(summary), reason, room.newsroom.now)


def add(room: ReadingRoom, id_: str, **values: object) -> None:
    config.write_source(
        room.folder, id_, {"name": id_.title(), "start": [f"https://{id_}.example/"], **values}
    )


def test_many_sources_stand_on_several_pages_in_their_order(room: ReadingRoom) -> None:
    for number in range(101):
        add(room, f"n-{number:03}", tags=["many"])
    pages = [room.pages.get(f"/sources?q=many&sort=name&order=desc&page={page}") for page in (1, 2)]
    listed = [id_ for page in pages for id_ in rows(page)]
    assert listed == [f"n-{number:03}" for number in range(100, -1, -1)]
    assert "q=many&amp;state=&amp;language=&amp;sort=name&amp;order=desc&amp;page=2" in pages[0].text
    assert "Page 1 of 2" in words(pages[0])


def test_each_source_is_listed_with_its_state(room: ReadingRoom) -> None:
    add(room, "off", enabled=False)
    add(room, "new")
    add(room, "resting")
    room.publish("Words.", "Ferry aground")
    run(room, "gazette", summary={})
    run(room, "herald", "https://gazette.example/: answered 500")
    run(room, "resting", summary={})
    with room.newsroom.archive.writing() as tx:
        until = room.newsroom.now + timedelta(hours=1)
        sites.rest_host(tx, HostRest("resting.example:443", until, "answered 429"))
    answer = room.pages.get("/sources")
    assert answer.status == 200
    assert rows(answer) == ["herald", "resting", "new", "gazette", "off"], "what fails stands first"
    said = words(answer)
    assert "Failing since Fri, 20 Nov 2026" in said
    assert "Resting until" in said
    assert "Never run" in said
    assert 'aria-label="1 article in 30 days"' in answer.text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("sort=name", ["a-paper", "gazette", "herald"]),
        ("sort=name&order=desc", ["herald", "gazette", "a-paper"]),
        ("sort=articles", ["gazette", "a-paper", "herald"]),
        ("sort=articles&order=asc", ["a-paper", "herald", "gazette"]),
        ("sort=last", ["herald", "gazette", "a-paper"]),
        ("sort=language", ["a-paper", "gazette", "herald"]),
        ("sort=nonsense&order=%00", ["herald", "a-paper", "gazette"]),
        ("q=A-PAPER.example", ["a-paper"]),
        ("q=wire", ["a-paper"]),
        ("language=pt", ["a-paper"]),
        ("state=failing", ["herald"]),
        ("state=nonsense", []),
    ],
)
def test_the_list_is_sorted_and_filtered_without_a_script(
    room: ReadingRoom, asked: str, expected: list[str]
) -> None:
    add(room, "a-paper", language="pt", tags=["wire"])
    room.publish("Words.", "Ferry aground")
    run(room, "gazette", summary={})
    run(room, "herald", "no answer")
    answer = room.pages.get(f"/sources?{asked}")
    assert answer.status == 200
    assert rows(answer) == expected


def test_the_heading_of_a_sorted_column_turns_its_order_and_keeps_the_filter(room: ReadingRoom) -> None:
    answer = room.pages.get("/sources?sort=name&q=a")
    assert '<th scope="col" aria-sort="ascending"><a href="/sources?q=a&amp;state=&amp;' in answer.text
    articles = room.pages.get("/sources?sort=articles").text
    assert 'aria-sort="descending"><a href="/sources?q=&amp;' in articles
    [heading] = re.findall(r'aria-sort="ascending"><a href="([^"]+)"', answer.text)
    assert rows(room.pages.get(heading.replace("&amp;", "&"))) == ["herald", "gazette"]


def test_a_source_tells_its_runs_start_pages_and_what_could_not_be_read(room: ReadingRoom) -> None:
    room.publish("Words.", "Ferry aground")
    run(room, "gazette")
    run(room, "gazette")
    fail_page(room, "https://gazette.example/<i>story", "answered 500 <i>")
    answer = room.pages.get("/sources/gazette")
    assert answer.status == 200
    said = words(answer)
    assert "A start page cannot be read" in said
    assert "https://gazette.example/feed read, 12 links 4 8" in said, "new links of the last run, and of all"
    assert "answered 500 &lt;script&gt;" in answer.text
    assert "answered 500 &lt;i&gt;" in answer.text
    assert "<script>" not in answer.text
    assert "<i>" not in answer.text
    file = room.folder / "sources" / "gazette.yaml"
    assert f"<code>{file}:3</code>" in answer.text
    assert "What is usual can be told after a week" in said


def fail_page(room: ReadingRoom, address: str, reason: str) -> None:
    with room.newsroom.archive.writing() as tx:
        bad = {"state": UrlState.FAILING, "reason": reason, "url": address}
        tx.execute(url.update().where(url.c.scope == "").values(**bad))


def test_a_source_is_measured_by_its_own_days(room: ReadingRoom) -> None:
    run(room, "gazette", summary={})
    with room.newsroom.archive.writing() as tx:
        tx.execute(source.update().values(added=room.newsroom.now - timedelta(days=60)))
    for day in range(30):
        for number in range(3):
            text = " ".join(f"word{day}x{number}x{place}" for place in range(30))
            room.newsroom.publish(f"https://gazette.example/story-{day}-{number}", text, title=text[:20])
        room.newsroom.now += timedelta(days=1)
    room.newsroom.now += timedelta(hours=1)
    said = words(room.pages.get("/sources/gazette"))
    assert "Usually 3 a day; 0 in the last 24 hours. That is fewer than on any of the 29 days before" in said


def test_a_run_is_asked_for_and_the_page_says_that_nobody_answers(room: ReadingRoom) -> None:
    answer = room.pages.press(room.pages.get("/sources/gazette"), "Run now")
    assert answer.status == 303
    assert answer.headers["location"] == "/sources/gazette"
    [asked] = latest(room)
    assert (asked.subject, asked.asked_by, asked.is_open) == ("gazette", "", True)
    page = room.pages.get("/sources/gazette")
    assert "The daemon is not running" in words(page)
    assert "http-equiv" not in page.text, "nothing will come"
    with lock.daemon_lock(room.newsroom.archive.path.parent):
        page = room.pages.get("/sources/gazette")
    assert "the daemon is about to plan it" in words(page)
    assert '<meta http-equiv="refresh"' in page.text


def latest(room: ReadingRoom) -> list[requests.Request]:
    with room.newsroom.archive.reading() as tx:
        return requests.latest(tx, RequestKind.RUN_NOW, limit=9)


def test_words_stand_apart(room: ReadingRoom) -> None:
    room.pages.press(room.pages.get("/sources/gazette"), "Run now")
    with lock.daemon_lock(room.newsroom.archive.path.parent):
        shown = room.pages.get("/sources/gazette").text
    asked = " ".join(re.sub(r"<[^>]+>", "", shown).replace("&#32;", " ").split())
    assert re.search(r"about to plan it\. \S", asked)


def test_a_source_is_paused_and_enabled_in_its_file(room: ReadingRoom) -> None:
    file = room.folder / "sources" / "gazette.yaml"
    before = file.read_text()
    assert room.pages.press(room.pages.get("/sources/gazette"), "Switch off").status == 303
    assert yaml.safe_load(file.read_text())["enabled"] is False
    assert file.read_text().startswith(before.partition("name:")[0]), "its comments stay"
    page = room.pages.get("/sources/gazette")
    assert "Off" in words(page)
    assert "Run now" not in page.buttons
    assert room.pages.press(page, "Enable").status == 303
    assert config.load(room.folder).source("gazette").enabled  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("", "Say until when it is to be paused."),
        ("2040-01-01T08:00", "a pause lasts three years at most, now until 20"),
        ("2020-01-01T08:00", "is over: expected a time that is to come"),
        ("soon", "is no time"),
    ],
)
def test_a_pause_that_cannot_be_is_explained(room: ReadingRoom, until: str, said: str) -> None:
    answer = room.pages.post("/sources/gazette/pause", {"until": until})
    assert answer.status == 400
    assert said in words(answer)
    assert f'name="until" value="{until}"' in answer.text


def test_a_source_that_was_never_run_says_so(room: ReadingRoom) -> None:
    config.write_source(room.folder, "fresh", {"name": "Fresh", "start": ["https://fresh.example/"]})
    said = words(room.pages.get("/sources/fresh"))
    assert "All were read" not in said
    assert "None was met" not in said
    assert "It was never run." in said


def test_a_file_that_cannot_be_changed_is_said_on_the_page(room: ReadingRoom) -> None:
    page = room.pages.get("/sources/gazette")
    (room.folder / "sources" / "herald.yaml").write_text("name: [")
    answer = room.pages.press(page, "Switch off")
    assert answer.status == 400
    assert "herald.yaml" in answer.text
    assert "nothing was changed" in words(answer)


def test_what_could_not_be_read_is_tried_again(room: ReadingRoom) -> None:
    room.publish("Words.", "Ferry aground")
    fail_page(room, "https://gazette.example/story", "answered 500")
    with room.newsroom.archive.writing() as tx:
        tx.execute(url.update().values(next_fetch=room.newsroom.now + timedelta(days=9)))
    answer = room.pages.press(room.pages.get("/sources/gazette"), "Retry what could not be read")
    assert answer.status == 303
    assert "1 page is fetched with the next run" in words(room.pages.get(answer.headers["location"]))
    with room.newsroom.archive.reading() as tx:
        [page] = known_urls.find(tx, "https://gazette.example/story")
        assert page.next_fetch == room.newsroom.now


def test_a_source_that_was_removed_is_told_of_and_cannot_be_changed(
    room: ReadingRoom, tmp_path: Path
) -> None:
    run(room, "gone", summary={})
    page = room.pages.get("/sources/gone")
    assert page.status == 200
    assert "Removed" in words(page)
    assert page.buttons == {}
    for action in ("run", "enabled", "retry"):
        assert room.pages.post(f"/sources/gone/{action}", {"enabled": "no"}).status == 400
        assert room.pages.post(f"/sources/..%2F..%2Fx/{action}", {"enabled": "no"}).status in (400, 404)
    assert latest(room) == []


def test_no_such_source(room: ReadingRoom) -> None:
    assert room.pages.get("/sources/nothing").status == 404


def test_looking_changes_nothing(room: ReadingRoom) -> None:
    def everything() -> object:
        files = {path: path.read_text() for path in room.folder.rglob("*.yaml")}
        with room.newsroom.archive.reading() as tx:
            return files, tx.execute(select(source)).all(), requests.latest(tx, RequestKind.RUN_NOW)

    before = everything()
    for path in ("/sources", "/sources/gazette", "/sources/add", "/operations"):
        room.pages.get(path)
    assert room.pages.get("/sources/gazette/run").status == 405
    assert everything() == before


def test_a_form_without_its_field_changes_nothing(room: ReadingRoom) -> None:
    before = (room.folder / "sources" / "gazette.yaml").read_text()
    assert room.pages.post("/sources/gazette/enabled").status == 400
    assert room.pages.post("/operations/index").status == 400
    assert room.pages.post("/operations/matches").status == 400
    assert (room.folder / "sources" / "gazette.yaml").read_text() == before


def test_a_source_of_its_own_rhythm_tells_it_and_why_it_is_read_when_it_is(room: ReadingRoom) -> None:
    add(room, "meridian", schedule="auto")
    add(room, "harbour", schedule={"every": "1h"})
    assert "by its own rhythm" in words(room.pages.get("/sources/meridian"))
    begin = room.newsroom.now - timedelta(days=21)
    known = Postings("Europe/Paris", begin, begin, 1.0)
    for day in range(21):
        six = begin + timedelta(days=day, hours=-6)
        came = [six + timedelta(minutes=4 * one) for one in range(12)]
        known = observed(known, [Arrival(one, one) for one in came], begin + timedelta(days=day + 1))
    run(room, "meridian", summary={})
    run(room, "harbour", summary={})
    with room.newsroom.archive.writing() as tx:
        for id_ in ("meridian", "harbour"):
            postings._keep(tx, id_, known, room.newsroom.now, 0)
            runs.set_due(tx, id_, known.counted + timedelta(minutes=7), "x")
    answer = room.pages.get("/sources/meridian")
    said = words(answer)
    assert re.search(r"About 1\d\.\d articles a day, most at 7:00–8:00\. Learnt since Fri, 30 Oct 2026", said)
    assert "articles are expected." in said
    assert answer.text.count("<title>") == 1 + 7 * 24
    written_down = words(room.pages.get("/sources/harbour"))
    assert "Schedule every 1h" in written_down
    assert "articles a day, most at 7:00–8:00." in written_down
    assert "expected" not in written_down


def test_a_source_that_is_not_well_says_since_when_and_what_is_not_known(room: ReadingRoom) -> None:
    start = "https://gazette.example/"
    well = {"url": start, "outcome": "listing", "links": 30, "fresh": 3, "reason": ""}
    broken = {**well, "outcome": "failed", "links": 0, "reason": "no link <b>", "kind": "unreadable"}
    for shown in [well] * 6 + [broken] * 2:
        run(room, "gazette", summary={"new": 3, "starts": [shown]})
    judge_step(room.newsroom.archive, config.load(room.folder), room.newsroom.now)
    said = words(room.pages.get("/sources/gazette"))
    assert "A start page shows no articles any more. Since Fri, 20 Nov 2026" in said
    assert f"{start} shows no articles any more (no link &lt;b&gt;); it showed 30" in said
    assert "Caught of what it publishes not known" in said
