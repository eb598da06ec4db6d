"""Accounts by commands: passwords are read from the terminal or standard input, never from an argument."""

import json
import subprocess

import pytest

from presswatch.passwords import is_password
from support.deployment import Deployment
from support.terminal import on_terminal

PASSWORD = "a long enough password"


@pytest.fixture
def place(deployment: Deployment) -> Deployment:
    deployment.configure([])
    return deployment


def given(place: Deployment, typed: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with this as its standard input."""
    return place.run(*arguments, typed=typed, cwd=place.folder)


def add(place: Deployment, name: str, role: str) -> "subprocess.CompletedProcess[str]":
    return given(place, f"{PASSWORD}\n", "accounts", "add", name, "--role", role)


def listed(place: Deployment) -> dict[str, str]:
    rows = json.loads(given(place, "", "accounts", "list", "--json").stdout)
    return {row["name"]: row["role"] for row in rows}


def kept(place: Deployment, name: str) -> str:
    from presswatch.archive import accounts

    with place.archive() as archive, archive.reading() as tx:
        return accounts.get(tx, name).password


def test_accounts_are_added_changed_and_removed_and_the_trail_says_so(place: Deployment) -> None:
    first = add(place, "jane", "reader")
    assert (first.returncode, "the first account must be an operator's" in first.stderr) == (2, True)
    assert add(place, "Chief", "operator").returncode == 0
    assert add(place, "jane", "reader").returncode == 0
    taken = add(place, "jane", "reader")
    assert (taken.returncode, "already" in taken.stderr) == (2, True)
    assert listed(place) == {"chief": "operator", "jane": "reader"}
    assert is_password(PASSWORD, kept(place, "jane"))
    # As RFC 9106 has it for 64 MiB.
    assert kept(place, "jane").startswith("$argon2id$v=19$m=65536,t=3,p=4$")

    assert given(place, "another long password\r\n", "accounts", "password", "jane").returncode == 0
    assert is_password("another long password", kept(place, "jane"))
    assert given(place, "", "accounts", "role", "jane", "editor").returncode == 0
    for refused in (("role", "chief", "reader"), ("remove", "chief")):
        answer = given(place, "", "accounts", *refused)
        assert (answer.returncode, "only operator" in answer.stderr) == (2, True)
    assert given(place, "", "accounts", "remove", "jane").returncode == 0
    last = given(place, "", "accounts", "remove", "chief")
    assert (last.returncode, "no accounts" in last.stderr) == (0, True)
    assert listed(place) == {}

    acts = json.loads(given(place, "", "accounts", "audit", "--json").stdout)
    assert [(act["did"], act["subject"]) for act in reversed(acts)] == [
        ("account.add", "chief"),
        ("account.add", "jane"),
        ("account.password", "jane"),
        ("account.role", "jane"),
        ("account.remove", "jane"),
        ("account.remove", "chief"),
    ]
    assert {act["actor"]["kind"] for act in acts} == {"command"}


@pytest.mark.parametrize(("typed", "said"), [("short\n", "12 characters"), ("", "12 characters")])
def test_a_password_that_will_not_do_adds_nothing(place: Deployment, typed: str, said: str) -> None:
    answer = given(place, typed, "accounts", "add", "chief", "--role", "operator")
    assert (answer.returncode, said in answer.stderr) == (2, True)
    assert listed(place) == {}


@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("another long password", 2)])
def test_on_a_terminal_the_password_is_typed_twice_and_not_shown(
    place: Deployment, again: str, code: int
) -> None:
    typed = [("Password for chief: ", f"{PASSWORD}\n"), ("Once more: ", f"{again}\n")]
    adding = ("accounts", "add", "chief", "--role", "operator")
    ended, written = on_terminal(place, *adding, typed=typed)
    assert ended == code
    assert PASSWORD not in written
    assert ("two different passwords" in written) == bool(code)


def test_pages_are_not_served_beyond_this_machine_without_accounts(deployment: Deployment) -> None:
    place = deployment
    place.configure([], web={"listen": "0.0.0.0:0"})
    refused = given(place, "", "serve")
    assert refused.returncode == 3
    assert "presswatch accounts add NAME --role operator" in refused.stderr
    checked = given(place, "", "check", "--json")
    assert any(one["name"] == "pages" and one["verdict"] == "trouble" for one in json.loads(checked.stdout))
    add(place, "chief", "operator")
    served = subprocess.Popen(
        place.command("serve", "--until-stdin-ends"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=place.folder,
    )
    with served:
        assert served.stdin is not None
        assert served.stderr is not None
        said = ""
        while "pages are served" not in said:
            line = served.stderr.readline()
            assert line, said
            said += line
        served.stdin.close()
    assert "passwords cross the network readable" in said
