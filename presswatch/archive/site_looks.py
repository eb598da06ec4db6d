"""What was found at addresses that somebody may make sources of: kept as it comes, so that nothing is asked
for again after an interruption, nor by whoever agrees to what they were shown."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from presswatch.archive.tables import site_look
from presswatch.archive.upsert import each, insert

# So long what was found holds; after that a site is looked at again. That nothing was found holds as long as
# an interruption takes: a site may be up again.
HOLDS, FAILURE_HOLDS = timedelta(days=1), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Look:
    """`answer` is a proposal (crawler.discovery.proposal), or has the `fault` that kept us from one, and
    whether its host was `away`."""

    url: str
    looked: datetime
    answer: Mapping[str, Any]


def keep(tx: Connection, url: str, answer: Mapping[str, Any], now: datetime) -> None:
    """Keep what was found at an address, in normal form, in place of what was found before."""
    row = {"looked": now, "answer": json.dumps(answer, ensure_ascii=False)}
    made = insert(site_look).values(url=url, **row)
    tx.execute(made.on_conflict_do_update(index_elements=["url"], set_=row))


def of(
    tx: Connection, addresses: Iterable[str], since: datetime, failed_since: datetime | None = None
) -> dict[str, Look]:
    """What was found at these addresses since then, by address.

    Where nothing was found that makes a source it counts since `failed_since`, if that is given.
    """
    mine = site_look.c.url.in_(select(each("urls")))
    rows = tx.execute(
        select(site_look).where(mine, site_look.c.looked >= since), {"urls": json.dumps(sorted(addresses))}
    )
    looks = [Look(row.url, row.looked, json.loads(row.answer)) for row in rows]
    return {
        look.url: look
        for look in looks
        if look.answer.get("source") or failed_since is None or look.looked >= failed_since
    }


def forget(tx: Connection, before: datetime) -> int:
    """Delete what was found before then; how much it was."""
    return tx.execute(delete(site_look).where(site_look.c.looked < before)).rowcount
