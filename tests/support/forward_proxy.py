"""An HTTP proxy as offices have it: it passes requests on, and opens tunnels."""

import http.client
import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit


@dataclass
class ForwardProxy:
    """`asked` is what it was asked for: URLs, and `host:port` of tunnels. `names` is its own DNS."""

    port: int
    names: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def forwarding(names: Mapping[str, str] | None = None) -> Iterator[ForwardProxy]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._note(self.path)
            parts = urlsplit(self.path)
            host = proxy.names.get(parts.hostname or "", parts.hostname or "")
            upstream = http.client.HTTPConnection(host, parts.port or 80, timeout=10)
            headers = {name: value for name, value in self.headers.items() if name != "Proxy-Authorization"}
            with closing(upstream):
                upstream.request("GET", parts._replace(scheme="", netloc="").geturl(), headers=headers)
                answer = upstream.getresponse()
                body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_CONNECT(self) -> None:
            self._note(self.path)
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((proxy.names.get(host, host), int(port)), timeout=10) as upstream:
                self.send_response(200)
                self.end_headers()
                _pass_on(self.connection, upstream)
            self.close_connection = True

        def _note(self, asked: str) -> None:
            proxy.asked.append(asked)
            proxy.logins.append(self.headers["Proxy-Authorization"])

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = ForwardProxy(server.server_address[1], names or {})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while True:
            for ready in select.select([one, other], [], [], 10)[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (other if ready is one else one).sendall(data)
