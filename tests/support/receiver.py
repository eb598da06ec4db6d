"""A real HTTP server on loopback that takes what is posted to it, with verbs for what receivers do."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from threading import Event, Thread
from typing import Any

from support import PATIENCE

_DRIP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Posted:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def values(self) -> Any:
        return loads(self.body)


@dataclass
class Receiver:
    """What was posted, and how it answers: 204 at first. Verbs may be used while it works."""

    port: int
    scheme: str = "http"
    posted: list[Posted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._answers: list[tuple[int, dict[str, str], bytes]] = []
        self._always: tuple[int, dict[str, str], bytes] = (204, {}, b"")
        self._how = "answer"
        self.end = Event()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def answer(self, status: int, body: str = "", **headers: str) -> None:
        """Answer the next request so; `Retry_After` stands for Retry-After."""
        self._answers.append((status, _named(headers), body.encode()))

    def answer_always(self, status: int, body: str = "", **headers: str) -> None:
        self._always = (status, _named(headers), body.encode())

    def hang(self) -> None:
        """Take requests and say nothing."""
        self._how = "hang"

    def drip(self) -> None:
        """Begin an answer whose headers never end."""
        self._how = "drip"

    def break_off(self) -> None:
        """Take requests and hang up."""
        self._how = "break off"

    def behave(self) -> None:
        self._how = "answer"

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        self.posted.append(Posted(handler.path, dict(handler.headers), body))
        handler.close_connection = True
        if self._how == "hang":
            self.end.wait(PATIENCE)
        elif self._how == "drip":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.end.wait(_DRIP_SECONDS):
                handler.wfile.write(b"X-More: x\r\n")
                handler.wfile.flush()
        elif self._how == "answer":
            status, headers, said = self._answers.pop(0) if self._answers else self._always
            handler.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(said)


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver at work, over TLS with a context."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            with suppress(OSError):
                made.take(self)

        def do_GET(self) -> None:  # as above: what a followed redirect would ask for
            self.do_POST()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made = Receiver(server.server_port, "https" if context else "http")
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.end.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
