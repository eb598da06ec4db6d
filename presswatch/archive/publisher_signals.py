"""What publishers say about the use of an article, beside its record."""

from sqlalchemy import Connection, delete, select

from presswatch.archive.tables import publisher_signal
from presswatch.archive.upsert import insert
from presswatch.model import PublisherSignals, from_json, to_json


def keep(tx: Connection, article: str, said: PublisherSignals) -> None:
    """Keep what was said at the last reading of an article."""
    if said == PublisherSignals():
        tx.execute(delete(publisher_signal).where(publisher_signal.c.article == article))
        return
    row = insert(publisher_signal).values(article=article, said=to_json(said))
    tx.execute(row.on_conflict_do_update(index_elements=["article"], set_={"said": to_json(said)}))


def said_of(tx: Connection, article: str) -> PublisherSignals:
    """What was said of this article (its id)."""
    found = tx.execute(select(publisher_signal.c.said).where(publisher_signal.c.article == article)).scalar()
    return PublisherSignals() if found is None else from_json(PublisherSignals, found)
