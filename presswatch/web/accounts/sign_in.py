"""Signing in and out."""

import math
from datetime import datetime, timedelta

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from presswatch.accounts import account_name
from presswatch.archive import accounts, audit, sessions
from presswatch.archive.accounts import Account
from presswatch.archive.audit import account_actor
from presswatch.archive.sessions import Origin
from presswatch.archive.signing_key import signing_key
from presswatch.passwords import TooManyAtOnce, hashed, is_outdated, is_password
from presswatch.watches.wording import Wording
from presswatch.web import form_words
from presswatch.web.access import (
    Reader,
    client_address,
    forget_session,
    own_path,
    session_token,
    set_session,
    who_asks,
)
from presswatch.web.accounts.device import device, remember
from presswatch.web.accounts.sign_in_form import (
    Form,
    carried_by,
    leaving_page,
    sign_in_page,
    value,
)
from presswatch.web.accounts.wanted import Wanted
from presswatch.web.asking import LARGEST_FORM, bounded_body, form_fields, too_long
from presswatch.web.page import asked_language, message, page, root, service

# What a sign-in form may have: another form, whose fields have longer names in it.
_LARGEST = 2 * LARGEST_FORM
# Longer than any account's name.
_NAME = 65

log = structlog.get_logger()


def ask(request: Request) -> Response:
    """The sign-in page; whoever is a reader already is led on."""
    path = own_path(request.query_params.get("next", "/"))
    pages = service(request)
    with pages.archive.reading() as tx:
        asking = who_asks(request, tx, pages.config.web, pages.now())
    if isinstance(asking, Reader):
        return RedirectResponse(root(request) + path, 303)
    return sign_in_page(request, 200, Wanted(path))


async def sign_in(request: Request) -> Response:
    """Form fields `name`, `password`, and what the sign-in page carries on."""
    form = await sign_in_fields(request)
    if form is None:
        return await run_in_threadpool(message, request, 413, too_long)
    return await run_in_threadpool(_sign_in, request, form)


async def sign_in_fields(request: Request) -> Form | None:
    """What the sign-in page sent; None where it is too long, or has too many fields."""
    body = await bounded_body(request, _LARGEST + 1)
    return form_fields(body) if len(body) <= _LARGEST else None


async def sign_out(request: Request) -> Response:
    """End this browser's session, and then the one at the provider by which it was begun."""
    origin = await run_in_threadpool(_sign_out, request)
    pages = service(request)
    web = pages.configured.config.web
    here, address = root(request) + "/sign-in", ""
    if web.oidc and origin.issuer:
        back = (web.public_url or f"http://{request.headers.get('host', '')}{root(request)}") + "/sign-in"
        address = await pages.providers.sign_out_address(web.oidc, origin, back)
    response: Response = RedirectResponse(here, 303)
    if web.oidc and address:
        response = await run_in_threadpool(leaving_page, request, web.oidc.provider, address)
    forget_session(response, web)
    return response


def _sign_out(request: Request) -> Origin:
    pages = service(request)
    token = session_token(request, pages.config.web)
    with pages.archive.writing() as tx:
        ended = sessions.find(tx, token, pages.now())
        if ended is None:
            return Origin()
        origin = sessions.origin_of(tx, ended.id)
        sessions.end_of_token(tx, token)
        audit.record(tx, account_actor(ended.account), "session.end", ended.account, pages.now())
    return origin


def _sign_in(request: Request, form: Form) -> Response:
    pages = service(request)
    web, now = pages.config.web, pages.now()
    name, password = account_name(value(form, "name"))[:_NAME], value(form, "password")
    wanted, words = carried_by(form), Wording(asked_language(request), is_html=True)
    address = client_address(request, web)
    key = signing_key(pages.archive)
    with pages.archive.reading() as tx:
        account = accounts.find(tx, name)
    kept = account.password if account else ""
    known = device(request, web, key, name, kept)
    wait = pages.throttle.try_now(name, address, now, known)
    if wait:
        response = sign_in_page(request, 429, wanted, name, too_often(words, wait))
        response.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
        return response
    try:
        is_right = is_password(password, kept)
        anew = hashed(password) if is_right and is_outdated(kept) else ""
    except TooManyAtOnce:
        return sign_in_page(request, 503, wanted, name, _too_many(words))
    token = _begin(request, account, anew, now) if account and is_right else ""
    if not token:
        # The name is said only where there is such an account: somebody may have typed their password there.
        log.warning("a sign-in was refused", account=account.name if account else "", address=address)
        return sign_in_page(request, 403, wanted, name, _wrong(words))
    pages.throttle.succeeded(name, address, known)
    response = signed_in(request, wanted)
    remember(response, web, key, name, anew or kept)
    set_session(response, token, web)
    return response


def signed_in(request: Request, wanted: Wanted) -> Response:
    """What answers whoever has just signed in."""
    if wanted.is_form:
        shown = form_words.typed(wanted, Wording(asked_language(request), is_html=True))
        return page(request, "kept", path=wanted.path, fields=wanted.fields, typed=shown)
    return RedirectResponse(root(request) + wanted.path, 303)


def _begin(request: Request, account: Account, anew: str, now: datetime) -> str:
    """The token of a new session; "" when the account has been removed or its password changed meanwhile."""
    pages = service(request)
    with pages.archive.writing() as tx:
        still = accounts.find(tx, account.name)
        if still is None or still.password != account.password:
            return ""
        if anew:
            accounts.hash_anew(tx, account.name, anew)
        # The session of whoever used this browser before ends: none of it goes on under another token.
        sessions.end_of_token(tx, session_token(request, pages.config.web))
        audit.record(tx, account_actor(account.name), "session.begin", account.name, now)
        return sessions.begin(tx, account.name, request.headers.get("user-agent", ""), now)


def _wrong(words: Wording) -> str:
    return words.gettext("There is no account of this name with this password.")


def too_often(words: Wording, wait: timedelta) -> str:
    """What whoever tries to sign in too often is told."""
    return words.ngettext(
        "This was tried too often. Try again in %(num)s minute.",
        "This was tried too often. Try again in %(num)s minutes.",
        math.ceil(wait / timedelta(minutes=1)),
    )


def _too_many(words: Wording) -> str:
    return words.gettext("Too many people are signing in. Try again soon.")
