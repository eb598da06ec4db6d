"""Sending: what is tried again and when, and what one mail's fault or the channel's means for the others."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from presswatch.archive.alerts import Mail, Pause
from presswatch.config import Recipient
from presswatch.errors import DeliveryError
from presswatch.watches.channels.folder import FolderChannel
from presswatch.watches.mime import mime_message
from presswatch.watches.notification import Notification, notification
from presswatch.watches.outbox import next_attempt, next_pause
from presswatch.watches.preview import mail_text
from support.alarm import NO_LINKS, SENDER, Alarm, Postbox
from support.newsroom import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A, B, C = "a@example.org", "b@example.org", "c@example.org"
BUSY = DeliveryError("451 try again later")
UNKNOWN = DeliveryError("550 no such user", permanent=True)
LONG = "x@" + "ü" * 80 + ".example"
DOWN = DeliveryError("mail.example:587 cannot be used: Connection refused", channel=True)


@pytest.fixture
def told(alarm: Alarm) -> Alarm:
    """A mail for each of three recipients, ready to be sent."""
    alarm.watch(recipients=[A, B, C])
    alarm.publish()
    alarm.tick()
    return alarm


def attempts(mail: Mail) -> Iterator[timedelta]:
    """When a mail is tried that is never accepted, counted from when it was made."""
    at = mail.created
    while True:
        yield at - mail.created
        again = next_attempt(mail, at)
        if again is None:
            return
        at, mail = again, replace(mail, attempts=mail.attempts + 1)


def test_a_mail_that_is_not_accepted_is_tried_for_days(told: Alarm) -> None:
    tries = list(attempts(replace(told.mails()[0], attempts=1)))
    gaps = [second - first for first, second in pairwise(tries)]
    assert 2 * MINUTE <= gaps[0] <= 3 * MINUTE
    assert 4 * DAY <= tries[-1] <= 7 * DAY
    assert max(gaps) <= 5 * HOUR
    assert len(tries) < 60


def test_each_mail_is_tried_again_at_a_time_of_its_own_that_does_not_depend_on_when_it_is_asked(
    told: Alarm,
) -> None:
    mails = [replace(mail, attempts=5) for mail in told.mails()]
    assert len({next_attempt(mail, NOW) for mail in mails}) == 3
    assert next_attempt(mails[0], NOW) == next_attempt(mails[0], NOW)


def test_a_week_without_a_server_is_no_reason_to_give_up_at_the_first_refusal(told: Alarm) -> None:
    mail = replace(told.mails()[0], attempts=1)
    assert next_attempt(mail, mail.created + 8 * DAY) is not None


def test_one_refused_recipient_does_not_concern_the_others(told: Alarm) -> None:
    box = Postbox({B: UNKNOWN})
    assert told.send(box) == 3
    assert [message["To"] for message in box.taken] == [A, C]
    assert told.states() == {A: ("sent", ""), B: ("failed", "550 no such user"), C: ("sent", "")}
    told.wait(10 * DAY)
    assert told.send(box) == 0


def test_a_watch_goes_on_after_a_delivery_failed(told: Alarm) -> None:
    box = Postbox({B: UNKNOWN})
    told.send(box)
    told.publish()
    told.tick()
    told.send(Postbox())
    assert [mail.recipient for mail in told.mails()] == [A, B, C] * 2


def test_what_was_not_accepted_now_is_sent_later_with_the_same_message_id(told: Alarm) -> None:
    box = Postbox({B: BUSY})
    told.send(box)
    assert told.states()[B] == ("queued", "451 try again later")
    assert told.send(box) == 0
    told.wait(3 * MINUTE)
    box.faults.clear()
    assert told.send(box) == 1
    assert sorted(box.ids()) == sorted(mail.message_id for mail in told.mails())
    assert told.states()[B] == ("sent", "")


def test_a_channel_that_is_down_is_paused_and_loses_nothing(told: Alarm) -> None:
    down = Postbox({A: DOWN, B: DOWN, C: DOWN})
    for _ in range(6 * 24):  # six days, a look every hour
        told.send(down)
        told.wait(HOUR)
    pause = told.pause()
    assert pause is not None
    assert pause.reason == str(DOWN)
    assert pause.since == NOW
    assert {state for state, _reason in told.states().values()} == {"queued"}
    box = Postbox()
    told.wait(15 * MINUTE)
    assert told.send(box) == 3
    assert told.pause() is None


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    pause, at, lengths = None, NOW, []
    for _ in range(12):
        pause = next_pause(pause, "down", at)
        lengths.append(pause.until - at)
        at = pause.until
    assert lengths[0] == MINUTE
    assert lengths == sorted(lengths)
    assert lengths[-1] == 15 * MINUTE


def test_a_pause_from_a_clock_that_was_ahead_does_not_last(told: Alarm) -> None:
    told.wait(365 * DAY)
    told.send(Postbox({A: DOWN}))
    told.wait(-365 * DAY)
    assert told.send(Postbox()) == 3
    assert next_pause(Pause(NOW + DAY, "down", NOW + DAY), "down", NOW) == Pause(NOW + MINUTE, "down", NOW)


def test_one_mail_that_brings_the_channel_down_does_not_starve_the_others(told: Alarm) -> None:
    box = Postbox({A: DOWN})
    for _ in range(10):
        told.send(box)
        told.wait(MINUTE)
    assert {str(message["To"]) for message in box.taken} == {B, C}
    assert told.states()[A][0] == "queued"


def test_a_fault_of_ours_in_one_mail_does_not_keep_back_the_others(told: Alarm) -> None:
    class Broken(Postbox):
        def send(self, notification: Notification) -> str:
            if notification.mail.recipient == A:
                raise RecursionError("too deep")
            return super().send(notification)

    box = Broken()
    told.send(box)
    assert len(box.taken) == 2
    assert told.states()[A] == ("queued", "a fault of presswatch: RecursionError: too deep")


def test_an_address_that_no_mail_can_carry_fails_alone(alarm: Alarm) -> None:
    alarm.watch(recipients=[B])
    # A configuration refuses it; an archive of before may hold it.
    made = alarm.watches["ferries"]
    alarm.watches["ferries"] = made.model_copy(
        update={"recipients": (Recipient.model_construct(address=LONG), *made.recipients)}
    )
    alarm.publish()
    alarm.tick()
    box = Postbox()
    alarm.send(box)
    assert [message["To"] for message in box.taken] == [B]
    assert alarm.states()[LONG][0] == "failed"


def test_a_folder_gets_one_file_a_mail_however_often_it_is_sent(told: Alarm, tmp_path: Path) -> None:
    folder = FolderChannel(tmp_path / "mail", SENDER)
    told.send(folder)
    message = mime_message(told.mails()[0], SENDER)
    first = Path(folder.send(notification(told.mails()[0], NO_LINKS)))
    assert first.name == f"2026-11-20-120000-ferries-a-{message['Message-ID'][1:9]}.eml"
    assert sorted(path.suffix for path in (tmp_path / "mail").iterdir()) == [".eml"] * 3
    assert first.read_bytes() == message.as_bytes()


def test_a_file_is_named_by_harmless_letters_whatever_the_address(told: Alarm, tmp_path: Path) -> None:
    recipient = "../../" + "x" * 300 + "/ä|b@example.org"
    mail = replace(told.mails()[0], recipient=recipient)
    made = Path(FolderChannel(tmp_path, SENDER).send(notification(mail, NO_LINKS)))
    assert made.parent == tmp_path
    assert len(os.fsencode(made.name)) < 255


def test_a_folder_that_cannot_be_written_pauses_the_channel(told: Alarm, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    assert told.send(FolderChannel(tmp_path / "mail", SENDER)) == 0
    pause = told.pause()
    assert pause is not None
    assert "cannot be written" in pause.reason
    with pytest.raises(DeliveryError, match="cannot be made"):
        FolderChannel(tmp_path / "mail", SENDER).probe()


def test_a_mail_is_shown_as_its_reader_sees_it(told: Alarm, tmp_path: Path) -> None:
    path = Path(FolderChannel(tmp_path, SENDER).send(notification(told.mails()[0], NO_LINKS)))
    shown = mail_text(path)
    assert shown.startswith(
        "From: presswatch <alerts@example.org>\n"
        "To: a@example.org\n"
        "Date: Fri, 20 Nov 2026 12:00:00 +0000\n"
        "Subject: Ferries: Report 1\n\n"
        "Ferries: 1 new article\n\n"
        "Report 1\n"
        "Gazette · first seen Fri, 20 Nov 2026, 12:00 UTC\n\n"
        "The *ferry* ran aground.\n"
    )
    assert max(map(len, mail_text(path, width=60).splitlines())) <= 72
