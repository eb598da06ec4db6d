"""Scrapy's HTTP handler with what it lacks: turns shared by all crawlers of a process, a cap on headers.

Both must sit below the middlewares: a redirect or robots.txt is a request like any other.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Response
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS
from twisted.web._newclient import Request as TxRequest
from twisted.web.iweb import IResponse

from crawler.resolver import refusal
from presswatch import urls
from presswatch.errors import AddressRefused, PresswatchError

# Browsers stop between 250 and 400 KiB; no news site sends more than a few.
MAX_HEADERS = 256 * 1024


class HeadersTooLarge(PresswatchError):
    """A server sends headers without end."""


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    last: float = float("-inf")


# Politeness is owed to a host by the whole process, while Scrapy's slots belong to one crawler.
_hosts: dict[str, _Host] = {}


@asynccontextmanager
async def turn(host: str, delay: float) -> AsyncIterator[None]:
    """Wait until nobody in this process talks to the host and the last request is `delay` seconds old."""
    known = _hosts.setdefault(host, _Host())
    async with known.lock:
        await asyncio.sleep(max(0.0, known.last + delay - monotonic()))
        known.last = monotonic()
        yield


class Handler(HTTP11DownloadHandler):
    """Downloads over HTTP and HTTPS."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")

    async def download_request(self, request: Request) -> Response:
        """Raises AddressRefused where the guard says no, IgnoreRequest when the crawl is being stopped."""
        host = urls.host(request.url)
        async with turn(host, self._delay):
            if not self._crawler.engine.running:
                raise IgnoreRequest("the crawl is being stopped")
            try:
                return await super().download_request(request)
            except CannotResolveHostError as error:
                if reason := refusal(host):
                    raise AddressRefused(reason) from error
                raise


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
