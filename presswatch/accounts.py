"""What an account is: its role, how it may be called, and why one is refused."""

import re
from enum import Enum, IntEnum
from typing import Self

from presswatch.errors import UsageError

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class Role(IntEnum):
    """What a reader may do; each may do what those before may."""

    READER = 1
    EDITOR = 2
    OPERATOR = 3

    @property
    def word(self) -> str:
        """`reader`, `editor` or `operator`: as it is kept and as commands name it."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Self:
        """Raises AccountRefused."""
        known = {role.word: role for role in cls}
        if word not in known:
            raise AccountRefused(AccountFault.ROLE)
        return known[word]


class AccountFault(Enum):
    """Why something cannot be done with an account; the value says it to whoever gave a command."""

    NAME = (
        "a name has at most 64 of the letters a to z, digits and . _ @ + -, and begins with a letter or digit"
    )
    ROLE = "there is no such role; there are reader, editor and operator"
    LANGUAGE = "this is no language that presswatch speaks"
    TAKEN = "there is an account of this name already"
    UNKNOWN = "there is no account of this name; presswatch accounts list shows all"
    FIRST = "the first account must be an operator's, as nobody else could add others"
    LAST = "this is the only operator; make another account one first"
    SHORT = "a password needs at least 12 characters"
    LONG = "a password has at most 1,000 characters"
    LIKE_NAME = "this password is the account's name over again"


class AccountRefused(UsageError):
    """Something cannot be done with an account."""

    def __init__(self, fault: AccountFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def account_name(typed: str) -> str:
    """The name that somebody typed, as it is kept; it may be none that an account can have."""
    return typed.strip().lower()


def new_name(typed: str) -> str:
    """The name for a new account. Raises AccountRefused."""
    name = account_name(typed)
    if not _NAME.fullmatch(name):
        raise AccountRefused(AccountFault.NAME)
    return name
