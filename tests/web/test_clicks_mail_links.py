"""What a recipient does behind the links of a mail, in a browser that never was here before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from presswatch.archive import Archive
from presswatch.archive.signing_key import signing_key
from presswatch.archive.tables import delivery
from presswatch.watches.links import Links
from support.alarm import READER, Alarm
from support.pages_server import Pages, served
from support.visitor import Visit


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    """A mail to one reader, of two stories."""
    alarm = Alarm(archive)
    alarm.watch(recipients=[f"Jane <{READER}>"], owner="owner@example.org")
    alarm.publish("The ferry ran aground off the northern cape at dawn.", title="Ferry aground")
    alarm.publish("A new ferry terminal was opened by the mayor.", title="Terminal opened")
    alarm.tick()
    return alarm


@pytest.fixture
def pages(alarm: Alarm, tmp_path: Path) -> Iterator[Pages]:
    watch = {"recipients": [READER], "owner": "owner@example.org"}
    with served(alarm.newsroom, tmp_path / "config", {}, watch) as pages:
        yield pages


def link(alarm: Alarm) -> str:
    with alarm.archive.reading() as tx:
        copy = tx.execute(select(delivery.c.id)).scalar_one()
    return "/mail/" + Links("", signing_key(alarm.archive)).token(copy)


def test_a_recipient_chooses_and_takes_everything_back(alarm: Alarm, pages: Pages, visit: Visit) -> None:
    jane = visit(pages)
    jane.open(link(alarm))
    for button, done in (
        ("Not relevant", "Not relevant: "),
        ("Mute this story", "Story muted"),
        ("Mute this source", "Source muted"),
        ("Pause for 7 days", "Mails paused"),
        ("End the mails of this watch", "Mails ended"),
    ):
        jane.press(button)
        assert done in jane.told
        jane.page.reload()
        assert done in jane.told, "and to load it again asks for nothing again"
        jane.press("Undo", jane.page.get_by_role("status"))
        assert "Taken back" in jane.told
    assert not jane.sees("What you chose")
    jane.page.go_back()
    assert jane.page.url.startswith("http"), "it asks for no form to be sent again"


def test_a_link_of_the_mail_asks_first(alarm: Alarm, pages: Pages, visit: Visit) -> None:
    jane = visit(pages)
    jane.open(f"{link(alarm)}/stop")
    assert jane.sees(f"End the mails of this watch to {READER}?")
    jane.press("End the mails of this watch")
    assert "Mails ended" in jane.told
    jane.open(f"{link(alarm)}/pause")
    jane.follow("All that can be chosen for this mail")
    jane.press("Undo")
    assert "Taken back" in jane.told
