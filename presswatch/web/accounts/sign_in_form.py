"""The sign-in page, and what it carries on: where its reader wanted to go, and what they had typed there."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from presswatch.web.access import own_path
from presswatch.web.accounts.wanted import KEPT, Wanted
from presswatch.web.page import page, root, service

Form = Mapping[str, list[str]]


def wanted_of(request: Request, form: Form) -> Wanted:
    """What was asked for without a session."""
    path = request.url.path.removeprefix(root(request))
    path = own_path(path + (f"?{request.url.query}" if request.url.query else ""))
    if request.method != "POST":
        return Wanted(path)
    fields = ((name, value) for name in form for value in form[name] if "password" not in name)
    return Wanted(path, True, tuple(fields))


def carried_by(form: Form) -> Wanted:
    """What the sign-in form carried on."""
    path = own_path(value(form, "next"))
    if not value(form, "is_form"):
        return Wanted(path)
    kept = (name for name in form if name.startswith(KEPT))
    fields = ((name.removeprefix(KEPT), value) for name in kept for value in form[name])
    return Wanted(path, True, tuple(fields))


def to_sign_in(request: Request, form: Form) -> Response:
    """What answers somebody who is not signed in: the way to that page, to a form the page itself."""
    wanted = wanted_of(request, form)
    if wanted.is_form:
        return sign_in_page(request, 403, wanted)
    query = f"?{urlencode({'next': wanted.path})}" if wanted.path != "/" else ""
    return RedirectResponse(f"{root(request)}/sign-in{query}", 303)


def sign_in_page(request: Request, status: int, wanted: Wanted, name: str = "", fault: str = "") -> Response:
    """The page; `name` and `fault` are of a try before."""
    carried = list(wanted.carried)
    oidc = service(request).configured.config.web.oidc
    return page(
        request,
        "sign_in",
        status,
        carried=carried,
        keeps_form=wanted.is_form,
        name=name,
        fault=fault,
        provider=oidc.provider if oidc else "",
    )


def leaving_page(request: Request, provider: str, address: str) -> Response:
    """A page that leads on to the provider of OpenID Connect.

    Where a form is answered with a redirect, browsers follow it to no other site: `form-action` holds for the
    redirects, too, and for those of the provider to others.
    """
    return page(request, "leaving", provider=provider, address=address)


def value(form: Form, name: str) -> str:
    """The field's first value; "" without one."""
    return next(iter(form.get(name, [])), "")
