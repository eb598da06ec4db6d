"""Browsers in which an account signed in before, known by a signed cookie.

Whoever fails often is kept waiting; who has such a cookie for the account is not kept waiting by what others
tried. It permits nothing: a password is needed all the same. It is known no longer than the password is the
account's: whoever collected many is left with none of them when it changes. This is the device cookie of
OWASP ("Slow Down Online Guessing Attacks with Device Cookies").
"""

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from presswatch.config.models import WebConfig

_LIFE = timedelta(days=400)


def device(request: Request, web: WebConfig, key: str, name: str, kept: str) -> str:
    """What tells this browser from others in which the account signed in with this password; "" where it
    never did. `kept` is the hash that is kept of the password, "" without an account."""
    try:
        return str(_of(key, name, kept).loads(request.cookies.get(_cookie(web), "")))
    except BadSignature:
        return ""


def remember(response: Response, web: WebConfig, key: str, name: str, kept: str) -> None:
    """Have the browser keep that the account signed in there, each time by another cookie."""
    life = int(_LIFE.total_seconds())
    token = _of(key, name, kept).dumps(secrets.token_urlsafe(16))
    response.set_cookie(
        _cookie(web), token, max_age=life, path="/", secure=web.is_secure, httponly=True, samesite="lax"
    )


def _of(key: str, name: str, kept: str) -> URLSafeSerializer:
    # The name is signed, and not told: who uses the browser after somebody learns nothing of them.
    password = hashlib.sha256(kept.encode()).hexdigest()
    return URLSafeSerializer(key, salt=f"presswatch.device {name} {password}")


def _cookie(web: WebConfig) -> str:
    return "__Host-presswatch-device" if web.is_secure else "presswatch-device"
