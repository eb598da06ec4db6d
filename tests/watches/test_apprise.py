"""Notifications by apprise, against real servers on loopback."""

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from presswatch.errors import DeliveryError
from presswatch.watches.channels.apprise import AppriseChannel, AppriseConfig, message
from presswatch.watches.links import Links
from presswatch.watches.notification import notification
from support.alarm import NO_LINKS, Alarm
from support.receiver import Receiver, receiving

PHONE = "phone"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def told(alarm: Alarm) -> Alarm:
    alarm.watch(recipients=[PHONE])
    alarm.publish("The ferry ran aground.", title="Ferry aground")
    alarm.tick()
    return alarm


def channel(folder: Path, url: str) -> AppriseChannel:
    (folder / "url").write_text(url + "\n")
    return AppriseChannel(AppriseConfig.model_validate({"url": {"file": folder / "url"}}), PHONE)


def test_a_service_gets_the_subject_and_each_story_with_its_address(
    told: Alarm, receiver: Receiver, tmp_path: Path
) -> None:
    told.send(channel(tmp_path, f"json://127.0.0.1:{receiver.port}/hook"), PHONE)
    [posted] = receiver.posted
    assert posted.path == "/hook"
    assert posted.values["title"] == "Ferries: Ferry aground"
    assert posted.values["message"] == "Ferry aground (Gazette)\nhttps://gazette.example/1"
    assert told.states()[PHONE] == ("sent", "")


def test_ntfy(told: Alarm, receiver: Receiver, tmp_path: Path) -> None:
    receiver.answer(200, "{}")
    told.send(channel(tmp_path, f"ntfy://127.0.0.1:{receiver.port}/alerts"), PHONE)
    [posted] = receiver.posted
    assert json.loads(posted.body)["topic"] == "alerts"
    assert json.loads(posted.body)["title"] == "Ferries: Ferry aground"
    assert told.states()[PHONE] == ("sent", "")


def test_what_is_not_taken_is_tried_again_and_its_address_is_not_told(
    told: Alarm, receiver: Receiver, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.answer_always(500)
    told.send(channel(tmp_path, f"json://user:hunter2@127.0.0.1:{receiver.port}/hunter2"), PHONE)
    assert told.states()[PHONE] == (
        "queued",
        "phone (apprise, json): apprise could not deliver it: error 500",
    )
    out, err = capfd.readouterr()
    assert "hunter2" not in out + err


def test_many_stories_are_cut_to_what_is_read_on_a_phone(alarm: Alarm) -> None:
    alarm.watch(recipients=[PHONE])
    for _ in range(13):
        alarm.publish()
    alarm.tick()
    said = message(notification(alarm.mails()[0], NO_LINKS))
    assert said.count("https://") == 10
    assert said.endswith("and 3 more: presswatch mails show 1")
    linked = message(notification(alarm.mails()[0], Links("https://watch.example.org", "key")))
    assert linked.endswith(f"and 3 more: https://watch.example.org/watches/{alarm.mails()[0].watch}/mails/1")


def test_a_report_that_nothing_was_found_is_told_in_its_words(told: Alarm) -> None:
    mail = replace(told.mails()[0], told="", text="Nothing was found.\n")
    assert message(notification(mail, NO_LINKS)) == "Nothing was found.\n"


def test_an_address_that_apprise_does_not_know_is_told_without_it(tmp_path: Path) -> None:
    for url in ("nonsense://hunter2", "hunter2", "json://"):
        with pytest.raises(DeliveryError, match="apprise does not understand its url") as caught:
            channel(tmp_path, url).probe()
        assert caught.value.channel
        assert "hunter2" not in str(caught.value)


def test_a_probe_sends_nothing(receiver: Receiver, tmp_path: Path) -> None:
    assert channel(tmp_path, f"json://127.0.0.1:{receiver.port}/").probe() == "apprise, by json"
    assert receiver.posted == []


def test_without_the_extra_it_is_said_what_to_install(
    told: Alarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "apprise" else find(name, package)

    monkeypatch.setattr("presswatch.watches.channels.apprise.find_spec", without)
    told.send(channel(tmp_path, "json://127.0.0.1/"), PHONE)
    pause = told.pause(PHONE)
    assert pause is not None
    assert pause.reason == (
        "channels.phone.apprise: the package apprise is not installed; install presswatch[apprise]"
    )
