"""What monitoring asks: whether the daemon lives, whether it does its work, and the metrics.

Whoever is at this machine may ask without an account, and nobody for whom a proxy asks. Everybody else needs
a token of the scope `operations`, or is an operator who signed in.
"""

from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from presswatch import status
from presswatch.archive import api_tokens
from presswatch.errors import PresswatchError
from presswatch.troubles import Observed, Trouble, ticks, troubles
from presswatch.web.access import Reader, Role, is_at_this_machine, who_asks
from presswatch.web.api.operations import Scope
from presswatch.web.page import Service, service

_NOT_YOURS = (
    "this is for programs of the machine itself, for operators who signed in, and for a token of the scope "
    "operations: `presswatch tokens add NAME --scope operations`\n"
)


def live(request: Request) -> Response:
    """Whether the daemon lives and its steps tick: 200, or 503 when it is to be started anew.

    Nothing but the data folder is looked at: an archive or a server that is away is mended by no restart.
    """

    def answer(pages: Service) -> Response:
        seen, now = status.of_daemon(pages.data, pages.configured.config.daemon.tick), pages.now()
        bad = [] if ticks(seen, now) else [one for one in troubles(seen, now) if one.stands_still]
        return _answer("live", bad)

    return _admitted(request, answer)


def ready(request: Request) -> Response:
    """Whether all parts of the work go on: 200, or 503 with what is missing, in words."""

    def answer(pages: Service) -> Response:
        try:
            seen = observed(pages)
        except PresswatchError as error:
            missing = [
                {"kind": "archive", "said": str(error), "do": "mend it; nothing is lost", "since": None}
            ]
            return JSONResponse({"status": "not ready", "missing": missing}, 503)
        return _answer("ready", (one for one in troubles(seen, pages.now()) if one.stands_still))

    return _admitted(request, answer)


def metrics(request: Request) -> Response:
    """How it stands, as Prometheus reads it (docs/metrics.md); 503 while the archive is away."""

    def answer(pages: Service) -> Response:
        # Loaded by those whom it is of use to.
        from presswatch.web.operations.metrics import exposition, families

        try:
            fault = pages.fault
            with pages.archive.reading() as tx:
                made = list(families(tx, pages.configured.config, fault, pages.data, pages.now()))
        except PresswatchError as error:
            return PlainTextResponse(f"{error}\n", 503)
        body, media_type = exposition(made, request.headers.get("accept", ""))
        return Response(body, headers={"content-type": media_type})

    return _admitted(request, answer)


def observed(pages: Service) -> Observed:
    """What `presswatch.troubles` decides by. Raises UnavailableError, DamagedError."""
    fault = pages.fault
    with pages.archive.reading() as tx:
        return status.observed(tx, pages.configured.config, fault, pages.data, pages.now())


def _answer(word: str, bad: Iterable[Trouble]) -> Response:
    missing = [
        {
            "kind": one.kind.value,
            "said": str(one.said),
            "do": str(one.do),
            "since": one.since.isoformat() if one.since else None,
        }
        for one in bad
    ]
    if not missing:
        return JSONResponse({"status": word, "missing": []})
    return JSONResponse({"status": f"not {word}", "missing": missing}, 503)


def _admitted(request: Request, answer: Callable[[Service], Response]) -> Response:
    pages = service(request)
    if is_at_this_machine(request, pages.configured.config.web):
        return answer(pages)
    try:
        may_ask = _is_known(request, pages)
    except PresswatchError as error:
        return PlainTextResponse(f"{error}\n", 503)
    if not may_ask:
        return PlainTextResponse(_NOT_YOURS, 401, {"www-authenticate": "Bearer"})
    return answer(pages)


def _is_known(request: Request, pages: Service) -> bool:
    """Whether a token or an operator asks. Raises UnavailableError, DamagedError."""
    scheme, _space, secret = request.headers.get("authorization", "").partition(" ")
    with pages.archive.reading() as tx:
        if scheme.lower() == "bearer":
            token = api_tokens.find(tx, secret.strip())
            return token is not None and Scope.OPERATIONS.value in token.scopes
        reader = who_asks(request, tx, pages.configured.config.web, pages.now())
    return isinstance(reader, Reader) and reader.role >= Role.OPERATOR
