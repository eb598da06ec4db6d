"""Signing in at a provider that others wrote, in a browser and with what `presswatch check` says of it."""

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import ConsoleMessage

from presswatch.accounts import Role
from presswatch.archive import Archive, accounts
from support.browser import browsing, chromium
from support.reading_room import opened
from support.waiting import wait_until

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def issuer() -> Iterator[str]:
    """A provider in a process of its own; `jane` is a user of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = json.dumps({"sub": "7", "preferred_username": "jane", "groups": ["newsroom"]})
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen([*command, "--user-claims", user], stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    try:
        wait_until(answers, lambda: "the provider does not answer")
        yield address
    finally:
        process.terminate()
        process.wait()


def test_a_browser_signs_in_sends_what_was_typed_and_signs_out(
    archive: Archive, tmp_path: Path, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable = chromium()
    if executable is None:
        if os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
            pytest.fail("there is no Chromium, and PRESSWATCH_REQUIRE_SERVERS asks for one")
        pytest.skip("there is no Chromium: apt install chromium")
    monkeypatch.setenv("PRESSWATCH_TEST_OIDC", "a secret")
    oidc = {
        "issuer": issuer,
        "client_id": "presswatch",
        "client_secret": {"env": "PRESSWATCH_TEST_OIDC"},
        "name": "The Club",
        "roles": {"editor": ["newsroom"]},
    }
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            errors.append(message.text)

    with opened(archive, tmp_path, {"web": {"oidc": oidc}}) as room, browsing(executable) as browser:
        room.newsroom.now = datetime.now(UTC)
        room.account("chief", Role.OPERATOR)
        here = f"http://127.0.0.1:{room.pages.port}"
        page = browser.new_page()
        page.on("console", note)
        page.goto(f"{here}/watches")
        page.get_by_role("button", name="Sign in with The Club").click()
        page.get_by_role("button", name="7").click()
        page.wait_for_url(f"{here}/watches")
        assert page.locator("header .who bdi").text_content() == "jane"
        with archive.reading() as tx:
            assert accounts.get(tx, "jane").role is Role.EDITOR

        # The session ends elsewhere while a form is open here; the form's answer is the sign-in page.
        page.goto(f"{here}/account")
        page.get_by_label("Language of the pages").select_option("de")
        page.context.clear_cookies()
        page.get_by_role("button", name="Change the language").click()
        page.get_by_role("button", name="Sign in with The Club").click()
        page.get_by_role("button", name="7").click()
        page.get_by_role("button", name="Send it now").click()
        page.wait_for_url(f"{here}/account?done=language")
        assert page.locator("html").get_attribute("lang") == "de"

        page.locator("header .who form button").click()
        page.wait_for_url(re.compile(f"{issuer}/oauth2/end_session"))
        page.get_by_role("button").first.click()
        page.wait_for_url(f"{here}/sign-in")
        assert errors == []
