"""Signing in by a provider of OpenID Connect: leaving for it, and coming back."""

import hmac
import re
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from presswatch.archive import audit, sessions
from presswatch.archive.accounts import Account
from presswatch.archive.audit import account_actor
from presswatch.archive.sessions import Origin
from presswatch.archive.signing_key import signing_key
from presswatch.config.models import OidcConfig, WebConfig
from presswatch.errors import ConfigError
from presswatch.watches.wording import Wording
from presswatch.web.access import Reader, client_address, own_path, session_token, set_session, who_asks
from presswatch.web.accounts.provider_accounts import admitted, connect, shut_out
from presswatch.web.accounts.provider_faults import Fault, SignInRefused, fault_said
from presswatch.web.accounts.providers import BACK, LIFE
from presswatch.web.accounts.sign_in import sign_in_fields, signed_in, too_often
from presswatch.web.accounts.sign_in_form import Form, carried_by, leaving_page, sign_in_page, value
from presswatch.web.accounts.wanted import Wanted
from presswatch.web.asking import too_long
from presswatch.web.page import asked_language, message, root, service

if TYPE_CHECKING:
    from presswatch.web.accounts.provider import Provider, Vouched

# What is longer is not shown to the provider at the end: it stands in an address.
_LONGEST_TOKEN = 4000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that goes on, as its browser keeps it, signed: nobody else can come back with it.

    `back` is where the provider leads to, `path` what was asked for before, `connecting` the account that is
    to be linked ("" for a sign-in), `at` when it began (seconds since 1970).
    """

    issuer: str
    back: str
    path: str
    is_form: bool
    connecting: str
    at: float
    state: str
    nonce: str
    verifier: str


async def begin(request: Request) -> Response:
    """Lead to the provider; a form's fields are what the sign-in page carries on, and `connect`."""
    form: Form = {}
    if request.method == "POST":
        sent = await sign_in_fields(request)
        if sent is None:
            return await run_in_threadpool(message, request, 413, too_long)
        form = sent
    is_form = request.method == "POST"
    wanted = carried_by(form) if is_form else Wanted(own_path(request.query_params.get("next", "/")))
    answer = await run_in_threadpool(_begun, request, wanted, bool(value(form, "connect")))
    if isinstance(answer, Response):
        return answer
    oidc, begun = answer
    try:
        address = await service(request).providers.of(oidc).sign_in_address(begun)
    except (SignInRefused, ConfigError) as error:
        return await run_in_threadpool(_refused, request, oidc, begun, error)
    # A form may lead nowhere else (form-action), so the answer to one is a page that goes on.
    response = (
        await run_in_threadpool(leaving_page, request, oidc.provider, address)
        if is_form
        else RedirectResponse(address, 303)
    )
    await run_in_threadpool(_remember, request, response, begun)
    return response


async def come_back(request: Request) -> Response:
    """Where the provider leads back to: `code` and `state`, or `error`."""
    answer = await run_in_threadpool(_returned, request)
    if isinstance(answer, Response):
        return answer
    oidc, begun, now = answer
    response: Response
    try:
        provider = service(request).providers.of(oidc)
        code = await _code(request, provider)
        vouched = await provider.vouched(begun, code, now)
        response = await run_in_threadpool(_admit, request, oidc, begun, vouched, now)
    except (SignInRefused, ConfigError) as error:
        response = await run_in_threadpool(_refused, request, oidc, begun, error)
    _forget(request, response, begun.state)
    return response


def callback_address(request: Request, web: WebConfig) -> str:
    """Where the provider leads back to, which has to be registered there."""
    return (web.public_url or f"http://{request.headers.get('host', '')}{root(request)}") + BACK


def _begun(request: Request, wanted: Wanted, connecting: bool) -> tuple[OidcConfig, Begun] | Response:
    pages = service(request)
    web, now = pages.config.web, pages.now()
    if web.oidc is None:
        return message(request, 404, lambda words: words.gettext("There is no such page."))
    with pages.archive.reading() as tx:
        asking = who_asks(request, tx, web, now)
    # Whoever sits at this machine while there are no accounts may sign in to make the first.
    if isinstance(asking, Reader) and asking.name and not connecting:
        return RedirectResponse(root(request) + wanted.path, 303)
    name = asking.name if isinstance(asking, Reader) and asking.session else ""
    if connecting and not name:
        return RedirectResponse(root(request) + "/sign-in?next=/account", 303)
    begun = Begun(
        issuer=web.oidc.issuer,
        back=callback_address(request, web),
        path="/account?done=connected" if connecting else wanted.path,
        is_form=wanted.is_form,
        connecting=name if connecting else "",
        at=now.timestamp(),
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
    )
    if wanted.is_form:
        pages.providers.keep(begun.state, wanted, now)
    return web.oidc, begun


def _returned(request: Request) -> tuple[OidcConfig, Begun, datetime] | Response:
    """What this browser has begun; or the answer, where it has not, or tries too often."""
    pages = service(request)
    web, now = pages.config.web, pages.now()
    oidc, state = web.oidc, request.query_params.get("state", "")
    if oidc is None:
        return message(request, 404, lambda words: words.gettext("There is no such page."))
    begun = _remembered(request, state, now)
    if begun is None or begun.issuer != oidc.issuer:
        with pages.archive.reading() as tx:
            asking = who_asks(request, tx, web, now)
        if isinstance(asking, Reader) and asking.name:
            # Pressed twice, or gone back to: it is done already.
            return RedirectResponse(root(request) + "/", 303)
        fault = SignInRefused(Fault.STALE, "the state is none that this browser has")
        return _refused(request, oidc, None, fault)
    # Each costs the provider a request. One of the owner is not held against their address (`_admit`).
    if wait := pages.throttle.try_now(state, client_address(request, web), now):
        words = Wording(asked_language(request), is_html=True)
        return sign_in_page(request, 429, _wanted(request, begun), "", too_often(words, wait))
    return oidc, begun, now


async def _code(request: Request, provider: "Provider") -> str:
    """The code that the provider sent. Raises SignInRefused for what is no answer of it, or a refusal."""
    asked = request.query_params
    known = await provider.discovery()
    issuer = asked.get("iss")
    is_named = bool(known.get("authorization_response_iss_parameter_supported"))
    if (issuer is None and is_named) or (issuer is not None and issuer != known["issuer"]):
        raise SignInRefused(Fault.WRONG, "the answer is of another provider (iss)")
    if error := asked.get("error", ""):
        said = f"the provider answers {error[:100]}: {asked.get('error_description', '')[:300]}"
        away = ("temporarily_unavailable", "server_error")
        kinds = {"access_denied": Fault.DENIED} | dict.fromkeys(away, Fault.AWAY)
        raise SignInRefused(kinds.get(error, Fault.WRONG), said)
    if not asked.get("code"):
        raise SignInRefused(Fault.WRONG, "the provider answers without a code")
    return asked["code"]


def _admit(request: Request, oidc: OidcConfig, begun: Begun, vouched: "Vouched", now: datetime) -> Response:
    if begun.connecting:
        return _connect(request, begun, vouched, now)
    pages = service(request)
    web, issuer, subject = pages.config.web, vouched.issuer, vouched.subject
    shown = vouched.id_token if len(vouched.id_token) <= _LONGEST_TOKEN else ""
    try:
        with pages.archive.writing() as tx:
            account: Account = admitted(tx, oidc, issuer, subject, vouched.claims, now)
            # The session of whoever used this browser before ends: none of it goes on under another token.
            sessions.end_of_token(tx, session_token(request, web))
            audit.record(
                tx, account_actor(account.name), "session.begin", account.name, now, {"issuer": issuer}
            )
            browser = request.headers.get("user-agent", "")
            token = sessions.begin(tx, account.name, browser, now, Origin(issuer, shown))
    except SignInRefused as refused:
        if refused.fault is Fault.NO_ROLE:
            with pages.archive.writing() as tx:
                shut_out(tx, issuer, subject, now)
        raise
    pages.throttle.succeeded(begun.state, client_address(request, web))
    wanted = _wanted(request, begun)
    response = signed_in(request, wanted) if wanted.is_form == begun.is_form else message(request, 200, _lost)
    set_session(response, token, web)
    return response


def _connect(request: Request, begun: Begun, vouched: "Vouched", now: datetime) -> Response:
    pages = service(request)
    with pages.archive.writing() as tx:
        asking = who_asks(request, tx, pages.config.web, now)
        if not isinstance(asking, Reader) or asking.name != begun.connecting or not asking.session:
            raise SignInRefused(Fault.STALE, f"{begun.connecting} is not signed in here any more")
        connect(tx, asking.name, vouched.issuer, vouched.subject, now)
    return RedirectResponse(root(request) + begun.path, 303)


def _refused(
    request: Request, oidc: OidcConfig, begun: Begun | None, error: SignInRefused | ConfigError
) -> Response:
    """The sign-in page, with what was typed before; the log says why."""
    pages = service(request)
    refused = error if isinstance(error, SignInRefused) else SignInRefused(Fault.WRONG, str(error))
    address = client_address(request, pages.config.web)
    log.warning(
        "a sign-in by the provider was refused", why=refused.fault.name, reason=str(refused), address=address
    )
    words = Wording(asked_language(request), is_html=True)
    status = 503 if refused.fault is Fault.AWAY else 403
    if begun and begun.connecting:
        return message(request, status, lambda words: fault_said(refused, oidc.provider, words))
    return sign_in_page(
        request, status, _wanted(request, begun), "", fault_said(refused, oidc.provider, words)
    )


def _wanted(request: Request, begun: Begun | None) -> Wanted:
    """Where somebody wanted to go, with what they had typed as far as it is here still."""
    if begun is None:
        return Wanted()
    kept = service(request).providers.take(begun.state) if begun.is_form else None
    return kept or Wanted("/" if begun.is_form else begun.path)


def _remember(request: Request, response: Response, begun: Begun) -> None:
    """Have this browser, and none else, keep what the sign-in needs when it comes back."""
    pages = service(request)
    web = pages.config.web
    response.set_cookie(
        _cookie(web, begun.state),
        str(_signer(request).dumps(asdict(begun))),
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=web.is_secure,
        httponly=True,
        # The provider leads back here from its own site.
        samesite="lax",
    )


def _remembered(request: Request, state: str, now: datetime) -> Begun | None:
    web = service(request).config.web
    try:
        begun = Begun(**_signer(request).loads(request.cookies.get(_cookie(web, state), "")))
    except (BadSignature, TypeError):
        return None
    is_young = 0 <= now.timestamp() - begun.at < LIFE.total_seconds()
    is_this = hmac.compare_digest(begun.state.encode(), state.encode(errors="replace"))
    return replace(begun, path=own_path(begun.path)) if is_young and is_this else None


def _forget(request: Request, response: Response, state: str) -> None:
    web = service(request).configured.config.web
    response.delete_cookie(_cookie(web, state), path="/", secure=web.is_secure, httponly=True, samesite="lax")


def _cookie(web: WebConfig, state: str) -> str:
    """A name for each sign-in: two in two windows do not undo each other."""
    own = re.sub(r"[^A-Za-z0-9_-]", "", state[:12])
    return f"{'__Host-' if web.is_secure else ''}presswatch-oidc-{own}"


def _signer(request: Request) -> URLSafeSerializer:
    return URLSafeSerializer(signing_key(service(request).archive), salt="presswatch.oidc")


def _lost(words: Wording) -> str:
    return words.gettext(
        "You are signed in. What you had typed is not here any more, and nothing was changed."
    )
