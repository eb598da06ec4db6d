"""Searches that readers saved: each is of one account, or with "" of whoever sits at this machine.

What changes one raises SearchRefused when that cannot be.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Literal

from sqlalchemy import Connection, and_, delete, func, select, update

from presswatch.archive.tables import saved_search
from presswatch.archive.upsert import insert
from presswatch.errors import UsageError

# Of one account; nobody finds anything among more.
MOST = 1_000
LONGEST_NAME = 100
# No browser can ask for a longer one: the head of a request has 64 KiB.
LONGEST_ADDRESS = 60_000

Order = Literal["used", "name"]


class SearchFault(Enum):
    """Why a search cannot be saved so; the value says it to whoever gave a command."""

    NAME = "a name has at least one letter or digit, and at most 100 characters"
    TAKEN = "there is a saved search of this name already"
    MANY = "there are 1,000 saved searches already; remove one first"
    LONG = "this search is too long to be saved"
    GONE = "there is no such saved search"


class SearchRefused(UsageError):
    """Something cannot be done with a saved search; `there` is the one that has the name already."""

    def __init__(self, fault: SearchFault, there: "SavedSearch | None" = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.there = there


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search under a name. `address` is what the search page's address says behind its `?`.

    Whoever is told `id`, which cannot be guessed, may see the search. `saved` and `used`, when it was opened
    last, are UTC; `used` is `saved` before.
    """

    id: str
    account: str
    name: str
    address: str
    saved: datetime
    used: datetime


def save(
    tx: Connection, account: str, name: str, address: str, now: datetime, *, replace: bool = False
) -> SavedSearch:
    """Keep a search. One of the same name keeps its id and gets this address with `replace`."""
    folded = _checked(name)
    if len(address) > LONGEST_ADDRESS:
        raise SearchRefused(SearchFault.LONG)
    there = _named(tx, account, folded)
    if there:
        if not replace:
            raise SearchRefused(SearchFault.TAKEN, there)
        said = {"name": name, "address": address, "saved": now, "used": now}
        tx.execute(update(saved_search).where(saved_search.c.id == there.id).values(said))
        return SavedSearch(there.id, account, name, address, now, now)
    of_account_ = select(func.count()).select_from(saved_search).where(saved_search.c.account == account)
    if tx.execute(of_account_).scalar_one() >= MOST:
        raise SearchRefused(SearchFault.MANY)
    new = SavedSearch(secrets.token_urlsafe(16), account, name, address, now, now)
    row = {"id": new.id, "account": account, "name": name, "folded": folded, "address": address}
    tx.execute(insert(saved_search).values(row | {"saved": now, "used": now}))
    return new


def rename(tx: Connection, account: str, id_: str, name: str) -> SavedSearch:
    """Give a search of this account another name; as it was before."""
    folded = _checked(name)
    before = get(tx, account, id_)
    there = _named(tx, account, folded)
    if there and there.id != id_:
        raise SearchRefused(SearchFault.TAKEN, there)
    tx.execute(update(saved_search).where(saved_search.c.id == id_).values(name=name, folded=folded))
    return before


def remove(tx: Connection, account: str, id_: str) -> SavedSearch:
    """Remove a search of this account; as it was."""
    gone = get(tx, account, id_)
    tx.execute(delete(saved_search).where(saved_search.c.id == id_))
    return gone


def note_use(tx: Connection, id_: str, now: datetime) -> None:
    tx.execute(update(saved_search).where(saved_search.c.id == id_).values(used=now))


def get(tx: Connection, account: str, id_: str) -> SavedSearch:
    """The search of this account with this id, which there must be."""
    found = shared(tx, id_)
    if found is None or found.account != account:
        raise SearchRefused(SearchFault.GONE)
    return found


def shared(tx: Connection, id_: str) -> SavedSearch | None:
    """The search with this id, whoever saved it."""
    row = tx.execute(_SEARCHES.where(saved_search.c.id == id_)).first()
    return SavedSearch(*row) if row else None


def of_account(tx: Connection, account: str, order: Order = "used", count: int = MOST) -> list[SavedSearch]:
    """The searches of an account: those used last first, or by name."""
    by = (saved_search.c.used.desc(), saved_search.c.folded) if order == "used" else (saved_search.c.folded,)
    found = _SEARCHES.where(saved_search.c.account == account).order_by(*by).limit(count)
    return [SavedSearch(*row) for row in tx.execute(found)]


def at(tx: Connection, account: str, address: str) -> SavedSearch | None:
    """A search of this account that asks for just this."""
    mine = and_(saved_search.c.account == account, saved_search.c.address == address)
    row = tx.execute(_SEARCHES.where(mine).limit(1)).first()
    return SavedSearch(*row) if row else None


def every(tx: Connection) -> list[SavedSearch]:
    """The searches of all accounts, by account and name."""
    found = _SEARCHES.order_by(saved_search.c.account, saved_search.c.folded)
    return [SavedSearch(*row) for row in tx.execute(found)]


def remove_all(tx: Connection, account: str) -> None:
    """Remove what an account that goes has saved."""
    tx.execute(delete(saved_search).where(saved_search.c.account == account))


def hand_over(tx: Connection, account: str) -> None:
    """Let the first account have what was saved at this machine before there was any."""
    tx.execute(update(saved_search).where(saved_search.c.account == "").values(account=account))


# By their order in SavedSearch.
_SEARCHES = select(*(saved_search.c[name] for name in ("id", "account", "name", "address", "saved", "used")))


def _named(tx: Connection, account: str, folded: str) -> SavedSearch | None:
    mine = and_(saved_search.c.account == account, saved_search.c.folded == folded)
    row = tx.execute(_SEARCHES.where(mine)).first()
    return SavedSearch(*row) if row else None


def _checked(name: str) -> str:
    """The name as it is compared with others: whoever reads it sees no difference of case or width."""
    is_seen = any(unicodedata.category(character)[0] in "LN" for character in name)
    if not is_seen or len(name) > LONGEST_NAME:
        raise SearchRefused(SearchFault.NAME)
    return unicodedata.normalize("NFKC", name).casefold()
