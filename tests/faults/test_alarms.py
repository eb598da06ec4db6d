"""A running daemon tells its operator what is wrong, and a service elsewhere that all is well."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from presswatch.archive import alarms, runs
from support.deployment import Deployment
from support.postoffice import PostOffice
from support.receiver import Receiver, receiving

OPS = "ops@gazette.example"
SECRET = "7f3a9b1c-1111-2222-3333-444455556666"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def address(receiver: Receiver) -> str:
    return f"127.0.0.1:{receiver.port}"


def begin(deployment: Deployment, subject: str) -> None:
    """An alarm that began some minutes ago, of a source that nobody reads now, and so judges anew."""
    site = "https://gazette.example/"
    deployment.write(f"sources/{subject}.yaml", f"name: The Gazette\nstart: [{site}]\n")
    with deployment.archive() as archive, archive.writing() as tx:
        now = datetime.now(UTC) - timedelta(minutes=5)
        runs.ensure_sources(tx, [subject], now)
        runs.pause(tx, subject, now + timedelta(days=30))
        alarms.begin(tx, "source", subject, "it brought nothing for two days", now)


def smtp(office: PostOffice, **keys: Any) -> dict[str, Any]:
    login = {"username": "presswatch", "password": {"file": str(office.password_file)}}
    server = {"host": "127.0.0.1", "port": office.port, "ca_file": str(office.ca_file), **login}
    return {"smtp": server | keys}


def test_while_the_mail_server_is_away_the_channel_tells_it_and_the_mail_follows_once(
    deployment: Deployment, receiver: Receiver, office: PostOffice
) -> None:
    hook = {"webhook": {"url": f"{receiver.url}/{SECRET}", "allow_addresses": [address(receiver)]}}
    settings: dict[str, Any] = {"channels": {"phone": hook}, "operator": {"to": [OPS], "channel": "phone"}}
    # Nobody listens at this port.
    deployment.configure([], mail=smtp(office, port=1), **settings)
    begin(deployment, "gazette")
    daemon = deployment.start()
    deployment.wait_until("the channel tells it", lambda: receiver.posted)
    [posted] = receiver.posted
    assert posted.values["kind"] == "alarms"
    assert "The source gazette" in posted.values["subject"]
    deployment.wait_until("the mail is tried", lambda: "mail is paused" in deployment.log)
    daemon.kill()
    daemon.wait()
    (deployment.config / "watches" / "aurora.yaml").unlink()
    deployment.configure([], mail=smtp(office), **settings)
    number = str(posted.values["number"])
    assert deployment.run("mails", "retry", number).returncode == 0
    deployment.start()
    deployment.wait_until("the mail", lambda: office.box)
    assert deployment.log.count("operator is told") == 1
    assert [letter.recipient for letter in office.box] == [OPS]
    assert len(receiver.posted) == 1
    assert SECRET not in deployment.log
    shown = deployment.run("status").stdout
    assert "source gazette: it brought nothing for two days" in " ".join(shown.split())


def test_the_heart_beats_while_all_is_well_and_not_while_nothing_can_be_written(
    deployment: Deployment, receiver: Receiver
) -> None:
    beat = {"url": f"{receiver.url}/{SECRET}", "every": "200ms", "allow_addresses": [address(receiver)]}
    deployment.configure([], daemon={"tick": "100ms", "heartbeat": beat})
    deployment.start()
    deployment.wait_until("some beats", lambda: len(receiver.posted) > 2)
    with closing(sqlite3.connect(deployment.data / "archive.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        deployment.wait_until("word that it does not beat", lambda: "no heartbeat" in deployment.log)
        beats = len(receiver.posted)
        deployment.wait_until("a step that fails", lambda: "kept it locked" in deployment.log)
        assert len(receiver.posted) == beats
        other.execute("ROLLBACK")
    deployment.wait_until("beats again", lambda: len(receiver.posted) > beats)
    assert {one.path for one in receiver.posted} == {f"/{SECRET}"}
    assert deployment.log.count("no heartbeat") == 1
    assert SECRET not in deployment.log


def test_a_service_that_is_away_is_told_of_once_and_stops_nothing(
    deployment: Deployment, receiver: Receiver
) -> None:
    receiver.answer_always(500)
    beat = {"url": f"{receiver.url}/{SECRET}", "every": "100ms", "allow_addresses": [address(receiver)]}
    deployment.configure([], daemon={"tick": "100ms", "heartbeat": beat})
    deployment.start()
    deployment.wait_until("some tries", lambda: len(receiver.posted) > 3)
    assert deployment.log.count("the heartbeat is not taken") == 1
    assert SECRET not in deployment.log
    receiver.answer_always(200)
    deployment.wait_until("word that it works", lambda: "step works again" in deployment.log)
