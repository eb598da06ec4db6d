"""The server of the pages, in a process of its own."""

import socket
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvicorn

from presswatch.archive import Archive
from presswatch.config.reload import Configured
from presswatch.errors import UnavailableError
from presswatch.web.application import application

log = structlog.get_logger()


def serve(folder: Path, data: Path, *, until_stdin_ends: bool = False) -> None:
    """Serve the pages until SIGTERM or SIGINT, or until whoever started this process is gone.

    Raises ConfigError, and UnavailableError when the address cannot be listened at.
    """
    configured = Configured(folder)
    listen = configured.config.web.listen
    with Archive.open(data / "archive.sqlite") as archive, _listening(listen) as listener:
        log.info("pages are served", address=f"http://{_shown(listener)}/")
        server = uvicorn.Server(
            uvicorn.Config(
                application(archive, configured, data, lambda: datetime.now(UTC)),
                log_config=None,
                access_log=False,
                server_header=False,
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
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
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
