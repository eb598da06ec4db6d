"""The address guard at the one place that every connection passes: where a host's addresses become known.

Here host, address and port are known together, names and literals in every spelling alike, and the address
that is checked is the one that is connected to: no second look-up can give another (DNS rebinding).
"""

from collections.abc import Sequence
from typing import Any, Self

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer, provider

from presswatch import config
from presswatch.addresses import Guard
from presswatch.errors import AddressRefused

# Why a host (as `urls.host` writes it) was refused last; what asks for it learns only that there is no address.
_refusals: dict[str, str] = {}


def refusal(host: str) -> str:
    """Why no connection to this host is allowed; empty if none was asked for or one is."""
    return _refusals.get(host, "")


@implementer(IHostnameResolver)
class GuardedResolver:
    """Scrapy's caching resolver, letting through only addresses that the guard allows."""

    def __init__(self, inner: CachingHostnameResolver, guard: Guard, reactor: ReactorBase) -> None:
        self._inner = inner
        self._guard = guard
        self._reactor = reactor

    @classmethod
    def from_crawler(
        cls, crawler: Any, reactor: ReactorBase
    ) -> Self:  # a process, of which only settings are used
        allowed = config.load(crawler.settings["PRESSWATCH_CONFIG"]).crawl.allow_addresses
        return cls(CachingHostnameResolver.from_crawler(crawler, reactor), Guard(allowed), reactor)

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802  # Twisted's name
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        return self._inner.resolveHostName(
            _Sieve(resolutionReceiver, self._guard, hostName, portNumber),
            hostName,
            portNumber,
            addressTypes,
            transportSemantics,
        )


@provider(IResolutionReceiver)
class _Sieve:
    """Hands on the addresses that may be connected to, and remembers why there is none."""

    def __init__(self, receiver: IResolutionReceiver, guard: Guard, host: str, port: int) -> None:
        self._receiver = receiver
        self._guard = guard
        self._port = port
        self._host = f"{host}:{port}"
        self._reason = ""
        self._passed = False

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803  # Twisted's names
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        ...

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._passed:
            _refusals.pop(self._host, None)
        elif self._reason:
            _refusals[self._host] = self._reason
        self._receiver.resolutionComplete()
