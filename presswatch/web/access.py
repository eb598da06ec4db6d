"""Who asks for a page, and whether they may.

Whoever has the link of a mail may follow it. All other pages are for readers. While there are no accounts the
pages are those of whoever sits at this machine, who may do everything: they answer to this machine, under a
name of it alone, and to nobody for whom a proxy asks. Once there is an account a reader is who signed in, or
whom a trusted web server names; from this machine, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from presswatch.accounts import Role, account_name
from presswatch.archive import accounts, sessions
from presswatch.archive.accounts import Account
from presswatch.archive.audit import Actor
from presswatch.archive.sessions import LIFE, Session
from presswatch.archive.tables import ActorKind
from presswatch.config.models import TrustedProxy, WebConfig

__all__ = ["Reader", "Role", "Stranger", "who_asks"]

_OF_THIS_MACHINE = frozenset(("localhost", "127.0.0.1", "::1"))
# What proxies add to a request (RFC 7239, and its forerunners).
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_SAFE = ("GET", "HEAD", "OPTIONS")
# An address that we lead to is no longer than this.
_LONGEST_PATH = 2000

_Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: a name, "" for whoever sits at this machine, and what they may do.

    `language` is the one that their account has chosen, "" for none; `session` is None for whom a web server
    names. `has_one_time_password`: they have to choose a password before anything else.
    """

    name: str
    role: Role
    language: str = ""
    session: Session | None = None
    has_one_time_password: bool = False

    @property
    def actor(self) -> Actor:
        """As the audit trail names them."""
        return Actor(ActorKind.ACCOUNT if self.name else ActorKind.LOCAL, self.name)


class Stranger(Enum):
    """Why somebody is no reader: there are no accounts and they are not at this machine; they are not signed
    in; the web server names nobody who has an account."""

    ELSEWHERE = auto()
    NOT_SIGNED_IN = auto()
    NO_ACCOUNT = auto()


def who_asks(request: Request, tx: Connection, web: WebConfig, now: datetime) -> Reader | Stranger:
    """The reader who asks, or why it is none."""
    if not accounts.are_there(tx):
        return Reader("", Role.OPERATOR) if is_at_this_machine(request, web) else Stranger.ELSEWHERE
    if web.proxy and _is_of(web.proxy, _peer(request)) and web.proxy.header in request.headers:
        named = request.headers.getlist(web.proxy.header)
        # Two of them are one that was sent and one that was added.
        account = accounts.find(tx, account_name(named[0])) if len(named) == 1 else None
        return _reader(account) if account else Stranger.NO_ACCOUNT
    session = sessions.find(tx, session_token(request, web), now)
    account = accounts.find(tx, session.account) if session else None
    return _reader(account, session) if account else Stranger.NOT_SIGNED_IN


def _reader(account: Account, session: Session | None = None) -> Reader:
    # Whom a web server vouches for needs no password of ours.
    has_one_time_password = account.one_time and session is not None
    return Reader(account.name, account.role, account.language, session, has_one_time_password)


def is_at_this_machine(request: Request, web: WebConfig) -> bool:
    """Whether a program of this machine asks, under a name of it, and no proxy for somebody else."""
    peer = _peer(request)
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    is_vouched_for = web.proxy is not None and web.proxy.header in request.headers
    is_named_so = host_name(request.headers) in _OF_THIS_MACHINE
    is_here = peer is not None and peer.is_loopback
    return is_here and is_named_so and not is_forwarded and not is_vouched_for


def client_address(request: Request, web: WebConfig) -> str:
    """The address that sign-ins are counted by: the client's, also behind a proxy here or at `web.proxy`.

    The proxy's own word is the last of X-Forwarded-For. Of IPv6, where a client has many, it is the network.
    """
    address = _peer(request)
    if address and (address.is_loopback or _is_of(web.proxy, address)):
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        address = _address(forwarded.rpartition(",")[2].strip()) or address
    if address is None:
        return ""
    return str(address) if address.version == 4 else address.exploded[:19]


def session_token(request: Request, web: WebConfig) -> str:
    """What the session's cookie holds; "" without one."""
    return request.cookies.get(_cookie(web), "")


def set_session(response: Response, token: str, web: WebConfig) -> None:
    """Have the browser keep a session."""
    life = int(LIFE.total_seconds())
    response.set_cookie(
        _cookie(web), token, max_age=life, path="/", secure=web.is_secure, httponly=True, samesite="lax"
    )


def forget_session(response: Response, web: WebConfig) -> None:
    response.delete_cookie(_cookie(web), path="/", secure=web.is_secure, httponly=True, samesite="lax")


def own_path(asked: str) -> str:
    """An address that somebody is led to: the path of a page of ours, or else that of the first one."""
    # `//` begins another site's address; browsers take a backslash for a slash and pass over line ends.
    is_ours = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked
    is_plain = asked.isprintable() and " " not in asked and len(asked) <= _LONGEST_PATH
    return asked if is_ours and is_plain else "/"


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


def _peer(request: Request) -> _Address | None:
    """The address of whoever holds the other end of the connection."""
    return _address(request.client.host) if request.client else None


def _address(text: str) -> _Address | None:
    """None for what is no address. Of IPv4 it is IPv4's, also where it came to a socket of both."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_of(proxy: TrustedProxy | None, address: _Address | None) -> bool:
    return proxy is not None and address is not None and address == _address(proxy.address)


def _cookie(web: WebConfig) -> str:
    # With this prefix no neighbour can set it, by HTTP or from a host below ours (RFC 6265bis, 4.1.3.2).
    return "__Host-presswatch" if web.is_secure else "presswatch"
