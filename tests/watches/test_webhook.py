"""Webhooks: what is posted, what an answer means, and what no answer and no address can do."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from jsonschema import Draft202012Validator
from sqlalchemy import update

from presswatch.archive import runs
from presswatch.archive.signing_key import signing_key as key_of_links
from presswatch.archive.tables import article
from presswatch.config.models import WebConfig
from presswatch.errors import DeliveryError
from presswatch.watches.channels import ChannelConfig
from presswatch.watches.channels.webhook import (
    LONGEST_WAIT,
    Answer,
    WebhookChannel,
    WebhookConfig,
    endpoints,
    hidden,
    refusal,
    retry_after,
    signing_key,
)
from presswatch.watches.links import Links
from presswatch.watches.notification import notification
from presswatch.web.api.openapi import document
from support.alarm import NO_LINKS, Alarm, Postbox
from support.newsroom import NOW
from support.receiver import Receiver, receiving

HOOK, READER = "bot", "reader@example.org"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECRET = "a secret of the newsroom"
PATH = "/hooks/T0KEN-4711?key=hunter2"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made
    for posted in made.posted:
        agree_with_the_schema(posted.values)


def agree_with_the_schema(values: dict[str, Any]) -> None:
    """What was posted is what the document of the API says of webhooks, and has no field that it does not."""
    told = document()
    schema = told["webhooks"]["notification"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schemas = {
        name: one | {"additionalProperties": False} for name, one in told["components"]["schemas"].items()
    }
    Draft202012Validator(schema | {"components": {"schemas": schemas}}).validate(values)


@pytest.fixture
def told(alarm: Alarm) -> Alarm:
    """A mail for a webhook and for a reader, ready to be sent."""
    alarm.watch(recipients=[HOOK, READER])
    alarm.publish("The ferry ran aground.", title="Ferry aground")
    alarm.tick()
    return alarm


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("PRESSWATCH_TEST_HOOK", SECRET)
    return {"env": "PRESSWATCH_TEST_HOOK"}


def hook(receiver: Receiver, **keys: Any) -> WebhookChannel:
    # The time limit of most is long: a process may have a tenth of a core.
    allowed = [f"127.0.0.1:{receiver.port}"]
    values = {"url": receiver.url + PATH, "allow_addresses": allowed, "timeout": "120s", **keys}
    return WebhookChannel(WebhookConfig.model_validate(values), HOOK)


def reason(told: Alarm) -> str:
    pause = told.pause(HOOK)
    assert pause is not None
    return pause.reason


def test_the_stories_arrive_as_values_beside_the_words(told: Alarm, receiver: Receiver) -> None:
    assert told.send(hook(receiver), HOOK) == 1
    [posted] = receiver.posted
    assert posted.path == PATH
    mail = told.mails()[0]
    values = posted.values
    [story] = values.pop("stories")
    assert values == {
        "form": 1,
        "id": mail.message_id[1:33],
        "kind": "digest",
        "number": mail.number,
        "made": "2026-11-20T12:00:00Z",
        "watch": {"id": "ferries", "name": "Ferries"},
        "owner": "",
        "subject": "Ferries: Ferry aground",
        "text": mail.text,
        "html": mail.html,
        "counts": {"articles": 1, "stories": 1, "stories_told": 1, "articles_only_counted": 0, "late": 0},
        "page": "",
    }
    assert (story["title"], story["source"]) == ("Ferry aground", "Gazette")
    assert story["url"] == "https://gazette.example/1"
    assert story["passage"] == "The ferry ran aground."
    assert story["others"] == []
    assert told.states() == {HOOK: ("sent", ""), READER: ("queued", "")}


def test_where_to_choose_is_told_where_readers_reach_the_pages(told: Alarm, receiver: Receiver) -> None:
    told.web = WebConfig(public_url="https://watch.example.org")
    told.send(hook(receiver), HOOK)
    page = receiver.posted[0].values["page"]
    assert page.startswith("https://watch.example.org/mail/")
    links = Links(told.web.public_url, key_of_links(told.archive))
    [mine] = [mail.id for mail in told.mails() if mail.recipient == HOOK]
    assert links.delivery(page.rpartition("/")[2]) == mine


def test_other_outlets_of_a_story_are_named(alarm: Alarm, receiver: Receiver) -> None:
    alarm.watch(recipients=[HOOK])
    first, copy = alarm.publish(), alarm.publish()
    with alarm.archive.writing() as tx:
        runs.ensure_sources(tx, ["herald"], alarm.now)
        values = {"story": first, "source": "herald"}
        tx.execute(update(article).where(article.c.id == copy).values(**values))
    alarm.tick()
    alarm.send(hook(receiver), HOOK)
    [story] = receiver.posted[0].values["stories"]
    [other] = story["others"]
    assert {story["source"], other["source"]} == {"Gazette", "Herald"}
    assert {story["url"], other["url"]} == {"https://gazette.example/1", "https://gazette.example/2"}
    assert (story["articles"], story["outlets"], story["outlets_told_before"]) == (2, 2, 0)


def test_a_receiver_verifies_the_signature_as_the_docs_say(
    told: Alarm, receiver: Receiver, secret: dict[str, str]
) -> None:
    told.send(hook(receiver, secret=secret), HOOK)
    [posted] = receiver.posted
    docs = (Path(__file__).resolve().parents[2] / "docs" / "channels.md").read_text()
    example = docs.partition("```python\n")[2].partition("```")[0]
    assert 0 < len(example.strip().splitlines()) <= 12
    names: dict[str, Any] = {}
    exec(example, names)
    headers = {name.lower(): value for name, value in posted.headers.items()}
    assert names["is_genuine"](headers, posted.body, SECRET.encode())
    assert not names["is_genuine"](headers, posted.body + b" ", SECRET.encode())
    assert not names["is_genuine"](headers, posted.body, b"another")
    assert not names["is_genuine"]({**headers, "webhook-timestamp": "1"}, posted.body, SECRET.encode())


def test_a_key_of_the_standard_is_decoded() -> None:
    assert signing_key("whsec_" + base64.b64encode(b"key").decode()) == b"key"
    assert signing_key("plain") == b"plain"
    with pytest.raises(ValueError, match="base64"):
        signing_key("whsec_???")


def test_each_attempt_has_the_same_key_and_body_and_a_signature_of_its_own(
    told: Alarm, receiver: Receiver, secret: dict[str, str]
) -> None:
    receiver.answer(500, "try again")
    channel = hook(receiver, secret=secret)
    told.send(channel, HOOK)
    state, why = told.states()[HOOK]
    assert (state, why) == (
        "queued",
        f"bot (127.0.0.1:{receiver.port}): 500 Internal Server Error: try again",
    )
    told.wait(3 * MINUTE)
    told.send(channel, HOOK)
    first, second = receiver.posted
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == first.values["id"]
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    for one in (first, second):
        signed = f"{one.headers['webhook-id']}.{one.headers['webhook-timestamp']}.".encode() + one.body
        made = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
        assert one.headers["webhook-signature"] == f"v1,{made}"


@pytest.mark.parametrize(
    ("status", "permanent", "of_channel"),
    [
        (302, False, True),
        (400, True, False),
        (401, False, True),
        (404, False, True),
        (408, False, False),
        (410, True, False),
        (413, True, False),
        (422, True, False),
        (425, False, False),
        (429, False, True),
        (500, False, False),
        (502, False, False),
        (503, False, True),
        (999, False, False),
    ],
)
def test_what_an_answer_means(status: int, permanent: bool, of_channel: bool) -> None:
    fault = refusal(Answer(status), NOW)
    assert fault is not None
    assert (fault.permanent, fault.channel) == (permanent, of_channel)
    assert str(fault).startswith(str(status))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_what_is_taken(status: int) -> None:
    assert refusal(Answer(status), NOW) is None


def test_a_webhook_that_is_gone_is_said_to_be(told: Alarm, receiver: Receiver) -> None:
    receiver.answer(410)
    told.send(hook(receiver), HOOK)
    state, why = told.states()[HOOK]
    assert state == "failed"
    assert "410 Gone: its receiver says that it is gone for ever; take it out of the configuration" in why


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta()),
        ("9" * 5000, LONGEST_WAIT),
        ("Fri, 20 Nov 2026 13:00:00 GMT", HOUR),
        ("Fri, 20 Nov 2020 13:00:00 GMT", timedelta()),
        ("Fri, 20 Nov 9999 13:00:00 GMT", LONGEST_WAIT),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("Fri, 99 Nov 2026 13:00:00 GMT", None),
    ],
)
def test_how_long_a_receiver_may_ask_to_wait(value: str, wait: timedelta | None) -> None:
    assert retry_after(value, datetime(2026, 11, 20, 12, tzinfo=UTC)) == wait


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_to_be_left_alone_is(told: Alarm, receiver: Receiver, status: int) -> None:
    receiver.answer(status, Retry_After="3600")
    channel = hook(receiver)
    told.send(channel, HOOK)
    told.wait(59 * MINUTE)
    assert told.send(channel, HOOK) == 0
    assert len(receiver.posted) == 1
    told.wait(2 * MINUTE)
    assert told.send(channel, HOOK) == 1
    assert told.states()[HOOK] == ("sent", "")


def test_a_webhook_that_fails_holds_up_no_mail_and_the_other_way_round(
    told: Alarm, receiver: Receiver
) -> None:
    receiver.answer(503)
    told.send(hook(receiver), HOOK)
    assert told.pause() is None
    assert told.send(Postbox()) == 1
    assert told.states() == {HOOK: told.states()[HOOK], READER: ("sent", "")}
    told.publish("The ferry floats.", title="Ferry afloat")
    told.tick()
    told.send(Postbox({READER: DeliveryError("down", channel=True)}))
    assert told.pause() is not None
    told.wait(2 * MINUTE)
    assert told.send(hook(receiver), HOOK) == 2


def test_a_receiver_that_hangs_costs_its_own_time_limit_and_is_tried_again(
    told: Alarm, receiver: Receiver
) -> None:
    receiver.hang()
    assert told.send(hook(receiver, timeout="1s"), HOOK) == 1
    state, why = told.states()[HOOK]
    assert state == "queued"
    assert "no answer within" in why
    receiver.behave()
    told.wait(3 * MINUTE)
    told.send(hook(receiver), HOOK)
    assert told.states()[HOOK] == ("sent", "")


def test_headers_that_never_end_end_with_the_time_limit(told: Alarm, receiver: Receiver) -> None:
    receiver.drip()
    told.send(hook(receiver, timeout="2s"), HOOK)
    state, why = told.states()[HOOK]
    assert state == "queued"
    assert "may have" in why


def test_a_receiver_that_hangs_up_may_have_taken_it(told: Alarm, receiver: Receiver) -> None:
    receiver.break_off()
    told.send(hook(receiver), HOOK)
    assert told.states()[HOOK][0] == "queued"
    assert "broke off, and may have taken it" in told.states()[HOOK][1]


def test_an_answer_without_end_is_read_to_a_bound(told: Alarm, receiver: Receiver) -> None:
    receiver.answer(400, "x" * (16 << 20))
    told.send(hook(receiver), HOOK)
    state, why = told.states()[HOOK]
    assert state == "failed"
    assert len(why) < 300


def test_nothing_of_the_address_but_its_host_is_told(
    told: Alarm, receiver: Receiver, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.answer(400, f"Cannot POST {PATH}\x1b[2J")
    told.send(hook(receiver), HOOK)
    why = told.states()[HOOK][1]
    assert why == f"bot (127.0.0.1:{receiver.port}): 400 Bad Request: Cannot POST /…[2J"
    out, err = capfd.readouterr()
    assert "hunter2" not in out + err + caplog.text
    assert "hunter2" not in repr(hook(receiver)._config)
    assert hidden("T0KEN and hunter%32 and hunter2", "https://a.example/T0KEN?x=hunter%32") == "… and … and …"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]"])
def test_no_connection_is_made_to_what_is_not_allowed(told: Alarm, receiver: Receiver, name: str) -> None:
    url = f"http://{name}:{receiver.port}/"
    told.send(hook(receiver, url=url, allow_addresses=[]), HOOK)
    assert "not the public Web; if it is yours, add it to allow_addresses of the webhook" in reason(told)
    assert receiver.posted == []
    with pytest.raises(DeliveryError, match="this machine itself"):
        hook(receiver, url=url, allow_addresses=[]).probe()


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_judged() -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, **kind: object) -> list[Any]:
        asked.append(host)
        family = socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("10.0.0.1", "93.184.215.14")]

    assert endpoints("https://rebind.example/", [], resolve) == ["93.184.215.14"]
    assert asked == ["rebind.example"]


def test_a_redirect_is_not_followed(told: Alarm, receiver: Receiver) -> None:
    with receiving() as other:
        receiver.answer(302, Location="http://169.254.169.254/latest/meta-data/")
        receiver.answer(307, Location=f"{other.url}/")
        for _ in range(2):
            told.send(hook(receiver, allow_addresses=["127.0.0.0/8"]), HOOK)
            assert "redirects are not followed" in reason(told)
            told.wait(20 * MINUTE)
        assert other.posted == []
        assert len(receiver.posted) == 2
        told.send(hook(receiver), HOOK)
        assert told.states()[HOOK] == ("sent", "")


def test_nobody_listens(told: Alarm) -> None:
    with receiving() as gone:
        pass
    told.send(hook(gone), HOOK)
    assert reason(told) == f"bot (127.0.0.1:{gone.port}): no connection: Connection refused"
    assert told.states()[HOOK][0] == "queued"


def test_a_name_that_there_is_not(told: Alarm, receiver: Receiver) -> None:
    told.send(hook(receiver, url="http://no-such-host.invalid/"), HOOK)
    assert "bot (no-such-host.invalid): no address" in reason(told)


def test_a_certificate_is_for_the_host_of_the_address(
    told: Alarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with receiving(context) as receiver:
        by_name = f"https://localhost:{receiver.port}/"
        told.send(hook(receiver, url=by_name, allow_addresses=["127.0.0.0/8", "::1/128"]), HOOK)
        assert "no TLS: " in reason(told)
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        told.wait(20 * MINUTE)
        told.send(hook(receiver), HOOK)
        assert "no TLS: " in reason(told)
        assert receiver.posted == []
        told.wait(20 * MINUTE)
        told.send(hook(receiver, url=by_name, allow_addresses=["127.0.0.0/8", "::1/128"]), HOOK)
        assert told.states()[HOOK] == ("sent", "")
        assert receiver.posted[0].headers["Host"] == f"localhost:{receiver.port}"


def test_a_secret_that_is_not_there_pauses_the_webhook(told: Alarm, receiver: Receiver) -> None:
    told.send(hook(receiver, secret={"env": "PRESSWATCH_TEST_NOWHERE"}), HOOK)
    assert "PRESSWATCH_TEST_NOWHERE, which should hold a secret, is not set" in reason(told)


def test_an_address_may_be_a_secret(told: Alarm, receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(receiver.url + PATH + "\n")
    told.send(hook(receiver, url={"file": tmp_path / "url"}), HOOK)
    assert [posted.path for posted in receiver.posted] == [PATH]
    (tmp_path / "url").write_text("hunter2")
    with pytest.raises(DeliveryError, match="expected an address") as caught:
        hook(receiver, url={"file": tmp_path / "url"}).probe()
    assert "hunter2" not in str(caught.value)


def test_a_mail_of_before_has_words_alone(told: Alarm, receiver: Receiver) -> None:
    [mail] = [mail for mail in told.mails() if mail.recipient == HOOK]
    hook(receiver).send(notification(replace(mail, told=""), NO_LINKS))
    assert receiver.posted[0].values["stories"] == []
    assert receiver.posted[0].values["watch"] == {"id": "ferries", "name": "ferries"}
    assert receiver.posted[0].values["text"] == mail.text


def test_a_channel_is_of_one_kind() -> None:
    with pytest.raises(ValueError, match="expected one of webhook, apprise"):
        ChannelConfig.model_validate(json.loads("{}"))
