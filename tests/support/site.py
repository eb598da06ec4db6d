"""A real web server on loopback that answers as a test says: well, badly, slowly or without end."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic

import trustme

from presswatch import urls

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. `at` is on the monotonic clock."""

    path: str
    headers: Mapping[str, str]
    at: float


@dataclass
class Site:
    """What is served, by path; anything else answers 404."""

    port: int
    scheme: str = "http"
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    validators: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        return urls.host(self.url)

    def paths(self) -> list[str]:
        """The paths asked for, in order, without robots.txt."""
        return [one.path for one in self.asked if one.path != "/robots.txt"]

    def serve(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        content_type: str = "text/html; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content = body.encode() if isinstance(body, str) else body
        sent = {"Content-Type": content_type, "Content-Length": str(len(content)), **(headers or {})}

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in (sent | self.validators.get(path, {})).items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(content)

        self.answers[path] = answer

    def validate(self, path: str, etag: str, last_modified: str) -> None:
        """Let this path answer 304 to whoever has this version."""
        full = self.answers[path]

        def answer(request: BaseHTTPRequestHandler) -> None:
            if request.headers["If-None-Match"] == etag:
                request.send_response(304)
                request.send_header("ETag", etag)
                request.end_headers()
                return
            full(request)

        self.answers[path] = answer
        self.validators[path] = {"ETag": etag, "Last-Modified": last_modified}

    def redirect(self, path: str, to: str) -> None:
        self.serve(path, status=302, headers={"Location": to})

    def article(self, path: str, title: str, *related: str, words: int = 120) -> None:
        """A plain article with enough text to be one."""
        self.serve(path, article_html(title, *related, words=words))

    def listing(self, path: str, *links: str, following: str = "") -> None:
        """A page of links with headlines, and a link to its next page."""
        rows = "".join(
            f'<li><h2><a href="{link}">What the council decided on day {place} of this week</a></h2></li>'
            for place, link in enumerate(links)
        )
        after = f'<a rel="next" href="{following}">Next page</a>' if following else ""
        link = f'<link rel="next" href="{following}">' if following else ""
        self.serve(
            path,
            f"<html><head><title>News</title>{link}</head><body><main><ul>{rows}</ul>{after}</main></body></html>",
        )


def article_html(title: str, *related: str, words: int = 120) -> str:
    text = f"{title} was the subject of a long debate in the town hall, where many people spoke. "
    paragraphs = "".join(f"<p>{text * 2}Part {place}.</p>" for place in range(max(1, words // 30)))
    rows = "".join(
        f'<li><a href="{link}">What else the council said of matter {link}</a></li>' for link in related
    )
    block = f'<div class="related"><h3>Related articles</h3><ul>{rows}</ul></div>' if related else ""
    return (
        f'<html lang="en"><head><title>{title}</title><meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2026-11-20T08:00:00Z"></head>'
        f"<body><article><h1>{title}</h1>{paragraphs}</article>{block}</body></html>"
    )


@contextmanager
def serving(certificate: trustme.LeafCert | None = None) -> Iterator[Site]:
    """A site on a free port of 127.0.0.1, over HTTPS if a certificate is given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(Asked(self.path, dict(self.headers), monotonic()))
            answer = site.answers.get(self.path)
            try:
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)
            except OSError:
                self.close_connection = True  # the crawler hung up on us, as it should on some answers

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(server.server_address[1])
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        site.scheme = "https"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
