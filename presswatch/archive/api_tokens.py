"""Tokens of programs: each has a name, what it may read, and a secret of which only a hash is kept."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from presswatch.archive.tables import api_token
from presswatch.archive.upsert import insert
from presswatch.errors import UsageError

# What every token begins with: so that people, and what looks for secrets in files, know one.
PREFIX = "presswatch_"


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret. `created` is in UTC."""

    name: str
    scopes: tuple[str, ...]
    created: datetime


def add(tx: Connection, name: str, scopes: Iterable[str], now: datetime) -> str:
    """Make a token; its secret, which nothing can tell again. Raises UsageError if the name is taken."""
    secret = PREFIX + secrets.token_urlsafe(32)
    row = {"name": name, "hash": _hash(secret), "scopes": " ".join(sorted(scopes)), "created": now}
    made = tx.execute(insert(api_token).values(row).on_conflict_do_nothing().returning(api_token.c.name))
    if made.first() is None:
        raise UsageError(f"there is a token {name!r} already; remove it first, or choose another name")
    return secret


def find(tx: Connection, secret: str) -> Token | None:
    """The token of this secret. Looked for by its hash, so that no timing tells of a part of it."""
    row = tx.execute(select(api_token).where(api_token.c.hash == _hash(secret))).one_or_none()
    return None if row is None else Token(row.name, tuple(row.scopes.split()), row.created)


def all_of_them(tx: Connection) -> list[Token]:
    """All tokens, by name."""
    rows = tx.execute(select(api_token).order_by(api_token.c.name))
    return [Token(row.name, tuple(row.scopes.split()), row.created) for row in rows]


def remove(tx: Connection, name: str) -> bool:
    """Let a token be of no use from now on; whether there was one."""
    return tx.execute(delete(api_token).where(api_token.c.name == name)).rowcount > 0


def _hash(secret: str) -> str:
    # Of 256 random bits: nothing that is slow to compute would make it harder to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
