"""What mail servers send back, in the forms that Postfix, Exim, Exchange, Gmail and qmail give it."""

import mailbox
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from presswatch.errors import UsageError
from presswatch.watches.bounces import bounce, read_bounces

ID = "<0123456789abcdef0123456789abcdef@example.org>"
ORIGINAL = f"""From: presswatch <alerts@example.org>
To: gone@reader.example
Subject: Ferries: Ferry aground
Message-ID: {ID}
Date: Fri, 20 Nov 2026 12:00:00 +0000
"""


def report(status: str, returned: str = ORIGINAL, kind: str = "text/rfc822-headers", **more: str) -> bytes:
    """A multipart/report (RFC 3462) with these fields of recipients."""
    encoding = more.get("encoding", "")
    return f"""From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: bounces@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B/1.example"
Message-Id: <20261120120100.7@mx.example.org>

This is a MIME-encapsulated message.

--B/1.example
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B/1.example
Content-Type: {more.get("of", "message/delivery-status")}
{encoding}
{status}
--B/1.example
Content-Type: {kind}

{returned}
--B/1.example--
""".encode()


POSTFIX = report(
    """Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4F1A2B3C
X-Postfix-Sender: rfc822; bounces@example.org
Arrival-Date: Fri, 20 Nov 2026 12:00:01 +0000 (UTC)

Final-Recipient: rfc822; gone@reader.example
Original-Recipient: rfc822;gone@reader.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.reader.example
Diagnostic-Code: smtp; 550 5.1.1 <gone@reader.example>: Recipient address
    rejected: User unknown in local recipient table
"""
)
EXIM = f"""Return-path: <>
X-Failed-Recipients: gone@reader.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.example.org>
To: bounces@example.org
References: {ID}
Content-Type: multipart/report; report-type=delivery-status; boundary=1637-eximdsn-22
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1637-eximdsn-22
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

--1637-eximdsn-22
Content-type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Action: failed
Final-Recipient: rfc822;gone@reader.example
Status: 5.0.0
Remote-MTA: dns; mx.reader.example
Diagnostic-Code: smtp; 550 No such person at this address

--1637-eximdsn-22
Content-type: message/rfc822

Return-path: <bounces@example.org>
{ORIGINAL}
The ferry ran aground.

--1637-eximdsn-22--
""".encode()
OLD_EXIM = f"""Return-path: <>
X-Failed-Recipients: gone@reader.example
From: Mail Delivery System <Mailer-Daemon@mail.example.org>
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  gone@reader.example
    SMTP error from remote mail server after RCPT TO:<gone@reader.example>:
    host mx.reader.example [192.0.2.7]: 550 5.1.1 unknown user

------ This is a copy of the message, including all the headers. ------

{ORIGINAL}
The ferry ran aground. 555 9.9.9
""".encode()
EXCHANGE = report(
    """Reporting-MTA: dns;AM0EX01.eurprd.example.com
Received-From-MTA: dns;mx.example.org
Arrival-Date: Fri, 20 Nov 2026 12:00:03 +0000

Original-Recipient: rfc822;gone@reader.example
Final-Recipient: rfc822;gone@reader.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
X-Display-Name: gone@reader.example
""",
    "Received: from AM0EX01 by AM0EX02; Fri, 20 Nov 2026 12:00:03 +0000\n"
    + ORIGINAL.replace(f"Message-ID: {ID}", f"Message-ID:\n {ID}"),
    "message/rfc822",
)
GMAIL = report(
    """Reporting-MTA: dns; googlemail.example
Received-From-MTA: dns; alerts@example.org
Arrival-Date: Fri, 20 Nov 2026 04:00:01 -0800 (PST)
X-Original-Message-ID: """
    + ID
    + """

Final-Recipient: rfc822; gone@reader.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.reader.example. (192.0.2.7, the server for the domain reader.example.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try
 550 5.1.1 double-checking the recipient's email address for typos
Last-Attempt-Date: Fri, 20 Nov 2026 04:00:02 -0800 (PST)
""",
    ORIGINAL,
    "message/rfc822",
)
INTERNATIONAL = report(
    """Reporting-MTA: dns; mx.example.org

Final-Recipient: utf-8; gone@übung.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 unknown
""",
    ORIGINAL,
    "message/global-headers",
    of="message/global-delivery-status",
)
BASE64 = report(
    b64encode(
        b"Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; gone@reader.example\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n"
    ).decode(),
    encoding="Content-Transfer-Encoding: base64\n",
)
QMAIL = f"""Return-Path: <>
From: MAILER-DAEMON@mail.example.org
To: bounces@example.org
Subject: failure notice

Hi. This is the qmail-send program at mail.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<gone@reader.example>:
192.0.2.7 does not like recipient.
Remote host said: 550 5.1.1 unknown user
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

{ORIGINAL}
The ferry ran aground.
""".encode()
GAVE_UP = report(
    """Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; gone@reader.example
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.reader.example[192.0.2.7]:25: Connection timed out
"""
)
DELAYED = GAVE_UP.replace(b"Action: failed", b"Action: delayed")
DELIVERED = GAVE_UP.replace(b"Action: failed", b"Action: delivered").replace(b"4.4.1", b"2.0.0")
VACATION = f"""From: reader@reader.example
To: bounces@example.org
Subject: Re: Ferries
In-Reply-To: {ID}
Auto-Submitted: auto-replied

I am away; delivery failed, as they say. 550 5.1.1
""".encode()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            POSTFIX,
            "came back: 5.1.1 gone@reader.example 550 5.1.1 <gone@reader.example>: Recipient address rej",
        ),
        (EXIM, "came back: 5.0.0 gone@reader.example 550 No such person at this address"),
        (
            OLD_EXIM,
            "came back: 5.1.1 gone@reader.example host mx.reader.example [192.0.2.7]: 550 5.1.1 unknown",
        ),
        (
            EXCHANGE,
            "came back: 5.1.10 gone@reader.example 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient",
        ),
        (
            GMAIL,
            "came back: 5.1.1 gone@reader.example 550-5.1.1 The email account that you tried to reach does",
        ),
        (INTERNATIONAL, "came back: 5.1.1 gone@"),
        (BASE64, "came back: 5.1.1 gone@reader.example 550 5.1.1 unknown"),
        (QMAIL, "came back: 5.1.1 Remote host said: 550 5.1.1 unknown user"),
        (
            GAVE_UP,
            "came back: 4.4.1 gone@reader.example connect to mx.reader.example[192.0.2.7]:25: Connection",
        ),
    ],
    ids=["postfix", "exim", "old exim", "exchange", "gmail", "smtputf8", "base64", "qmail", "gave up"],
)
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_what_came_back_is_known_with_its_reason(raw: bytes, said: str, ends: bytes) -> None:
    found = bounce(raw.replace(b"\r\n", b"\n").replace(b"\n", ends))
    assert found is not None
    assert found.said.startswith(said)
    assert found.message_ids[0] == ID


@pytest.mark.parametrize(
    "raw",
    [DELAYED, DELIVERED, VACATION, b"", b"\x00\xff\n\n\n", ORIGINAL.encode() + b"\n"],
    ids=["delayed", "delivered", "vacation", "nothing", "bytes", "a mail"],
)
def test_what_tells_of_no_failure(raw: bytes) -> None:
    assert bounce(raw) is None


def test_one_of_two_recipients_was_not_reached() -> None:
    fine = "Final-Recipient: rfc822; a@reader.example\nAction: relayed\nStatus: 2.0.0\n\n"
    both = POSTFIX.replace(b"Final-Recipient: rfc822; gone", fine.encode() + b"Final-Recipient: rfc822; gone")
    found = bounce(both)
    assert found is not None
    assert "gone@reader.example" in found.said


@pytest.mark.parametrize("raw", [POSTFIX, EXIM, OLD_EXIM, EXCHANGE, GMAIL, QMAIL, BASE64])
def test_a_message_that_is_cut_off_anywhere_is_read_as_far_as_it_goes(raw: bytes) -> None:
    for end in range(0, len(raw), 7):
        found = bounce(raw[:end])
        assert found is None or found.said


def test_no_control_character_of_a_server_gets_through() -> None:
    found = bounce(POSTFIX.replace(b"User unknown", b"User \x1b[2J\xe2\x80\xae unknown \xff"))
    assert found is not None
    assert found.said.isprintable()


def mbox(folder: Path) -> Path:
    box = mailbox.mbox(folder / "box")
    for raw in (POSTFIX, DELAYED, EXIM):
        box.add(raw)
    box.close()
    return folder / "box"


def maildir(folder: Path) -> Path:
    box = mailbox.Maildir(folder / "Maildir")
    for raw in (POSTFIX, DELAYED, EXIM):
        box.add(raw)
    (folder / "Maildir" / "new" / ".hidden").write_bytes(EXIM)
    return folder / "Maildir"


@pytest.mark.parametrize("made", [mbox, maildir])
def test_mailboxes_are_read_and_left_as_they_are(made: Callable[[Path], Path], tmp_path: Path) -> None:
    place = made(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    found = list(read_bounces(str(place)))
    assert len(found) == 3
    assert sum(one is not None for one in found) == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_one_message_is_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "dsn.eml").write_bytes(POSTFIX)
    assert [one is not None for one in read_bounces(str(tmp_path / "dsn.eml"))] == [True]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere: cannot be read: No such file or directory"):
        list(read_bounces(str(tmp_path / "nowhere")))
    with pytest.raises(UsageError, match="is no Maildir"):
        list(read_bounces(str(tmp_path)))
