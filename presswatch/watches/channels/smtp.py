"""Mails handed to an SMTP server (RFC 5321), over STARTTLS or TLS, with login where one is configured."""

import smtplib
import ssl
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from typing import Annotated, Literal

from pydantic import Field, model_validator

from presswatch.config_parts import Part, Secret, check_login
from presswatch.config_values import FilePath, SomeTime, Text
from presswatch.errors import ConfigError, DeliveryError
from presswatch.watches.channels.message import message_of
from presswatch.watches.channels.xoauth2 import TokenError, log_in_with_token, token
from presswatch.watches.mail_address import idna_address, name_and_address
from presswatch.watches.notification import Notification

# RFC 5321 section 4.5.3.1.9 and RFC 3463 3.4: the message is too big, whomever it is for.
_TOO_BIG = 552
# RFC 5321 section 4.2.3: done; and the server closes the connection.
_OK, _CLOSING = 250, 421

_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


class SmtpConfig(Part):
    """The section `mail.smtp` of presswatch.yaml."""

    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Secret | None = None
    ca_file: FilePath | None = None
    token_command: tuple[Text, ...] = ()
    timeout: SomeTime = timedelta(seconds=30)

    @model_validator(mode="after")
    def _whole_login(self) -> "SmtpConfig":
        if self.token_command:
            if not self.username or self.password:
                raise ValueError(
                    "token_command stands in the place of password; expected it with username alone"
                )
        else:
            check_login(self.username, self.password)
        if self.username and self.security == "none" and self.host not in _OWN_MACHINE:
            raise ValueError(
                "security: none would send the password for everybody to read; use starttls or tls"
            )
        return self

    def open(self, sender: str, bounces: str = "") -> "SmtpChannel":
        """`sender` is the address in the mails, `bounces` the one that undeliverable ones go back to."""
        return SmtpChannel(self, sender, bounces)


class SmtpChannel:
    """Keeps its connection for the next mail, and is asked each time whether it still stands."""

    def __init__(self, config: SmtpConfig, sender: str, bounces: str = "") -> None:
        self._config = config
        self._sender = sender
        self._envelope = idna_address(bounces or sender)
        self._server: smtplib.SMTP | None = None

    def send(self, notification: Notification) -> str:
        message = message_of(notification, self._sender)
        to = idna_address(name_and_address(notification.mail.recipient)[1])
        try:
            if not (self._still_stands() and self._is_taken_once_more(message, to)):
                self._server = self._opened()
                self._hand_over(message, to)
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(
                f"{self._name} takes addresses of plain letters only (no SMTPUTF8)", permanent=True
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            [(code, said)] = error.recipients.values()
            raise _refused(code, said) from error
        except smtplib.SMTPSenderRefused as error:
            # Whoever we write to, we are not let in: that is not this recipient's fault.
            channel = error.smtp_code != _TOO_BIG
            raise _refused(error.smtp_code, error.smtp_error, channel=channel) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except OSError as error:
            # Perhaps it stumbles over this mail: the others must not wait for it.
            raise DeliveryError(
                f"{self._name} broke off, and may have taken the mail: {_cause(error)}"
            ) from error
        return ""

    def probe(self) -> str:
        self._server = self._opened()
        self.close()
        login = f" and lets {self._config.username} in" if self._config.username else ""
        return f"{self._name} answers{login}"

    def close(self) -> None:
        if self._server is not None:
            with suppress(OSError):
                self._server.quit()
        self._drop()

    def _still_stands(self) -> bool:
        """Whether there is a connection that was kept, and the server is ready for a mail."""
        if self._server is None:
            return False
        with suppress(OSError):
            if self._server.rset()[0] == _OK:
                return True
        self._drop()
        return False

    def _is_taken_once_more(self, message: EmailMessage, to: str) -> bool:
        """Hand a mail over by the kept connection; False when the server takes no more mails by that one.

        Only its own word says so: a connection that breaks may have carried the mail.
        """
        try:
            self._hand_over(message, to)
        except smtplib.SMTPException as error:
            if not _is_over(error):
                raise
            return False
        return True

    def _hand_over(self, message: EmailMessage, to: str) -> None:
        """Let the server have a mail. Its connection is kept if the mail was taken, and in no other case:
        what the server says late would be read as its answer to the next one.
        """
        server, self._server = self._server, None
        assert server is not None, "it was opened"
        try:
            if (self._envelope + to).isascii():
                # send_message would put a > before lines that begin with "From".
                server.sendmail(self._envelope, [to], message.as_bytes())
            else:
                server.send_message(message, self._envelope, [to])
        except BaseException:
            server.close()
            raise
        self._server = server

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None

    @property
    def _name(self) -> str:
        return f"{self._config.host}:{self._config.port}"

    def _opened(self) -> smtplib.SMTP:
        """A new connection, secured and logged in. Raises DeliveryError, of the channel."""
        try:
            return self._connect()
        except smtplib.SMTPAuthenticationError as error:
            said = _text(error.smtp_error)
            secret = "token_command" if self._config.token_command else "password"
            raise DeliveryError(
                f"{self._name} does not let {self._config.username} in: {error.smtp_code} {said}; "
                f"check mail.smtp.username and {secret}",
                channel=True,
            ) from error
        except ConfigError as error:
            raise DeliveryError(f"{self._name}: no password: {error}", channel=True) from error
        except TokenError as error:
            raise DeliveryError(f"{self._name}: no token: {error}", channel=True) from error
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", None) or error.reason or error
            raise DeliveryError(
                f"{self._name}: no TLS: {why}; check mail.smtp.host, security and ca_file", channel=True
            ) from error
        except (OSError, UnicodeError) as error:  # UnicodeError: no host can have this name
            raise DeliveryError(f"{self._name} cannot be used: {_cause(error)}", channel=True) from error

    def _connect(self) -> smtplib.SMTP:
        config = self._config
        context = self._context()
        timeout = config.timeout.total_seconds()
        server: smtplib.SMTP
        if config.security == "tls":
            server = smtplib.SMTP_SSL(config.host, config.port, timeout=timeout, context=context)
        else:
            server = smtplib.SMTP(config.host, config.port, timeout=timeout)
        try:
            if config.security == "starttls":
                server.starttls(context=context)
            if config.token_command:
                log_in_with_token(server, config.username, token(config.token_command, config.timeout))
            elif config.username:
                server.login(config.username, config.password.reveal() if config.password else "")
        except BaseException:
            server.close()
            raise
        return server

    def _context(self) -> ssl.SSLContext:
        authority = self._config.ca_file
        try:
            return ssl.create_default_context(cafile=authority)
        except OSError as error:
            raise DeliveryError(
                f"mail.smtp.ca_file {authority}: {error.strerror or error}", channel=True
            ) from error


def _is_over(error: smtplib.SMTPException) -> bool:
    """Whether a server says that it takes no more mails by a connection, and has not taken this one.

    Some say so with 421 (RFC 5321 section 3.8), at whatever command; others do not take a further sender.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code == _CLOSING for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused):
        return error.smtp_code != _TOO_BIG
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == _CLOSING


def _refused(code: int, said: bytes | str, *, channel: bool = False) -> DeliveryError:
    # What smtplib says by itself is text: of a line that is too long with code 500, of one that is no reply
    # with -1. What was meant is not known, so it is asked again.
    if isinstance(said, str) or not 200 <= code <= 599:
        return DeliveryError(f"a reply that cannot be read: {_text(said)}", channel=channel)
    # 421 is said of the server itself (RFC 5321 section 3.8), whatever command it answers.
    return DeliveryError(f"{code} {_text(said)}", permanent=code >= 500, channel=channel or code == _CLOSING)


def _text(said: bytes | str) -> str:
    return " ".join((said.decode(errors="replace") if isinstance(said, bytes) else said).split())


def _cause(error: BaseException) -> str:
    # smtplib tells of a time that ran out as of a connection that was closed.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(getattr(error, "strerror", None) or error)
