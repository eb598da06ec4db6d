"""Passwords: what is asked of one, and its hash (Argon2id, RFC 9106), the only thing that is kept of it."""

import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from presswatch.accounts import AccountFault, AccountRefused
from presswatch.errors import BusyError

_SHORTEST = 12
_LONGEST = 1000
# A hash takes 64 MiB and the time of a core: so many are made at once, and so many more wait for that.
_AT_ONCE = BoundedSemaphore(2)
_ASKED_FOR = BoundedSemaphore(10)
# Letters and digits that are not mistaken for each other.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()


class TooManyAtOnce(BusyError):
    """More passwords are being looked at than this machine can at once."""


def check_password(password: str, name: str) -> None:
    """Whether this may be the password of the account `name`. Raises AccountRefused.

    As NIST SP 800-63B has it, length counts and nothing is said of digits and signs.
    """
    if len(password) < _SHORTEST:
        raise AccountRefused(AccountFault.SHORT)
    if len(password) > _LONGEST:
        raise AccountRefused(AccountFault.LONG)
    if name and not password.lower().replace(name, ""):
        raise AccountRefused(AccountFault.LIKE_NAME)


def one_time_password() -> str:
    """A password for an operator to hand on: 100 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def hashed(password: str) -> str:
    """What is kept of a password. Raises TooManyAtOnce."""
    with _turn():
        return _hasher.hash(_normal(password))


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password whose hash is kept. Raises TooManyAtOnce.

    Without one (nobody is called so, or has none) it takes as long as with a wrong one, and is False.
    """
    with _turn():
        nobodys = _of_nobody()
        try:
            _hasher.verify(kept or nobodys, _normal(password[: _LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether this hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


@cache
def _of_nobody() -> str:
    return _hasher.hash(secrets.token_hex())


def _normal(password: str) -> str:
    """The same letters are one password, whichever keyboard wrote them (RFC 8265, section 4.2)."""
    return unicodedata.normalize("NFC", password)


@contextmanager
def _turn() -> Iterator[None]:
    if not _ASKED_FOR.acquire(blocking=False):
        raise TooManyAtOnce("too many passwords are being looked at; try again soon")
    try:
        with _AT_ONCE:
            yield
    finally:
        _ASKED_FOR.release()
