"""A crawl process as its parent sees it: how long it lives, and how it says that it does.

Apart from the crawling itself, so that the daemon need not load Scrapy and what reads pages.
"""

from dataclasses import dataclass
from datetime import timedelta

# A crawler that has not been heard of for so long is taken for dead.
LEASE = timedelta(seconds=60)
HEARTBEAT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Life:
    """How long a crawl process lives on: until it was `idle` for so long, or has done so many runs, is so old
    or resides in so many bytes of memory.
    """

    idle: timedelta = timedelta()
    runs: int = 500
    age: timedelta = timedelta(hours=1)
    memory: int = 320 << 20


class Message:
    """What a crawl process tells its parent, beside its holder's name, which comes first.

    `DRAINING`: it claims nothing more and ends with the last of its runs. `ALIVE` is told again and again.
    """

    DRAINING = "draining"
    ALIVE = "alive"
