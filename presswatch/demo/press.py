"""The press itself: an HTTP server for each outlet, and the steps by which its news goes on."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from presswatch.demo.engines import ENGINES, Engine, Reply
from presswatch.demo.story import Story, stories

# News of a later step is dated so much after the press opened.
INTERVAL = timedelta(seconds=20)
LAST_STEP = 3


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that the press answered at `time` (UTC)."""

    time: datetime
    outlet: str
    method: str
    path: str
    headers: Mapping[str, str]
    status: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What is true of an article, for tests: the story as written, where it lives, what it links to.

    `url` is the canonical one, `paragraphs` are as they stand now, `related` are the canonical URLs of the
    links that are there now, in their order.
    """

    story: Story
    url: str
    title_cut: str
    language: str
    paragraphs: tuple[str, ...]
    related: tuple[str, ...]


@dataclass(slots=True)
class Outlet:
    """One outlet of the press. `start` is what a source would be given."""

    engine: Engine
    stories: list[Story]
    press: "Press"
    extra: dict[str, Reply] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None
    _thread: threading.Thread | None = None

    @property
    def id(self) -> str:
        return self.engine.id

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def language(self) -> str:
        return self.engine.language

    @property
    def zone(self) -> str:
        return self.engine.zone

    @property
    def address(self) -> str:
        """Host and port, as an allow-list names it."""
        assert self._server is not None, "the press is closed"
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def start(self) -> str:
        return self.url + self.engine.start

    def put(
        self,
        path: str,
        body: bytes,
        content_type: str = "text/html; charset=utf-8",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Put a page of a test's own on the outlet; its URL."""
        self.extra[path] = Reply(body, content_type, status, dict(headers or {}))
        return self.url + path

    @property
    def step(self) -> int:
        return self.press.step

    @property
    def clock(self) -> datetime:
        return self.press.clock

    @property
    def visits(self) -> int:
        """How many requests the whole press has answered."""
        return len(self.press.requests)

    def published(self) -> list[Story]:
        """What stands on the outlet now, the newest first."""
        published = [story for story in self.stories if story.is_there(self.step)]
        return sorted(published, key=lambda story: story.published, reverse=True)

    def answer(self, path: str, headers: Mapping[str, str]) -> Reply:
        return self.extra.get(path) or self.engine.answer(path, headers, self)

    def resolve(self, related: str) -> tuple["Outlet", Story] | None:
        """The outlet and story that a `related` entry names, if it is there now."""
        outlet_id, _slash, slug = related.rpartition("/")
        outlet = self.press.outlets[outlet_id] if outlet_id else self
        return next(((outlet, story) for story in outlet.published() if story.slug == slug), None)

    def link(self, story: Story) -> str:
        return self.url + self.engine.path(story)

    def open(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=self.id, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class Press:
    """All outlets, open while the `with` block lasts. `now` (aware) is when it opens for its readers."""

    def __init__(self, now: datetime) -> None:
        self.opened = now
        self.step = 0
        self.requests: list[LoggedRequest] = []
        self.outlets = {
            engine.id: Outlet(engine, stories(engine.id, now, INTERVAL), self) for engine in ENGINES
        }

    def __enter__(self) -> Self:
        for outlet in self.outlets.values():
            outlet.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for outlet in self.outlets.values():
            outlet.close()

    def advance(self) -> int:
        """The next step: new articles appear, one changes, one vanishes. How many articles are new."""
        before = sum(len(outlet.published()) for outlet in self.outlets.values())
        self.step += 1
        return sum(len(outlet.published()) for outlet in self.outlets.values()) - before

    @property
    def clock(self) -> datetime:
        """The press's own time: it goes on with its steps alone."""
        return self.opened + self.step * INTERVAL

    @property
    def expected(self) -> list[Expected]:
        """The truth of every article that stands on the press now."""
        return list(self._expected())

    def _expected(self) -> Iterator[Expected]:
        for outlet in self.outlets.values():
            for story in outlet.published():
                found = (outlet.resolve(one) for one in story.related)
                links = tuple(there.link(other) for there, other in (pair for pair in found if pair))
                yield Expected(
                    story=story,
                    url=outlet.link(story),
                    title_cut=outlet.engine.cut(story.title),
                    language=outlet.language,
                    paragraphs=story.text_at(self.step),
                    related=links,
                )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that goes away in the middle is no news."""


def _handler(outlet: Outlet) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:  # http.server's name
            reply = outlet.answer(self.path, dict(self.headers.items()))
            outlet.press.requests.append(
                LoggedRequest(
                    time=datetime.now(UTC),
                    outlet=outlet.id,
                    method="GET",
                    path=self.path,
                    headers=dict(self.headers.items()),
                    status=reply.status,
                )
            )
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.content_type, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # http.server's name
            """The press keeps its own list."""

    return Handler
