"""The server of the pages, in a process of its own."""

import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvicorn

from presswatch.archive import Archive, accounts
from presswatch.config.models import WebConfig
from presswatch.config.reload import Configured
from presswatch.errors import ConfigError, UnavailableError
from presswatch.web.application import application

log = structlog.get_logger()


def _clock() -> datetime:
    return datetime.now(UTC)


def serve(
    folder: Path, data: Path, *, until_stdin_ends: bool = False, now: Callable[[], datetime] = _clock
) -> None:
    """Serve the pages until SIGTERM or SIGINT, or until whoever started this process is gone.

    `now` says what time it is (UTC) for them.
    Raises ConfigError, also when they could be reached from elsewhere and there are no accounts, and
    UnavailableError when the address cannot be listened at.
    """
    configured = Configured(folder)
    with Archive.open(data / "archive.sqlite") as archive:
        check_reach(archive, configured.config.web)
        _serve(archive, configured, data, until_stdin_ends, now)


def check_reach(archive: Archive, web: WebConfig) -> None:
    """Whether the pages may be served where `web.listen` says. Raises ConfigError, UnavailableError."""
    if web.is_for_this_machine:
        return
    with archive.reading() as tx:
        if not accounts.are_there(tx):
            raise ConfigError(
                f"web.listen: {web.listen} can be reached from elsewhere, and there are no accounts, so that "
                "anybody could do anything: `presswatch accounts add NAME --role operator` adds the first "
                "one; until then listen at 127.0.0.1:8484"
            )


def _serve(
    archive: Archive,
    configured: Configured,
    data: Path,
    until_stdin_ends: bool,
    now: Callable[[], datetime],
) -> None:
    web = configured.config.web
    with _listening(web.listen) as listener:
        if not web.is_for_this_machine and not web.is_secure:
            log.warning(
                "passwords cross the network readable: let a web server here pass the pages on over HTTPS, "
                "and say its address in web.public_url"
            )
        log.info("pages are served", address=f"http://{_shown(listener)}/")
        server = uvicorn.Server(
            uvicorn.Config(
                application(archive, configured, data, now),
                log_config=None,
                access_log=False,
                server_header=False,
                # Who asks, and whose word is taken for it, is access.py's to say.
                proxy_headers=False,
                lifespan="off",
                timeout_graceful_shutdown=3,
            )
        )
        if until_stdin_ends:
            threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
        server.run([listener])


def _listening(address: str) -> socket.socket:
    host, _colon, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio lets small parts of an answer leave at once (TCP_NODELAY) only where the protocol is said.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"pages cannot be served at {address}: {error.strerror}; is another presswatch or program there? "
            "web.listen of presswatch.yaml says where"
        ) from error
    return listener


def _shown(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _end_with_stdin(server: uvicorn.Server) -> None:
    """The pipe from whoever started us ends with them, however they end."""
    sys.stdin.buffer.read()
    server.should_exit = True
