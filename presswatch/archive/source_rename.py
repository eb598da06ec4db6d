"""Giving a source another id: what the archive keeps under the old one goes by the new one, all at once."""

from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, update

from presswatch.archive import runs
from presswatch.archive.backfill import NAME as BACKFILL
from presswatch.archive.tables import (
    ChoiceKind,
    RequestKind,
    article,
    article_source,
    canonical_claim,
    choice,
    edge,
    fact,
    frontier,
    page_pace,
    posting,
    push_subscription,
    request,
    run,
    site_facts,
    source,
    source_health,
    story_print,
    url,
)
from presswatch.errors import BusyError

# What has the id of a source in a column of its own. Where both ids have a row of the same key, which is
# after an interruption alone, the new one's stays.
_OF_A_SOURCE = (
    article_source,
    article,
    edge,
    canonical_claim,
    site_facts,
    story_print,
    frontier,
    run,
    posting,
    page_pace,
    source_health,
    push_subscription,
)

# The schedule is computed anew, as an interval has another phase under another id.
_ANEW = ("id", "next_due", "schedule_hash", "retagged_until")


def rename(tx: Connection, old: str, new: str, now: datetime) -> int:
    """Have everything of `old` be `new`'s; how many articles. Where `new` is there its rows join them.

    Its articles are announced to the index anew, as after a change of its tags. Raises BusyError while a
    crawler is at it.
    """
    for id_ in (old, new):
        going_on = runs.open_run(tx, id_)
        if going_on is not None and runs.held(tx, [going_on]):
            raise BusyError(f"{id_} is being crawled; try again when its run is over")
    runs.ensure_sources(tx, [new], now)
    kept = tx.execute(select(source).where(source.c.id == old)).mappings().one_or_none()
    if kept is None:
        return 0
    values = {name: value for name, value in kept.items() if name not in _ANEW}
    tx.execute(update(source).where(source.c.id == new).values(**values, retagged_until=""))
    for table in _OF_A_SOURCE:
        mine = table.c.source == old
        tx.execute(update(table).where(mine).values(source=new).prefix_with("OR IGNORE"))
    tx.execute(update(url).where(url.c.source == old).values(source=new))
    tx.execute(update(url).where(url.c.scope == old).values(scope=new).prefix_with("OR IGNORE"))
    _drop_doubles(tx, old)
    muted = and_(choice.c.kind == ChoiceKind.MUTE_SOURCE, choice.c.subject == old)
    tx.execute(update(choice).where(muted).values(subject=new))
    asked = and_(request.c.kind == RequestKind.RUN_NOW, request.c.subject == old)
    tx.execute(update(request).where(asked).values(subject=new))
    filled = update(fact).where(fact.c.name == BACKFILL + old).values(name=BACKFILL + new)
    tx.execute(filled.prefix_with("OR REPLACE"))
    tx.execute(delete(source).where(source.c.id == old))
    found = select(article_source.c.article).where(article_source.c.source == new)
    return len(tx.execute(found).all())


def is_known(tx: Connection, id_: str) -> bool:
    """Whether the archive has anything under this id."""
    return tx.execute(select(source.c.id).where(source.c.id == id_)).first() is not None


def _drop_doubles(tx: Connection, old: str) -> None:
    """What the new id has already."""
    doubled = select(url.c.id).where(url.c.scope == old)
    tx.execute(delete(frontier).where(frontier.c.url.in_(doubled)))
    tx.execute(delete(url).where(url.c.scope == old))
    for table in _OF_A_SOURCE:
        tx.execute(delete(table).where(table.c.source == old))
