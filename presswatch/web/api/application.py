"""The API's own part of the application: who may ask, how often, and answers and problems as JSON."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from presswatch.archive import api_tokens
from presswatch.errors import QueryError, UnavailableError, UsageError
from presswatch.model import to_json
from presswatch.web.access import Reader, who_asks
from presswatch.web.api import openapi, parameters
from presswatch.web.api.answers import Problem
from presswatch.web.api.openapi import JSON, LINES, PROBLEM
from presswatch.web.api.operations import OPERATIONS, Asked, NotThere, Operation
from presswatch.web.api.parameters import WrongParameter
from presswatch.web.api.rate import Windows
from presswatch.web.page import Service, answer_if_changed, service

_LINES_AT_ONCE = 100
_PROBLEM = TypeAdapter(Problem)
_BY_TOKEN = {"www-authenticate": "Bearer"}


class Refused(Exception):
    """The request may not be made, with the status that says why."""

    def __init__(self, status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}


def api(pages: Service) -> Starlette:
    """The API as an application of its own, for the same archive as the pages."""
    app = Starlette(
        routes=[
            Route("/openapi.json", _document, methods=["GET"]),
            *(Route(one.path, _endpoint(one), methods=["GET"]) for one in OPERATIONS),
        ],
        exception_handlers={
            HTTPException: _http_problem,
            Exception: lambda _request, _error: _problem(
                HTTPStatus.INTERNAL_SERVER_ERROR, "a fault of presswatch; its log says more"
            ),
        },
    )
    app.state.service = pages
    app.state.windows = Windows()
    return app


def _document(request: Request) -> Response:
    """The document of OpenAPI; anybody who reaches the pages may read it."""
    root = str(request.scope.get("root_path", ""))
    return JSONResponse(openapi.document() | {"servers": [{"url": root}]})


def _endpoint(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    def answered(request: Request) -> Response:
        pages = service(request)
        try:
            headers = _admit(request, pages, operation)
            values = parameters.read(operation.parameters, request.path_params, request.query_params)
            made = operation.run(Asked(pages, values))
            if operation.streams:
                return StreamingResponse(_lines(iter(made)), media_type=LINES, headers=headers)
            told = headers | {"cache-control": "private, no-cache"}
            return answer_if_changed(request, to_json(made).encode(), JSON, told)
        except Refused as error:
            return _problem(error.status, str(error), headers=error.headers)
        except WrongParameter as error:
            return _problem(HTTPStatus.BAD_REQUEST, str(error))
        except NotThere as error:
            return _problem(HTTPStatus.NOT_FOUND, str(error))
        except QueryError as error:
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), error.position)
        except UsageError as error:
            return _problem(HTTPStatus.BAD_REQUEST, str(error))
        except UnavailableError as error:
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers={"retry-after": "5"})

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answered, request)

    return endpoint


def _admit(request: Request, pages: Service, operation: Operation) -> dict[str, str]:
    """The headers that say how often this one may ask. Raises Refused, UnavailableError."""
    windows: Windows = request.app.state.windows
    allowance = windows.ask(_who(request, pages, operation), pages.now())
    if not allowance.granted:
        detail = f"too many requests; go on in {allowance.reset} s"
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, detail, allowance.headers)
    return allowance.headers


def _who(request: Request, pages: Service, operation: Operation) -> str:
    """Whose requests this one is counted with. Raises Refused, UnavailableError."""
    scheme, _space, secret = request.headers.get("authorization", "").partition(" ")
    with pages.archive.reading() as tx:
        if scheme.lower() != "bearer":
            reader = who_asks(request, tx, pages.config.web, pages.now())
            if isinstance(reader, Reader):
                return f"account {reader.name}"
            detail = "a token is needed: `presswatch tokens add NAME` makes one"
            raise Refused(HTTPStatus.UNAUTHORIZED, detail, _BY_TOKEN)
        token = api_tokens.find(tx, secret.strip())
    if token is None:
        raise Refused(HTTPStatus.UNAUTHORIZED, "this token is not known", _BY_TOKEN)
    if operation.scope.value not in token.scopes:
        raise Refused(HTTPStatus.FORBIDDEN, f"the token {token.name} has not the scope {operation.scope}")
    return f"token {token.name}"


async def _lines(made: Iterator[Any]) -> AsyncIterator[bytes]:
    """A line of JSON for each, some at a time, so that the thread is free in between."""

    def some() -> bytes:
        return b"".join(to_json(one).encode() + b"\n" for one in islice(made, _LINES_AT_ONCE))

    while lines := await run_in_threadpool(some):
        yield lines


def _problem(
    status: HTTPStatus, detail: str, position: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    said = Problem("about:blank", status.phrase, status.value, detail, position)
    body = _PROBLEM.dump_json(said, exclude_none=True)
    return Response(body, status, headers, PROBLEM)


def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    detail = {
        HTTPStatus.NOT_FOUND: "there is no such address; /api/v1/openapi.json lists those there are",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is no method of this address; GET is",
    }.get(status, error.detail)
    return _problem(status, detail, headers=dict(error.headers or {}))
