"""Operations in a browser: mails that wait or failed, and what is in quarantine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from presswatch.archive import Archive, alerts, feed, match_quarantine
from presswatch.archive.match_quarantine import Prevented
from presswatch.archive.tables import DeliveryState, delivery
from support.alarm import READER, Alarm
from support.pages_server import Pages, served
from support.reading_room import ReadingRoom
from support.visitor import Visit


@pytest.fixture
def waiting(archive: Archive, tmp_path: Path) -> Iterator[Pages]:
    """The pages of an archive in which a mail waits."""
    alarm = Alarm(archive)
    alarm.watch()
    alarm.publish("The ferry ran aground.", title="Ferry aground")
    alarm.match()
    alarm.close()
    with served(
        alarm.newsroom, tmp_path / "config", {}, {"recipients": [READER]}, archive.path.parent
    ) as pages:
        yield pages


def test_a_mail_is_given_up_and_sent_after_all(waiting: Pages, visit: Visit) -> None:
    operator = visit(waiting)
    operator.open("/")
    operator.follow("Operations")
    mail = operator.card(READER).first
    operator.press("Give up", mail)
    assert "1 was changed." in operator.told
    operator.press("Send again", mail)
    assert "1 was changed." in operator.told
    assert not operator.sees("1 copy of a mail failed.")
    operator.press("Give up", mail)
    operator.page.reload()
    assert operator.sees(f"{READER}: given up"), "nothing is sent again by loading the page again"


def test_all_mails_that_failed_are_sent_again(waiting: Pages, archive: Archive, visit: Visit) -> None:
    with archive.writing() as tx:
        tx.execute(delivery.update().values(state=DeliveryState.FAILED, reason="550 no such mailbox"))
    operator = visit(waiting)
    operator.open("/operations")
    assert operator.sees(f"{READER}: failed 550 no such mailbox")
    operator.press("Send all that failed again")
    assert "1 was changed." in operator.told
    assert not operator.sees("550")


def test_quarantines_are_emptied(room: ReadingRoom, visit: Visit) -> None:
    ids = [room.publish("Words.", f"Ferry {number}") for number in range(3)]
    with room.newsroom.archive.writing() as tx:
        for seq, id_ in enumerate(ids):
            feed.quarantine(tx, id_, 900 + seq, "too long", room.newsroom.now)
        alerts.ensure_watches(tx, ["ferries", "boats", "ships"], room.newsroom.now)
        for watch in ("ferries", "boats", "ships"):
            fault = Prevented(watch, "1", 1, "RecursionError")
            match_quarantine.keep(tx, [fault], "1.0", room.newsroom.now)
    operator = visit(room.pages)
    operator.open("/operations")
    assert operator.sees("he index refuses 3 articles")
    operator.press("Tell no more of it")
    assert "1 was changed." in operator.told
    operator.press("Try again", operator.card("too long").last)
    assert "1 was changed." in operator.told
    assert operator.sees("he index refuses an article")
    operator.press("Try all again")
    assert operator.sees("The index refuses nothing.")
    operator.press("Try again", operator.card("boats").last)
    assert "1 was changed." in operator.told
    operator.press("Try all again")
    assert "were changed." in operator.told
    assert operator.page.evaluate("document.activeElement.id") == "done"
