"""Passwords: what is asked of one, and what an unknown name costs."""

import time
from functools import cache

import pytest
from argon2 import PasswordHasher

from presswatch import passwords
from presswatch.accounts import AccountFault, AccountRefused
from presswatch.passwords import check_password, hashed, is_password, one_time_password


@pytest.fixture(autouse=True)
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of pages, which may have run before in this process, make cheap ones."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher())
    monkeypatch.setattr(passwords, "_of_nobody", cache(passwords._of_nobody.__wrapped__))


def test_a_password_is_known_again_by_its_hash_alone() -> None:
    kept = hashed("Motörhead on a ferry")
    assert kept.startswith("$argon2id$")
    assert is_password("Motörhead on a ferry", kept)
    assert is_password("Moto\u0308rhead on a ferry", kept), "another keyboard, the same letters"
    assert not is_password("motörhead on a ferry", kept)
    assert not is_password("Motörhead on a ferry" + "y" * 10_000, kept)
    assert hashed("Motörhead on a ferry") != kept


def test_an_unknown_name_costs_what_a_wrong_password_does() -> None:
    kept = hashed("a long enough password")
    is_password("warm", None)
    wrong, unknown = ([cost("wrong", given) for _ in range(3)] for given in (kept, None))
    assert 0.5 < min(unknown) / min(wrong) < 2


def cost(password: str, kept: str | None) -> float:
    """Seconds of a core: what others do on the machine is not counted."""
    begun = time.process_time()
    assert not is_password(password, kept)
    return time.process_time() - begun


@pytest.mark.parametrize("kept", ["", "words", "$argon2id$v=19$m=1", "$2b$12$abcdefghijklmnopqrstuv"])
def test_what_is_no_hash_is_no_password(kept: str) -> None:
    assert not is_password("a long enough password", kept)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("a" * 11, AccountFault.SHORT),
        ("a" * 1001, AccountFault.LONG),
        ("janejanejanejane", AccountFault.LIKE_NAME),
        ("JaneJaneJaneJane", AccountFault.LIKE_NAME),
    ],
)
def test_a_password_that_will_not_do(password: str, fault: AccountFault) -> None:
    with pytest.raises(AccountRefused) as refused:
        check_password(password, "jane")
    assert refused.value.fault is fault


def test_a_password_for_once_will_do_and_is_another_each_time() -> None:
    made = {one_time_password() for _ in range(100)}
    assert len(made) == 100
    for password in made:
        check_password(password, "jane")
