"""Secrets that a process has read are in no line of its log, in whatever form a library repeats them."""

import pytest

from presswatch import known_secrets
from presswatch.config_parts import Secret
from presswatch.known_secrets import without_secrets

PING = "https://hc-ping.com/7f3a9b1c-1111-2222-3333-444455556666/start"
SLACK = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
NTFY = "ntfys://user:tk_AgQdq7mVBoFD37zQ@ntfy.example.org/alerts"


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_secrets, "_known", known_secrets._Known())


@pytest.mark.parametrize(
    ("secret", "said", "expected"),
    [
        ("correct horse", "535 'correct horse' is wrong", "535 '…' is wrong"),
        ("correct horse", "?q=correct%20horse&x", "?q=…&x"),
        # Of urllib3: the host and the rest of the address by themselves.
        (
            PING,
            "HTTPSConnectionPool(host='hc-ping.com', port=443): Max retries exceeded with url: "
            "/7f3a9b1c-1111-2222-3333-444455556666/start",
            "HTTPSConnectionPool(host='hc-ping.com', port=443): Max retries exceeded with url: /…",
        ),
        (PING, f"no answer from {PING} in time", "no answer from https://… in time"),
        (SLACK, "POST /services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX 404", "POST /… 404"),
        (SLACK, "no team T00000000", "no team …"),
        (NTFY, "user tk_AgQdq7mVBoFD37zQ refused by ntfy.example.org", "user … refused by ntfy.example.org"),
        # An address without anything secret hides no word.
        ("https://bot.example.org/presswatch", "/opt/presswatch/bin", "/opt/presswatch/bin"),
        ("https://bot.example.org", "bot.example.org is away", "bot.example.org is away"),
        # A word that may stand anywhere.
        ("news", "the news of today", "the news of today"),
    ],
)
def test_what_was_read_as_a_secret_is_hidden(secret: str, said: str, expected: str) -> None:
    known_secrets.remember(secret)
    assert without_secrets(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("https://me:hunter2@es.example.org:9200/_bulk", "https://…@es.example.org:9200/_bulk"),
        ("https://hunter2@es.example.org/", "https://…@es.example.org/"),
        (
            "https://a.example/x?access_token=hunter2&page=2#top",
            "https://a.example/x?access_token=…&page=2#top",
        ),
        (
            "https://a.example/x?page=2&X-Amz-Signature=hunter2",
            "https://a.example/x?page=2&X-Amz-Signature=…",
        ),
        ("/feed?apikey=hunter2 404", "/feed?apikey=… 404"),
        ("{'Authorization': 'Basic aHVudGVyMg=='}", "{'Authorization': 'Basic …'}"),
        ("Authorization: Bearer hunter2", "Authorization: Bearer …"),
        ("b'Proxy-Authorization': b'Basic aHVudGVyMg=='", "b'Proxy-Authorization': b'Basic …'"),
        # What is no secret stays.
        (
            "https://a.example/2026/11/ferry.html?id=7&page=2",
            "https://a.example/2026/11/ferry.html?id=7&page=2",
        ),
        (
            "Jane Doe <jane@example.org> has basic information",
            "Jane Doe <jane@example.org> has basic information",
        ),
        ("https://medium.com/@jane/story", "https://medium.com/@jane/story"),
    ],
)
def test_what_looks_like_a_secret_in_an_address_is_hidden(said: str, expected: str) -> None:
    assert without_secrets(said) == expected


def test_a_secret_of_the_configuration_is_known_once_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSWATCH_TEST_CANARY", "hunter2-of-the-canary")
    assert Secret(env="PRESSWATCH_TEST_CANARY").reveal() == "hunter2-of-the-canary"
    assert without_secrets("login hunter2-of-the-canary failed") == "login … failed"


def test_long_hostile_text_is_looked_through_in_no_time() -> None:
    for text in ("://" * 30_000, "?tokentoken" * 9_000, "?" + "a" * 99_000, "authorization:" * 7_000):
        assert isinstance(without_secrets(text), str)
