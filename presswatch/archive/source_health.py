"""What is known of how each source usually does, and the runs that it was not judged by yet.

A run that ends waits here, so that each is judged once, whenever that is; runs that ended before there were
judgements are not judged.
"""

import json
from collections.abc import Collection

from sqlalchemy import Connection, delete, select

from presswatch.archive import runs
from presswatch.archive.runs import Run
from presswatch.archive.tables import run, source_health, unjudged_run
from presswatch.archive.upsert import each, insert


def unjudged(tx: Connection, limit: int) -> list[Run]:
    """The runs that ended and wait to be judged, at most so many, in the order of their ends."""
    waiting = select(unjudged_run.c.run).join(run, run.c.id == unjudged_run.c.run)
    found = tx.execute(waiting.order_by(run.c.finished, run.c.id).limit(limit)).scalars().all()
    order = {id_: place for place, id_ in enumerate(found)}
    return sorted(runs.by_id(tx, found), key=lambda one: order[one.id])


def keep(tx: Connection, source: str, state: str, judged: Collection[int]) -> None:
    """Keep what is known of a source now (JSON), and that these runs of it were judged."""
    made = insert(source_health).values(source=source, state=state)
    tx.execute(made.on_conflict_do_update(index_elements=["source"], set_={"state": state}))
    forget(tx, judged)


def forget(tx: Connection, judged: Collection[int]) -> None:
    """Have these runs not wait any more."""
    mine = unjudged_run.c.run.in_(select(each("runs")))
    tx.execute(delete(unjudged_run).where(mine), {"runs": json.dumps(sorted(judged))})


def states(tx: Connection, sources: Collection[str] | None = None) -> dict[str, str]:
    """What is known of these sources, or of all, as it was kept."""
    chosen = select(source_health.c.source, source_health.c.state)
    if sources is None:
        return {row.source: row.state for row in tx.execute(chosen)}
    mine = chosen.where(source_health.c.source.in_(select(each("ids"))))
    return {row.source: row.state for row in tx.execute(mine, {"ids": json.dumps(sorted(sources))})}
