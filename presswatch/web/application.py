"""The application: its routes, what every answer says besides, and who may ask."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from presswatch.archive import Archive
from presswatch.archive.signing_key import signing_key
from presswatch.config.reload import Configured
from presswatch.errors import UnavailableError
from presswatch.web.access import host_name, is_cross_origin
from presswatch.web.api.application import api
from presswatch.web.asking import problem
from presswatch.web.page import Service
from presswatch.web.routes import routes

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    # Nothing on a page comes from anywhere else, and no script but our own files runs.
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    # The address of a page is a secret of its reader: no outlet is told of it. With `no-referrer` browsers
    # would keep the origin of our own forms from us, too, and by plain HTTP they say nothing else of it.
    "referrer-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def application(
    archive: Archive, configured: Configured, data: Path, now: Callable[[], datetime]
) -> Starlette:
    """The application on the archive of a data folder. `configured` is read anew when its files change.

    Raises UnavailableError.
    """
    web = configured.config.web
    # Made now, where there is none yet: no page has to write for it.
    signing_key(archive)
    pages = Service(archive, configured, data, now)
    mounts = [
        _with_line_ends(Mount("/api/v1", api(pages), name="api")),
        Mount("/static", StaticFiles(directory=_STATIC), name="static"),
    ]
    served = [*routes(), *mounts]
    below = urlsplit(web.public_url).path.rstrip("/")
    app = Starlette(
        routes=[*([Mount(below, routes=served)] if below else []), *served],
        middleware=[Middleware(_Guard, names=web.names)],
        exception_handlers={
            404: problem(404, lambda words: words.gettext("There is no such page.")),
            405: problem(405, lambda words: words.gettext("This page cannot be asked in this way.")),
            500: problem(500, lambda words: words.gettext("A fault of presswatch; its log says more.")),
            UnavailableError: problem(
                503,
                lambda words: words.gettext("The archive is busy, and nothing was changed. Try again soon."),
            ),
        },
    )
    app.state.service = pages
    return app


def _with_line_ends(mount: Mount) -> Mount:
    """Have it answer for addresses with line ends in them, too, which Starlette's pattern passes over."""
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


class _Guard:
    """Answers for its own host names alone (against DNS rebinding), makes no change that another site's page
    asks for, and adds the headers."""

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

        answer = self._app
        if scope["type"] == "http":
            request = Request(scope)
            if host_name(request.headers) not in self._names:
                answer = _NOT_OURS
            elif is_cross_origin(request):
                answer = _OF_ANOTHER_SITE
        await answer(scope, receive, with_headers)


_NOT_OURS = PlainTextResponse(
    "presswatch does not answer under this name; web.hosts of presswatch.yaml adds one", 421
)
_OF_ANOTHER_SITE = PlainTextResponse(
    "a page of another site asked for a change, so nothing was done; open presswatch itself", 403
)
