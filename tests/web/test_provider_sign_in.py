"""Signing in by a provider of OpenID Connect: whom it lets in, as what, and what it does not believe."""

import asyncio
import json
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import trustme
import yaml
from structlog.testing import capture_logs

from presswatch import config
from presswatch.accounts import Role
from presswatch.archive import Archive, accounts, audit
from presswatch.config.models import OidcConfig
from presswatch.errors import ConfigError
from presswatch.web.accounts import provider as provider_module
from presswatch.web.accounts import providers
from presswatch.web.accounts.provider import Provider
from presswatch.web.accounts.provider_faults import SignInRefused
from presswatch.web.accounts.wanted import Wanted
from support import identity_provider as forgery
from support.identity_provider import PATH, SECRET, IdentityProvider, identity_provider
from support.newsroom import NOW
from support.reading_room import PASSWORD, ReadingRoom, opened

ROLES = {"operator": ["chiefs"], "editor": ["newsroom"], "reader": ["staff"]}


class Visitor:
    """A browser with a jar of cookies, at the pages and at the provider."""

    def __init__(self, room: ReadingRoom, **headers: str) -> None:
        self.here = f"http://127.0.0.1:{room.pages.port}"
        self.client = httpx2.Client(headers={"Connection": "close"} | headers, timeout=300, trust_env=False)

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(self.here + path)

    def post(self, path: str, **fields: str) -> httpx2.Response:
        return self.client.post(self.here + path, data=fields)

    def leave(self, **fields: str) -> str:
        """Press the button; where it leads."""
        page = self.post("/sign-in/oidc", **fields)
        found = re.search(r'content="0;url=([^"]+)"', page.text)
        assert page.status_code == 200, page.text
        assert found, page.text
        return unescape(found[1])

    def come_back(self, address: str) -> httpx2.Response:
        """From the provider, once it has asked who they are."""
        sent = self.client.get(address)
        assert sent.status_code == 302
        return self.client.get(sent.headers["location"])

    def sign_in(self, **fields: str) -> httpx2.Response:
        return self.come_back(self.leave(**fields))

    @property
    def name(self) -> str:
        """Who is signed in here."""
        page = self.get("/account")
        found = re.search(r'<div class="who">.*?<bdi>([^<]+)</bdi>', page.text, re.DOTALL)
        return found[1] if found else ""


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSWATCH_TEST_OIDC", SECRET)


@contextmanager
def club(
    archive: Archive, folder: Path, web: Mapping[str, Any] | None = None, **oidc: Any
) -> Iterator[tuple[ReadingRoom, IdentityProvider]]:
    """A reading room whose readers sign in at a provider; `chief` is its operator, with a password."""
    rooms: list[ReadingRoom] = []
    with identity_provider(lambda: rooms[0].newsroom.now if rooms else NOW) as provider:
        settings = {"web": {"oidc": provider.settings(**oidc), **(web or {})}}
        with opened(archive, folder, settings) as room:
            rooms.append(room)
            room.account("chief", Role.OPERATOR)
            yield room, provider


@pytest.fixture
def by_hand(archive: Archive, tmp_path: Path) -> Iterator[tuple[ReadingRoom, IdentityProvider]]:
    """Accounts are added by operators; there is `jane`, whose password for once nobody has used."""
    with club(archive, tmp_path) as (room, provider):
        room.account("jane", Role.EDITOR, one_time=True)
        yield room, provider


@pytest.fixture
def by_role(archive: Archive, tmp_path: Path) -> Iterator[tuple[ReadingRoom, IdentityProvider]]:
    """Accounts are made at the first sign-in."""
    with club(archive, tmp_path, roles=ROLES) as (room, provider):
        provider.claims = {"preferred_username": "jane", "groups": ["newsroom"]}
        yield room, provider


def role_of(room: ReadingRoom, name: str) -> Role | None:
    with room.newsroom.archive.reading() as tx:
        account = accounts.find(tx, name)
    return account.role if account else None


def said(answer: httpx2.Response) -> str:
    """Why a sign-in did not come about."""
    found = re.search(r'role="alert">(.*?)</p>', answer.text, re.DOTALL)
    assert found, answer.text
    return re.sub("[\u2066-\u2069]", "", unescape(re.sub("<[^>]+>", "", found[1])))


def test_whoever_has_an_account_signs_in_and_goes_where_they_wanted(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, _provider = by_hand
    jane = Visitor(room)
    page = jane.get("/sign-in?next=/search?q=ferry")
    assert "Sign in with The Club" in page.text
    assert 'name="password"' in page.text, "who has a password signs in with it"
    done = jane.sign_in(next="/search?q=ferry")
    assert (done.status_code, done.headers["location"]) == (303, "/search?q=ferry")
    assert jane.name == "jane"
    assert role_of(room, "jane") is Role.EDITOR
    assert not [name for name in jane.client.cookies if "oidc" in name], "what the sign-in needed is gone"
    assert "Old password" not in jane.get("/account").text, "it has none any more"


def test_a_portal_may_lead_here_by_a_link(by_hand: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, _provider = by_hand
    jane = Visitor(room)
    sent = jane.get("/sign-in/oidc?next=//evil.example")
    assert sent.status_code == 303
    assert jane.come_back(sent.headers["location"]).headers["location"] == "/"
    assert jane.get("/sign-in/oidc?next=/watches").headers["location"] == "/watches", "they are signed in"


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "data:x"])
def test_signing_in_leads_to_no_other_site(by_hand: tuple[ReadingRoom, IdentityProvider], path: str) -> None:
    assert Visitor(by_hand[0]).sign_in(next=path).headers["location"] == "/"


def test_an_account_stays_with_its_subject_whatever_either_is_called(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, provider = by_hand
    Visitor(room).sign_in()
    provider.claims = {"preferred_username": "jane-married"}
    renamed = Visitor(room)
    renamed.sign_in()
    assert renamed.name == "jane"
    provider.subject, provider.claims = "sub-mallory", {"preferred_username": "Jane"}
    mallory = Visitor(room)
    assert "belongs to somebody else" in said(mallory.sign_in())
    assert not mallory.name
    # An operator hands the account on, as to somebody whose entry at the provider was made anew.
    chief = Visitor(room)
    chief.post("/sign-in", name="chief", password=PASSWORD)
    chief.post("/accounts/password", name="jane")
    assert not renamed.name
    successor = Visitor(room)
    successor.sign_in()
    assert successor.name == "jane"


def test_nobody_gets_an_account_with_a_password_by_its_name(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, provider = by_hand
    provider.claims = {"preferred_username": "chief"}
    visitor = Visitor(room)
    assert "sign in with that once and connect" in said(visitor.sign_in())
    assert not visitor.name
    visitor.post("/sign-in", name="chief", password=PASSWORD)
    assert "Connect with The Club" in visitor.get("/account").text
    done = visitor.sign_in(connect="1")
    assert done.headers["location"] == "/account?done=connected"
    assert "You can sign in with The Club." in visitor.get("/account").text
    elsewhere = Visitor(room)
    elsewhere.sign_in()
    assert elsewhere.name == "chief"
    # And with the password as before.
    assert Visitor(room).post("/sign-in", name="chief", password=PASSWORD).status_code == 303


def test_only_who_is_signed_in_connects_an_account_and_only_one(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, provider = by_hand
    stranger = Visitor(room)
    assert stranger.post("/sign-in/oidc", connect="1").headers["location"].startswith("/sign-in")
    jane = Visitor(room)
    jane.sign_in()
    chief = Visitor(room)
    chief.post("/sign-in", name="chief", password=PASSWORD)
    assert "another account" in chief.sign_in(connect="1").text
    # Signed out meanwhile.
    provider.subject = "sub-chief"
    address = chief.leave(connect="1")
    chief.post("/sign-out")
    assert chief.come_back(address).status_code == 403


def test_without_an_account_nobody_comes_in(by_hand: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, provider = by_hand
    provider.claims = {"preferred_username": "nobody", "groups": ["chiefs"]}
    assert "there is no account of this name" in said(Visitor(room).sign_in())
    assert role_of(room, "nobody") is None


def test_accounts_are_made_and_roles_follow_the_claim(by_role: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, provider = by_role
    jane = Visitor(room)
    jane.sign_in()
    assert (jane.name, role_of(room, "jane")) == ("jane", Role.EDITOR)
    for groups, role in ((["staff", "chiefs"], Role.OPERATOR), (["staff"], Role.READER)):
        provider.claims["groups"] = groups
        Visitor(room).sign_in()
        assert role_of(room, "jane") is role
    with room.newsroom.archive.reading() as tx:
        acts = [(act.did, act.detail.get("to", "")) for act in audit.latest(tx, 99)]
    assert ("account.role", "operator") in acts
    assert ("account.add", "") in acts
    # It has no password, so none signs in with it.
    for password in ("", PASSWORD):
        assert Visitor(room).post("/sign-in", name="jane", password=password).status_code == 403


def test_who_lost_every_role_is_out_everywhere(by_role: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, provider = by_role
    jane = Visitor(room)
    jane.sign_in()
    provider.claims["groups"] = ["guests"]
    assert "None of your groups" in said(Visitor(room).sign_in())
    assert not jane.name
    del provider.claims["groups"]
    assert "did not say which groups" in said(Visitor(room).sign_in())


def test_the_only_operator_stays_one(archive: Archive, tmp_path: Path) -> None:
    rooms: list[ReadingRoom] = []
    with identity_provider(lambda: rooms[0].newsroom.now) as provider:
        settings = {"web": {"oidc": provider.settings(roles=ROLES)}}
        with opened(archive, tmp_path, settings) as room:
            rooms.append(room)
            provider.claims = {"preferred_username": "jane", "groups": ["staff"]}
            assert "The first account must be an operator" in said(Visitor(room).sign_in())
            provider.claims["groups"] = ["chiefs"]
            assert Visitor(room).sign_in().status_code == 303
            provider.claims["groups"] = ["staff"]
            jane = Visitor(room)
            assert jane.sign_in().status_code == 303
            assert role_of(room, "jane") is Role.OPERATOR


LATER, EARLIER = int(NOW.timestamp()) + 30, int(NOW.timestamp()) - 30


@pytest.mark.parametrize(
    ("claims", "oidc", "name", "role"),
    [
        pytest.param({"preferred_username": " Jane.Doe "}, {}, "jane.doe", Role.EDITOR, id="letters"),
        pytest.param(
            {"email": "Jane@Example.org", "email_verified": True},
            {"account_claim": "email"},
            "jane@example.org",
            Role.EDITOR,
            id="mail address",
        ),
        pytest.param(
            {"email": "jane@example.org", "email_verified": "true"},
            {"account_claim": "email"},
            "jane@example.org",
            Role.EDITOR,
            id="a truth in quotes",
        ),
        pytest.param({"groups": "newsroom"}, {}, "jane", Role.EDITOR, id="one group as text"),
        pytest.param({"groups": ["/newsroom"]}, {}, "jane", Role.EDITOR, id="path of a group"),
        pytest.param(
            {"realm_access": {"roles": ["offline_access", "staff"]}},
            {"role_claim": "realm_access.roles"},
            "jane",
            Role.READER,
            id="Keycloak's realm roles",
        ),
        pytest.param(
            {"resource_access": {"press.watch": {"roles": ["chiefs"]}}},
            {"role_claim": "resource_access.press.watch.roles"},
            "jane",
            Role.OPERATOR,
            id="a client's roles, whose id has a dot",
        ),
        pytest.param(
            {"https://example.org/roles": ["staff"]},
            {"role_claim": "https://example.org/roles"},
            "jane",
            Role.READER,
            id="a claim called by an address",
        ),
        pytest.param(
            {"urn:roles": {"newsroom": {"1": "org"}}},
            {"role_claim": "urn:roles"},
            "jane",
            Role.EDITOR,
            id="Zitadel's roles",
        ),
        pytest.param({"hd": "staff"}, {"role_claim": "hd"}, "jane", Role.READER, id="Google's domain"),
        pytest.param(
            {"aud": ["presswatch", "account"], "azp": "presswatch"},
            {},
            "jane",
            Role.EDITOR,
            id="two audiences",
        ),
        pytest.param({"aud": ["presswatch"]}, {}, "jane", Role.EDITOR, id="audience as a list"),
        pytest.param({"iat": LATER, "nbf": LATER}, {}, "jane", Role.EDITOR, id="clock before ours"),
        pytest.param({"exp": EARLIER}, {}, "jane", Role.EDITOR, id="clock behind ours"),
    ],
)
def test_what_providers_say_is_understood(
    archive: Archive, tmp_path: Path, claims: dict[str, Any], oidc: dict[str, Any], name: str, role: Role
) -> None:
    with club(archive, tmp_path, roles=ROLES, **oidc) as (room, provider):
        provider.claims = {"preferred_username": "jane", "groups": ["newsroom"]} | claims
        jane = Visitor(room)
        jane.sign_in()
        assert (jane.name, role_of(room, name)) == (name, role)


@pytest.mark.parametrize(
    ("claims", "oidc", "reason"),
    [
        ({"preferred_username": "news/jane"}, {}, "no account here can be called"),
        ({"preferred_username": "NEWS\\jane"}, {}, "no account here can be called"),
        ({"preferred_username": "<b>jane"}, {}, "The Club calls you <b>jane"),
        ({"preferred_username": None}, {}, "did not say by which name"),
        ({"preferred_username": ["jane"]}, {}, "did not say by which name"),
        ({"preferred_username": ""}, {}, "did not say by which name"),
        ({"email": "jane@example.org"}, {"account_claim": "email"}, "has not verified"),
        ({"email": "jane@example.org", "email_verified": False}, {"account_claim": "email"}, "not verified"),
        ({"groups": "staff, chiefs"}, {}, "None of your groups"),
        (
            {"groups": ["a/chiefs", "/a/chiefs", "CHIEFS", True, 1, None, ["chiefs"]]},
            {},
            "None of your groups",
        ),
        ({"groups": True}, {}, "None of your groups"),
        ({"groups": []}, {}, "None of your groups"),
        ({"groups": None, "_claim_names": {"groups": "src1"}}, {}, "did not say which groups"),
        ({"realm_access": "chiefs"}, {"role_claim": "realm_access.roles"}, "did not say which groups"),
    ],
)
def test_who_cannot_come_in_is_told_why(
    archive: Archive, tmp_path: Path, claims: dict[str, Any], oidc: dict[str, Any], reason: str
) -> None:
    with club(archive, tmp_path, roles=ROLES, **oidc) as (room, provider):
        provider.claims = {"preferred_username": "jane", "groups": ["staff"]} | claims
        answer = Visitor(room).sign_in(next="/watches")
        assert answer.status_code == 403
        assert reason in said(answer)
        assert "<b>" not in answer.text
        assert 'value="/watches"' in answer.text, "they still go there"
        with archive.reading() as tx:
            assert [one.name for one in accounts.every(tx)] == ["chief"]


def test_claims_that_no_token_has_are_asked_for(by_role: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, provider = by_role
    provider.claims, provider.userinfo = {}, {"preferred_username": "jane", "groups": ["staff"], "iss": "x"}
    jane = Visitor(room)
    jane.sign_in()
    assert (jane.name, role_of(room, "jane")) == ("jane", Role.READER)
    provider.userinfo = {"sub": "sub-chief", "preferred_username": "chief", "groups": ["chiefs"]}
    assert "failed" in said(Visitor(room).sign_in())
    provider.answers["/userinfo"] = (500, {}, b"")
    assert "does not answer" in said(Visitor(room).sign_in())
    assert jane.name == "jane", "what was not told ends nothing"


ATTACKS: dict[str, Callable[[IdentityProvider], None]] = {
    "another nonce": lambda one: one.changed.update(nonce="another"),
    "no nonce": lambda one: one.changed.update(nonce=None),
    "another audience": lambda one: one.changed.update(aud="another"),
    "an audience like ours": lambda one: one.changed.update(aud="presswatch-2"),
    "another audience for us": lambda one: one.changed.update(aud="another", azp="presswatch"),
    "an audience more": lambda one: one.changed.update(aud=["presswatch", "another"]),
    "no audience": lambda one: one.changed.update(aud=None),
    "for another party": lambda one: one.changed.update(aud=["presswatch", "x"], azp="x"),
    "another issuer": lambda one: one.changed.update(iss="https://evil.example"),
    "an issuer with more path": lambda one: one.changed.update(iss=f"{one.issuer}/evil"),
    "no issuer": lambda one: one.changed.update(iss=None),
    "no subject": lambda one: one.changed.update(sub=None),
    "an empty subject": lambda one: one.changed.update(sub=""),
    "a subject that is a number": lambda one: one.changed.update(sub=7),
    "no end": lambda one: one.changed.update(exp=None),
    "an end that is no number": lambda one: one.changed.update(exp="never"),
    "signed by nobody": lambda one: setattr(one, "forge", forgery.by_nobody),
    "signed with the public key": lambda one: setattr(one, "forge", forgery.by_hmac_with_the_public_key),
    "signed by another key": lambda one: setattr(one, "forge", forgery.by_another_key),
    "changed after it was signed": lambda one: setattr(one, "forge", forgery.with_another_body),
    "no token": lambda one: setattr(one, "forge", lambda *_: "x"),
    "an encrypted token": lambda one: setattr(one, "forge", lambda *_: "a.b.c.d.e"),
    "another hash of the access token": lambda one: one.changed.update(at_hash="AAAA"),
    "the answer of another provider": lambda one: setattr(one, "says_issuer", "https://evil.example"),
    "an answer that does not say whose": lambda one: one.document.update(
        authorization_response_iss_parameter_supported=True
    ),
    "a key that is a secret": lambda one: one.answers.update(
        {"/keys": (200, {}, b'{"keys": [{"kty": "oct", "kid": "first", "k": "AAAA"}]}')}
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_provider_would_not_say_is_not_believed(
    by_hand: tuple[ReadingRoom, IdentityProvider], attack: str
) -> None:
    room, provider = by_hand
    ATTACKS[attack](provider)
    jane = Visitor(room)
    answer = jane.sign_in()
    assert answer.status_code == 403
    assert "Signing in with The Club failed." in said(answer)
    assert not jane.name


@pytest.mark.parametrize("changed", [{"exp": EARLIER - 60}, {"iat": LATER + 60}, {"nbf": LATER + 60}])
def test_clocks_that_differ_too_much_are_told(
    by_hand: tuple[ReadingRoom, IdentityProvider], changed: dict[str, Any]
) -> None:
    room, provider = by_hand
    provider.changed = changed
    assert "The clocks of The Club and of presswatch differ" in said(Visitor(room).sign_in())


def test_an_answer_is_for_the_browser_that_began_and_for_once(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, _provider = by_hand
    jane, mallory = Visitor(room), Visitor(room)
    sent = mallory.client.get(mallory.leave()).headers["location"]
    assert "Begin anew." in said(jane.client.get(sent)), "nobody is signed in as somebody else"
    assert not jane.name
    # The same cookie again, with a code that was used.
    cookies = dict(mallory.client.cookies)
    assert mallory.client.get(sent).status_code == 303
    assert mallory.client.get(sent).headers["location"] == "/", "who is signed in already goes on"
    again = Visitor(room)
    again.client.cookies.update({name: value for name, value in cookies.items() if "oidc" in name})
    assert "failed" in said(again.client.get(sent))
    # A code of one sign-in is none of another (PKCE).
    theirs, ours = Visitor(room), Visitor(room)
    stolen = parse_qs(urlsplit(theirs.client.get(theirs.leave()).headers["location"]).query)["code"][0]
    back = ours.client.get(ours.leave()).headers["location"]
    assert "failed" in said(ours.client.get(re.sub(r"code=[^&]+", f"code={stolen}", back)))
    assert not ours.name


def test_a_sign_in_takes_no_longer_than_ten_minutes(by_hand: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, _provider = by_hand
    jane = Visitor(room)
    sent = jane.client.get(jane.leave()).headers["location"]
    room.newsroom.now += timedelta(minutes=11)
    assert "more than ten minutes ago" in said(jane.client.get(sent))
    forged = sent.replace("state=", "state=%00%F0%9F%9A%A2")
    assert jane.client.get(forged).status_code == 403


def test_scopes_are_asked_for(archive: Archive, tmp_path: Path) -> None:
    with club(archive, tmp_path, scopes=["openid", "groups"]) as (room, _provider):
        asked = parse_qs(urlsplit(Visitor(room).leave()).query)
    assert asked["scope"] == ["openid groups"]
    assert asked["redirect_uri"] == [f"http://127.0.0.1:{room.pages.port}/sign-in/oidc/callback"]


def test_two_windows_do_not_undo_each_other(by_hand: tuple[ReadingRoom, IdentityProvider]) -> None:
    jane = Visitor(by_hand[0])
    first, second = jane.leave(next="/watches"), jane.leave(next="/search")
    assert jane.come_back(first).headers["location"] == "/watches"
    assert jane.come_back(second).headers["location"] == "/search"


def test_what_the_provider_refuses_is_told(by_hand: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, provider = by_hand
    for error, reason in (
        ("access_denied", "The Club did not sign you in."),
        ("temporarily_unavailable", "does not answer"),
        ("invalid_scope", "failed"),
    ):
        provider.error = {"error": error, "error_description": "<b>no</b>"}
        with capture_logs() as logged:
            answer = Visitor(room, **{"Accept-Language": "en"}).sign_in()
        assert reason in said(answer)
        assert "<b>" not in answer.text
        assert any(error in str(entry.get("reason")) for entry in logged)


def test_what_was_typed_is_there_after_the_sign_in_and_after_one_that_failed(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, provider = by_hand
    jane = Visitor(room)
    asked = jane.post("/account/language", language="de", note="<b>typed", old_password="typed, too")
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked.text))
    fields = {name: unescape(value) for name, value in fields.items()}
    provider.error = {"error": "access_denied"}
    failed = jane.sign_in(**fields)
    again = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', failed.text))
    assert {name: unescape(value) for name, value in again.items()} == fields
    provider.error = {}
    shown = jane.sign_in(**fields)
    assert shown.status_code == 200
    assert "&lt;b&gt;typed" in shown.text
    assert "typed, too" not in shown.text
    assert 'action="/account/language"' in shown.text
    assert jane.name == "jane"


def test_forms_that_wait_take_no_more_memory_than_is_bounded() -> None:
    kept = providers.Providers()
    empty, small = Wanted("/", True, (("", ""),) * 10_000), Wanted("/", True)
    for number in range(100):
        kept.keep(str(number), empty, NOW)
    left = [number for number in range(100) if kept.take(str(number))]
    assert left == list(range(100 - len(left), 100)), "the oldest went"
    assert 5 < len(left) < 15
    for number in range(100_000):
        kept.keep(str(number), small, NOW)
    assert 20_000 < sum(kept.take(str(number)) is not None for number in range(100_000)) < 40_000
    # What was taken, or was too old, weighs nothing any more.
    for number in range(200):
        kept.keep(str(number), empty, NOW)
        assert kept.take(str(number)) == empty
    for number in range(6):
        kept.keep(f"old {number}", empty, NOW)
    for number in range(6):
        kept.keep(str(number), empty, NOW + timedelta(minutes=11))
    assert not any(kept.take(f"old {number}") for number in range(6))
    assert all(kept.take(str(number)) for number in range(6))


def test_a_form_of_very_many_fields_does_not_leave_for_the_provider(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, _provider = by_hand
    body = "is_form=1" + "&kept.=" * 20_000
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    jane = Visitor(room)
    answer = jane.client.post(f"{jane.here}/sign-in/oidc", content=body, headers=headers)
    assert answer.status_code == 413


def test_a_new_key_is_learnt(
    by_hand: tuple[ReadingRoom, IdentityProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    room, provider = by_hand
    monkeypatch.setattr(provider_module, "_AGAIN", 0.0)
    Visitor(room).sign_in()
    provider.rotate_key()
    jane = Visitor(room)
    jane.sign_in()
    assert jane.name == "jane"
    provider.forge = forgery.without_a_key_id
    assert Visitor(room).sign_in().status_code == 303


def test_signing_out_ends_the_session_at_the_provider_too(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, _provider = by_hand
    jane = Visitor(room)
    jane.sign_in()
    before = dict(jane.client.cookies)
    page = jane.post("/sign-out")
    found = re.search(r'content="0;url=([^"]+)"', page.text)
    assert found
    asked = parse_qs(urlsplit(unescape(found[1])).query)
    assert asked["post_logout_redirect_uri"] == [f"{jane.here}/sign-in"]
    assert asked["client_id"] == ["presswatch"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert not jane.name
    jane.client.cookies.update(before)
    assert not jane.name, "it is over here, too"
    # Who has signed in by a password has none there.
    jane.post("/sign-in", name="chief", password=PASSWORD)
    assert jane.post("/sign-out").headers["location"] == "/sign-in"


def test_a_provider_without_a_sign_out_and_one_that_is_away_hold_up_nobody(
    by_hand: tuple[ReadingRoom, IdentityProvider],
) -> None:
    room, provider = by_hand
    provider.document["end_session_endpoint"] = None
    jane = Visitor(room)
    jane.sign_in()
    assert jane.post("/sign-out").headers["location"] == "/sign-in"
    assert not jane.name


def test_the_pages_answer_while_the_provider_hangs(
    by_hand: tuple[ReadingRoom, IdentityProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    room, provider = by_hand
    monkeypatch.setattr(provider_module, "SECONDS", 120.0)
    monkeypatch.setattr(provider_module, "_AGAIN", 600.0)
    provider.hold = threading.Event()
    provider.answers[DISCOVERY] = (503, {}, b"")
    # More than there are threads for pages.
    answers: list[int] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(Visitor(room).post("/sign-in/oidc").status_code))
        for _ in range(60)
    ]
    for one in waiting:
        one.start()
    chief = Visitor(room)
    assert chief.post("/sign-in", name="chief", password=PASSWORD).status_code == 303
    assert chief.get("/watches").status_code == 200
    assert answers == [], "they wait still"
    provider.hold.set()
    for one in waiting:
        one.join()
    assert answers == [503] * 60
    page = Visitor(room).post("/sign-in/oidc", next="/watches")
    assert "The Club does not answer. Try again soon." in said(page)
    assert 'name="password"' in page.text
    assert provider.asked.count(DISCOVERY) == 1, "one asks for all"


def test_a_provider_that_hangs_is_not_waited_for_long(
    by_hand: tuple[ReadingRoom, IdentityProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    room, provider = by_hand
    monkeypatch.setattr(provider_module, "SECONDS", 0.2)
    provider.hold = threading.Event()
    with capture_logs() as logged:
        assert Visitor(room).post("/sign-in/oidc").status_code == 503
    assert any("does not answer within 0.2 seconds" in str(entry.get("reason")) for entry in logged), logged


GZIP = {"Content-Encoding": "gzip"}
DISCOVERY = f"{PATH}/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("path", "answer", "status", "reason"),
    [
        (DISCOVERY, (404, {}, b""), 403, "answers 404"),
        (DISCOVERY, (503, {}, b""), 503, "answers 503"),
        (
            DISCOVERY,
            (301, {"Location": "https://id.example.org/"}, b""),
            403,
            "leads on to https://id.example",
        ),
        (DISCOVERY, (200, {}, b"<html>"), 403, "what cannot be read"),
        (DISCOVERY, (200, {}, b"[]"), 403, "something else than a JSON object"),
        (DISCOVERY, (200, {}, b"[" * 200_000), 403, "what cannot be read"),
        (DISCOVERY, (200, {}, b" " * (2 << 20)), 503, "longer than 1 MiB"),
        (DISCOVERY, (200, GZIP, b"\x1f\x8b"), 503, "compressed"),
        (DISCOVERY, (200, {}, b'{"issuer": "https://login.example/{tenantid}/v2.0"}'), 403, "calls itself"),
        ("/keys", (200, {}, b'{"keys": [7, {}, {"kty": "RSA"}]}'), 403, "no key to check"),
        ("/keys", (200, {}, b'{"keys": 7}'), 403, "no key to check"),
        ("/token", (401, {}, b'{"error": "invalid_client"}'), 403, "invalid_client"),
        ("/token", (502, {}, b"<html>"), 503, "answers 502"),
        ("/token", (200, {}, b"access_token=x"), 403, "what cannot be read"),
        ("/token", (200, {}, b'{"access_token": "x"}'), 403, "no ID token"),
        ("/token", (200, {}, b'{"id_token": {}}'), 403, "no ID token"),
        ("/token", (200, {}, b" " * (2 << 20)), 503, "longer than 1 MiB"),
    ],
)
def test_what_is_wrong_at_the_provider_is_in_the_log(
    by_hand: tuple[ReadingRoom, IdentityProvider],
    path: str,
    answer: tuple[int, dict[str, str], bytes],
    status: int,
    reason: str,
) -> None:
    room, provider = by_hand
    provider.answers[path] = answer
    jane = Visitor(room)
    with capture_logs() as logged:
        page = jane.post("/sign-in/oidc") if path == DISCOVERY else jane.sign_in()
    assert page.status_code == status
    assert any(reason in str(entry.get("reason")) for entry in logged), logged
    assert not jane.name


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"token_endpoint": "http://id.example.org/token"}, "which is not https"),
        ({"jwks_uri": "file:///etc/passwd"}, "which is not https"),
        ({"authorization_endpoint": None}, "has no authorization_endpoint"),
        ({"token_endpoint": 7}, "which is not https"),
    ],
)
def test_a_provider_leads_nowhere_that_is_not_https(
    by_hand: tuple[ReadingRoom, IdentityProvider], document: dict[str, Any], reason: str
) -> None:
    room, provider = by_hand
    provider.document = document
    with capture_logs() as logged:
        assert Visitor(room).post("/sign-in/oidc").status_code == 403
    assert any(reason in str(entry.get("reason")) for entry in logged)


def test_a_slash_at_the_end_of_the_issuer_is_the_providers_to_choose(
    archive: Archive, tmp_path: Path
) -> None:
    with club(archive, tmp_path, roles=ROLES) as (room, provider):
        provider.claims["groups"] = ["staff"]
        provider.document["issuer"] = provider.changed["iss"] = f"{provider.issuer}/"
        jane = Visitor(room)
        jane.sign_in()
        assert jane.name == "jane"
        provider.changed["iss"] = provider.issuer
        assert "failed" in said(Visitor(room).sign_in()), "in the token it is as in the document"


def test_behind_a_web_server_with_https_everything_is_below_the_public_address(
    archive: Archive, tmp_path: Path
) -> None:
    public = "https://press.example.org/watch"
    with club(archive, tmp_path, web={"public_url": public}) as (room, _provider):
        room.account("jane", Role.EDITOR, one_time=True)
        jane = Visitor(room)
        sent = jane.client.get(
            f"{jane.here}/watch/sign-in/oidc?next=/watches", headers={"host": "press.example.org"}
        )
        [cookie] = sent.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-presswatch-oidc-")
        assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure", "Max-Age=600"} <= set(cookie.split("; "))
        back = jane.client.get(sent.headers["location"]).headers["location"]
        assert back.startswith(f"{public}/sign-in/oidc/callback?")
        local = back.replace("https://press.example.org", jane.here)
        kept = {"host": "press.example.org", "cookie": cookie.partition(";")[0]}
        done = jane.client.get(local, headers=kept)
        assert (done.status_code, done.headers["location"]) == (303, "/watch/watches")
        assert any(one.startswith("__Host-presswatch=") for one in done.headers.get_list("set-cookie"))


def test_whoever_comes_back_too_often_has_to_wait(by_hand: tuple[ReadingRoom, IdentityProvider]) -> None:
    room, provider = by_hand
    provider.changed["aud"] = "another"
    statuses = {Visitor(room).sign_in().status_code for _ in range(31)}
    assert statuses == {403, 429}
    assert Visitor(room).sign_in().status_code == 429


def test_no_secret_is_in_a_log_or_the_archive(
    by_hand: tuple[ReadingRoom, IdentityProvider],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    room, provider = by_hand
    caplog.set_level("DEBUG")
    jane = Visitor(room)
    with capture_logs() as logged:
        sent = jane.client.get(jane.leave()).headers["location"]
        code = parse_qs(urlsplit(sent).query)["code"][0]
        jane.client.get(sent)
        provider.answers["/token"] = (400, {}, b'{"error": "invalid_grant"}')
        Visitor(room).sign_in()
    here = [
        record.getMessage()
        for record in caplog.records
        if not record.name.startswith(("httpx2", "httpcore2", "uvicorn.access"))
    ]
    everything = [repr(logged), *here, *capfd.readouterr()]
    with room.newsroom.archive.reading() as tx:
        everything.append(repr(audit.latest(tx, 99)))
    for hidden in (SECRET, code, "access-token", jane.client.cookies["presswatch"]):
        assert [text for text in everything if hidden in text] == []


def test_without_a_provider_there_is_none(room: ReadingRoom) -> None:
    room.account("chief", Role.OPERATOR)
    visitor = Visitor(room)
    assert "oidc" not in visitor.get("/sign-in").text
    assert visitor.get("/sign-in/oidc").status_code == 404
    assert visitor.post("/sign-in/oidc").status_code == 404
    assert visitor.get("/sign-in/oidc/callback?state=x&code=y").status_code == 404


def checked(place: Path) -> dict[str, str]:
    """What `presswatch check` says of signing in."""
    command = [sys.executable, "-m", "presswatch", "--config", str(place / "config"), "check", "--json"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    [found] = [one for one in json.loads(done.stdout) if one["name"] == "sign-in"]
    return {"verdict": found["verdict"], "said": found["said"]}


def test_check_asks_the_provider(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with club(archive, tmp_path) as (_room, provider):
        good = checked(tmp_path)
        assert good["verdict"] == "well"
        assert "register http://127.0.0.1:8484/sign-in/oidc/callback there" in good["said"]
        provider.document["issuer"] = "https://id.example.org"
        assert "calls itself 'https://id.example.org'" in checked(tmp_path)["said"]
        monkeypatch.delenv("PRESSWATCH_TEST_OIDC")
        bad = checked(tmp_path)
        assert bad["verdict"] == "trouble"
        assert "web.oidc.client_secret: the environment variable PRESSWATCH_TEST_OIDC" in bad["said"]


def test_without_its_packages_signing_in_says_what_to_install(
    by_hand: tuple[ReadingRoom, IdentityProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "find_spec", lambda _name: None)
    with capture_logs() as logged:
        page = Visitor(by_hand[0]).post("/sign-in/oidc")
    assert "failed" in said(page)
    assert any("install presswatch[oidc]" in str(entry.get("reason")) for entry in logged)


@pytest.mark.parametrize(
    ("oidc", "fault"),
    [
        ({"issuer": "http://id.example.org"}, "expected https://"),
        ({"issuer": "id.example.org"}, "expected the address of a provider"),
        ({"issuer": "https://id.example.org/?x=1"}, "expected the address of a provider"),
        ({"client_secret": "in the file"}, "a secret itself must not stand here"),
        ({"roles": {}}, "for operator, editor or reader"),
        ({"roles": {"admin": ["x"]}}, "there is no such key"),
        ({"scopes": ["profile"]}, "openid"),
        ({"client_id": None}, "is missing"),
    ],
)
def test_a_wrong_section_is_told_with_its_line(tmp_path: Path, oidc: dict[str, Any], fault: str) -> None:
    whole: dict[str, Any] = {"issuer": "https://id.example.org", "client_id": "presswatch"}
    settings = {"web": {"oidc": {name: one for name, one in (whole | oidc).items() if one is not None}}}
    (tmp_path / "presswatch.yaml").write_text(yaml.safe_dump(settings))
    with pytest.raises(ConfigError) as error:
        config.load(tmp_path)
    assert fault in str(error.value)
    assert "in the file" not in str(error.value)


@pytest.mark.parametrize(
    "issuer", ["https://id.example.org/x/", "https://id.example.org/x/.well-known/openid-configuration"]
)
def test_an_issuer_may_be_written_as_people_do(issuer: str) -> None:
    assert OidcConfig(issuer=issuer, client_id="x").issuer == "https://id.example.org/x"


def test_a_certificate_authority_of_ones_own_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with identity_provider(lambda: NOW, context) as provider:
        known = provider.settings(issuer=provider.issuer)
        assert provider.issuer.startswith("https://localhost")
        with pytest.raises(SignInRefused, match="certificate"):
            asyncio.run(Provider(OidcConfig(**known)).look())
        trusting = OidcConfig(**known, ca_file=tmp_path / "ca.pem")
        assert asyncio.run(Provider(trusting).look())["issuer"] == provider.issuer
