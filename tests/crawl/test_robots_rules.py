"""RFC 9309's table: what each answer to the request for robots.txt means."""

from datetime import UTC, datetime

import pytest

from crawler.robots import LIFETIME, MAX_SIZE, RETRY, answered, unreachable

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAGE = "https://gazette.example/news/1"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_missing_file_allows_all(status: int) -> None:
    assert answered(status, b"User-agent: *\nDisallow: /", NOW).refusal(PAGE) == ""


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
def test_a_server_in_trouble_disallows_all_and_is_asked_again_soon(status: int) -> None:
    verdict = answered(status, b"", NOW)
    assert str(status) in verdict.refusal(PAGE)
    assert verdict.until == NOW + RETRY


def test_no_answer_disallows_all() -> None:
    assert "no full answer in time" in unreachable("no full answer in time", NOW).refusal(PAGE)


def test_rules_are_kept_for_a_day() -> None:
    assert answered(200, b"", NOW).until == NOW + LIFETIME


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow: /x", "/x/1", False),
        ("User-agent: *\nDisallow: /x", "/y", True),
        # The longest match wins, and Allow wins a tie.
        ("User-agent: *\nDisallow: /x\nAllow: /x/open", "/x/open/1", True),
        ("User-agent: *\nDisallow: /x\nAllow: /x", "/x", True),
        # A group of our own replaces the general one; names are compared without case.
        ("User-agent: *\nDisallow: /\n\nUser-agent: PressWatch\nDisallow: /private", "/x", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: presswatch\nDisallow: /", "/x", False),
        ("User-agent: otherbot\nDisallow: /", "/x", True),
        # Groups for several names, and two groups for one name.
        ("User-agent: a\nUser-agent: presswatch\nDisallow: /x", "/x", False),
        ("User-agent: presswatch\nDisallow: /x\n\nUser-agent: presswatch\nDisallow: /y", "/y", False),
        # Wildcards and the end of the path.
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x=1", True),
        # Comments, blanks, a byte order mark, unknown lines, other line ends.
        ("\ufeffUser-agent: * # all\r\n  Disallow : /x # yes\r\nCrawl-delay: 9\r\n", "/x", False),
        ("<html>not found</html>", "/x", True),
        # Percent-encoding is compared decoded where that changes nothing.
        ("User-agent: *\nDisallow: /caf%C3%A9", "/caf%c3%a9", False),
    ],
)
def test_rules(text: str, path: str, allowed: bool) -> None:
    refusal = answered(200, text.encode(), NOW).refusal(f"https://gazette.example{path}")
    assert refusal == ("" if allowed else "robots.txt disallows it")


def test_only_the_first_500_kib_count() -> None:
    filler = b"# " + b"x" * 998 + b"\n"
    early = b"User-agent: *\nDisallow: /early\n" + filler * 600
    late = b"User-agent: *\n" + filler * (MAX_SIZE // 1000 + 10) + b"Disallow: /late\n"
    assert answered(200, early, NOW).refusal("https://gazette.example/early")
    assert not answered(200, late, NOW).refusal("https://gazette.example/late")
