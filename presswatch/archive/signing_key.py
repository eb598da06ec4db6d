"""The key that signs the links of mails: made once, and kept in the archive, so that a copy has it."""

import json
import secrets

from sqlalchemy import Connection, delete, select

from presswatch.archive.database import Archive
from presswatch.archive.tables import fact
from presswatch.archive.upsert import insert

_NAME = "links.key"


def signing_key(archive: Archive) -> str:
    """The key, made when there is none yet. Raises UnavailableError."""
    with archive.reading() as tx:
        known = _read(tx)
    if known is not None:
        return known
    with archive.writing() as tx:
        row = insert(fact).values(name=_NAME, value=json.dumps(secrets.token_urlsafe(32)))
        tx.execute(row.on_conflict_do_nothing())
        made = _read(tx)
    assert made is not None
    return made


def forget_signing_key(tx: Connection) -> None:
    """Have every link and feed address that was given out until now be void."""
    tx.execute(delete(fact).where(fact.c.name == _NAME))


def _read(tx: Connection) -> str | None:
    value = tx.execute(select(fact.c.value).where(fact.c.name == _NAME)).scalar()
    return None if value is None else str(json.loads(value))
