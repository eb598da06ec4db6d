"""What each host is owed by the whole process: one request at a time, some seconds apart, rest when it asks.

Scrapy's own slots belong to one crawler, while several crawlers of a process may be at one host.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from presswatch.archive.sites import HostRest
from presswatch.errors import PresswatchError

# Of what a robots.txt asks for between two requests no more is given: a run would fetch next to nothing.
MAX_CRAWL_DELAY = timedelta(seconds=30)
# No host rests for longer at a time, whatever it says.
MAX_REST = timedelta(days=1)


class HostRests(PresswatchError):
    """A host asked us to stay away, and the time is not over."""

    def __init__(self, rest: HostRest) -> None:
        super().__init__(str(rest))
        self.until = rest.until


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    last: float = float("-inf")
    crawl_delay: float = 0.0
    rest: HostRest | None = None


_hosts: dict[str, _Host] = {}


@asynccontextmanager
async def turn(host: str, delay: float) -> AsyncIterator[None]:
    """Wait until nobody in this process talks to the host and the last request is `delay` seconds old.

    Its robots.txt may ask for more than `delay`. Raises HostRests, also for those who wait when it begins.
    """
    known = _host(host)
    async with known.lock:
        await asyncio.sleep(max(0.0, known.last + max(delay, known.crawl_delay) - monotonic()))
        if known.rest is not None and known.rest.until > datetime.now(UTC):
            raise HostRests(known.rest)
        known.last = monotonic()
        yield


def rest(asked: HostRest) -> None:
    """Ask nothing of this host until then."""
    _host(asked.host).rest = asked


def slow_down(host: str, crawl_delay: timedelta | None) -> None:
    """Note what the host's robots.txt asks for between two requests; up to `MAX_CRAWL_DELAY` is honoured."""
    _host(host).crawl_delay = min(crawl_delay or timedelta(), MAX_CRAWL_DELAY).total_seconds()


def crawl_delay(host: str) -> float:
    """What `slow_down` noted, in seconds."""
    return _host(host).crawl_delay


def _host(host: str) -> _Host:
    return _hosts.setdefault(host, _Host())
