"""The page of operations: what is wrong first, and what an operator does about it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from presswatch import lock
from presswatch.archive import Archive, alarms, alerts, feed, match_quarantine, requests
from presswatch.archive.match_quarantine import Prevented
from presswatch.archive.tables import (
    DeliveryState,
    OutboxState,
    RequestKind,
    delivery,
    index_outbox,
)
from presswatch.archive.tables import (
    match_quarantine as prevented_matches,
)
from support.alarm import READER, Alarm
from support.pages_server import Answer, Pages, served
from support.reading_room import ReadingRoom

HOUR = timedelta(hours=1)


def words(answer: Answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def wrong(answer: Answer) -> str:
    """What stands under the first heading."""
    return words(answer).partition("What is wrong ")[2].partition("What waits")[0]


def test_all_works(room: ReadingRoom) -> None:
    with lock.daemon_lock(room.newsroom.archive.path.parent):
        answer = room.pages.get("/operations")
    assert answer.status == 200
    assert wrong(answer).startswith("Nothing: all works.")


def test_steps_that_end_with_the_daemon_alone_are_said_to_go_on(room: ReadingRoom) -> None:
    data = room.newsroom.archive.path.parent
    blank = {"well": "", "error": "", "since": ""}
    lock.report(data, {"steps": {"web": blank, "crawl 1": blank, "housekeeping": blank}})
    with lock.daemon_lock(data):
        said = words(room.pages.get("/operations"))
    assert "Serving the pages goes on –" in said
    assert "Crawling, process 1 goes on –" in said
    assert "Letting go of what need not be kept not yet –" in said
    assert "Serving the pages went on until the daemon ended" in words(room.pages.get("/operations"))


def test_alarms_are_shown_with_when_they_were_told_and_over(room: ReadingRoom) -> None:
    assert "There was none in the last 90 days." in words(room.pages.get("/operations"))
    now = room.newsroom.now
    with room.newsroom.archive.writing() as tx:
        for ago, kind, subject in ((9, "step", "digest"), (5, "channel", "mail"), (2, "source", "harbour")):
            alarms.begin(tx, kind, subject, f"<b>{subject}</b>", now - timedelta(hours=ago))
        alarms.keep_told(tx, [one for one in alarms.every(tx) if one.kind != "source"], [], now - HOUR)
        for kind, subject in (("step", "digest"), ("channel", "mail")):
            alarms.end(tx, kind, subject, "", now - HOUR / 2)
        alarms.keep_told(tx, [], [one for one in alarms.every(tx) if one.kind == "step"], now - HOUR / 4)
    answer = room.pages.get("/operations")
    shown = words(answer).partition(" Alarms ")[2].partition("What waits")[0]
    assert "Nobody is told of alarms: no operator stands in presswatch.yaml." in shown
    lasting, over = shown.partition("The source")[2], shown.partition("The source")[0]
    assert "it lasts" in lasting.partition("No mail leaves")[0]
    assert "not yet" in lasting.partition("No mail leaves")[0]
    assert "The step" not in over
    assert re.search(r"No mail leaves &lt;b&gt;mail&lt;/b&gt; .* 1 hour ago .* not told yet", shown)
    assert re.search(r"keeps failing &lt;b&gt;digest&lt;/b&gt; .* told 15 minutes ago", shown)
    assert 'href="/sources/harbour"' in answer.text


def test_what_is_wrong_is_said_first(room: ReadingRoom) -> None:
    data = room.newsroom.archive.path.parent
    (room.folder / "presswatch.yaml").write_text("contact: [<b>\n")
    lock.report(
        data, {"steps": {"index": {"well": "", "error": "no <i>", "since": "2026-11-20T10:00:00+00:00"}}}
    )
    with room.newsroom.archive.writing() as tx:
        requests.ask(tx, RequestKind.RUN_NOW, "gazette", "", room.newsroom.now)
    said = wrong(room.pages.get("/operations"))
    assert "no daemon runs on this data" in said
    assert "presswatch.yaml:" in said
    assert "mend the lines that are named" in said
    assert "1 request of these pages waits" in said
    with lock.daemon_lock(data):
        answer = room.pages.get("/operations")
    assert "These steps fail since Fri, 20 Nov 2026, 10:00 UTC: Indexing" in wrong(answer)
    assert "no &lt;i&gt;" in answer.text
    assert "<i>" not in answer.text


def test_what_the_index_refuses_is_tried_again_or_told_no_more(room: ReadingRoom) -> None:
    ids = [room.publish("Words.", f"Ferry {number}") for number in range(2)]
    with room.newsroom.archive.writing() as tx:
        for seq, id_ in enumerate(ids):
            feed.quarantine(tx, id_, 900 + seq, "too long <b>", room.newsroom.now)
    answer = room.pages.get("/operations")
    assert "the index refuses 2 articles" in wrong(answer)
    assert "too long &lt;b&gt;" in answer.text
    done = room.pages.post("/operations/index", {"do": "drop", "article": ids[0]})
    assert done.headers["location"] == "/operations?changed=1&of=index#done"
    done = room.pages.post("/operations/index", {"do": "retry"})
    assert done.headers["location"] == "/operations?changed=1&of=index#done"
    with room.newsroom.archive.reading() as tx:
        found = tx.execute(select(index_outbox.c.article, index_outbox.c.state)).all()
        states = {row.article: row.state for row in found}
    assert states == {ids[0]: OutboxState.DROPPED, ids[1]: OutboxState.WAITING}


def test_matches_that_a_fault_prevents_are_tried_again(room: ReadingRoom) -> None:
    with room.newsroom.archive.writing() as tx:
        alerts.ensure_watches(tx, ["ferries", "boats"], room.newsroom.now)
        for watch in ("ferries", "boats"):
            one = Prevented(watch, "1", 1, "RecursionError: <b>")
            match_quarantine.keep(tx, [one], "1.0", room.newsroom.now)
    answer = room.pages.get("/operations")
    assert "a fault prevents 2 matches" in wrong(answer)
    assert "<b>" not in answer.text
    done = room.pages.post("/operations/matches", {"do": "retry", "watch": "ferries"})
    assert done.headers["location"] == "/operations?changed=1&of=matches#done"
    with room.newsroom.archive.reading() as tx:
        found = tx.execute(select(prevented_matches.c.watch, prevented_matches.c.version)).all()
    assert {row.watch: row.version for row in found} == {"ferries": "", "boats": "1.0"}


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    """A mail that is made and not yet sent."""
    alarm = Alarm(archive)
    alarm.watch()
    alarm.publish("The ferry ran aground.", title="Ferry <b>aground")
    alarm.match()
    alarm.close()
    return alarm


@pytest.fixture
def pages(alarm: Alarm, tmp_path: Path) -> Iterator[Pages]:
    data = alarm.archive.path.parent
    with served(alarm.newsroom, tmp_path / "config", {}, {"recipients": [READER]}, data) as pages:
        yield pages


def states(alarm: Alarm) -> list[str]:
    with alarm.archive.reading() as tx:
        return list(tx.execute(select(delivery.c.state)).scalars())


def test_mails_that_wait_are_given_up_and_sent_after_all(alarm: Alarm, pages: Pages) -> None:
    page = pages.get("/operations")
    assert READER in page.text
    assert "<b>" not in page.text
    assert pages.press(page, "Give up").headers["location"] == "/operations?changed=1&of=mails#done"
    assert states(alarm) == [DeliveryState.FAILED]
    page = pages.get("/operations")
    # Somebody decided that.
    assert "delivered" not in wrong(page)
    assert "Give up" not in page.buttons
    assert pages.press(page, "Send again").status == 303
    assert states(alarm) == [DeliveryState.QUEUED]


def test_a_form_that_names_no_mail_drops_nothing(alarm: Alarm, pages: Pages) -> None:
    assert pages.post("/operations/mails", {"do": "drop"}).status == 400
    assert pages.post("/operations/mails", {}).status == 400
    assert (
        pages.post("/operations/mails", {"do": "retry"})
        .headers["location"]
        .endswith("changed=0&of=mails#done")
    )
    assert pages.post("/operations/mails", {"do": "drop", "number": "9" * 40}).status == 400
    assert states(alarm) == [DeliveryState.QUEUED]


def test_what_waits_and_the_size_of_the_data_are_told(room: ReadingRoom) -> None:
    room.publish("Words.", "Ferry aground")
    said = words(room.pages.get("/operations"))
    assert "Articles to index 0" in said
    assert re.search(r"archive\.sqlite [\d.]+ [kM]B", said)
    assert re.search(r"Free [\d.]+ [kMGT]B", said)
