"""What every notification channel does, whatever it sends with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from presswatch.archive.alerts import Mail
from presswatch.errors import DeliveryError
from presswatch.watches.channels import Channel, ChannelConfig
from presswatch.watches.channels.folder import FolderChannel
from presswatch.watches.channels.smtp import SmtpChannel
from presswatch.watches.notification import Notification
from support.postoffice import PostOffice, opened
from support.receiver import receiving

SENDER = "alerts@example.org"
WORDS = "The *ferry* ran aground. 渡轮"
SUBJECT = "Ferries: Fähre läuft auf Grund"
ID = "0123456789abcdef"


class Arrived(NamedTuple):
    """A notification at its end. `id` is None where a channel knows none."""

    subject: str
    text: str
    id: str | None


@dataclass
class Case:
    """A channel that works, what arrived by it, and one like it that cannot be used."""

    working: Channel
    arrived: Callable[[], list[Arrived]]
    unusable: Channel


def read(message: EmailMessage) -> Arrived:
    text, html = (str(part.get_content()).strip() for part in message.iter_parts())
    assert html == f"<p>{WORDS}</p>"
    return Arrived(message["Subject"], text, str(message["Message-ID"]).strip("<>").partition("@")[0])


@contextmanager
def folder(tmp_path: Path) -> Iterator[Case]:
    place, file = tmp_path / "mail", tmp_path / "file"
    file.write_text("a file where the folder should be")

    def arrived() -> list[Arrived]:
        return [
            read(message_from_bytes(path.read_bytes(), policy=default)) for path in sorted(place.iterdir())
        ]

    yield Case(FolderChannel(place, SENDER), arrived, FolderChannel(file, SENDER))


@contextmanager
def smtp(tmp_path: Path) -> Iterator[Case]:
    with opened(PostOffice("starttls", tmp_path)) as office:
        wrong = office.config(ca_file=None)
        yield Case(
            SmtpChannel(office.config(), SENDER),
            lambda: [read(letter.message) for letter in office.box],
            SmtpChannel(wrong, SENDER),
        )


def configured(**keys: Any) -> Channel:
    return ChannelConfig.model_validate(keys).open("it")


@contextmanager
def webhook(tmp_path: Path) -> Iterator[Case]:
    with receiving() as receiver:
        keys = {"url": receiver.url, "timeout": "120s"}
        allowed = {"allow_addresses": [f"127.0.0.1:{receiver.port}"]}

        def arrived() -> list[Arrived]:
            values = [posted.values for posted in receiver.posted]
            return [Arrived(one["subject"], one["text"].strip(), one["id"]) for one in values]

        yield Case(configured(webhook=keys | allowed), arrived, configured(webhook=keys))


@contextmanager
def apprise(tmp_path: Path) -> Iterator[Case]:
    with receiving() as receiver:
        (tmp_path / "right").write_text(f"json://127.0.0.1:{receiver.port}/")
        (tmp_path / "wrong").write_text("nonsense://127.0.0.1")

        def arrived() -> list[Arrived]:
            values = [posted.values for posted in receiver.posted]
            return [Arrived(one["title"], one["message"].strip(), None) for one in values]

        right, wrong = ({"url": {"file": tmp_path / name}} for name in ("right", "wrong"))
        yield Case(configured(apprise=right), arrived, configured(apprise=wrong))


@pytest.fixture(params=[folder, smtp, webhook, apprise], ids=lambda channel: channel.__name__)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with request.param(tmp_path) as made:
        yield made
        made.working.close()


def told(recipient: str = "reader@example.org") -> Notification:
    closed = datetime(2026, 11, 20, 12, tzinfo=UTC)
    return Notification(
        Mail(
            id=1,
            watch="ferries",
            recipient=recipient,
            message_id=f"<{ID}@example.org>",
            closed=closed,
            subject=SUBJECT,
            text=f"{WORDS}\n",
            html=f"<p>{WORDS}</p>\n",
            owner="",
            answers="",
            attempts=1,
            created=closed,
        ),
        "Ferries",
    )


def test_a_notification_arrives_as_it_was_made(case: Case) -> None:
    case.working.send(told())
    [arrived] = case.arrived()
    assert (arrived.subject, arrived.text) == (SUBJECT, WORDS)
    assert arrived.id in (ID, None)


def test_sending_returns_the_path_of_a_file_or_nothing(case: Case) -> None:
    path = case.working.send(told())
    assert path == "" or Path(path).is_file()


def test_a_notification_sent_again_is_the_same(case: Case) -> None:
    for _ in range(2):
        case.working.send(told())
    assert len(set(case.arrived())) == 1


def test_a_channel_that_was_closed_may_be_used_again(case: Case) -> None:
    for _ in range(2):
        case.working.send(told())
        case.working.close()
    assert len(set(case.arrived())) == 1


def test_a_probe_says_what_the_channel_is_and_sends_nothing(case: Case) -> None:
    assert case.working.probe()
    case.working.send(told())
    assert len(case.arrived()) == 1


def test_a_channel_that_cannot_be_used_says_that_it_is_the_channel(case: Case) -> None:
    for attempt in (case.unusable.probe, lambda: case.unusable.send(told())):
        with pytest.raises(DeliveryError) as caught:
            attempt()
        assert caught.value.channel
        assert not caught.value.permanent
        assert str(caught.value)
