"""One address written in two ways is one address; two addresses stay two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presswatch import urls

BASE = "https://gazette.example/news/today.html"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTPS://Gazette.EXAMPLE:443/a", "https://gazette.example/a"),
        ("http://gazette.example:8080/a", "http://gazette.example:8080/a"),
        ("story.html", "https://gazette.example/news/story.html"),
        ("/story", "https://gazette.example/story"),
        ("//cdn.gazette.example/x", "https://cdn.gazette.example/x"),
        ("https://gazette.example", "https://gazette.example/"),
        ("/a/../b/./c/", "https://gazette.example/b/c/"),
        ("/../../x", "https://gazette.example/x"),
        ("/a#comments", "https://gazette.example/a"),
        ("/a?utm_source=x&id=7&fbclid=y", "https://gazette.example/a?id=7"),
        ("/a?b=2&a=1", "https://gazette.example/a?b=2&a=1"),
        ("/%7euser/%c3%bc ü", "https://gazette.example/~user/%C3%BC%20%C3%BC"),
        ("/100%", "https://gazette.example/100%25"),
        (" /a\n ", "https://gazette.example/a"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("https://gazette.example./a", "https://gazette.example/a"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
        ("http://[0:0:0:0::1]/a", "http://[::1]/a"),
        ("https://gazette。example。/a", "https://gazette.example/a"),
        ("/a/%2e%2E/b/%2e/c", "https://gazette.example/b/c"),
        ("/a/..//b", "https://gazette.example//b"),
        ("/a?utm%5Fsource=x&&id=7&WT.mc_id=3", "https://gazette.example/a?id=7"),
        ("/a?", "https://gazette.example/a"),
        ("/a?path=../b/./c&q=%41+%2b", "https://gazette.example/a?path=../b/./c&q=A+%2B"),
        (r"\news\1.html?a=\b", "https://gazette.example/news/1.html?a=%5Cb"),
        (r"https://gazette.example\@evil.example/", "https://gazette.example/@evil.example/"),
        ("https://gazette.example:/a", "https://gazette.example/a"),
        ("/%e4%ff/\ud800", "https://gazette.example/%E4%FF/%3F"),
        # Session ids, in the path and in the query.
        ("/c/quay-3;jsessionid=E460A978.node2", "https://gazette.example/c/quay-3"),
        ("/c;JSESSIONID=1/quay;v=2;jsessionid=3?id=4", "https://gazette.example/c/quay;v=2?id=4"),
        ("/quay%3Bjsessionid%3D3", "https://gazette.example/quay"),
        ("/..;jsessionid=1/quay", "https://gazette.example/quay"),
        ("/(S(lit3py55t21z5v55vlm25s55))/quay.aspx", "https://gazette.example/quay.aspx"),
        ("/quay?PHPSESSID=abc&id=4&sessionid=x&jsessionid", "https://gazette.example/quay?id=4"),
        ("/quay?sid=0123456789abcdef0123456789ABCDEF", "https://gazette.example/quay"),
        ("/quay?sid=q1v5f8e7k2m9n3p4r6t0u8w2y5", "https://gazette.example/quay"),
        (
            "/p.jpeg?w=9&s=297183b620b5f1211a5f20c503913489",
            "https://gazette.example/p.jpeg?w=9&s=297183b620b5f1211a5f20c503913489",
        ),
        # What only looks like one may tell pages apart.
        ("/quay?sid=12345&s=quay&session=2026", "https://gazette.example/quay?sid=12345&s=quay&session=2026"),
        ("/a?pk_id=1&cmp=2&spm=3.4", "https://gazette.example/a?pk_id=1&cmp=2&spm=3.4"),
        # Ampersands that were written as markup once too often.
        ("/a?x=1&amp;y=2&amp;amp;z=3", "https://gazette.example/a?x=1&y=2&z=3"),
        ("/a?x=1&#038;y=2&#x26;z=3#top", "https://gazette.example/a?x=1&y=2&z=3"),
        ("/a?id=7&amp;utm_source=x&amp%3Butm_medium=y", "https://gazette.example/a?id=7"),
        ("/a?amp;id=7", "https://gazette.example/a?id=7"),
        ("/fish&amp;chips", "https://gazette.example/fish&chips"),
    ],
)
def test_normal_forms(written: str, normal: str) -> None:
    assert urls.normalize(written, BASE) == normal


@pytest.mark.parametrize(
    "written",
    [
        "mailto:desk@gazette.example",
        "javascript:void(0)",
        "file:///etc/passwd",
        "ftp://gazette.example/",
        "https://user:secret@gazette.example/",
        "https://gazette.example:99999/",
        "http://[::1/",
        "https://exa mple.org/",
        "https://gazette..example/",
        "https://gazette.example:0/",
        "https://ga%7aette.example/",
        "https://" + "a" * 64 + ".example/",
        "https://\u0301.example/",
    ],
)
def test_what_is_no_address_of_a_page(written: str) -> None:
    assert urls.normalize(written, BASE) is None


def test_without_a_base_only_whole_addresses_are_addresses() -> None:
    assert urls.normalize("https://gazette.example/a") == "https://gazette.example/a"
    assert [urls.normalize(text) for text in ("", "/a", "www.gazette.example/a", "//gazette.example/a")] == [
        None
    ] * 4


PIECES = st.sampled_from(
    [
        *("%2e", "%2F", "%5c", "..", "utm_source=x", "%5f", "。", "\\", "\ud800", "xn--", "://"),
        *(";jsessionid=1", "%3B", "amp;", "&#38;", "%61mp;", "(S(0123456789abcdef))", "sid=" + "0a" * 16),
    ]
)


@settings(max_examples=400)
@given(st.lists(st.characters() | st.sampled_from("/%.?&=#:@[]") | PIECES, max_size=30).map("".join))
def test_normal_forms_are_fixed_points_and_nothing_raises(text: str) -> None:
    for written in (text, f"https://gazette.example/{text}", f"https://{text}/"):
        normal = urls.normalize(written, BASE)
        assert normal is None or urls.normalize(normal) == normal


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.gazette.co.uk/a", "https://sport.gazette.co.uk/b", True),
        ("https://gazette.co.uk/a", "https://courier.co.uk/a", False),
        ("https://one.blogspot.com/a", "https://two.blogspot.com/a", False),
        ("https://xn--mller-kva.de/", "http://news.xn--mller-kva.de:8080/", True),
        ("http://[::1]:8001/a", "http://[::1]:8002/a", False),
        ("http://intranet/a", "http://intranet/b", True),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8001/b", True),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a", False),
        ("http://127.0.0.1/a", "https://127.0.0.1/a", True),
        ("http://127.0.0.1:80/a", "https://127.0.0.1:443/a", True),
        ("http://127.0.0.1:80/a", "https://127.0.0.1:8443/a", False),
        ("http://[::1]/a", "https://[::1]/a", True),
        ("http://intranet/a", "https://www.intranet/a", True),
        ("http://www.news.intranet/a", "https://news.intranet/b", True),
        ("http://news.intranet/a", "http://shop.intranet/a", False),
        ("http://intranet:8080/a", "http://www.intranet:8080/a", True),
        ("http://intranet:8080/a", "http://intranet/a", False),
        ("http://www.gazette.example/", "https://gazette.example/", True),
    ],
)
def test_sites(one: str, other: str, same: bool) -> None:
    assert urls.same_site(one, other) is same


def test_the_unit_of_politeness_is_host_and_port() -> None:
    assert urls.host("https://gazette.example/a") == "gazette.example:443"
    assert urls.host("http://127.0.0.1:8001/") == "127.0.0.1:8001"
    assert urls.host("http://[::1]/") == "[::1]:80"


def test_home_pages() -> None:
    assert [urls.is_home(f"https://gazette.example{path}") for path in ("", "/", "/index.html")] == [True] * 3
    assert [urls.is_home(f"https://gazette.example{path}") for path in ("/a", "/?p=1")] == [False] * 2


def test_sites_are_told_without_network_and_without_a_cache(tmp_path: Path) -> None:
    program = """
import os, socket, sys
def refuse(*_): raise SystemExit("a socket was opened")
socket.socket.connect = socket.getaddrinfo = refuse
sys.addaudithook(lambda event, args: event == "open" and args[1] and set(args[1]) & set("wax+") and refuse())
from presswatch import urls
print(urls.site("https://www.gazette.co.uk/a"), os.listdir(os.environ["HOME"]))
"""
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("TLDEXTRACT_CACHE", None)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "gazette.co.uk []", done.stderr
