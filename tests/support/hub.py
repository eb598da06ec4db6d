"""A hub of WebSub on loopback: takes what it is asked, makes sure, pushes and denies, as a test says."""

import hashlib
import hmac
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlencode

from presswatch import urls
from support import PATIENCE


@dataclass
class Hub:
    """`asked` are the fields of what it was asked, in order. `status` and `headers` are what it says to that,
    at `/`; at any other path it takes it."""

    port: int
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    status: int = 202
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def host(self) -> str:
        return urls.host(self.url)

    def make_sure(self, challenge: str = "a&b", **changed: str) -> tuple[int, str]:
        """Ask the callback of what it was asked last whether it was; status and body. `changed` are fields
        that it says otherwise, without `hub.` before them."""
        last = self.asked[-1]
        said = {"mode": last["hub.mode"], "topic": last["hub.topic"], "challenge": challenge}
        said |= {"lease_seconds": last.get("hub.lease_seconds", "")} | changed
        query = urlencode({f"hub.{name}": value for name, value in said.items() if value})
        return _said(urllib.request.Request(f"{last['hub.callback']}?{query}"))

    def deny(self, reason: str) -> tuple[int, str]:
        return self.make_sure("", mode="denied", reason=reason)

    def push(self, body: bytes, method: str = "sha256", secret: str | None = None) -> int:
        """Push to the callback of what it was asked last, signed with its secret or another; the status."""
        last = next(one for one in reversed(self.asked) if "hub.secret" in one)
        key = (last["hub.secret"] if secret is None else secret).encode()
        signature = f"{method}={hmac.new(key, body, getattr(hashlib, method, hashlib.sha256)).hexdigest()}"
        headers = {"Content-Type": "application/rss+xml", "X-Hub-Signature": signature}
        return _said(urllib.request.Request(last["hub.callback"], body, headers, method="POST"))[0]


def _said(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@contextmanager
def hub() -> Iterator[Hub]:
    """A hub on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            made.paths.append(self.path)
            made.asked.append(dict(parse_qsl(body, keep_blank_values=True)))
            self.send_response(made.status if self.path == "/" else 202)
            for name, value in made.headers.items() if self.path == "/" else ():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made = Hub(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
