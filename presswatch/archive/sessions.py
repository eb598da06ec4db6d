"""The browsers in which accounts are signed in. Of a session's token only a hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from presswatch.archive.tables import session
from presswatch.archive.upsert import insert

# A session ends so long after it was last used, and so long after it began.
IDLE = timedelta(hours=12)
LIFE = timedelta(days=14)
# Its use is noted no more often than this.
NOTED_EVERY = timedelta(minutes=5)
# What a browser says of itself may be long.
_BROWSER = 200


@dataclass(frozen=True, slots=True)
class Session:
    """A session: when it began and was last seen (UTC), and what its browser says of itself."""

    id: int
    account: str
    begun: datetime
    seen: datetime
    browser: str

    def is_to_be_noted(self, now: datetime) -> bool:
        return now - self.seen >= NOTED_EVERY


@dataclass(frozen=True, slots=True)
class Origin:
    """The provider of OpenID Connect that a session was begun by, "" by a password; and its ID token."""

    issuer: str = ""
    id_token: str = field(default="", repr=False)


def begin(tx: Connection, account: str, browser: str, now: datetime, origin: Origin | None = None) -> str:
    """A new session; its token, which nobody can learn from the archive."""
    tx.execute(delete(session).where(_is_over(now)))
    token = secrets.token_urlsafe(32)
    values = {"account": account, "token": _hash(token), "browser": browser[:_BROWSER]}
    came = origin or Origin()
    values |= {"issuer": came.issuer, "id_token": came.id_token}
    tx.execute(insert(session).values(values | {"begun": now, "seen": now}))
    return token


def find(tx: Connection, token: str, now: datetime) -> Session | None:
    """The session of this token, if it has not ended."""
    mine = and_(session.c.token == _hash(token), ~_is_over(now))
    row = tx.execute(select(*_COLUMNS).where(mine)).first()
    return Session(*row) if row else None


def of_account(tx: Connection, account: str, now: datetime) -> list[Session]:
    """The sessions of an account that go on, the one used last first."""
    mine = and_(session.c.account == account, ~_is_over(now))
    return [
        Session(*row) for row in tx.execute(select(*_COLUMNS).where(mine).order_by(session.c.seen.desc()))
    ]


def origin_of(tx: Connection, id_: int) -> Origin:
    """How a session was begun."""
    found = select(session.c.issuer, session.c.id_token).where(session.c.id == id_)
    row = tx.execute(found).first()
    return Origin(*row) if row else Origin()


def note_use(tx: Connection, id_: int, now: datetime) -> None:
    tx.execute(update(session).where(session.c.id == id_).values(seen=now))


def end(tx: Connection, account: str, id_: int) -> bool:
    """End one session of an account; whether there was one."""
    mine = and_(session.c.account == account, session.c.id == id_)
    return tx.execute(delete(session).where(mine)).rowcount > 0


def end_of_token(tx: Connection, token: str) -> None:
    tx.execute(delete(session).where(session.c.token == _hash(token)))


def end_all(tx: Connection, account: str, but: int | None = None) -> int:
    """End the sessions of an account, or all but one; how many these were."""
    mine = and_(session.c.account == account, session.c.id != (but or 0))
    return tx.execute(delete(session).where(mine)).rowcount


_COLUMNS = (session.c.id, session.c.account, session.c.begun, session.c.seen, session.c.browser)


def _is_over(now: datetime) -> ColumnElement[bool]:
    return or_(session.c.seen <= now - IDLE, session.c.begun <= now - LIFE)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
