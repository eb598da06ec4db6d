"""RFC 9309's table: what each answer to the request for robots.txt means."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.robots import LIFETIME, MAX_SIZE, RETRY, answered, parse, unreachable

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


@pytest.mark.parametrize(
    "name", ["presswatch/1.0", "PressWatch (news monitor)", "presswatch*", "presswatch, x"]
)
def test_our_name_is_found_in_what_stands_around_it(name: str) -> None:
    rules = f"User-agent: *\nAllow: /\n\nUser-agent: {name}\nDisallow: /"
    assert answered(200, rules.encode(), NOW).refusal(PAGE)


@pytest.mark.parametrize(
    "name",
    [
        "press",
        "watch",
        "presswatch-images",
        "presswatch_x",
        "presswatch2",
        "mypresswatch",
        "other presswatch",
        "",
        "*bot",
    ],
)
def test_a_group_for_another_product_is_not_ours(name: str) -> None:
    assert not answered(200, f"User-agent: {name}\nDisallow: /".encode(), NOW).refusal(PAGE)
    general = f"User-agent: {name}\nAllow: /\n\nUser-agent: *\nDisallow: /"
    assert answered(200, general.encode(), NOW).refusal(PAGE), "nor does it keep us from the general one"


@pytest.mark.parametrize(
    "record", ["Content-Signal: ai-train=no", "Crawl-delay: 5", "Sitemap: /s.xml", "Host: x", "# x"]
)
def test_only_rules_end_a_group(record: str) -> None:
    both = f"User-agent: presswatch\n{record}\nUser-agent: other\nDisallow: /"
    assert answered(200, both.encode(), NOW).refusal(PAGE)
    later = f"User-agent: presswatch\nDisallow: /x\n{record}\nUser-agent: other\nDisallow: /"
    assert not answered(200, later.encode(), NOW).refusal(PAGE)


@pytest.mark.parametrize(
    ("text", "allowed", "disallowed"),
    [
        # Rules outside any group are nobody's; groups of one name are put together; blank lines end nothing.
        (
            "Allow: /before/\n\nUser-agent: presswatch\nDisallow: /\nAllow: /one/\nUser-agent: other\n"
            "Disallow: /\nAllow: /two/\n\n\nAllow: /three/\nUser-agent: third\n\nUser-agent: presswatch\n"
            "Allow: /four/\nDisallow: /",
            ["/one/x", "/four/x"],
            ["/before/x", "/two/x", "/three/x"],
        ),
        # Names of records in any case, with a colon forgotten, and misspelt.
        ("uSER-aGENT presswatch\ndIsAlLoW /\naLLow: /x/", ["/x/y"], ["/y"]),
        ("User agent: presswatch\nDisalow: /x\nDissallow: /y", ["/z"], ["/x", "/y"]),
        # Lines that end in CR alone.
        ("User-agent: presswatch\rDisallow: /x\r\rUser-agent: *\rDisallow: /", ["/y"], ["/x"]),
        # An empty rule allows; a name without rules is a group without rules.
        ("User-agent: *\nDisallow: /\n\nUser-agent: presswatch\nDisallow:", ["/x"], []),
        ("User-agent: *\nDisallow: /\n\nUser-agent: presswatch", ["/x"], []),
        # The longest rule wins whatever the order, Allow wins a tie, case counts.
        ("User-agent: *\nDisallow: /x/page.html\nAllow: /x/", ["/x/y", "/X/page.html"], ["/x/page.html"]),
        ("User-agent: *\nAllow: /x/page.html\nDisallow: /x/", ["/x/page.html"], ["/x/", "/x/page.htm"]),
        ("User-agent: *\nAllow: /page\nDisallow: /*.html", ["/page"], ["/page.html"]),
        ("User-agent: *\nAllow: /x/page.\nDisallow: /*.html", ["/x/page.html"], ["/x/y.html"]),
        ("User-agent: *\nDisallow: /\nAllow: /$", ["/"], ["/page.html"]),
        # Wildcards and ends.
        ("User-agent: *\nDisallow: /a/*/b", ["/a/b", "/a/"], ["/a/x/b", "/a/x/y/bc"]),
        ("User-agent: *\nDisallow: /a/b$", ["/a/b/", "/a/bc"], ["/a/b"]),
        (
            "User-agent: *\nDisallow: /fish*",
            ["/Fish.asp", "/catfish", "/?id=fish"],
            ["/fish", "/fishheads/x"],
        ),
        ("User-agent: *\nDisallow: /*.php$", ["/x.php?a", "/x.php/", "/x.php5"], ["/x.php", "/a/x.php"]),
        ("User-agent: *\nDisallow: /a%2A\nDisallow: /b-%24", ["/axx", "/b-"], ["/a*", "/b-$"]),
        # Comments end a rule.
        ("User-agent: * # all\n# Disallow: /\nDisallow: /a#b\nAllow: /", ["/x"], ["/a", "/a/b"]),
        # The encoding does not count, nor does an address in the query.
        ("User-agent: *\nDisallow: /café", ["/cafe"], ["/caf%C3%A9", "/caf%c3%a9"]),
        ("User-agent: *\nDisallow: /%62%61%7A", ["/ba"], ["/baz"]),
        (
            "User-agent: *\nDisallow: /\nAllow: /a?q=t&b=http://c.example?d&e",
            ["/a?q=t&b=http://c.example?d&e"],
            ["/a?q=t"],
        ),
    ],
)
def test_groups_and_paths(text: str, allowed: list[str], disallowed: list[str]) -> None:
    verdict = answered(200, text.encode(), NOW)
    refused = {path for path in (*allowed, *disallowed) if verdict.refusal(f"https://gazette.example{path}")}
    assert refused == set(disallowed)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_every_encoding_is_read(encoding: str) -> None:
    rules = "User-agent: *\nDisallow: /straße/\n".encode(encoding)
    verdict = answered(200, rules, NOW)
    assert verdict.refusal("https://gazette.example/stra%C3%9Fe/1")
    assert not verdict.refusal("https://gazette.example/strasse/1")


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb", b"\xef"])
def test_a_broken_byte_order_mark_hides_no_group(mark: bytes) -> None:
    assert answered(200, mark + b"User-agent: *\nDisallow: /", NOW).refusal(PAGE)


def test_only_the_first_500_kib_count() -> None:
    filler = b"# " + b"x" * 998 + b"\n"
    early = b"User-agent: *\nDisallow: /early\n" + filler * 600
    late = b"User-agent: *\n" + filler * (MAX_SIZE // 1000 + 10) + b"Disallow: /late\n"
    assert answered(200, early, NOW).refusal("https://gazette.example/early")
    assert not answered(200, late, NOW).refusal("https://gazette.example/late")


def test_a_rule_that_is_cut_off_is_no_rule() -> None:
    end = b"\nDisallow: /politics/"
    head = b"User-agent: *\nDisallow: /x\n"
    filled = head + b"#" * (MAX_SIZE - len(head) - len(end)) + end
    politics, x = "https://gazette.example/politics/1", "https://gazette.example/x"
    assert answered(200, filled, NOW).refusal(politics), "it is whole: the file ends with it"
    assert answered(200, filled + b"\r\n# more", NOW).refusal(politics), "it is whole: its line ends with it"
    cut = answered(200, filled + b"archive/old\n", NOW)
    assert not cut.refusal(politics)
    assert cut.refusal(x)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10),
        ("User-agent: *\nCrawl-delay: 2.5 # seconds\nDisallow: /x", 2.5),
        ("User-agent: presswatch\nCrawl-delay: 3\n\nUser-agent: presswatch\nCrawl-delay: 7\nDisallow: /x", 7),
        ("User-agent: other\nCrawl-delay: 9\nUser-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: 9\nDisallow: /x\n\nUser-agent: presswatch\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("Crawl-delay: 5", None),
    ],
)
def test_crawl_delay_is_that_of_our_group(text: str, seconds: float | None) -> None:
    assert parse(text.encode()).crawl_delay == (None if seconds is None else timedelta(seconds=seconds))


def test_sitemaps_stand_anywhere() -> None:
    text = (
        b"Sitemap: https://a.example/1.xml\nUser-agent: x\nSITEMAP:https://a.example/2.xml # new\nDisallow: /"
    )
    assert parse(text).sitemaps == ("https://a.example/1.xml", "https://a.example/2.xml")
