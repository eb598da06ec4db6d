"""What is known of a site as a whole: its robots.txt, asked for once a day and not once a run."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from presswatch.archive.tables import robots
from presswatch.archive.upsert import insert


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """An answer to the request for a robots.txt."""

    status: int
    body: bytes
    fetched: datetime


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
