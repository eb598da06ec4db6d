"""Mails handed to an SMTP server (RFC 5321), over STARTTLS or TLS, with login where one is configured."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from presswatch.config.models import SmtpConfig
from presswatch.errors import DeliveryError


class SmtpChannel:
    """A connection for each mail: a server that was restarted in between is no special case."""

    def __init__(self, config: SmtpConfig, sender: str) -> None:
        self._config = config
        self._sender = sender

    def send(self, message: EmailMessage, recipient: str) -> str:
        with self._connected() as server:
            try:
                server.send_message(message, self._sender, [recipient])
            except smtplib.SMTPRecipientsRefused as error:
                [(code, said)] = error.recipients.values()
                raise _refused(code, said) from error
            except smtplib.SMTPSenderRefused as error:
                # Whoever we write to, we are not let in: that is not this recipient's fault.
                raise _refused(error.smtp_code, error.smtp_error, channel=True) from error
            except smtplib.SMTPResponseException as error:
                raise _refused(error.smtp_code, error.smtp_error) from error
        return ""

    def probe(self) -> str:
        with self._connected() as server:
            server.noop()
        return f"{self._name} answers" + (
            f" and lets {self._config.username} in" if self._config.username else ""
        )

    @property
    def _name(self) -> str:
        return f"{self._config.host}:{self._config.port}"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            server = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            said = _text(error.smtp_error)
            raise DeliveryError(
                f"{self._name} does not let {self._config.username} in: {error.smtp_code} {said}; "
                "check mail.smtp.username and password",
                channel=True,
            ) from error
        except ssl.SSLError as error:
            raise DeliveryError(
                f"{self._name}: no TLS: {error.reason or error}; check mail.smtp.security and ca_file",
                channel=True,
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(f"{self._name} cannot be used: {_cause(error)}", channel=True) from error
        try:
            yield server
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise DeliveryError(f"{self._name} broke off: {_cause(error)}", channel=True) from error
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        config = self._config
        context = ssl.create_default_context(cafile=str(config.ca_file) if config.ca_file else None)
        timeout = config.timeout.total_seconds()
        if config.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                config.host, config.port, timeout=timeout, context=context
            )
        else:
            server = smtplib.SMTP(config.host, config.port, timeout=timeout)
        try:
            if config.security == "starttls":
                server.starttls(context=context)
            if config.username:
                server.login(config.username, config.password.reveal() if config.password else "")
        except BaseException:
            server.close()
            raise
        return server


def _refused(code: int, said: bytes | str, *, channel: bool = False) -> DeliveryError:
    # 421 is said of the server itself (RFC 5321 section 3.8), whatever command it answers.
    return DeliveryError(f"{code} {_text(said)}", permanent=code >= 500, channel=channel or code == 421)


def _text(said: bytes | str) -> str:
    return " ".join((said.decode(errors="replace") if isinstance(said, bytes) else said).split())


def _cause(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(getattr(error, "strerror", None) or error)
