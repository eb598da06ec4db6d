"""The accounts of readers. While there are any, one of them is an operator's.

What changes an account raises AccountRefused when that would not be so, or there is no such account.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select, update

from presswatch import languages
from presswatch.accounts import AccountFault, AccountRefused, Role
from presswatch.archive import identities, saved_searches, sessions
from presswatch.archive.tables import account
from presswatch.archive.upsert import insert


@dataclass(frozen=True, slots=True)
class Account:
    """An account; `password` is its hash, "" for none, `language` "" where the browser's counts.

    Times are UTC. `one_time`: an operator made the password up, so its owner has to choose another.
    `changed` is when the password was set.
    """

    name: str
    role: Role
    language: str
    password: str = field(repr=False)
    one_time: bool
    added: datetime
    changed: datetime

    @property
    def has_own_password(self) -> bool:
        """Whether somebody has signed in with it and chosen a password."""
        return bool(self.password) and not self.one_time


def are_there(tx: Connection) -> bool:
    """Whether there is any account."""
    return tx.execute(select(account.c.name).limit(1)).first() is not None


def every(tx: Connection) -> list[Account]:
    """All accounts, by name."""
    return [_account(row) for row in tx.execute(select(account).order_by(account.c.name))]


def find(tx: Connection, name: str) -> Account | None:
    row = tx.execute(select(account).where(account.c.name == name)).first()
    return _account(row) if row else None


def get(tx: Connection, name: str) -> Account:
    """The account of this name, which there must be."""
    found = find(tx, name)
    if found is None:
        raise AccountRefused(AccountFault.UNKNOWN)
    return found


def check_new(tx: Connection, name: str, role: Role) -> None:
    """Whether an account of this name and role may be added; the first must be an operator's."""
    if role is not Role.OPERATOR and not are_there(tx):
        raise AccountRefused(AccountFault.FIRST)
    if find(tx, name):
        raise AccountRefused(AccountFault.TAKEN)


def add(tx: Connection, new: Account) -> None:
    """Keep a new account. The first gets the searches that were saved at this machine before."""
    check_new(tx, new.name, new.role)
    _check_language(new.language)
    values = {
        "name": new.name,
        "role": new.role.word,
        "language": new.language,
        "password": new.password,
        "one_time": new.one_time,
        "added": new.added,
        "changed": new.changed,
    }
    if not are_there(tx):
        saved_searches.hand_over(tx, new.name)
    tx.execute(insert(account).values(values))


def set_role(tx: Connection, name: str, role: Role) -> Role:
    """The role that it had before."""
    before = get(tx, name)
    if role is not Role.OPERATOR:
        _check_another_operator(tx, before)
    tx.execute(update(account).where(account.c.name == name).values(role=role.word))
    return before.role


def set_language(tx: Connection, name: str, language: str) -> None:
    """Have the pages speak this language to it; with "" its browser's."""
    _check_language(language)
    get(tx, name)
    tx.execute(update(account).where(account.c.name == name).values(language=language))


def set_password(tx: Connection, name: str, password: str, now: datetime, *, one_time: bool = False) -> None:
    """Keep the hash of another password, "" for none, and end all sessions of the account.

    One for once is for whoever has the account from now on: no identity at a provider has it any more.
    """
    get(tx, name)
    if one_time:
        identities.unlink(tx, name)
    mine = update(account).where(account.c.name == name)
    tx.execute(mine.values(password=password, one_time=one_time, changed=now))
    sessions.end_all(tx, name)


def hash_anew(tx: Connection, name: str, password: str) -> None:
    """Keep another hash of the same password."""
    tx.execute(update(account).where(account.c.name == name).values(password=password))


def remove(tx: Connection, name: str, *, also_the_last: bool = False) -> None:
    """Remove an account, its sessions and its saved searches.

    With `also_the_last` it may be the only one there is.
    """
    gone = get(tx, name)
    if not (also_the_last and len(every(tx)) == 1):
        _check_another_operator(tx, gone)
    sessions.end_all(tx, name)
    identities.unlink(tx, name)
    saved_searches.remove_all(tx, name)
    tx.execute(delete(account).where(account.c.name == name))


def _check_another_operator(tx: Connection, one: Account) -> None:
    operators = select(func.count()).select_from(account).where(account.c.role == Role.OPERATOR.word)
    if one.role is Role.OPERATOR and tx.execute(operators).scalar_one() == 1:
        raise AccountRefused(AccountFault.LAST)


def _check_language(language: str) -> None:
    if language and language not in languages.LANGUAGES:
        raise AccountRefused(AccountFault.LANGUAGE)


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        name=row.name,
        role=Role.of(row.role),
        language=row.language,
        password=row.password,
        one_time=row.one_time,
        added=row.added,
        changed=row.changed,
    )
