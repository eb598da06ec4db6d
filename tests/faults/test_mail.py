"""Everything a mail server does to those who send, against a real one."""

import socket
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from presswatch.config_parts import Secret
from presswatch.errors import DeliveryError
from presswatch.watches.channels.smtp import SmtpChannel
from support.alarm import Alarm
from support.postoffice import TOKEN, USER, PostOffice, opened
from support.sender import start_sender
from support.waiting import wait_until

SENDER = "alerts@example.org"
A, B, C = "a@example.org", "b@example.org", "c@example.org"
SOON = timedelta(minutes=5)


@pytest.fixture
def told(alarm: Alarm) -> Alarm:
    """A mail for each of three recipients, ready to be sent."""
    alarm.watch(recipients=[A, B, C])
    alarm.publish()
    alarm.tick()
    return alarm


def channel(office: PostOffice, bounces: str = "", **keys: Any) -> SmtpChannel:
    return SmtpChannel(office.config(**keys), SENDER, bounces)


def recipients(office: PostOffice) -> list[str]:
    return [letter.recipient for letter in office.box]


def reason(told: Alarm) -> str:
    """Why the channel is paused."""
    pause = told.pause()
    assert pause is not None
    assert {state for state, _reason in told.states().values()} <= {"queued", "sent"}
    return pause.reason


def test_each_recipient_gets_the_alert_once_over_starttls_with_login(told: Alarm, office: PostOffice) -> None:
    assert told.send(channel(office)) == 3
    assert recipients(office) == [A, B, C]
    assert office.logins == [USER], "one connection carries them all"
    assert office.secure == [True] * 3
    assert set(office.senders) == {SENDER}
    assert [letter.id for letter in office.box] == [mail.message_id for mail in told.mails()]
    assert office.box[0].message["Subject"] == "Ferries: Report 1"
    assert "*ferry*" in str(office.box[0].message.get_body(("plain",)))
    assert told.send(channel(office)) == 0


def test_a_line_that_begins_with_from_arrives_as_it_was_written(alarm: Alarm, office: PostOffice) -> None:
    alarm.watch(recipients=[A])
    alarm.publish("The ferry left.", title="From Quill to the coast")
    alarm.tick()
    alarm.send(channel(office))
    body = str(office.box[0].message.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # it has one
    assert "\nFrom Quill to the coast\n" in body.replace("\r\n", "\n")


@pytest.mark.parametrize("security", ["tls", "none"])
def test_the_other_ways_to_connect(told: Alarm, tmp_path: Path, security: str) -> None:
    with opened(PostOffice(security, tmp_path)) as office:  # type: ignore[arg-type]  # one of its words
        login: dict[str, Any] = {} if security == "tls" else {"username": "", "password": None}
        told.send(channel(office, **login))
        assert recipients(office) == [A, B, C]
        assert office.secure == [security == "tls"] * 3


def test_one_of_three_does_not_exist(told: Alarm, office: PostOffice) -> None:
    office.answer(B, "550 5.1.1 no such user")
    told.send(channel(office))
    assert recipients(office) == [A, C]
    assert told.states()[B] == ("failed", "550 5.1.1 no such user")


def test_a_mail_that_is_refused_for_what_it_says_fails_alone(told: Alarm, office: PostOffice) -> None:
    office.answer(B, "554 5.7.1 looks like spam", to="DATA")
    told.send(channel(office))
    assert recipients(office) == [A, C]
    assert told.states()[B] == ("failed", "554 5.7.1 looks like spam")


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_greylisting(told: Alarm, office: PostOffice, command: str) -> None:
    office.answer(B, "451 4.7.1 greylisted", "451 4.7.1 greylisted", to=command)  # type: ignore[arg-type]  # one of its words
    for _ in range(4):
        told.send(channel(office))
        told.wait(SOON)
    assert Counter(recipients(office)) == {A: 1, B: 1, C: 1}
    assert told.states()[B] == ("sent", "")


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_server_that_says_it_is_closing_is_left_alone_for_a_while(
    told: Alarm, office: PostOffice, command: str
) -> None:
    office.answer(A, "421 4.3.2 shutting down", to=command)  # type: ignore[arg-type]  # one of its words
    assert told.send(channel(office)) == 0
    assert reason(told) == "421 4.3.2 shutting down"
    assert told.send(channel(office)) == 0
    told.wait(SOON)
    told.send(channel(office))
    assert Counter(recipients(office)) == {A: 1, B: 1, C: 1}


def test_a_server_that_does_not_take_our_sender_pauses_the_channel(told: Alarm, office: PostOffice) -> None:
    office.answer(SENDER, "553 5.7.1 sender not owned by user", to="MAIL")
    told.send(channel(office))
    assert reason(told) == "553 5.7.1 sender not owned by user"
    told.wait(SOON)
    assert told.send(channel(office)) == 3


def test_a_mail_that_is_too_big_fails_alone(told: Alarm, office: PostOffice) -> None:
    office.answer(SENDER, "552 5.3.4 message too big", to="MAIL")
    assert told.send(channel(office)) == 3
    assert told.states()[A] == ("failed", "552 5.3.4 message too big")
    assert recipients(office) == [B, C]


def test_a_wrong_password_pauses_the_channel_and_is_tried_rarely(told: Alarm, office: PostOffice) -> None:
    right = office.password_file.read_text()
    office.password_file.write_text("wrong")
    for _ in range(60):
        told.send(channel(office))
        told.wait(timedelta(minutes=1))
    assert len(office.logins) <= 16  # two ways to log in are tried each time
    assert f"does not let {USER} in: 535" in reason(told)
    assert "wrong" not in reason(told)
    office.password_file.write_text(right)
    told.wait(timedelta(minutes=15))
    assert told.send(channel(office)) == 3
    assert told.pause() is None


def script(folder: Path, *lines: str) -> list[str]:
    """A command without a shell's help: a file that /bin/sh runs."""
    (folder / "token.sh").write_text("\n".join(lines) + "\n")
    return ["/bin/sh", str(folder / "token.sh")]


def with_token(office: PostOffice, *lines: str, **keys: Any) -> SmtpChannel:
    return channel(office, password=None, token_command=script(office.folder, *lines), **keys)


def test_a_token_takes_the_place_of_a_password(told: Alarm, office: PostOffice) -> None:
    assert told.send(with_token(office, f"echo {TOKEN}")) == 3
    assert recipients(office) == [A, B, C]
    assert office.logins == [USER]


def test_a_token_that_is_refused_pauses_the_channel(
    told: Alarm, office: PostOffice, capfd: pytest.CaptureFixture[str]
) -> None:
    told.send(with_token(office, "echo expired-hunter2"))
    assert f"does not let {USER} in: 535" in reason(told)
    assert reason(told).endswith("check mail.smtp.username and token_command")
    assert "hunter2" not in "".join([reason(told), *capfd.readouterr()])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["echo hunter2 >&2", "echo hunter2", "exit 3"], "ended with exit code 3; run it by hand to see why"),
        (["true"], "did not write a token, which is one line"),
        (["echo hunter2; echo hunter2"], "did not write a token, which is one line"),
        (["yes hunter2"], "did not write a token, which is one line"),
        (["printf '\\377\\001'"], "did not write a token, which is one line"),
    ],
    ids=["fails", "nothing", "two lines", "no end", "bytes"],
)
def test_a_command_that_gives_no_token(
    told: Alarm, office: PostOffice, lines: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    told.send(with_token(office, *lines))
    assert reason(told) == f"127.0.0.1:{office.port}: no token: mail.smtp.token_command /bin/sh {said}"
    assert "hunter2" not in "".join([reason(told), *capfd.readouterr()])


def test_a_command_that_hangs_is_ended_with_what_it_started(told: Alarm, office: PostOffice) -> None:
    pid = office.folder / "pid"
    told.send(with_token(office, f"sleep 1000 & echo $! > {pid}", "wait", timeout="2s"))
    assert reason(told).endswith("/bin/sh did not end within 2s")
    started = Path(f"/proc/{pid.read_text().strip()}/stat")
    wait_until(lambda: not started.exists() or ") Z " in started.read_text(), "the command still runs")


def test_a_command_that_there_is_not(told: Alarm, office: PostOffice) -> None:
    told.send(channel(office, password=None, token_command=["/nowhere/token", "hunter2"]))
    assert reason(told).endswith("token_command /nowhere/token cannot be run: No such file or directory")


def test_a_server_without_xoauth2_says_so(told: Alarm, office: PostOffice) -> None:
    office.xoauth2 = False
    told.send(with_token(office, f"echo {TOKEN}"))
    assert "does not know XOAUTH2; give a password instead" in reason(told)


def test_mails_that_come_back_go_to_an_address_of_their_own(told: Alarm, office: PostOffice) -> None:
    told.send(channel(office, "bounces@example.org"))
    assert set(office.senders) == {"bounces@example.org"}
    assert {letter.message["From"] for letter in office.box} == {f"presswatch <{SENDER}>"}


@pytest.mark.parametrize("reply", ["451 4.7.1 " + "greylisted " * 1000, "what?", "4x1 later"])
@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_reply_that_cannot_be_read_is_no_refusal(
    told: Alarm, office: PostOffice, command: str, reply: str
) -> None:
    office.answer(B, reply, to=command)  # type: ignore[arg-type]  # one of its words
    told.send(channel(office))
    assert told.states()[B][0] == "queued"
    assert "a reply that cannot be read" in told.states()[B][1]
    told.wait(SOON)
    told.send(channel(office))
    assert told.states()[B] == ("sent", "")


def test_a_password_that_is_not_there_pauses_the_channel(told: Alarm, office: PostOffice) -> None:
    missing = office.folder / "missing"
    told.send(channel(office, password=Secret(file=missing)))
    assert reason(told).startswith(f"127.0.0.1:{office.port}: no password: {missing}")


def test_a_refused_connection_loses_nothing(told: Alarm, tmp_path: Path) -> None:
    office = PostOffice("starttls", tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        office.port = taken.getsockname()[1]
        told.send(channel(office))
        assert reason(told) == f"127.0.0.1:{office.port} cannot be used: Connection refused"
    with opened(office):
        told.wait(SOON)
        assert told.send(channel(office)) == 3


def test_a_host_that_cannot_exist_is_told(told: Alarm, office: PostOffice) -> None:
    told.send(channel(office, host="mail..example"))
    assert reason(told).startswith(f"mail..example:{office.port} cannot be used: ")


def test_a_server_that_never_says_a_word(told: Alarm, office: PostOffice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        told.send(channel(office, port=server.getsockname()[1], timeout="200ms"))
    assert "did not answer in time" in reason(told)


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_server_that_stops_answering_holds_up_that_mail_alone(
    told: Alarm, office: PostOffice, command: str
) -> None:
    office.hold(A, command)  # type: ignore[arg-type]  # one of its words
    told.send(channel(office, timeout="1s"))
    assert set(recipients(office)) - {A} == {B, C}
    state, said = told.states()[A]
    assert (state, "did not answer in time" in said) == ("queued", True)
    office.let_go()
    told.wait(SOON)
    told.send(channel(office))
    assert told.states()[A] == ("sent", "")


def test_hanging_up_after_the_mail_makes_one_repeat_with_the_same_message_id(
    told: Alarm, office: PostOffice
) -> None:
    office.hang_up_after(B)
    told.send(channel(office))
    assert "may have taken the mail" in told.states()[B][1]
    assert Counter(recipients(office)) == {A: 1, B: 1, C: 1}, "it is not sent again at once"
    told.wait(SOON)
    told.send(channel(office))
    assert Counter(recipients(office)) == {A: 1, B: 2, C: 1}
    assert len({letter.id for letter in office.box}) == 3
    assert len({letter.message.as_bytes() for letter in office.box if letter.recipient == B}) == 1


def test_a_connection_that_was_closed_between_two_mails_is_made_anew(told: Alarm, office: PostOffice) -> None:
    office.leave_after(A)
    assert told.send(channel(office)) == 3
    assert recipients(office) == [A, B, C]
    assert office.logins == [USER] * 2


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_server_that_takes_no_more_mails_by_one_connection_gets_them_by_another(
    told: Alarm, office: PostOffice, command: str
) -> None:
    office.answer(B, "421 4.7.0 too many mails by this connection", to=command)  # type: ignore[arg-type]  # one of its words
    assert told.send(channel(office)) == 3
    assert recipients(office) == [A, B, C]
    assert office.logins == [USER] * 2
    assert told.pause() is None


def test_a_further_sender_that_is_not_taken_is_tried_by_another_connection(
    told: Alarm, office: PostOffice
) -> None:
    office.answer(SENDER, "250 OK", "452 4.7.0 one mail by one connection", to="MAIL")
    assert told.send(channel(office)) == 3
    assert recipients(office) == [A, B, C]
    assert told.pause() is None


def test_so_many_mails_leave_by_one_connection(alarm: Alarm, office: PostOffice) -> None:
    everybody = [f"r{number:03}@example.org" for number in range(101)]
    alarm.watch(recipients=everybody)
    alarm.publish()
    alarm.tick()
    assert alarm.send(channel(office)) == 101
    assert sorted(recipients(office)) == everybody
    assert office.logins == [USER] * 2


def test_a_certificate_from_nowhere_is_refused_before_anything_is_said(
    told: Alarm, office: PostOffice
) -> None:
    told.send(channel(office, ca_file=None))
    assert "no TLS: unable to get local issuer certificate" in reason(told)
    assert office.logins == []


def test_a_certificate_for_another_host_is_refused(told: Alarm, office: PostOffice) -> None:
    office.certify("mail.example.net")
    told.send(channel(office))
    assert "no TLS: IP address mismatch" in reason(told)
    assert office.logins == []


def test_a_server_without_tls_gets_neither_password_nor_mail(told: Alarm, tmp_path: Path) -> None:
    with opened(PostOffice("none", tmp_path)) as office:
        told.send(channel(office, security="starttls"))
        assert "STARTTLS extension not supported" in reason(told)
        assert office.logins == office.senders == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_named(
    told: Alarm, office: PostOffice, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "other.pem"
    if content is not None:
        path.write_text(content)
    told.send(channel(office, ca_file=path))
    assert reason(told).startswith(f"mail.smtp.ca_file {path}: ")


def test_addresses_in_other_scripts(alarm: Alarm, office: PostOffice) -> None:
    alarm.watch(recipients=["post@übung.example", "größe@example.org"])
    alarm.publish()
    alarm.tick()
    alarm.send(channel(office))
    assert recipients(office) == ["post@xn--bung-zra.example", "größe@example.org"]


def test_an_address_that_the_server_has_no_letters_for_fails_alone(alarm: Alarm, office: PostOffice) -> None:
    office.smtputf8 = False
    alarm.watch(recipients=["größe@example.org", A])
    alarm.publish()
    alarm.tick()
    alarm.send(channel(office))
    assert recipients(office) == [A]
    state, said = alarm.states()["größe@example.org"]
    assert (state, "plain letters only" in said) == ("failed", True)


def test_hostile_titles_reach_the_reader_as_words(alarm: Alarm, office: PostOffice) -> None:
    evil = "Ferry\r\nBcc: victim@example.org\r\n\r\n.\r\n=?utf-8?q?=0D=0ABcc=3A_x=40example.org?=\x00"
    alarm.watch()
    alarm.publish(title=evil)
    alarm.tick()
    alarm.send(channel(office))
    [letter] = office.box
    assert letter.recipient == "reader@example.org"
    assert letter.message["Bcc"] is None
    assert letter.message["Subject"].startswith("Ferries: Ferry Bcc: victim@example.org . = ?utf-8?q?")


def test_the_channel_can_be_tried(office: PostOffice) -> None:
    assert channel(office).probe() == f"127.0.0.1:{office.port} answers and lets {USER} in"
    assert office.box == []
    with pytest.raises(DeliveryError, match=r"check mail\.smtp\.username and password"):
        channel(office, username="somebody").probe()


def integrity(told: Alarm) -> str:
    with told.archive.reading() as tx:
        return str(tx.execute(text("PRAGMA integrity_check")).scalar())


@pytest.mark.parametrize(("command", "repeats"), [("RCPT", 0), ("DATA", 1)])
def test_a_sender_killed_in_the_middle_repeats_at_most_one_mail(
    told: Alarm, office: PostOffice, command: str, repeats: int
) -> None:
    office.hold(B, command)  # type: ignore[arg-type]  # one of its words
    child = start_sender(told.archive.path, office.config(), SENDER, told.now)
    office.wait_until_held()
    child.kill()
    child.join()
    assert told.states()[B][0] == "sending"
    office.let_go()
    told.send(channel(office))
    assert Counter(recipients(office)) == {A: 1, B: 1 + repeats, C: 1}
    assert len({letter.id for letter in office.box}) == 3
    assert set(told.states().values()) == {("sent", "")}
    assert integrity(told) == "ok"


def test_a_sender_killed_again_and_again_loses_nothing(alarm: Alarm, office: PostOffice) -> None:
    everybody = [f"r{number:02}@example.org" for number in range(60)]
    alarm.watch(recipients=everybody)
    alarm.publish()
    alarm.tick()
    kills = 0
    for count in (3, 14, 33):
        child = start_sender(alarm.archive.path, office.config(), SENDER, alarm.now)
        office.wait_for_letters(count)
        child.kill()
        child.join()
        kills += 1
    alarm.send(channel(office))
    got = Counter(recipients(office))
    assert set(got) == set(everybody)
    assert sum(got.values()) - len(everybody) <= kills
    assert len({letter.id for letter in office.box}) == len(everybody)
    assert integrity(alarm) == "ok"
