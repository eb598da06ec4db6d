"""What every notification channel does, whatever it sends with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from presswatch.archive.alerts import Mail
from presswatch.errors import DeliveryError
from presswatch.watches.channels import Channel
from presswatch.watches.channels.folder import FolderChannel
from presswatch.watches.channels.smtp import SmtpChannel
from presswatch.watches.notification import Notification
from support.postoffice import PostOffice, opened

SENDER = "alerts@example.org"


@dataclass
class Case:
    """A channel that works, the messages that arrived by it, and one like it that cannot be used."""

    working: Channel
    arrived: Callable[[], list[EmailMessage]]
    unusable: Channel


@contextmanager
def folder(tmp_path: Path) -> Iterator[Case]:
    place, file = tmp_path / "mail", tmp_path / "file"
    file.write_text("a file where the folder should be")

    def arrived() -> list[EmailMessage]:
        return [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(place.iterdir())]

    yield Case(FolderChannel(place, SENDER), arrived, FolderChannel(file, SENDER))


@contextmanager
def smtp(tmp_path: Path) -> Iterator[Case]:
    with opened(PostOffice("starttls", tmp_path)) as office:
        wrong = office.config(ca_file=None)
        yield Case(
            SmtpChannel(office.config(), SENDER),
            lambda: [letter.message for letter in office.box],
            SmtpChannel(wrong, SENDER),
        )


@pytest.fixture(params=[folder, smtp], ids=lambda channel: channel.__name__)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with request.param(tmp_path) as made:
        yield made


def told(recipient: str = "reader@example.org") -> Notification:
    closed = datetime(2026, 11, 20, 12, tzinfo=UTC)
    values = dict.fromkeys(Mail.__slots__, "") | {
        "id": 1,
        "watch": "ferries",
        "recipient": recipient,
        "subject": "Ferries: Fähre läuft auf Grund",
        "text": "The *ferry* ran aground. 渡轮\n",
        "html": "<p>The <mark>ferry</mark> ran aground. 渡轮</p>\n",
        "message_id": "<0123456789abcdef@example.org>",
        "closed": closed,
        "created": closed,
        "attempts": 1,
    }
    return Notification(Mail(**values))  # type: ignore[arg-type]  # the rest does not matter


def test_a_message_arrives_as_it_was_made(case: Case) -> None:
    case.working.send(told())
    [arrived] = case.arrived()
    assert arrived["Subject"] == "Ferries: Fähre läuft auf Grund"
    assert arrived["Message-ID"] == "<0123456789abcdef@example.org>"
    assert [part.get_content().strip() for part in arrived.iter_parts()] == [
        "The *ferry* ran aground. 渡轮",
        "<p>The <mark>ferry</mark> ran aground. 渡轮</p>",
    ]


def test_sending_returns_the_path_of_a_file_or_nothing(case: Case) -> None:
    path = case.working.send(told())
    assert path == "" or Path(path).is_file()


def test_a_message_sent_again_carries_the_same_id(case: Case) -> None:
    for _ in range(2):
        case.working.send(told())
    assert {str(arrived["Message-ID"]) for arrived in case.arrived()} == {"<0123456789abcdef@example.org>"}


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
