"""The application: its routes, what every answer says besides, and who may ask."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presswatch.archive import Archive
from presswatch.config.reload import Configured
from presswatch.errors import UnavailableError
from presswatch.web import choosing, feeds
from presswatch.web.page import Service, error_page, message_page

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    # Nothing on a page comes from anywhere else, and no script runs.
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    # The address of a page is a secret of its reader: no outlet is told of it.
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

ROUTES = (
    Route("/", message_page(lambda words: words.gettext("presswatch is at work.")), name="home"),
    Route("/mail/{token}", choosing.overview, methods=["GET"], name="overview"),
    Route("/mail/{token}/{kind}", choosing.ask, methods=["GET"], name="ask"),
    Route("/mail/{token}/{kind}", choosing.choose, methods=["POST"], name="choose"),
    Route("/mail/{token}/{kind}/{subject}", choosing.ask, methods=["GET"], name="ask about"),
    Route("/mail/{token}/{kind}/{subject}", choosing.choose, methods=["POST"], name="choose about"),
    Route("/feeds/{token}.atom", feeds.atom, methods=["GET"], name="feed"),
)


def application(archive: Archive, configured: Configured, now: Callable[[], datetime]) -> Starlette:
    """The application on an archive. `configured` is read anew when its files change."""
    web = configured.config.web
    routes = [*ROUTES, Mount("/static", StaticFiles(directory=_STATIC), name="static")]
    below = urlsplit(web.public_url).path.rstrip("/")
    app = Starlette(
        routes=[*([Mount(below, routes=routes)] if below else []), *routes],
        middleware=[Middleware(_Guard, names=web.names)],
        exception_handlers={
            404: error_page(404, lambda words: words.gettext("There is no such page.")),
            405: error_page(405, lambda words: words.gettext("This page cannot be asked in this way.")),
            500: error_page(500, lambda words: words.gettext("A fault of presswatch; its log says more.")),
            UnavailableError: error_page(
                503,
                lambda words: words.gettext("The archive is busy, and nothing was changed. Try again soon."),
            ),
        },
    )
    app.state.service = Service(archive, configured, now)
    return app


class _Guard:
    """Answers for its own host names alone (against DNS rebinding), and adds the headers."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        is_ours = scope["type"] != "http" or _host(Request(scope)) in self._names
        await (self._app if is_ours else _NOT_OURS)(scope, receive, with_headers)


_NOT_OURS = PlainTextResponse(
    "presswatch does not answer under this name; web.hosts of presswatch.yaml adds one", 421
)


def _host(request: Request) -> str:
    """The name that was asked for, without its port; IPv6 without its brackets."""
    given = request.headers.get("host", "")
    if given.startswith("["):
        return given[1:].partition("]")[0]
    return given.partition(":")[0].lower().rstrip(".")
