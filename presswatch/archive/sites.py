"""What is known of a site as a whole: its robots.txt, asked for once a day, and whether its host rests."""

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from presswatch.archive.tables import host, robots
from presswatch.archive.upsert import insert
from presswatch.backoff import Backoff

# How long a host rests that held up a run.
HELD_UP_REST = Backoff(first=timedelta(minutes=5), longest=timedelta(hours=6))


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


def rested(tx: Connection, hosts: Collection[str], since: datetime, now: datetime) -> datetime | None:
    """When the first of these hosts was to be asked again, where all of them rested since then; else None."""
    known = select(host.c.rest_until).where(host.c.host.in_(list(hosts)), host.c.reason != "")
    ends = [row.rest_until for row in tx.execute(known)]
    first = min(ends, default=since) if len(ends) == len(hosts) else since
    return first if since < first <= now else None


def held_up(tx: Connection, hosts: Collection[str]) -> dict[str, int]:
    """How many runs in a row each of these hosts held up: 0 for those that answer in time.

    Hosts of which nobody knows are left out.
    """
    known = select(host.c.host, host.c.held_up).where(host.c.host.in_(hosts), host.c.held_up.is_not(None))
    return {row.host: row.held_up for row in tx.execute(known)}


def keep_in_time(tx: Connection, name: str, now: datetime) -> None:
    """This host answered a run in time."""
    row = insert(host).values(host=name, rest_until=now, reason="", held_up=0)
    # Nearly all do, every time: then nothing is written.
    changed = or_(host.c.held_up.is_(None), host.c.held_up != 0)
    tx.execute(row.on_conflict_do_update(index_elements=["host"], set_={"held_up": 0}, where=changed))


def keep_slow(tx: Connection, name: str, now: datetime) -> None:
    """This host answered a run, and let it wait."""
    row = insert(host).values(host=name, rest_until=now, reason="", held_up=1)
    least = {"held_up": func.max(1, func.coalesce(host.c.held_up, 0))}
    tx.execute(row.on_conflict_do_update(index_elements=["host"], set_=least))


def rest_held_up(tx: Connection, name: str, reason: str, now: datetime) -> HostRest:
    """This host held up a run so that it was ended: it rests, the longer the more often in a row it did."""
    times = held_up(tx, [name]).get(name, 0) + 1
    rest = HostRest(name, now + HELD_UP_REST.delay(times), reason)
    rest_host(tx, rest)
    tx.execute(host.update().where(host.c.host == name).values(held_up=times))
    return rest
