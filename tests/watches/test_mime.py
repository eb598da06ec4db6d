"""What leaves: headers that nothing on a page can bend."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from presswatch.archive.alerts import Mail
from presswatch.watches.mime import header_text, mime_message

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HEADERS = [
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "List-Id",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
]


def mail(
    subject: str = "Ferries: aground",
    recipient: str = "reader@example.org",
    text: str = "Text\n",
    owner: str = "",
    answers: str = "",
) -> Mail:
    return Mail(
        id=1,
        watch="ferries",
        recipient=recipient,
        message_id="<0123456789abcdef@example.org>",
        closed=NOW,
        subject=subject,
        text=text,
        html="<p>Text</p>",
        owner=owner,
        answers=answers,
        attempts=1,
        created=NOW,
    )


def arrived(sent: Mail) -> EmailMessage:
    """The mail as the other side parses it."""
    parsed = message_from_bytes(mime_message(sent, "alerts@example.org").as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_headers_say_what_mail_programs_ask_for() -> None:
    message = arrived(mail())
    assert message.keys() == HEADERS
    assert message["Subject"] == "Ferries: aground"
    assert message["From"] == "presswatch <alerts@example.org>"
    assert message["To"] == "reader@example.org"
    assert message["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert message["Message-ID"] == "<0123456789abcdef@example.org>"
    assert message["List-Id"] == "<ferries.presswatch.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_named_owner_answers_and_ends_it() -> None:
    message = arrived(mail(owner="desk@gazette.example"))
    assert message["Reply-To"] == "desk@gazette.example"
    assert message["List-Unsubscribe"] == "<mailto:desk@gazette.example?subject=unsubscribe%20ferries>"
    assert arrived(mail())["List-Unsubscribe"] is None


def test_a_story_that_goes_on_stands_in_one_thread() -> None:
    message = arrived(mail(answers="<first@example.org>"))
    assert message["In-Reply-To"] == message["References"] == "<first@example.org>"
    assert arrived(mail())["References"] is None


def test_both_bodies_arrive() -> None:
    message = arrived(mail(text="Fähre 渡轮 " + "x" * 2000 + "\n.\nFrom here\n"))
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r\n", "\n") == "Fähre 渡轮 " + "x" * 2000 + "\n.\nFrom here\n"
    assert rich.get_content().strip() == "<p>Text</p>"
    lines = mime_message(mail(text="ä" * 5000), "alerts@example.org").as_bytes().split(b"\r\n")
    assert max(map(len, lines)) < 998


def test_a_mail_is_the_same_bytes_each_time() -> None:
    assert len({mime_message(mail(), "alerts@example.org").as_bytes() for _ in range(3)}) == 1


@given(st.text(st.characters() | st.sampled_from("\r\n\t\0 =?_:\u2028\u202e\ud800渡ä👩‍🚀"), max_size=400))
@example("Ferry\r\nBcc: victim@example.org")
@example("Ferry\r\n\r\n<script>")
@example("=?utf-8?q?Ferry=0D=0ABcc=3A_victim=40example.org?=")
@example("=?utf-8?b?RmVycnkNCkJjYzogdmljdGltQGV4YW1wbGUub3Jn?=")
@example("\ud83d lone \udc00")
@example("x" * 3000)
@example("渡轮" * 500)
@example("Ferry\x00\x0b\x0c\x1c\x85\u2028\u2029aground")
@example("a =? =? b")
def test_no_subject_can_add_a_header_or_stop_the_mail(subject: str) -> None:
    message = arrived(mail(subject))
    assert message.keys() == HEADERS
    assert message["To"] == "reader@example.org"
    assert str(make_header(decode_header(message["Subject"]))) == header_text(subject)


def test_clean_keeps_what_readers_need() -> None:
    assert header_text("  Ferry\r\n aground ") == "Ferry aground"
    assert header_text("👩‍🚀 می‌خواهم") == "👩‍🚀 می‌خواهم"
    assert len(header_text("long " * 100)) <= 180


@pytest.mark.parametrize(
    ("recipient", "to"),
    [
        ("post@übung.example", "post@xn--bung-zra.example"),
        ("o'neil+news@example.org", "o'neil+news@example.org"),
        ("a(b@example.org", '"a(b"@example.org'),
    ],
)
def test_unusual_addresses(recipient: str, to: str) -> None:
    assert arrived(mail(recipient=recipient))["To"] == to


def test_an_address_that_no_mail_can_carry_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="label"):
        mime_message(mail(recipient="x@" + "ü" * 80 + ".example"), "alerts@example.org")


@pytest.mark.parametrize(
    ("recipient", "shown"),
    [
        ("Jane Doe <jane@example.org>", "Jane Doe <jane@example.org>"),
        ("Jürgen Böß <j@übung.example>", "Jürgen Böß <j@xn--bung-zra.example>"),
        ("Doe, Jane <jane@example.org>", '"Doe, Jane" <jane@example.org>'),
    ],
)
def test_a_recipient_may_have_a_name(recipient: str, shown: str) -> None:
    assert arrived(mail(recipient=recipient))["To"] == shown
