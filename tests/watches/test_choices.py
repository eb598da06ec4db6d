"""Mails follow what their recipients chose, and whoever owns the watch is told."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from presswatch.archive import Archive, choices, mails
from presswatch.archive.choices import Choice
from presswatch.archive.tables import ChoiceKind
from presswatch.config.models import WebConfig
from support.alarm import READER, Alarm, Postbox

OTHER = "other@example.org"
OWNER = "owner@example.org"
MINUTE = timedelta(minutes=1)
FERRY = "The ferry Aurora ran aground off the northern cape at dawn and forty people were rescued."


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    alarm = Alarm(archive)
    alarm.watch(recipients=[f"Jane <{READER}>", OTHER], owner=OWNER)
    return alarm


def choose(
    alarm: Alarm,
    kind: ChoiceKind,
    subject: str = "",
    recipient: str = READER,
    undone: bool = False,
    days: int = 0,
) -> None:
    until = alarm.now + timedelta(days=days) if days else None
    with alarm.archive.reading() as tx:
        made = mails.latest(tx, 1)
    mail = made[0].number if made else None
    with alarm.archive.writing() as tx:
        choices.keep(tx, Choice("ferries", recipient, kind, subject, undone, until, alarm.now, mail))


def told(alarm: Alarm) -> dict[str, list[str]]:
    """The subjects of the mails that leave for each address, in their order."""
    box = Postbox()
    alarm.send(box)
    found: dict[str, list[str]] = {}
    for message in box.taken:
        found.setdefault(str(message["To"]), []).append(str(message["Subject"]))
    return found


def test_who_mutes_a_source_is_told_what_others_published_and_how_much_is_not_told(alarm: Alarm) -> None:
    choose(alarm, ChoiceKind.MUTE_SOURCE, "gazette")
    alarm.publish()
    alarm.tick()
    assert told(alarm) == {OTHER: ["Ferries: Report 1"]}
    assert alarm.states()[f"Jane <{READER}>"] == ("withheld", "all of it is muted")
    # What was withheld is told by this mail all the same, and by no other.
    choose(alarm, ChoiceKind.MUTE_SOURCE, "gazette", undone=True)
    alarm.publish()
    alarm.tick()
    assert told(alarm)[f"Jane <{READER}>"] == ["Ferries: Report 2"]


def test_a_muted_story_stays_muted_when_it_goes_on_and_others_are_told(alarm: Alarm) -> None:
    first = alarm.publish(FERRY, title="Ferry aground")
    alarm.tick()
    told(alarm)
    choose(alarm, ChoiceKind.MUTE_STORY, first)
    second = alarm.publish("A new ferry terminal was opened by the mayor of Bergen today.", title="Terminal")
    third = alarm.publish(FERRY + " The captain was heard.", title="Ferry aground again")
    alarm.join(third, first)
    alarm.tick()
    [mine] = [mail for mail in alarm.mails() if READER in mail.recipient and "Terminal" in mail.subject]
    assert "aground again" not in mine.text
    assert "1 article is not told, as its story or source is muted." in mine.text
    [others] = [mail for mail in alarm.mails() if mail.recipient == OTHER][1:]
    assert "*Ferry* aground again" in others.text
    assert second
    assert mine.text != others.text


def test_what_is_muted_for_a_whole_watch_is_told_to_nobody(alarm: Alarm) -> None:
    muted = alarm.publish(title="Ferry aground")
    alarm.publish(title="Ferry afloat")
    choose(alarm, ChoiceKind.MUTE_STORY, muted, recipient="")
    alarm.tick()
    assert told(alarm) == {f"Jane <{READER}>": ["Ferries: Ferry afloat"], OTHER: ["Ferries: Ferry afloat"]}
    assert "1 article is not told" in alarm.mails()[0].text
    choose(alarm, ChoiceKind.MUTE_STORY, muted, recipient="", undone=True)
    alarm.join(alarm.publish(title="Ferry towed away"), muted)
    alarm.tick()
    assert told(alarm)[OTHER] == ["Ferries: Ferry towed away"]


def test_a_paused_recipient_gets_nothing_and_others_do(alarm: Alarm) -> None:
    choose(alarm, ChoiceKind.PAUSE, days=1)
    alarm.publish()
    alarm.tick()
    assert told(alarm) == {OTHER: ["Ferries: Report 1"]}
    alarm.wait(timedelta(days=1))
    alarm.publish()
    alarm.tick()
    assert told(alarm)[f"Jane <{READER}>"] == ["Ferries: Report 2"]


def test_when_everybody_pauses_what_is_found_is_told_after_that(alarm: Alarm) -> None:
    choose(alarm, ChoiceKind.PAUSE, days=1)
    choose(alarm, ChoiceKind.PAUSE, recipient=OTHER, days=2)
    alarm.publish()
    alarm.tick()
    assert alarm.mails() == []
    alarm.wait(timedelta(days=1))
    alarm.tick()
    assert told(alarm) == {f"Jane <{READER}>": ["Ferries: Report 1"]}


def test_who_ended_the_mails_gets_none_until_they_take_it_back(alarm: Alarm) -> None:
    choose(alarm, ChoiceKind.STOP)
    alarm.publish()
    alarm.tick()
    assert list(told(alarm)) == [OTHER]
    choose(alarm, ChoiceKind.STOP, undone=True)
    alarm.publish()
    alarm.tick()
    assert set(told(alarm)) == {f"Jane <{READER}>", OTHER}


def test_the_owner_is_told_once_of_what_recipients_chose_together(alarm: Alarm) -> None:
    first = alarm.publish(title="Ferry aground")
    alarm.tick()
    told(alarm)
    choose(alarm, ChoiceKind.NOT_RELEVANT, first)
    choose(alarm, ChoiceKind.PAUSE, days=7)
    alarm.tick()
    assert told(alarm) == {}
    alarm.wait(2 * MINUTE)
    alarm.tick()
    assert told(alarm) == {OWNER: ["Ferries: what recipients chose"]}
    text = alarm.mails()[-1].text
    assert f"{READER}: Not relevant: Ferry aground" in text
    assert f"{READER}: Mails paused until Fri, 27 Nov 2026, 12:00 UTC" in text
    assert "presswatch watches show ferries shows what its recipients chose" in " ".join(text.split())
    alarm.wait(10 * MINUTE)
    alarm.tick()
    assert told(alarm) == {}


def test_the_owner_of_a_daily_digest_is_told_at_once_though_nothing_was_found(alarm: Alarm) -> None:
    alarm.watch(recipients=[READER], owner=OWNER, deliver={"every": "1d"})
    alarm.publish()
    alarm.wait(timedelta(days=1))
    alarm.tick()
    told(alarm)
    choose(alarm, ChoiceKind.MUTE_SOURCE, "herald")
    alarm.wait(2 * MINUTE)
    alarm.tick()
    assert told(alarm) == {OWNER: ["Ferries: what recipients chose"]}


def test_what_the_owner_is_told_holds_up_no_mail_of_the_watch(alarm: Alarm) -> None:
    alarm.gap = timedelta(hours=1)
    alarm.publish()
    alarm.tick()
    alarm.wait(timedelta(hours=2))
    choose(alarm, ChoiceKind.MUTE_SOURCE, "herald")
    alarm.wait(2 * MINUTE)
    alarm.tick()
    alarm.publish()
    alarm.tick()
    assert alarm.mails()[-1].subject == "Ferries: Report 2"


def test_precision_counts_articles_that_somebody_called_not_relevant(alarm: Alarm) -> None:
    first, _second = alarm.publish(), alarm.publish()
    alarm.tick()
    choose(alarm, ChoiceKind.NOT_RELEVANT, first)
    choose(alarm, ChoiceKind.NOT_RELEVANT, first, recipient=OTHER)
    with alarm.archive.reading() as tx:
        assert choices.relevance(tx, alarm.now) == {"ferries": (2, 1)}
    choose(alarm, ChoiceKind.NOT_RELEVANT, first, undone=True)
    choose(alarm, ChoiceKind.NOT_RELEVANT, first, recipient=OTHER, undone=True)
    with alarm.archive.reading() as tx:
        assert choices.relevance(tx, alarm.now) == {}


@pytest.mark.parametrize("public_url", ["", "http://watch.example.org", "https://watch.example.org"])
def test_each_copy_has_links_of_its_own_where_readers_reach_the_pages(alarm: Alarm, public_url: str) -> None:
    alarm.web = WebConfig(public_url=public_url)
    alarm.publish()
    alarm.tick()
    box = Postbox()
    alarm.send(box)
    pages = set()
    for message in box.taken:
        text, html = (
            str(part.get_content()) for part in message.iter_parts() if isinstance(part, EmailMessage)
        )
        ends = str(message["List-Unsubscribe"])
        assert f"<mailto:{OWNER}" in ends
        assert ("List-Unsubscribe-Post" in message) == public_url.startswith("https")
        assert "copy-" not in text + html
        if not public_url:
            assert "/mail/" not in text + html + ends
            continue
        [page] = [line.strip() for line in text.splitlines() if "/mail/" in line]
        assert ends.startswith(f"<{page}/stop>")
        assert f'href="{page}/mute-story/' in html
        pages.add(page)
    assert len(pages) == (2 if public_url else 0)


def test_who_is_told_that_nothing_was_found_can_end_that_too(alarm: Alarm) -> None:
    alarm.web = WebConfig(public_url="https://watch.example.org")
    alarm.watch(recipients=[READER], deliver={"every": "1d"}, nil_report=True)
    alarm.wait(timedelta(days=1))
    alarm.tick()
    box = Postbox()
    alarm.send(box)
    [message] = box.taken
    text = message.get_body(("plain",))
    assert text is not None
    [page] = [line.strip() for line in str(text.get_content()).splitlines() if "/mail/" in line]
    assert str(message["List-Unsubscribe"]).startswith(f"<{page}/stop>")
