"""Login by an access token instead of a password (SASL XOAUTH2), as Gmail and Microsoft 365 want it."""

import os
import select
import signal
import smtplib
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic

from presswatch import known_secrets
from presswatch.config_values import say_duration
from presswatch.errors import PresswatchError

# No token is longer; a command that goes on writing is not read any further.
_LONGEST = 64 << 10


class TokenError(PresswatchError):
    """No token could be had. The message never repeats what the command wrote, nor its arguments."""


def token(command: Sequence[str], limit: timedelta) -> str:
    """The one line that the command writes, which is run without a shell. Raises TokenError."""
    name = f"mail.smtp.token_command {command[0]}"
    try:
        # In a session of its own, so that what it has started ends with it.
        process = subprocess.Popen(  # noqa: S603  # the operator's own command, and no shell
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise TokenError(f"{name} cannot be run: {getattr(error, 'strerror', None) or error}") from error
    with process:
        assert process.stdout is not None
        until = monotonic() + limit.total_seconds()
        try:
            written = _read(process.stdout.fileno(), until)
            if len(written) > _LONGEST:
                _end(process)
            process.wait(max(until - monotonic(), 0))
        except (TimeoutError, subprocess.TimeoutExpired) as error:
            _end(process)
            raise TokenError(f"{name} did not end within {say_duration(limit)}") from error
    if process.returncode and len(written) <= _LONGEST:
        raise TokenError(f"{name} ended with exit code {process.returncode}; run it by hand to see why")
    said = written.strip()
    if not said or len(said) > _LONGEST or not said.isascii() or not said.decode().isprintable():
        raise TokenError(f"{name} did not write a token, which is one line")
    known_secrets.remember(said.decode())
    return said.decode()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the command, which was not waited for yet, with what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _read(pipe: int, until: float) -> bytes:
    """What is written to a pipe until it is closed or long enough. Raises TimeoutError."""
    written = b""
    while len(written) <= _LONGEST:
        ready, _writable, _faulty = select.select([pipe], [], [], max(until - monotonic(), 0))
        if not ready:
            raise TimeoutError
        piece = os.read(pipe, _LONGEST)
        if not piece:
            break
        written += piece
    return written


def log_in_with_token(server: smtplib.SMTP, username: str, token: str) -> None:
    """Raises what `smtplib.SMTP.login` raises."""
    server.ehlo_or_helo_if_needed()
    if "XOAUTH2" not in server.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError("the server does not know XOAUTH2; give a password instead")

    def answer(challenge: bytes | None = None) -> str:
        # A challenge is the reason of a refusal, which comes when it is answered with nothing.
        return f"user={username}\x01auth=Bearer {token}\x01\x01" if challenge is None else ""

    try:
        server.auth("XOAUTH2", answer)
    except ValueError as error:
        raise smtplib.SMTPException("a challenge that is no base64") from error
