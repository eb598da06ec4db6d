"""The address guard at the one place that every connection passes: where a host's addresses become known.

Here host, address and port are known together, names and literals in every spelling alike, and the address
that is checked is the one that is connected to: no second look-up can give another (DNS rebinding). What may
be reached depends on whose request it is: the handler says so around each download.
"""

from contextvars import ContextVar
from pathlib import Path
from typing import Any, Self

from scrapy.resolver import CachingHostnameResolver
from scrapy.settings import BaseSettings
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]  # zope.interface ships no types

from presswatch import config
from presswatch.addresses import Guard
from presswatch.errors import AddressRefused, ConfigError

# The guard of the download that a connection is made for; outside of any only the public Web is reached.
guard: ContextVar[Guard | None] = ContextVar("guard", default=None)
_PUBLIC_ONLY = Guard()
# Why a host (as `urls.host` writes it) was refused last: who asks for it learns only that it has no address.
_refusals: dict[str, str] = {}


def refusal(host: str) -> str:
    """Why no connection to this host is allowed; empty if none was asked for or one is."""
    return _refusals.get(host, "")


def general_guard(settings: BaseSettings) -> Guard:
    """The guard of the whole configuration. Raises ConfigError, and only in Scrapy's own commands."""
    allowed = settings.get("PRESSWATCH_ALLOW")
    if allowed is None:
        allowed = config.load(Path(settings["PRESSWATCH_CONFIG"])).crawl.allow_addresses
    return Guard(allowed)


@implementer(IHostnameResolver)
class GuardedResolver:
    """Scrapy's caching resolver, letting through only addresses that the guard of the download allows."""

    def __init__(self, inner: CachingHostnameResolver, reactor: Any) -> None:
        self._inner = inner
        self._reactor = reactor

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: ReactorBase) -> Self:
        """Made once for a process, which Scrapy passes as `crawler`."""
        try:
            general_guard(crawler.settings)
        except ConfigError as error:
            # Scrapy's own commands would print a traceback.
            raise SystemExit(f"scrapy: {error}") from error
        return cls(CachingHostnameResolver.from_crawler(crawler, reactor), reactor)

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    # Twisted's interface, whose names and order are its own.
    def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *rest: Any) -> Any:  # noqa: N802, N803
        sieve: Any = _Sieve(receiver, guard.get() or _PUBLIC_ONLY, hostName, portNumber)
        return self._inner.resolveHostName(sieve, hostName, portNumber, *rest)


@implementer(IResolutionReceiver)
class _Sieve:
    """Hands on the addresses that may be connected to, and remembers why there is none."""

    def __init__(self, receiver: Any, guard: Guard, name: str, port: int) -> None:
        self._receiver = receiver
        self._guard = guard
        self._name = name
        self._port = port
        self._host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        self._reason = ""
        self._passed = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        try:
            self._guard.check(address.host, self._port, self._name)
        except AddressRefused as error:
            self._reason = str(error)
        else:
            self._passed = True
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._passed or not self._reason:
            _refusals.pop(self._host, None)
        else:
            _refusals[self._host] = self._reason
        self._receiver.resolutionComplete()
