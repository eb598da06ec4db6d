"""What servers do wrong: each costs its own page, says what happened, and stops nothing else."""

import gzip
import socket
import time
from http.server import BaseHTTPRequestHandler

import pytest

from crawler.handler import MAX_HEADERS
from crawler.summary import Summary
from presswatch.archive.tables import RunState
from support.desk import Desk
from support.site import Answer, Site, article_html

GOOD = "/story-0001.html"
BAD = "/story-0002.html"


def crawl_beside_a_good_article(desk: Desk, site: Site) -> Summary:
    """A listing of a good article and whatever is served at `BAD`; the good one must always arrive."""
    site.listing("/news", BAD, GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    desk.add_source("gazette", f"{site.url}/news")
    summary = desk.crawl("gazette")
    assert desk.article(f"{site.url}{GOOD}") is not None
    assert desk.run("gazette").state == RunState.FINISHED
    return summary


def drip(request: BaseHTTPRequestHandler) -> None:
    """A body that never ends, a byte at a time."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while True:
        request.wfile.write(b"x")
        time.sleep(0.1)


def flood(request: BaseHTTPRequestHandler) -> None:
    """A body that never ends, as fast as it goes."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.end_headers()
    while True:
        request.wfile.write(b"<p>more</p>" * 10_000)


def headers(request: BaseHTTPRequestHandler) -> None:
    """Headers without end."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        request.wfile.write(b"X-More: and more\r\n" * 1_000)


def one_header(request: BaseHTTPRequestHandler) -> None:
    """One header line without end."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-More: ")
    while True:
        request.wfile.write(b"and more " * 1_000)


def silence(request: BaseHTTPRequestHandler) -> None:
    """Takes the request and says nothing."""
    time.sleep(30)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """Breaks off in the middle of the body."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(b"<html><body><p>And then")
    request.wfile.flush()
    request.connection.shutdown(socket.SHUT_RDWR)


def lies(request: BaseHTTPRequestHandler) -> None:
    """Says before that it is too large."""
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Content-Length", str(1 << 30))
    request.end_headers()
    request.wfile.write(b"<html>")


def nonsense(request: BaseHTTPRequestHandler) -> None:
    """Does not speak HTTP."""
    request.wfile.write(b"220 mail.gazette.example ESMTP\r\n")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (drip, "no full answer in time"),
        (silence, "no full answer in time"),
        (flood, "larger than is allowed"),
        (lies, "larger than is allowed"),
        (headers, f"its headers do not end within {MAX_HEADERS // 1024} KiB"),
        (one_header, "the connection failed"),
        (hang_up, "the answer broke off"),
        (nonsense, "the connection failed"),
    ],
)
def test_a_server_that_misbehaves(desk: Desk, site: Site, answer: Answer, reason: str) -> None:
    desk.configure(allow=[site.host], timeout="1s", max_page_size="256KiB")
    site.answers[BAD] = answer
    summary = crawl_beside_a_good_article(desk, site)
    assert (summary.new, summary.failed) == (1, 1)
    assert reason in summary.troubles[0].reason


def test_a_compression_bomb(desk: Desk, site: Site) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    site.serve(BAD, bomb, headers={"Content-Encoding": "gzip"})
    summary = crawl_beside_a_good_article(desk, site)
    assert "larger than is allowed" in summary.troubles[0].reason


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_an_error_status_is_a_failure_to_be_tried_again(desk: Desk, site: Site, status: int) -> None:
    site.serve(BAD, "no", status=status)
    summary = crawl_beside_a_good_article(desk, site)
    assert f"answered {status}" in summary.troubles[0].reason


def test_a_redirect_loop(desk: Desk, site: Site) -> None:
    site.redirect(BAD, f"{site.url}{BAD}?again")
    site.redirect(f"{BAD}?again", f"{site.url}{BAD}")
    summary = crawl_beside_a_good_article(desk, site)
    assert summary.troubles[0].reason == "it redirects without end"
    assert site.paths().count(BAD) <= 6


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "data:text/html,x"]
)
def test_a_redirect_to_another_scheme(desk: Desk, site: Site, target: str) -> None:
    site.redirect(BAD, target)
    summary = crawl_beside_a_good_article(desk, site)
    assert summary.failed == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7 \x00\x01\x02", "application/pdf"),
        (b"", "text/html"),
        (b'{"error": "none"}', "application/json"),
        (
            b'<html><body><form action="/login"><input name="user"><input type="password" name="p">'
            b"<button>Log in</button></form></body></html>",
            "text/html",
        ),
    ],
)
def test_what_is_no_article_is_not_kept(desk: Desk, site: Site, body: bytes, kind: str) -> None:
    site.serve(BAD, body, content_type=kind)
    summary = crawl_beside_a_good_article(desk, site)
    assert (summary.new, summary.failed, sum(summary.rejected.values())) == (1, 0, 1)


def test_a_wrong_charset_is_seen_through(desk: Desk, site: Site) -> None:
    page = article_html("Grüße aus der Straße, sagte der Bürgermeister von Köln")
    site.serve(BAD, page.encode(), content_type="text/html; charset=no-such-charset")
    crawl_beside_a_good_article(desk, site)
    record = desk.article(f"{site.url}{BAD}")
    assert record is not None
    assert "Grüße" in record.article.title


START_PAGES: list[tuple[str, Answer | None, str]] = [
    ("missing", None, "answered 404"),
    ("silent", silence, "no full answer in time"),
    ("endless", flood, "larger than is allowed"),
]


@pytest.mark.parametrize(("path", "answer", "reason"), START_PAGES)
def test_a_broken_start_page_is_said_and_stops_nothing(
    desk: Desk, site: Site, path: str, answer: Answer | None, reason: str
) -> None:
    desk.configure(allow=[site.host], timeout="1s", max_page_size="256KiB")
    if answer is not None:
        site.answers[f"/{path}"] = answer
    site.listing("/news", GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    desk.add_source("broken", f"{site.url}/{path}")
    desk.add_source("gazette", f"{site.url}/news")

    broken = desk.crawl("broken", "gazette")

    run = desk.run("broken")
    assert run.state == RunState.FAILED
    assert reason in run.reason
    assert f"/{path}" in run.reason
    assert [page.outcome for page in broken.starts] == ["failed"]
    assert desk.run("gazette").state == RunState.FINISHED
    assert desk.summary("gazette").new == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<rss><channel><item><title>broken", "application/rss+xml"),
        ("this is no XML & no < feed", "application/rss+xml"),
        ("<html><body><h1>Please log in</h1></body></html>", "text/html"),
        ("", "text/html"),
        ("%PDF-1.7", "application/pdf"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "text/xml"),
    ],
)
def test_a_start_page_without_links_says_why(desk: Desk, site: Site, body: str, kind: str) -> None:
    site.serve("/feed", body, content_type=kind)
    desk.add_source("gazette", f"{site.url}/feed")
    desk.crawl("gazette")
    run = desk.run("gazette")
    assert run.state == RunState.FAILED
    assert run.reason.startswith(f"{site.url}/feed: ")


def test_one_good_start_page_is_enough(desk: Desk, site: Site) -> None:
    site.listing("/news", GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    desk.add_source("gazette", f"{site.url}/none", f"{site.url}/news")
    summary = desk.crawl("gazette")
    assert desk.run("gazette").state == RunState.FINISHED
    assert {page.outcome for page in summary.starts} == {"failed", "listing"}
