"""Scrapy's HTTP handler with what it lacks: turns shared by all crawlers of a process, a cap on headers.

Both must sit below the middlewares: a redirect or robots.txt is a request like any other.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from OpenSSL import SSL
from scrapy import Request
from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Response
from twisted.internet._sslverify import OpenSSLDefaultPaths
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IOpenSSLClientConnectionCreator
from twisted.internet.ssl import optionsForClientTLS
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from twisted.web._newclient import Request as TxRequest
from twisted.web.iweb import IPolicyForHTTPS, IResponse
from zope.interface import implementer  # type: ignore[import-untyped]  # zope.interface ships no types

from crawler import hosts, http_responses
from crawler.outgoing import Outgoing
from crawler.resolver import general_guard, guard, refusal
from crawler.spiders.source import SourceSpider
from crawler.waits import Waits
from presswatch import urls
from presswatch.addresses import Guard
from presswatch.archive.sites import HostRest
from presswatch.errors import AddressRefused, PresswatchError

# Browsers stop between 250 and 400 KiB; no news site sends more than a few.
MAX_HEADERS = 256 * 1024


class HeadersTooLarge(PresswatchError):
    """A server sends headers without end."""


class Handler(HTTP11DownloadHandler):
    """Downloads over HTTP and HTTPS."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        general, reach = general_guard(crawler.settings), crawler.settings.get("PRESSWATCH_REACH")
        self._guard = general if reach is None else general.for_source(*reach)
        self._outgoing: Outgoing = crawler.settings.get("PRESSWATCH_OUTGOING") or Outgoing()
        policy: Any = self._contextFactory
        if authority := crawler.settings.get("PRESSWATCH_AUTHORITY"):
            policy = _OwnAuthority(authority)
        if unverified := crawler.settings.get("PRESSWATCH_UNVERIFIED"):
            policy = _ByHost(policy, unverified)
        self._contextFactory = policy

    async def download_request(self, request: Request) -> Response:
        """Raises AddressRefused where the guard says no, HostRests when the host asked us to stay away,
        GivenUp when the run is ended meanwhile, and IgnoreRequest when the crawl is being stopped.
        """
        host = urls.host(request.url)
        async with hosts.turn(host, self._delay):
            if not self._crawler.engine.running:
                raise IgnoreRequest("the crawl is being stopped")
            reaching = guard.set(self._guard_of(request, host))
            try:
                sending = super().download_request(self._outgoing.dressed(request))
                response = await self._waits().answer(host, sending)
            except CannotResolveHostError as error:
                if reason := refusal(host):
                    raise AddressRefused(reason) from error
                raise
            finally:
                guard.reset(reaching)
            if asked := _asked_to_rest(host, response):
                # Before the next one has its turn.
                hosts.rest(asked)
                request.meta["host_rest"] = asked
            return response

    def _waits(self) -> Waits:
        spider = self._crawler.spider
        return spider.waits if isinstance(spider, SourceSpider) else Waits()

    def _guard_of(self, request: Request, host: str) -> Guard:
        """Raises AddressRefused for what a proxy is not to be asked for."""
        proxy = self._outgoing.proxy
        if proxy is None or not self._outgoing.proxied(request):
            return self._guard
        self._guard.check_unresolved(urls.domain(request.url), int(host.rpartition(":")[2]))
        return proxy.guard


@implementer(IPolicyForHTTPS)
class _OwnAuthority:
    """Certificates are accepted of the system's authorities and of one more."""

    def __init__(self, path: str) -> None:
        self._trusted: Any = _TrustRoot(path)

    def creatorForNetloc(self, hostname: bytes, port: int) -> IOpenSSLClientConnectionCreator:  # noqa: ARG002, N802  # Twisted's interface
        return optionsForClientTLS(hostname.decode("ascii"), trustRoot=self._trusted)


@implementer(IPolicyForHTTPS)
class _ByHost:
    """Certificates are checked as `checked` does, but for some hosts, of which any is accepted."""

    def __init__(self, checked: Any, unverified: frozenset[str]) -> None:
        self._checked, self._unverified = checked, unverified
        self._any: Any = _ScrapyClientContextFactory(verify_certificates=False)

    def creatorForNetloc(self, hostname: bytes, port: int) -> IOpenSSLClientConnectionCreator:  # noqa: N802  # Twisted's interface
        name = hostname.decode("ascii").strip("[]")
        host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        policy = self._any if urls.without_www(host) in self._unverified else self._checked
        return cast(IOpenSSLClientConnectionCreator, policy.creatorForNetloc(hostname, port))


class _TrustRoot(OpenSSLDefaultPaths):
    def __init__(self, path: str) -> None:
        self._path = path

    def _addCACertsToContext(self, context: SSL.Context) -> None:  # noqa: N802  # Twisted's interface
        super()._addCACertsToContext(context)  # type: ignore[no-untyped-call]
        context.load_verify_locations(self._path)


def _asked_to_rest(host: str, response: Response) -> HostRest | None:
    """What a 429 or 503 with Retry-After asks for; None for any other answer."""
    if response.status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return None
    now = datetime.now(UTC)
    after = http_responses.retry_after(response, now)
    reason = f"answered {http_responses.status_name(response.status)}"
    return HostRest(host, now + min(after, hosts.MAX_REST), reason) if after else None


class _Protocol(_LenientHTTP11ClientProtocol):
    """Gives up on a response whose head does not end; `DOWNLOAD_MAXSIZE` counts bodies alone."""

    _head = 0

    def request(self, request: TxRequest) -> Deferred[IResponse]:
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is None or self._parser.state not in (STATUS, HEADER):
            return
        self._head += len(data)
        if self._head > MAX_HEADERS:
            too_large = HeadersTooLarge(f"its headers do not end within {MAX_HEADERS // 1024} KiB")
            self._giveUp(Failure(too_large))  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:  # noqa: ARG002, N802  # Twisted's interface
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
