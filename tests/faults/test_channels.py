"""Channels in a running daemon: one that hangs holds up no mail, and none is lost when one is taken away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from presswatch import config
from presswatch.archive.tables import delivery
from presswatch.watches.digest import close_step
from support.alarm import Alarm
from support.deployment import Deployment
from support.receiver import Receiver, receiving

DESK = "desk@gazette.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def configure(deployment: Deployment, channels: dict[str, Any], recipients: list[str]) -> None:
    (deployment.config / "watches" / "aurora.yaml").unlink(missing_ok=True)
    deployment.configure([], query="ferry", channels=channels)
    watch = {"name": "Ferries", "query": "ferry", "recipients": recipients}
    deployment.write("watches/aurora.yaml", yaml.safe_dump(watch))


def make_a_mail(deployment: Deployment) -> None:
    """A mail of the watch, ready to be sent to each recipient."""
    with deployment.archive() as archive:
        alarm = Alarm(archive)
        alarm.watches = {one.id: one for one in config.load(deployment.config).watches}
        alarm.match()
        alarm.publish()
        alarm.match()
        close_step(archive, config.load(deployment.config), alarm.now)


def states(deployment: Deployment) -> dict[str, str]:
    with deployment.archive() as archive, archive.reading() as tx:
        return {row.recipient: row.state for row in tx.execute(select(delivery))}


def hook(receiver: Receiver, **keys: Any) -> dict[str, Any]:
    address = f"127.0.0.1:{receiver.port}"
    return {"webhook": {"url": f"http://{address}/hunter2", "allow_addresses": [address], **keys}}


def test_a_webhook_that_hangs_does_not_delay_the_mails(deployment: Deployment, receiver: Receiver) -> None:
    receiver.hang()
    configure(deployment, {"bot": hook(receiver, timeout="10m")}, ["bot", DESK])
    make_a_mail(deployment)
    deployment.start()
    deployment.wait_until("the webhook is asked", lambda: receiver.posted)
    deployment.wait_until("the mail is sent", lambda: states(deployment)[DESK] == "sent")
    assert states(deployment)["bot"] == "sending"
    assert "hunter2" not in deployment.log


def test_what_was_being_posted_when_the_daemon_was_killed_is_posted_again(
    deployment: Deployment, receiver: Receiver
) -> None:
    receiver.hang()
    configure(deployment, {"bot": hook(receiver, timeout="10m")}, ["bot"])
    make_a_mail(deployment)
    daemon = deployment.start()
    deployment.wait_until("the webhook is asked", lambda: receiver.posted)
    daemon.kill()
    daemon.wait()
    receiver.behave()
    deployment.start()
    deployment.wait_until("it is posted again", lambda: states(deployment)["bot"] == "sent")
    first, second = receiver.posted
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_what_waits_for_a_channel_that_is_taken_away_fails_and_can_be_sent_when_it_is_back(
    deployment: Deployment, receiver: Receiver
) -> None:
    receiver.answer_always(503)
    channels = {"bot": hook(receiver)}
    configure(deployment, channels, ["bot", DESK])
    make_a_mail(deployment)
    deployment.start()
    deployment.wait_until("the webhook is asked", lambda: receiver.posted)
    deployment.wait_until("the pause is told", lambda: "bot is paused" in deployment.run("status").stdout)
    assert "hunter2" not in deployment.run("status").stdout
    configure(deployment, {}, [DESK])
    deployment.wait_until("it has failed", lambda: states(deployment)["bot"] == "failed")
    assert "no such channel any more" in deployment.run("mails", "show", "1").stdout
    receiver.answer_always(204)
    configure(deployment, channels, ["bot", DESK])
    deployment.wait_until(
        "it is sent",
        lambda: deployment.run("mails", "retry", "1") and states(deployment)["bot"] == "sent",
    )


def test_the_commands_know_channels(deployment: Deployment, receiver: Receiver) -> None:
    unused = {"apprise": {"url": {"env": "PRESSWATCH_TEST_NOWHERE"}}}
    configure(deployment, {"bot": hook(receiver), "phone": unused}, ["bot"])
    told = deployment.run("check")
    assert f"well     channel bot: a webhook at 127.0.0.1:{receiver.port}, not signed" in told.stdout
    assert "trouble  channel phone: channels.phone.apprise.url: the environment variable" in told.stderr
    assert "hunter2" not in told.stdout + told.stderr
    assert receiver.posted == []
    done = deployment.run("mails", "test", "--to", "bot")
    assert done.returncode == 0
    assert receiver.posted[0].values["kind"] == "trial"
    receiver.answer(410)
    gone = deployment.run("mails", "test", "--to", "bot")
    assert gone.returncode == 1
    assert "410 Gone: its receiver says that it is gone for ever" in gone.stderr
    assert "hunter2" not in gone.stderr
    unknown = deployment.run("mails", "test", "--to", "bott")
    assert unknown.returncode == 2
    assert "there is no channel 'bott'; do you mean bot?" in unknown.stderr


def test_bounces_fail_the_copies_that_came_back_once(deployment: Deployment, tmp_path: Path) -> None:
    configure(deployment, {}, [DESK, "other@gazette.example"])
    make_a_mail(deployment)
    with deployment.archive() as archive, archive.reading() as tx:
        known = tx.execute(select(delivery.c.message_id).where(delivery.c.recipient == DESK)).scalar_one()
    deployment.start()
    deployment.wait_until("all is sent", lambda: set(states(deployment).values()) == {"sent"})
    report = (
        "From MAILER-DAEMON Fri Nov 20 12:00:00 2026\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {DESK}\nAction: failed\nStatus: 5.2.2\n"
        "Diagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        "Message-ID: {}\n\n--b--\n\n"
    )
    box = report.format(known) + report.format("<other@example.org>") + "From x\n\nhello\n"
    (tmp_path / "box").write_text(box)
    done = deployment.run("mails", "bounces", str(tmp_path / "box"))
    assert f"mail 1 to {DESK}: came back: 5.2.2 {DESK} 552 5.2.2 mailbox full" in done.stdout
    assert "3 messages read: 1 copy marked as failed, 0 read before, 1 of mails" in done.stdout
    assert states(deployment) == {DESK: "failed", "other@gazette.example": "sent"}
    assert "mailbox full" in deployment.run("status").stdout
    deployment.run("mails", "retry", "1")
    deployment.wait_until("it is sent again", lambda: states(deployment)[DESK] == "sent")
    again = deployment.run("mails", "bounces", str(tmp_path / "box"), "--json")
    assert '"known": 1' in again.stdout
    assert states(deployment)[DESK] == "sent"
