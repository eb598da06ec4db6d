"""Accounts: signing in and out, sessions, passwords, and the trail of who did what."""

import ast
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
import structlog
from argon2 import PasswordHasher
from structlog.testing import capture_logs

from presswatch.accounts import Role
from presswatch.archive import Archive, accounts, audit, sessions
from presswatch.archive.accounts import Account
from presswatch.archive.tables import ActorKind
from presswatch.passwords import is_outdated
from presswatch.watches.wording import Wording
from presswatch.web.accounts.audit_words import act_said, detail_names, details_said, kinds
from presswatch.web.accounts.throttle import OF_ACCOUNT, OF_DEVICE, OF_NETWORK, OF_PAIR, SPAN, Throttle
from presswatch.web.operations.step_words import step_said
from support.newsroom import NOW
from support.pages_server import Answer, Pages
from support.reading_room import PASSWORD, ReadingRoom, opened
from support.waiting import wait_until

SECURE = "https://press.example.org"


@pytest.fixture
def room(room: ReadingRoom) -> ReadingRoom:
    """With an operator `chief` and a reader `jane`."""
    room.account("jane", Role.READER)
    return room


@pytest.fixture
def secure(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    with opened(archive, tmp_path, {"web": {"public_url": SECURE}}) as room:
        room.account("jane", Role.READER)
        yield room


def sign_in(pages: Pages, name: str = "jane", password: str = PASSWORD, **fields: str) -> Answer:
    return pages.post("/sign-in", {"name": name, "password": password} | fields)


def is_signed_in(pages: Pages) -> bool:
    return pages.get("/account").status == 200


def cookie(pages: Pages) -> str:
    return pages.headers["Cookie"].partition("=")[2]


def test_somebody_signs_in_and_out(room: ReadingRoom) -> None:
    sent = room.pages.get("/search?q=ferry+port")
    assert sent.headers["location"] == "/sign-in?next=%2Fsearch%3Fq%3Dferry%2Bport"
    page = room.pages.get(sent.headers["location"])
    _address, carried = page.buttons["Sign in"]
    done = sign_in(room.pages, " Jane ", **carried)
    assert (done.status, done.headers["location"]) == (303, "/search?q=ferry+port")
    seen = room.pages.get("/search?q=ferry+port")
    assert seen.status == 200
    assert "jane" in seen.text

    before = room.pages.another(**room.pages.headers)
    assert room.pages.press(seen, "Sign out").headers["location"] == "/sign-in"
    assert not is_signed_in(room.pages)
    assert not is_signed_in(before), "the session is over, not only its cookie"


def test_below_a_part_of_a_site_everything_stays_there(archive: Archive, tmp_path: Path) -> None:
    with opened(archive, tmp_path, {"web": {"public_url": f"{SECURE}/press"}}) as room:
        room.account("chief", Role.OPERATOR)
        sent = room.pages.get("/press/search?q=x").headers["location"]
        assert sent == "/press/sign-in?next=%2Fsearch%3Fq%3Dx"
        address, carried = room.pages.get(sent).buttons["Sign in"]
        assert address == "/press/sign-in"
        done = room.pages.post(address, {"name": "chief", "password": PASSWORD} | carried)
        assert done.headers["location"] == "/press/search?q=x"
        assert "Path=/;" in done.headers["set-cookie"], "as the cookie's name asks for"
        room.newsroom.now += timedelta(hours=13)
        asked = room.pages.post("/press/accounts", {"name": "nils", "role": "reader"})
        address, carried = asked.buttons["Sign in"]
        shown = room.pages.post(address, {"name": "chief", "password": PASSWORD} | carried)
        assert "nils" in room.pages.press(shown, "Send it now").text
        assert (
            room.pages.post("/press/account/language", {"language": "de"})
            .headers["location"]
            .startswith("/press/account")
        )


def test_whoever_is_signed_in_is_led_on_from_the_sign_in_page(room: ReadingRoom) -> None:
    pages = room.reader(Role.EDITOR)
    assert pages.get("/sign-in?next=/account").headers["location"] == "/account"
    assert pages.get("/sign-in?next=//evil.example").headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_signing_in_leads_to_no_other_site(room: ReadingRoom, path: str) -> None:
    assert sign_in(room.pages, next=path).headers["location"] == "/"
    again = sign_in(room.pages.another(), next=path, is_form="1")
    assert again.buttons["Send it now"][0] == "/"


def test_a_cookie_is_out_of_reach_of_scripts_and_of_other_sites(room: ReadingRoom) -> None:
    [name, *flags] = sign_in(room.pages).headers["set-cookie"].split("; ")
    assert name.startswith("presswatch=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={14 * 86400}"} == set(flags)


def test_a_cookie_of_an_https_address_never_leaves_without_it(secure: ReadingRoom) -> None:
    [name, *flags] = sign_in(secure.pages).headers["set-cookie"].split("; ")
    assert name.startswith("__Host-presswatch=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Secure"} < set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)
    assert is_signed_in(secure.pages)
    assert not is_signed_in(secure.pages.another(Cookie=f"presswatch={cookie(secure.pages)}"))
    over = secure.pages.press(secure.pages.get("/account"), "Sign out")
    assert "__Host-presswatch=" in over.headers["set-cookie"]
    assert "Secure" in over.headers["set-cookie"]


def test_signing_in_takes_over_no_session_that_was_there(room: ReadingRoom) -> None:
    theirs = room.pages.another(Cookie="presswatch=chosen-by-somebody-else")
    sign_in(theirs)
    assert cookie(theirs) != "chosen-by-somebody-else"
    first = room.pages.another(**theirs.headers)
    sign_in(theirs, "chief")
    assert cookie(theirs) != cookie(first)
    assert not is_signed_in(first)
    with room.newsroom.archive.reading() as tx:
        assert sessions.of_account(tx, "jane", NOW) == []
        assert len(sessions.of_account(tx, "chief", NOW)) == 1


def test_the_archive_holds_neither_password_nor_token(room: ReadingRoom) -> None:
    sign_in(room.pages)
    assert is_signed_in(room.pages)
    kept = b"".join(
        path.read_bytes() for path in room.newsroom.archive.path.parent.iterdir() if path.is_file()
    )
    assert PASSWORD.encode() not in kept
    assert cookie(room.pages).encode() not in kept
    assert b"$argon2id$" in kept


def test_a_session_that_is_not_used_ends_and_one_that_is_used_ends_after_two_weeks(room: ReadingRoom) -> None:
    sign_in(room.pages)
    room.newsroom.now += timedelta(hours=11, minutes=59)
    assert is_signed_in(room.pages)
    used(room)
    for _ in range(27):
        room.newsroom.now += timedelta(hours=11, minutes=50)
        assert is_signed_in(room.pages)
        used(room)
    room.newsroom.now = NOW + timedelta(days=14)
    assert not is_signed_in(room.pages)

    sign_in(room.pages)
    room.newsroom.now += timedelta(hours=12)
    assert not is_signed_in(room.pages)


def used(room: ReadingRoom) -> None:
    """Its use is noted after the answer: a further request waits for none of it."""

    def is_noted() -> bool:
        with room.newsroom.archive.reading() as tx:
            return any(
                one.seen == room.newsroom.now for one in sessions.of_account(tx, "jane", room.newsroom.now)
            )

    wait_until(is_noted, lambda: "the use of the session was not noted")


def test_nobody_learns_which_accounts_there_are(room: ReadingRoom) -> None:
    wrong, unknown = sign_in(room.pages, "jane", "wrong"), sign_in(room.pages, "june", "wrong")
    assert (wrong.status, unknown.status) == (403, 403)
    assert wrong.text.replace("jane", "NAME") == unknown.text.replace("june", "NAME")
    assert wrong.headers.keys() == unknown.headers.keys()
    for name in ("jane", "june"):
        answers = [sign_in(room.pages, name, "wrong") for _ in range(OF_PAIR)]
        assert [one.status for one in answers] == [403] * (OF_PAIR - 1) + [429]


def test_who_tries_too_often_has_to_wait(room: ReadingRoom) -> None:
    for _ in range(OF_PAIR):
        assert sign_in(room.pages, password="wrong").status == 403
    held_back = sign_in(room.pages)
    assert held_back.status == 429
    assert held_back.headers["retry-after"] == str(15 * 60)
    assert "Try again in 15 minutes." in held_back.text
    assert sign_in(room.pages, "chief").status == 303, "of other accounts this says nothing"
    room.newsroom.now += SPAN
    assert sign_in(room.pages).status == 303


def test_an_address_that_tries_many_names_has_to_wait(room: ReadingRoom) -> None:
    here = room.pages.another(X_Forwarded_For="198.51.100.9, 192.0.2.7")
    for number in range(OF_NETWORK):
        assert sign_in(here, f"nobody-{number}", "wrong").status == 403
    assert sign_in(here).status == 429
    # What a client says of itself comes before what the proxy saw.
    assert sign_in(room.pages.another(X_Forwarded_For="198.51.100.8, 192.0.2.7")).status == 429
    assert sign_in(room.pages.another(X_Forwarded_For="192.0.2.7, 198.51.100.9")).status == 303


def test_tries_are_counted_by_a_clock_that_is_given() -> None:
    throttle, at = Throttle(), NOW
    for _ in range(OF_PAIR):
        assert throttle.try_now("jane", "192.0.2.7", at) == timedelta()
        at += timedelta(minutes=1)
    assert throttle.try_now("jane", "192.0.2.7", at) == SPAN - timedelta(minutes=OF_PAIR)
    assert throttle.try_now("jane", "192.0.2.8", at) == timedelta(), "from elsewhere it is another's try"
    assert throttle.try_now("jane", "192.0.2.7", NOW + SPAN) == timedelta(), "the first is long ago"
    assert throttle.try_now("jane", "192.0.2.7", NOW + SPAN) == timedelta(minutes=1)
    throttle.succeeded("jane", "192.0.2.7")
    assert throttle.try_now("jane", "192.0.2.7", NOW + SPAN) == timedelta()


def test_many_networks_together_guess_no_more_often_than_is_bounded() -> None:
    throttle = Throttle()
    done = sum(not throttle.try_now("jane", f"192.0.2.{number}", NOW) for number in range(200))
    assert done == OF_ACCOUNT
    # Whom the owner's password lets in is none of the guesses, and gives the guessers none back.
    throttle.succeeded("jane", "192.0.2.0")
    assert not throttle.try_now("jane", "198.51.100.1", NOW)
    assert throttle.try_now("jane", "198.51.100.2", NOW) == SPAN
    assert throttle.try_now("nils", "198.51.100.2", NOW) == timedelta()


def from_network(room: ReadingRoom, number: int, **headers: str) -> Pages:
    return room.pages.another(X_Forwarded_For=f"198.51.100.{number}", **headers)


def device_of(answer: Answer) -> str:
    """The cookie that tells that somebody signed in here before."""
    [kept] = [one for one in answer.cookies if "-device=" in one]
    return kept.partition(";")[0]


def hold_up(room: ReadingRoom, name: str = "jane") -> None:
    """Fail as often as anybody can, from wherever it takes."""
    statuses = [sign_in(from_network(room, tried // 9), name, "wrong").status for tried in range(OF_ACCOUNT)]
    assert set(statuses) == {403}


def test_who_fails_from_elsewhere_does_not_hold_up_the_owner(room: ReadingRoom) -> None:
    for _ in range(OF_PAIR):
        sign_in(from_network(room, 1), password="wrong")
    assert sign_in(from_network(room, 1)).status == 429
    assert sign_in(from_network(room, 2)).status == 303


def test_a_browser_that_signed_in_before_signs_in_whatever_others_try(room: ReadingRoom) -> None:
    device = device_of(sign_in(from_network(room, 99)))
    hold_up(room)
    assert sign_in(from_network(room, 99)).status == 429, "every browser that is not known waits"
    known = sign_in(from_network(room, 1, Cookie=device))
    assert known.status == 303
    assert device_of(known) != device
    assert sign_in(from_network(room, 99)).status == 429, "and still does"


def test_a_cookie_of_a_browser_that_signed_in_is_no_way_to_guess(room: ReadingRoom) -> None:
    device = device_of(sign_in(room.pages.another()))
    hold_up(room)
    for _ in range(OF_DEVICE):
        assert sign_in(from_network(room, 7, Cookie=device), password="wrong").status == 403
    assert sign_in(from_network(room, 8, Cookie=device)).status == 429
    room.newsroom.now += SPAN
    assert sign_in(from_network(room, 8, Cookie=device)).status == 303


def test_cookies_of_devices_are_worth_nothing_once_the_password_is_another(room: ReadingRoom) -> None:
    kept = [device_of(sign_in(from_network(room, number))) for number in range(3)]
    owner = from_network(room, 50)
    sign_in(owner)
    new = "another long password"
    given = {"old_password": PASSWORD, "new_password": new, "new_password_again": new}
    changed = owner.post("/account/password", given)
    hold_up(room)
    for device in kept:
        assert sign_in(from_network(room, 99, Cookie=device), password="wrong").status == 429
    here = from_network(room, 98, Cookie=device_of(changed))
    assert sign_in(here, password=new).status == 303, "where the owner changed it they are known still"


def test_a_device_is_known_after_the_hash_was_made_anew(room: ReadingRoom) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    with room.newsroom.archive.writing() as tx:
        accounts.hash_anew(tx, "jane", weak)
    device = device_of(sign_in(from_network(room, 97)))
    hold_up(room)
    assert sign_in(from_network(room, 98, Cookie=device)).status == 303


def test_a_form_of_very_many_fields_is_refused(room: ReadingRoom) -> None:
    kind = "application/x-www-form-urlencoded"
    for path, body in (
        ("/sign-in", b"is_form=1" + b"&kept.=" * 20_000),
        ("/accounts", b"is_form=1" + b"&kept.=" * 20_000),
        ("/mail/nobodys/stop", b"&" * 20_001),
    ):
        answer = room.pages.send(path, body, kind)
        assert (answer.status, "This form is too long." in answer.text) == (413, True), path
    most = room.pages.send("/sign-in", b"is_form=1" + b"&kept.=" * 19_999, kind)
    assert most.status == 403


def test_a_device_is_known_for_the_account_that_signed_in_there_alone(room: ReadingRoom) -> None:
    device = device_of(sign_in(room.pages.another()))
    room.account("nils", Role.READER)
    hold_up(room, "nils")
    name, token = device.split("=", 1)
    for odd in (device, f"{name}=", f"{name}=x.y", f"{name}={token[:-2]}", f"{name}={token}a", f"{name}=%00"):
        assert sign_in(from_network(room, 99, Cookie=odd), "nils").status == 429
    assert "jane" not in device
    assert not is_signed_in(room.pages.another(Cookie=device)), "it permits nothing by itself"


def test_the_cookie_of_a_device_is_out_of_reach_of_scripts_and_of_other_sites(secure: ReadingRoom) -> None:
    [kept] = [one for one in sign_in(secure.pages).cookies if "-device=" in one]
    assert kept.startswith("__Host-presswatch-device=")
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Secure"} < set(kept.split("; "))


def test_nobody_holds_up_a_change_of_the_password_where_its_owner_is_signed_in(room: ReadingRoom) -> None:
    sign_in(room.pages)
    hold_up(room)
    new = "another long password"
    given = {"old_password": PASSWORD, "new_password": new, "new_password_again": new}
    assert room.pages.post("/account/password", given).status == 303


def test_what_was_typed_when_the_session_had_ended_is_shown_again_and_sent(room: ReadingRoom) -> None:
    pages = room.reader(Role.OPERATOR)
    typed = {
        "name": "new.person",
        "role": "editor",
        "note": 'two\nlines "and" <b>',
        "old_password": "hush-hush",
    }
    room.newsroom.now += timedelta(hours=13)
    asked = pages.post("/accounts", typed)
    assert asked.status == 403
    assert "nothing was changed" in asked.text
    _address, carried = asked.buttons["Sign in"]
    wrong = sign_in(pages, "chief", "wrong", **carried)
    assert wrong.status == 403
    shown = sign_in(pages, "chief", **wrong.buttons["Sign in"][1])
    assert shown.status == 200
    assert '<dt>Name</dt><dd dir="auto">new.person</dd>' in shown.text
    assert '<dt>Role</dt><dd dir="auto">Editor</dd>' in shown.text
    assert "<b>" not in shown.text
    assert "hush-hush" not in asked.text + wrong.text + shown.text
    address, fields = shown.buttons["Send it now"]
    assert (address, fields["note"]) == ("/accounts", typed["note"])
    with room.newsroom.archive.reading() as tx:
        assert accounts.find(tx, "new.person") is None
    assert "new.person" in pages.post(address, fields).text
    with room.newsroom.archive.reading() as tx:
        assert accounts.get(tx, "new.person").role is Role.EDITOR


def test_an_operator_adds_an_account_and_its_owner_chooses_a_password(room: ReadingRoom) -> None:
    chief = room.reader(Role.OPERATOR)
    made = chief.post("/accounts", {"name": "Nils@Example.org", "role": "editor", "language": "de"})
    password = re.findall(r'<code class="password"[^>]*>([^<]+)</code>', made.text)[0]
    assert password not in chief.get("/accounts").text
    nils = room.pages.another()
    assert sign_in(nils, "nils@example.org", password, next="/search").status == 303
    assert nils.get("/search").headers["location"] == "/account?next=%2Fsearch"
    assert nils.get("/").headers["location"] == "/account"
    assert nils.post("/accounts", {"name": "another"}).headers["location"] == "/account"
    page = nils.get("/account", Accept_Language="fr")
    assert '<html lang="de"' in page.text
    elsewhere = room.pages.another()
    sign_in(elsewhere, "nils@example.org", password)
    before = nils.another(**nils.headers)
    chosen = {
        "old_password": password,
        "new_password": "ein neues Passwort",
        "new_password_again": "ein neues Passwort",
    }
    assert nils.post("/account/password", chosen).status == 303
    assert nils.get("/search").status == 200
    assert not is_signed_in(before), "the token before is void"
    assert not is_signed_in(elsewhere)
    assert sign_in(room.pages.another(), "nils@example.org", password).status == 403
    assert sign_in(room.pages.another(), "nils@example.org", "ein neues Passwort").status == 303


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/search?q=ferry", "/search?q=ferry"),
        ("/", "/account?done=password"),
        ("/account", "/account?done=password"),
    ],
)
def test_who_had_to_choose_a_password_first_comes_to_the_page_that_they_asked_for(
    room: ReadingRoom, asked: str, led_to: str
) -> None:
    room.account("nils", Role.READER, one_time=True)
    nils = room.pages.another()
    sent = sign_in(nils, "nils", next=asked).headers["location"]
    answer = nils.get(sent)
    page = answer if answer.status == 200 else nils.get(answer.headers["location"])
    chosen = {"old_password": PASSWORD, "new_password": "ein neues Passwort"}
    address, carried = page.buttons["Change the password"]
    wrong = nils.post(address, carried | chosen | {"new_password_again": "x"})
    assert wrong.status == 400
    address, carried = wrong.buttons["Change the password"]
    done = nils.post(address, carried | chosen | {"new_password_again": "ein neues Passwort"})
    assert done.headers["location"] == led_to


def test_a_password_that_was_chosen_leads_to_no_other_site(room: ReadingRoom) -> None:
    room.account("nils", Role.READER, one_time=True)
    nils = room.pages.another()
    sign_in(nils, "nils")
    chosen = {"old_password": PASSWORD, "new_password": "ein neues Passwort"}
    chosen |= {"new_password_again": "ein neues Passwort", "next": "//evil.example"}
    assert nils.post("/account/password", chosen).headers["location"] == "/account?done=password"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old_password": "guessed wrongly"}, "The old password is another one."),
        ({"new_password_again": "something else"}, "The two new passwords are not the same."),
        ({"new_password": "short", "new_password_again": "short"}, "at least 12 characters"),
        ({"new_password": "janejanejanejane", "new_password_again": "janejanejanejane"}, "name over again"),
        ({"new_password": PASSWORD, "new_password_again": PASSWORD}, "The new password is the old one."),
        ({"new_password": "a" * 1001, "new_password_again": "a" * 1001}, "at most 1,000 characters"),
    ],
)
def test_a_password_that_will_not_do_is_explained(
    room: ReadingRoom, change: dict[str, str], said: str
) -> None:
    pages = room.reader(Role.EDITOR, "janette")
    sign_in(pages)
    new = "another long password"
    given = {"old_password": PASSWORD, "new_password": new, "new_password_again": new} | change
    answer = pages.post("/account/password", given)
    assert answer.status == 400
    assert said in answer.text
    assert not any(password in answer.text for password in given.values())
    assert sign_in(room.pages.another()).status == 303


def test_an_open_browser_is_no_way_to_guess_the_password(room: ReadingRoom) -> None:
    sign_in(room.pages)
    new = "another long password"
    guess = {"old_password": "guess", "new_password": new, "new_password_again": new}
    for _ in range(OF_PAIR):
        assert "another one" in room.pages.post("/account/password", guess).text
    assert "tried too often" in room.pages.post("/account/password", guess | {"old_password": PASSWORD}).text


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(room: ReadingRoom) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    with room.newsroom.archive.writing() as tx:
        accounts.hash_anew(tx, "jane", weak)
    assert sign_in(room.pages).status == 303
    with room.newsroom.archive.reading() as tx:
        kept = accounts.get(tx, "jane").password
    assert not is_outdated(kept)
    assert sign_in(room.pages.another()).status == 303


def test_an_operator_changes_roles_ends_sessions_and_removes(room: ReadingRoom) -> None:
    chief, jane = room.reader(Role.OPERATOR), room.pages
    sign_in(jane)
    assert jane.get("/accounts").status == 403
    assert chief.post("/accounts/role", {"name": "jane", "role": "operator"}).status == 303
    assert jane.get("/accounts").status == 200, "at once, in the same session"
    assert "The role was changed." in chief.get("/accounts?done=role").text

    chief.post("/accounts/sessions", {"name": "jane"})
    assert not is_signed_in(jane)
    sign_in(jane)
    fresh = chief.post("/accounts/password", {"name": "jane"})
    assert not is_signed_in(jane)
    password = re.findall(r'<code class="password"[^>]*>([^<]+)</code>', fresh.text)[0]
    sign_in(jane, password=password)
    assert is_signed_in(jane)
    chief.post("/accounts/remove", {"name": "jane"})
    assert not is_signed_in(jane)
    assert sign_in(jane, password=password).status == 403


def test_there_is_always_an_operator(room: ReadingRoom) -> None:
    chief = room.pages
    sign_in(chief, "chief")
    for address, fields in (("/accounts/role", {"role": "editor"}), ("/accounts/remove", {})):
        answer = chief.post(address, {"name": "chief"} | fields)
        assert answer.status == 400
        assert "This is the only operator." in answer.text
    assert chief.get("/accounts").status == 200
    room.account("second", Role.OPERATOR)
    assert chief.post("/accounts/role", {"name": "chief", "role": "editor"}).status == 303
    assert chief.get("/accounts").status == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "jane"}, "There is an account of this name already."),
        ({"name": "<b>jane"}, "A name has at most 64"),
        ({"name": ""}, "A name has at most 64"),
        ({"name": "n" * 300}, "A name has at most 64"),
        ({"name": "nils", "role": "emperor"}, "There is no such role."),
        ({"name": "nils", "language": "tlh"}, "There is no such language."),
    ],
)
def test_an_account_that_cannot_be_is_explained_and_what_was_typed_is_there(
    room: ReadingRoom, fields: dict[str, str], said: str
) -> None:
    answer = room.reader(Role.OPERATOR).post("/accounts", {"role": "editor"} | fields)
    assert answer.status == 400
    assert said in answer.text
    assert "<b>" not in answer.text
    if fields["name"]:
        assert f'value="{fields["name"].replace("<", "&lt;").replace(">", "&gt;")}" dir="auto"' in answer.text


def test_the_first_account_is_added_at_this_machine_and_ends_its_rule(
    archive: Archive, tmp_path: Path
) -> None:
    with opened(archive, tmp_path) as room:
        refused = room.pages.post("/accounts", {"name": "jane", "role": "reader"})
        assert "The first account must be an operator" in refused.text
        assert 'maxlength="64"' not in refused.text, "a browser would cut the name, and say nothing"
        made = room.pages.post("/accounts", {"name": "jane", "role": "operator"})
        assert made.status == 200
        assert "from now on everybody has to sign in" in made.text
        assert '<a href="/sign-in">' in made.text
        assert room.pages.get("/accounts").headers["location"] == "/sign-in?next=%2Faccounts"
        with archive.reading() as tx:
            [act] = audit.latest(tx, 9)
        assert (act.actor.kind, act.did, act.subject) == ("local", "account.add", "jane")


def test_a_reader_sees_where_they_are_signed_in_and_signs_out_there(room: ReadingRoom) -> None:
    here, there, third = room.pages, room.pages.another(User_Agent="<b>Lynx\x9b"), room.pages.another()
    other = room.pages.another()
    for pages in (here, there, third):
        sign_in(pages)
    sign_in(other, "chief")
    page = here.get("/account")
    assert "&lt;b&gt;Lynx" in page.text
    assert page.text.count("This browser") == 1
    here.press(page, "Sign out there")
    assert sum(is_signed_in(pages) for pages in (there, third)) == 1
    sign_in(third)
    here.press(here.get("/account"), "Sign out everywhere else")
    assert [is_signed_in(pages) for pages in (here, there, third, other)] == [True, False, False, True]


def test_nobody_ends_the_session_of_another_account(room: ReadingRoom) -> None:
    sign_in(room.pages, "chief")
    with room.newsroom.archive.reading() as tx:
        [theirs] = sessions.of_account(tx, "chief", NOW)
    jane = room.reader(Role.EDITOR, "janette")
    for given in (str(theirs.id), "9" * 30, "x", "²"):
        assert jane.post("/account/sessions", {"session": given}).status == 303
    assert is_signed_in(room.pages)


def test_the_account_has_a_language_and_else_the_browser(room: ReadingRoom) -> None:
    sign_in(room.pages)
    assert '<html lang="fr"' in room.pages.get("/", Accept_Language="fr").text
    room.pages.post("/account/language", {"language": "ar"})
    assert '<html lang="ar" dir="rtl"' in room.pages.get("/", Accept_Language="fr").text
    assert room.pages.post("/account/language", {"language": "tlh"}).status == 400
    room.pages.post("/account/language", {"language": ""})
    assert '<html lang="fr"' in room.pages.get("/", Accept_Language="fr").text


def test_the_trail_tells_operators_who_did_what(room: ReadingRoom) -> None:
    chief = room.reader(Role.OPERATOR)
    chief.post("/accounts/role", {"name": "jane", "role": "editor"})
    chief.post("/accounts/role", {"name": "jane", "role": "editor"})
    page = chief.get("/audit").text
    assert page.count("changed a role") == 1, "what changes nothing is not there"
    assert "a-operator" in page
    assert "before: <bdi>Reader</bdi>" in page
    assert "now: <bdi>Editor</bdi>" in page
    # Nothing is recorded of what was not done.
    chief.post("/accounts/remove", {"name": "nobody"})
    assert "removed an account" not in chief.get("/audit").text


def test_the_trail_is_narrowed_by_account_kind_and_days(room: ReadingRoom) -> None:
    chief = room.reader(Role.OPERATOR)
    chief.post("/accounts/role", {"name": "jane", "role": "editor"})
    sign_in(room.pages)
    room.newsroom.now += timedelta(days=2)
    chief = room.reader(Role.OPERATOR, "late")
    chief.post("/accounts/sessions", {"name": "jane"})
    first, last = (f"{day:%Y-%m-%d}" for day in (NOW, room.newsroom.now))
    acts = ("changed a role", "signed in", "ended sessions")

    def told(asked: str) -> list[str]:
        page = chief.get(f"/audit?{asked}")
        assert page.status == 200
        return [act for act in acts if f"<td>{act}</td>" in page.text]

    assert told("") == ["changed a role", "signed in"]
    sign_in(room.pages)
    chief.post("/accounts/sessions", {"name": "jane"})
    assert told("") == list(acts)
    assert told("account=JANE") == list(acts), "what she did, and what was done to her account"
    assert told("account=a-operator") == ["changed a role"]
    assert told("kind=session") == ["signed in"]
    assert told(f"until={first}") == ["changed a role", "signed in"]
    assert told(f"since={last}") == ["signed in", "ended sessions"]
    assert told(f"since={last}&kind=account") == ["ended sessions"]
    assert told("account=nobody") == []
    assert told("since=0001-01-01&until=9999-12-30") == list(acts)
    assert told("kind=%25") == list(acts), "a kind that is none chooses nothing"
    for odd in ("yesterday", "2026-13-01", "<b>", "9999-12-31"):
        wrong = chief.get("/audit?" + urlencode({"until": odd}))
        assert (wrong.status, "is no day" in wrong.text, "<b>" in wrong.text) == (400, True, False)


def test_pages_of_a_narrowed_trail_stay_narrowed(room: ReadingRoom) -> None:
    chief = room.reader(Role.OPERATOR)
    with room.newsroom.archive.writing() as tx:
        for number in range(130):
            did = "watch.pause" if number % 2 else "source.run"
            audit.record(tx, audit.Actor(ActorKind.ACCOUNT, "jane"), did, f"thing-{number}-end", NOW)
    first = chief.get("/audit?kind=watch&account=jane")
    [older] = re.findall(r'href="(/audit\?[^"]*before=[^"]+)"', first.text)
    second = chief.get(unescape(older))
    numbers = [int(one) for page in (first, second) for one in re.findall(r"thing-(\d+)-end", page.text)]
    assert numbers == list(range(129, 0, -2))


def test_every_act_that_is_recorded_has_words() -> None:
    words = Wording("en", is_html=True)
    folder = Path(accounts.__file__).parents[1]
    source = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    acts = set(re.findall(r'record\([^"()]*(?:\([^()]*\)[^"()]*)*"([a-z]+\.[a-z-]+)"', source))
    assert len(acts) > 15
    assert {act for act in acts if act_said(act, words) == act} == set()
    assert {act.partition(".")[0] for act in acts} <= kinds(words).keys()


def recorded_details(source: str) -> set[str]:
    """The keys of all that is recorded besides an act's subject: in the call, or in a `detail` before it."""
    keys: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        values: list[ast.expr] = []
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("record", "_record"):
            keys |= {one.arg for one in node.keywords if one.arg}
            values = [*node.args, *(one.value for one in node.keywords)]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "detail":
            values = [node.value]
        for value in values:
            if isinstance(value, ast.Dict):
                keys |= {str(key.value) for key in value.keys if isinstance(key, ast.Constant)}
    return keys


def test_every_detail_that_is_recorded_has_a_name() -> None:
    folder = Path(accounts.__file__).parents[1]
    sources = [path.read_text() for path in folder.rglob("*.py")]
    ways = ("audit.record", "asked.record", "record(tx, ")
    acting = [source for source in sources if any(way in source for way in ways)]
    keys = {key for source in acting for key in recorded_details(source)}
    assert {"role", "to", "slot", "list", "new", "subject", "tag", "issuer"} <= keys
    assert keys - detail_names(Wording("en", is_html=True)).keys() == set()


def test_details_are_told_in_words() -> None:
    words = Wording("en", is_html=True)

    def told(did: str, **detail: object) -> list[tuple[str, str]]:
        act = audit.Act(1, NOW, audit.Actor(ActorKind.ACCOUNT, "jane"), did, "x", detail)
        return details_said(act, words, "Europe/Berlin")

    slot = "2026-11-30T06:00:00+00:00"
    [how, hour, version] = told("review.finish", how="now", slot=slot, version=1)
    assert how == ("sent", "at once, in place of its hour")
    assert "7:00" in hour[1]
    assert "T06" not in hour[1]
    assert version == ("version", "1")
    assert told("review.finish", how="extra", slot=None) == [("sent", "at once, besides its hour")]
    assert told("account.link", subject="248289761001") == [("identity at the provider", "248289761001")]
    assert told("choice.mute-source", subject="harbour") == [("of", "harbour")]
    assert told("tag.remove", articles=1) == [("articles", "1")], "a number is no yes"
    assert told("article.tag", tag="true") == [("tag", "true")]
    assert told("tag.rename", to="reader") == [("now", "reader")], "and a tag no role"
    assert told("watch.switch", enabled="true") == [("on", "yes")]
    assert told("watch.resume", skipped=False) == [("passed over what was found meanwhile", "no")]


def test_every_step_of_the_daemon_has_words() -> None:
    words = Wording("en", is_html=True)
    source = (Path(accounts.__file__).parents[2] / "scheduler" / "jobs.py").read_text()
    steps = re.findall(r'^            "([a-z ]+)": ', source, re.MULTILINE)
    assert len(steps) > 10
    assert {step for step in [*steps, "crawl 1", "send ops"] if step_said(step, words) == step} == set()


def test_the_trail_is_paged_and_hostile_words_in_it_are_inert(room: ReadingRoom) -> None:
    chief = room.reader(Role.OPERATOR)
    actor = audit.Actor(ActorKind.RECIPIENT, "<script>x</script>@example.org")
    with room.newsroom.archive.writing() as tx:
        for number in range(120):
            audit.record(tx, actor, "watch.pause", f"watch-{number}-end", NOW, {"why": "<i>\u202e"})
    seen, address, pages = [], "/audit", 0
    while address:
        page = chief.get(address)
        assert page.status == 200
        assert "<script>" not in page.text
        assert "<i>" not in page.text
        seen += re.findall(r"watch-\d+-end", page.text)
        older = re.findall(r'href="(/audit\?before=\d+)"', page.text)
        address, pages = (older[0] if older else ""), pages + 1
    assert seen == [f"watch-{number}-end" for number in reversed(range(120))]
    assert pages == 3
    for odd in ("x", "-1", "9" * 30, "²"):
        assert chief.get(f"/audit?before={odd}".replace("²", "%C2%B2")).status == 200


def test_a_web_server_that_is_trusted_names_the_reader(archive: Archive, tmp_path: Path) -> None:
    proxy = {"header": "X-Remote-User", "address": "127.0.0.1"}
    with opened(archive, tmp_path, {"web": {"proxy": proxy}}) as room:
        # Without accounts nobody becomes the one at this machine because a web server is at it.
        assert room.pages.get("/search", X_Remote_User="jane").status == 403
        room.account("jane", Role.READER)
        assert "jane" in room.pages.get("/search", X_Remote_User="Jane").text
        assert room.pages.get("/accounts", X_Remote_User="jane").status == 403
        assert room.pages.get("/accounts", X_Remote_User="chief").status == 200
        unknown = room.pages.get("/search", X_Remote_User="nobody")
        assert (unknown.status, "have no account" in unknown.text) == (403, True)
        assert room.pages.get("/search", X_Remote_User="").status == 403
        assert room.pages.get("/search").headers["location"].startswith("/sign-in")
        assert (
            room.pages.post("/accounts", {}, X_Remote_User="chief", Sec_Fetch_Site="cross-site").status == 403
        )
        account = room.pages.get("/account", X_Remote_User="jane")
        assert account.status == 200
        assert "Sign out" not in account.buttons


def test_the_header_is_not_believed_from_another_address(archive: Archive, tmp_path: Path) -> None:
    proxy = {"header": "X-Remote-User", "address": "192.0.2.7"}
    with opened(archive, tmp_path, {"web": {"proxy": proxy}}) as room:
        room.account("jane", Role.READER)
        for more in ({}, {"X_Forwarded_For": "192.0.2.7"}):
            answer = room.pages.get("/search", X_Remote_User="jane", **more)
            assert answer.headers["location"].startswith("/sign-in")


def test_no_password_and_no_token_is_in_a_log_a_page_or_an_error(
    room: ReadingRoom, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    marked, wrong, later = "MARKED-right-password", "MARKED-wrong-password", "MARKED-later-password"
    room.account("mark", Role.OPERATOR, password=marked)
    pages, said = room.pages, []
    caplog.set_level(logging.DEBUG)
    with capture_logs(processors=[structlog.processors.format_exc_info]) as logged:
        said.append(sign_in(pages, "mark", wrong))
        said.append(sign_in(pages, wrong, marked))
        said.append(sign_in(pages, "mark", marked))
        tokens = [cookie(pages)]
        new = {"new_password": later, "new_password_again": later}
        said.append(pages.post("/account/password", {"old_password": wrong} | new))
        said.append(pages.post("/account/password", {"old_password": marked} | new))
        tokens.append(cookie(pages))
        said.extend(
            pages.get(address) for address in ("/account", "/accounts", "/audit", "/search?q=((", "/x")
        )
        # A fault of ours, with all of it in hand.
        with room.newsroom.archive.writing() as tx:
            tx.exec_driver_sql("ALTER TABLE session RENAME TO away")
        said.append(sign_in(room.pages.another(), "mark", later))
        with room.newsroom.archive.writing() as tx:
            tx.exec_driver_sql("ALTER TABLE away RENAME TO session")
    # It is logged when it has been answered.
    wait_until(lambda: "no such table: session" in caplog.text, "the fault is not in the log")
    everything = [repr(logged), caplog.text, *capfd.readouterr(), *(one.text for one in said)]
    assert any("refused" in one["event"] for one in logged)
    assert said[-1].status == 500
    assert "no such table: session" in caplog.text
    for secret in (marked, later, *tokens):
        assert not any(secret in text for text in everything)
    assert wrong not in repr(logged)
    with room.newsroom.archive.reading() as tx:
        assert not any(secret in repr(audit.latest(tx, 99)) for secret in (marked, wrong, later, *tokens))
        assert "argon2" not in repr(accounts.get(tx, "mark"))


def test_an_account_that_goes_while_it_signs_in_gets_no_session(room: ReadingRoom) -> None:
    now = room.newsroom.now
    with room.newsroom.archive.writing() as tx:
        accounts.add(tx, Account("gone", Role.EDITOR, "", "no hash at all", False, now, now))
    assert sign_in(room.pages, "gone").status == 403


def test_the_archive_that_is_busy_keeps_nobody_from_reading(room: ReadingRoom) -> None:
    sign_in(room.pages)
    room.newsroom.now += timedelta(hours=1)
    with room.newsroom.archive.writing():
        assert room.pages.get("/search").status == 200
        assert room.pages.get("/account").status == 200
