"""What was done since the archive was made: counts that only grow, over restarts, upgrades and pruning.

They are kept in the transaction of what they count. Monitoring reads them: a count that became smaller would
be taken for one that began anew.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, select

from presswatch.archive.tables import counter
from presswatch.archive.upsert import insert

_PREFIX = "total."
# Between "total." and whatever else begins otherwise.
_IS_TOTAL = (counter.c.name >= _PREFIX, counter.c.name < "total/")
# The limits of the histogram of lateness, seconds.
LATE_LIMITS = (1, 5, 15, 60, 300, 900, 3600, 21600)


def add(tx: Connection, amounts: Mapping[str, int]) -> None:
    """Count so many more of each; what is counted for the first time begins at nothing."""
    rows = [{"name": _PREFIX + name, "value": amount} for name, amount in amounts.items() if amount > 0]
    if rows:
        row = insert(counter)
        grown = {"value": counter.c.value + row.excluded.value}
        tx.execute(row.on_conflict_do_update(index_elements=["name"], set_=grown), rows)


def read(tx: Connection) -> Counter[str]:
    """Every total by its name; 0 for what was never counted."""
    rows = tx.execute(select(counter.c.name, counter.c.value).where(*_IS_TOTAL))
    return Counter({row.name.removeprefix(_PREFIX): int(row.value) for row in rows})


def late(lateness: timedelta) -> dict[str, int]:
    """What a run adds to the histogram of lateness that began so long after its slot."""
    seconds = max(0.0, lateness.total_seconds())
    limit = next((str(limit) for limit in LATE_LIMITS if seconds <= limit), "+Inf")
    return {f"late.{limit}": 1, "late.milliseconds": round(seconds * 1000)}
