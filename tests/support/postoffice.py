"""A real SMTP server on loopback, with verbs for everything a mail server does to its clients."""

import asyncio
import ssl
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from presswatch.config_parts import Secret
from presswatch.watches.channels.smtp import SmtpConfig
from support import PATIENCE
from support.waiting import wait_until

USER, PASSWORD = "presswatch", "correct horse"
TOKEN = "ya29.a0-token"


@dataclass(frozen=True)
class Letter:
    """A mail that lies in the office, and whom it was for by its envelope."""

    recipient: str
    message: EmailMessage

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class PostOffice:
    """What it was told to do, and the letters it took. Verbs may be used while it works."""

    security: Literal["starttls", "tls", "none"]
    folder: Path
    box: list[Letter] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)
    smtputf8: bool = True
    xoauth2: bool = True
    port: int = 0

    def __post_init__(self) -> None:
        self.authority = trustme.CA()
        self.ca_file = self.folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca_file))
        self.password_file = self.folder / "password"
        self.password_file.write_text(PASSWORD + "\n")
        self.certify("127.0.0.1")
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._breaks: dict[str, int] = {}
        self._leaves: set[str] = set()
        self._held: set[tuple[str, str]] = set()
        self._asked = Event()

    def config(self, **keys: Any) -> SmtpConfig:
        """How presswatch would be configured to use it."""
        values = {
            "host": "127.0.0.1",
            "port": self.port,
            "security": self.security,
            "username": USER,
            "password": Secret(file=self.password_file),
            "ca_file": self.ca_file,
            "timeout": "60s",
        }
        return SmtpConfig.model_validate(values | keys)

    def certify(self, host: str) -> None:
        """Use a certificate for this host from now on."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(host).configure_cert(self.context)

    def answer(self, recipient: str, *replies: str, to: Literal["RCPT", "DATA", "MAIL"] = "RCPT") -> None:
        """Answer a command for this recipient (or MAIL from this sender) with these replies, in turn."""
        self._replies[to, recipient] = list(replies)

    def hang_up_after(self, recipient: str, times: int = 1) -> None:
        """Take this recipient's next mails and hang up instead of saying so."""
        self._breaks[recipient] = times

    def leave_after(self, recipient: str) -> None:
        """Take this recipient's next mail, say so, and close the connection."""
        self._leaves.add(recipient)

    def hold(self, recipient: str, at: Literal["RCPT", "DATA"]) -> None:
        """Do not answer this command any more."""
        self._held.add((at, recipient))

    def let_go(self) -> None:
        """Answer from now on, but for those who are being held."""
        self._held.clear()
        self._asked.clear()

    def wait_until_held(self) -> None:
        """Wait until somebody waits for an answer."""
        assert self._asked.wait(PATIENCE), f"nobody came within {PATIENCE} s"

    def wait_for_letters(self, count: int) -> None:
        wait_until(lambda: len(self.box) >= count, lambda: f"{len(self.box)} letters, not {count}")

    # What follows is called by aiosmtpd, in its thread.

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name, as below
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        self.senders.append(address)
        self.secure.append(session.ssl is not None or self.security == "tls")
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return self._scripted("MAIL", address)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _rcpt_options: list[str]
    ) -> str:
        await self._hold("RCPT", address)
        reply = self._scripted("RCPT", address)
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        [recipient] = envelope.rcpt_tos
        reply = self._scripted("DATA", recipient)
        if not reply.startswith("250"):
            return reply
        content = envelope.content
        assert isinstance(content, bytes)
        self.box.append(Letter(recipient, message_from_bytes(content, policy=default)))
        if self._breaks.get(recipient, 0):
            self._breaks[recipient] -= 1
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        await self._hold("DATA", recipient)
        if recipient in self._leaves:
            self._leaves.remove(recipient)
            assert isinstance(server.transport, asyncio.Transport)
            # When the reply has been written.
            asyncio.get_running_loop().call_soon(server.transport.close)
        return reply

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(data.login.decode())
        known = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=known, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = b64decode(args[1]).decode()
        self.logins.append(said.partition("\x01")[0].removeprefix("user="))
        if said == f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01":
            return AuthResult(success=True)
        # The reason is a challenge, which the client answers with nothing.
        await server.challenge_auth('{"status":"401","schemes":"bearer"}')
        return AuthResult(success=False, handled=False)

    def protocol(self) -> SMTP:
        starttls = self.security == "starttls"
        return SMTP(
            self,
            hostname="mail.example.org",
            enable_SMTPUTF8=self.smtputf8,
            tls_context=self.context if starttls else None,
            require_starttls=starttls,
            auth_required=starttls,
            auth_require_tls=starttls,
            authenticator=self.authenticate,
            auth_exclude_mechanism=() if self.xoauth2 else ("XOAUTH2",),
            loop=asyncio.get_running_loop(),
        )

    def _scripted(self, command: str, address: str) -> str:
        waiting = self._replies.get((command, address), [])
        return waiting.pop(0) if waiting else "250 OK"

    async def _hold(self, command: str, address: str) -> None:
        if (command, address) in self._held:
            self._asked.set()
            await asyncio.sleep(PATIENCE)


@contextmanager
def opened(office: PostOffice) -> Iterator[PostOffice]:
    """The office at work, at the port it had before or at a free one."""
    loop = asyncio.new_event_loop()
    ready, closing = Event(), asyncio.Event()
    thread = Thread(target=lambda: loop.run_until_complete(_serve(office, ready, closing)), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join()
        loop.close()


async def _serve(office: PostOffice, ready: Event, closing: asyncio.Event) -> None:
    made: list[SMTP] = []

    def protocol() -> SMTP:
        made.append(office.protocol())
        return made[-1]

    context = office.context if office.security == "tls" else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", office.port, ssl=context)
    office.port = server.sockets[0].getsockname()[1]
    ready.set()
    await closing.wait()
    server.close()
    for one in made:
        if isinstance(one.transport, asyncio.Transport):
            one.transport.abort()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)
