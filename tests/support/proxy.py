"""A proxy in front of a server that can refuse, stall and break off what passes through it."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# The client believes nobody who does not say so.
_JSON = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}


class Proxy:
    """Passes everything on until it is told otherwise. `seen` are the paths of all requests."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname is not None
        assert parts.port is not None
        self.upstream = parts.hostname, parts.port
        self.seen: list[str] = []
        self._answers: list[int] = []
        self._go_on = threading.Event()
        self._go_on.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def refuse(self, *statuses: int) -> None:
        """Answer the next bulk requests so, and do not pass them on."""
        self._answers = list(statuses)

    def stall(self) -> None:
        """Take requests and do not answer, until `release`."""
        self._go_on.clear()

    def release(self) -> None:
        self._go_on.set()

    @contextmanager
    def open(self) -> Iterator["Proxy"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.release()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.seen.append(handler.path)
        self._go_on.wait()
        if self._answers and "_bulk" in handler.path:
            refusal = b'{"error": {"type": "es_rejected_execution_exception", "reason": "too busy"}}'
            _reply(handler, self._answers.pop(0), _JSON, refusal)
            return
        headers = {name: value for name, value in handler.headers.items() if name.lower() != "host"}
        with closing(http.client.HTTPConnection(*self.upstream, timeout=60)) as upstream:
            upstream.request(handler.command, handler.path, body, headers)
            answer = upstream.getresponse()
            status, said, content = answer.status, dict(answer.getheaders()), answer.read()
        _reply(handler, status, said, content)


def _reply(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    handler.send_response_only(status)
    for name, value in headers.items():
        if name.lower() not in ("content-length", "transfer-encoding", "connection"):
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            # The client may be gone by the time that it is answered.
            try:
                proxy.answer(self)
            except OSError:
                self.close_connection = True

        do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815  # the server's names

        def log_message(self, *_: object) -> None:
            pass

    return Handler
