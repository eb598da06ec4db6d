"""That the archive can be written to, proven by writing to it."""

import json
from datetime import datetime

from sqlalchemy import Connection

from presswatch.archive.tables import fact
from presswatch.archive.upsert import insert

_NAME = "alive"


def leave(tx: Connection, now: datetime) -> None:
    """Note that the daemon was alive then. The commit raises UnavailableError where nothing can be kept."""
    said = {"value": json.dumps(now.isoformat())}
    row = insert(fact).values(name=_NAME, **said)
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_=said))
