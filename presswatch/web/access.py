"""Who may ask for which page.

Whoever has the link of a mail may follow it. All other pages are for readers. As long as there are no
accounts the pages are those of whoever sits at this machine, who may do everything: they answer under a name
of this machine alone, and to nobody for whom a proxy asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import urlsplit

from starlette.requests import Request

_OF_THIS_MACHINE = frozenset(("localhost", "127.0.0.1", "::1"))
# What proxies add to a request (RFC 7239, and its forerunners).
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_SAFE = ("GET", "HEAD", "OPTIONS")


class Role(IntEnum):
    """What a reader may do; each may do what those before may."""

    READER = 1
    EDITOR = 2
    OPERATOR = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: a name, "" for whoever sits at this machine, and what they may do."""

    name: str
    role: Role


def local_reader(request: Request) -> Reader | None:
    """Whoever sits at this machine; None when the request comes from elsewhere, or may."""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    if is_forwarded or host_name(request.headers) not in _OF_THIS_MACHINE:
        return None
    return Reader("", Role.OPERATOR)


def host_name(headers: Mapping[str, str]) -> str:
    """The name that was asked for, without its port; IPv6 without its brackets."""
    given = headers.get("host", "")
    if given.startswith("["):
        return given[1:].partition("]")[0]
    return given.partition(":")[0].lower().rstrip(".")


def is_cross_origin(request: Request) -> bool:
    """Whether a page of another site asks for a change, through its reader's browser.

    Browsers say where a request comes from (Sec-Fetch-Site, of W3C's Fetch Metadata; older ones Origin). What
    says neither is no browser, and has no reader's session to ride on.
    """
    if request.method in _SAFE:
        return False
    if site := request.headers.get("sec-fetch-site", ""):
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
