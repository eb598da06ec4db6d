"""Operators are told of alarms by mail and by a channel: once, and once when it is over."""

from datetime import timedelta

import pytest

from presswatch.archive import Archive, alarms, alerts, mails
from presswatch.archive.alarms import Alarm as Wrong
from presswatch.archive.alerts import Mail, Pause
from presswatch.config import Config
from presswatch.config.models import OperatorConfig
from presswatch.errors import DeliveryError
from presswatch.model import AlarmKind, MailKind
from presswatch.watches.alarm_mail import alarm_step, render_alarms
from presswatch.watches.alarm_rules import ToTell
from presswatch.watches.audience import Audience
from presswatch.watches.channels.message import message_of
from presswatch.watches.channels.webhook import payload
from presswatch.watches.notification import notification
from support.alarm import NO_LINKS, SENDER, Alarm, Postbox
from support.newsroom import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OPS, PHONE = "ops@example.org", "phone"
PLENTY = 1 << 40
DOWN = DeliveryError("mail.example:587 cannot be used: Connection refused", channel=True)
NOBODY, SOMEBODY = Config(), Config(operator=OperatorConfig(to=(OPS,), channel=PHONE))


class Daemon:
    """What the daemon does for its operator every half a minute."""

    def __init__(self, alarm: Alarm) -> None:
        self.alarm = alarm
        self.config = SOMEBODY
        self.free = PLENTY
        self.steps: dict[str, dict[str, str]] = {}

    def fail(self, step: str, reason: str) -> None:
        self.steps[step] = {"well": "", "error": reason, "since": self.alarm.now.isoformat()}

    def work(self, span: timedelta) -> None:
        end = self.alarm.now + span
        while self.alarm.now < end:
            config = self.config.model_copy(update={"watches": self.alarm.config.watches})
            alarm_step(self.alarm.archive, config, self.steps, self.free, self.alarm.now)
            self.alarm.wait(MINUTE / 2)

    def told(self, recipient: str = OPS) -> list[str]:
        return [mail.subject for mail in self.alarm.mails() if mail.recipient == recipient]

    def mail(self, place: int = -1) -> Mail:
        return self.alarm.mails()[place]


@pytest.fixture
def daemon(alarm: Alarm) -> Daemon:
    return Daemon(alarm)


def test_a_step_that_keeps_failing_is_told_once_and_so_is_that_it_works_again(daemon: Daemon) -> None:
    daemon.fail("digest", "no words for <b>this</b>\x1b[31m")
    daemon.work(9 * MINUTE)
    assert daemon.told() == []
    daemon.work(DAY)
    assert daemon.told() == ["presswatch: The step digest keeps failing"]
    mail = daemon.mail()
    assert "no words for <b>this</b>[31m" in mail.text
    assert "no words for &lt;b&gt;this&lt;/b&gt;[31m" in mail.html
    daemon.steps.clear()
    daemon.work(DAY)
    assert daemon.told()[1:] == ["presswatch: over: The step digest keeps failing"]
    assert daemon.told(PHONE) == daemon.told()


def test_several_things_are_one_mail(daemon: Daemon) -> None:
    daemon.fail("index", "Elasticsearch is away")
    daemon.fail("digest", "it broke")
    daemon.work(10 * MINUTE)
    daemon.free = 300 << 20
    daemon.work(10 * MINUTE)
    assert daemon.told() == ["presswatch: The disk is nearly full, and 2 more"]
    for said in (
        "Nothing is indexed",
        "Elasticsearch is away",
        "The step digest",
        "less than 400 MiB are free",
    ):
        assert said in daemon.mail().text


def test_without_an_operator_nothing_is_mailed_and_who_comes_later_is_told_what_is_still_wrong(
    daemon: Daemon,
) -> None:
    daemon.config = NOBODY
    daemon.free = 0
    daemon.fail("digest", "it broke")
    daemon.work(20 * MINUTE)
    assert daemon.alarm.mails() == []
    daemon.steps.clear()
    daemon.config = SOMEBODY
    daemon.work(20 * MINUTE)
    assert daemon.told() == ["presswatch: The disk is nearly full"]


def test_while_mail_is_broken_the_channel_tells_it_and_the_mail_follows(daemon: Daemon) -> None:
    alarm, phone, box = daemon.alarm, Postbox(), Postbox({OPS: DOWN})
    with alarm.archive.writing() as tx:
        alerts.pause(tx, Pause(alarm.now, str(DOWN), alarm.now), alerts.MAIL)
    daemon.work(32 * MINUTE)
    alarm.send(box)
    assert alarm.send(phone, PHONE) == 1
    assert "presswatch: No mail leaves" in str(phone.taken[0]["Subject"])
    assert alarm.states()[OPS][0] == "queued"
    box.faults.clear()
    alarm.wait(DAY)
    assert alarm.send(box) == 1
    assert alarm.send(box) == alarm.send(phone, PHONE) == 0
    daemon.work(20 * MINUTE)
    assert daemon.told()[1:] == ["presswatch: over: No mail leaves"]


def test_what_was_told_is_not_told_again_by_a_daemon_that_was_killed_at_any_point(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.free = 0
    daemon.work(MINUTE)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        # The last thing before the commit.
        patched.setattr(alarms, "keep_told", killed)
        daemon.work(MINUTE)
    assert daemon.alarm.mails() == []
    daemon.work(DAY)
    assert len(daemon.told()) == 1
    assert len({mail.message_id for mail in daemon.alarm.mails()}) == 2


def test_who_refuses_mail_for_good_is_an_alarm_until_it_takes_one(daemon: Daemon) -> None:
    alarm = daemon.alarm
    alarm.watch(recipients=["gone@example.org", "here@example.org"])
    alarm.publish()
    alarm.tick()
    alarm.send(Postbox({"gone@example.org": DeliveryError("550 no such user", permanent=True)}))
    daemon.work(5 * MINUTE)
    assert daemon.told() == ["presswatch: Mail to gone@example.org is refused"]
    assert "550 no such user" in daemon.mail().text
    alarm.publish()
    alarm.tick()
    alarm.send(Postbox())
    daemon.work(20 * MINUTE)
    assert daemon.told()[1:] == ["presswatch: over: Mail to gone@example.org is refused"]


def test_mail_that_an_operator_gave_up_is_no_alarm(daemon: Daemon) -> None:
    alarm = daemon.alarm
    alarm.watch()
    alarm.publish()
    alarm.tick()
    with alarm.archive.writing() as tx:
        assert mails.drop(tx, [alarm.mails()[0].number])
    daemon.work(5 * MINUTE)
    assert daemon.told() == []


def test_an_alarm_that_somebody_else_judges_is_told_and_not_ended_here(daemon: Daemon) -> None:
    with daemon.alarm.archive.writing() as tx:
        alarms.begin(tx, AlarmKind.SOURCE, "gazette", "it brought nothing for two days", daemon.alarm.now)
    daemon.work(DAY)
    assert daemon.told() == ["presswatch: The source gazette is not read as it should be"]


def test_a_kind_that_this_version_does_not_know_is_told_by_its_name(archive: Archive) -> None:
    told = ToTell([Wrong("moon", "full", "it shines", NOW)], [])
    assert render_alarms(told, Audience("en", "UTC")).subject == "presswatch: moon full"


def test_an_alarm_as_a_message_and_as_json(daemon: Daemon) -> None:
    daemon.free = 0
    daemon.work(5 * MINUTE)
    told = notification(daemon.mail(), NO_LINKS)
    message = message_of(told, SENDER)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    posted = payload(told)
    assert posted["kind"] == MailKind.ALARMS
    assert "less than 100 MiB are free" in posted["text"]


def test_a_hundred_alarms_are_counted_where_they_are_too_many(daemon: Daemon) -> None:
    with daemon.alarm.archive.writing() as tx:
        for number in range(100):
            alarms.begin(tx, AlarmKind.SOURCE, f"paper-{number}", "w" * 5000, daemon.alarm.now)
    daemon.work(5 * MINUTE)
    assert len(daemon.told()) == 1
    assert "70 more are not told here" in daemon.mail().text
    assert len(daemon.mail().html) < 100_000
