"""Signing in at a provider in a browser, before and after an account of here is connected with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from presswatch.accounts import Role
from presswatch.archive import Archive
from support.identity_provider import SECRET, IdentityProvider, identity_provider
from support.newsroom import NOW
from support.reading_room import PASSWORD, ReadingRoom, opened
from support.visitor import Visit, Visitor


@pytest.fixture
def club(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[ReadingRoom, IdentityProvider]]:
    """A reading room with an operator `chief`, whose readers sign in at a provider."""
    monkeypatch.setenv("PRESSWATCH_TEST_OIDC", SECRET)
    with (
        identity_provider(lambda: NOW) as provider,
        opened(archive, tmp_path, {"web": {"oidc": provider.settings()}}) as room,
    ):
        room.account("chief", Role.OPERATOR)
        provider.claims = {"preferred_username": "chief"}
        yield room, provider


def go_to_the_provider(visitor: Visitor, words: str, back_at: str) -> None:
    """Press the button that leads there; it knows who comes, and leads back at once."""
    visitor.press(words)
    visitor.page.wait_for_url(f"{visitor.site}{back_at}")


def test_an_account_is_connected_and_signs_in_at_the_provider(
    club: tuple[ReadingRoom, IdentityProvider], visit: Visit
) -> None:
    room, provider = club
    chief = visit(room.pages)
    chief.open("/accounts")
    go_to_the_provider(chief, "Sign in with The Club", "/sign-in/oidc/callback?*")
    assert "sign in with that once and connect" in chief.told
    chief.type("Name", "chief")
    chief.type("Password", PASSWORD)
    chief.press("Sign in")
    assert chief.heading == "Accounts"
    chief.open("/account")
    go_to_the_provider(chief, "Connect with The Club", "/account?done=connected")
    assert chief.sees("You can sign in with The Club.")
    assert chief.page.get_by_role("button", name="Connect with The Club").count() == 0

    elsewhere = visit(room.pages)
    elsewhere.open("/accounts")
    go_to_the_provider(elsewhere, "Sign in with The Club", "/accounts")
    assert elsewhere.heading == "Accounts"
    assert elsewhere.page.get_by_role("link", name="Your account, chief").is_visible()

    provider.error = {"error": "access_denied"}
    other = visit(room.pages)
    other.open("/search?q=ferry")
    go_to_the_provider(other, "Sign in with The Club", "/sign-in/oidc/callback?*")
    assert other.page.get_by_role("alert").is_visible()
    provider.error = {}
    go_to_the_provider(other, "Sign in with The Club", "/search?q=ferry")
