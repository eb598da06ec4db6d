"""What is known of a site as a whole: its robots.txt, asked for once a day, and whether its host rests."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from presswatch.archive.tables import host, robots
from presswatch.archive.upsert import insert


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """An answer to the request for a robots.txt."""

    status: int
    body: bytes
    fetched: datetime


@dataclass(frozen=True, slots=True)
class HostRest:
    """Until when a host (`host:port`) is asked for nothing; `reason` says what it did: `answered 429 …`."""

    host: str
    until: datetime
    reason: str

    def __str__(self) -> str:
        return f"{self.host} rests until {self.until:%Y-%m-%d %H:%M} UTC: it {self.reason}"


def robots_file(tx: Connection, site: str, since: datetime) -> RobotsFile | None:
    """The answer of this site (scheme, host and port as in a URL), unless it is older than `since`."""
    known = select(robots).where(robots.c.site == site, robots.c.fetched > since)
    row = tx.execute(known).one_or_none()
    return None if row is None else RobotsFile(row.status, zlib.decompress(row.body), row.fetched)


def keep_robots_file(tx: Connection, site: str, file: RobotsFile) -> None:
    """Keep the newest answer of this site."""
    values = {"status": file.status, "body": zlib.compress(file.body), "fetched": file.fetched}
    row = insert(robots).values(site=site, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["site"], set_=values))


def rest_host(tx: Connection, asked: HostRest) -> None:
    """Let a host rest; never for less than it was to rest already."""
    row = insert(host).values(host=asked.host, rest_until=asked.until, reason=asked.reason)
    longer = {"rest_until": func.max(host.c.rest_until, row.excluded.rest_until), "reason": asked.reason}
    tx.execute(row.on_conflict_do_update(index_elements=["host"], set_=longer))


def resting(tx: Connection, now: datetime) -> list[HostRest]:
    """The hosts that rest now, by name."""
    rows = tx.execute(select(host).where(host.c.rest_until > now).order_by(host.c.host))
    return [HostRest(row.host, row.rest_until, row.reason) for row in rows]
