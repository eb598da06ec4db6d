"""What servers do wrong: each costs its own page, says what happened, and stops nothing else.

Pages that go wrong in the same way are crawled in one run: each must be told apart in its outcome.
"""

import gzip
import socket
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler

from crawler.handler import MAX_HEADERS
from presswatch.archive.tables import RunState
from presswatch.model import FaultKind
from presswatch.watches.trouble import Fault, Trouble, trouble
from support.project import Project
from support.site import Answer, Site, article_html

GOOD = "/story-0001.html"
BAD = "/story-0002.html"


def crawl_beside_a_good_article(project: Project, site: Site, bad: Mapping[str, Answer]) -> dict[str, str]:
    """A listing of a good article and bad pages; the reason of each bad one. The good one must arrive."""
    site.answers.update(bad)
    site.listing("/news", *bad, GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news")
    summary = project.crawl("gazette")
    assert project.article(f"{site.url}{GOOD}") is not None
    assert project.run("gazette").state == RunState.FINISHED
    assert (summary.new, summary.failed) == (1, len(bad))
    return {trouble.url.removeprefix(site.url): trouble.reason for trouble in summary.troubles}


def named(*answers: Answer) -> dict[str, Answer]:
    return {f"/{answer.__name__.replace('_', '-')}-0002.html": answer for answer in answers}


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


def test_servers_that_misbehave(project: Project, site: Site) -> None:
    project.configure(allow=[site.host], timeout="5s", max_page_size="256KiB")
    bad = named(drip, silence, flood, lies, headers, one_header, hang_up, nonsense)
    reasons = crawl_beside_a_good_article(project, site, bad)
    assert reasons == {
        "/drip-0002.html": "no full answer in time",
        "/silence-0002.html": "no full answer in time",
        "/flood-0002.html": "it is larger than is allowed",
        "/lies-0002.html": "it is larger than is allowed",
        "/headers-0002.html": f"the connection failed: its headers do not end within {MAX_HEADERS >> 10} KiB",
        "/one-header-0002.html": reasons["/one-header-0002.html"],
        "/hang-up-0002.html": "the answer broke off",
        "/nonsense-0002.html": reasons["/nonsense-0002.html"],
    }
    assert reasons["/one-header-0002.html"].startswith("the connection failed: ")
    assert reasons["/nonsense-0002.html"].startswith("the connection failed: ")


def test_compression_bombs(project: Project, site: Site) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    site.serve(BAD, bomb, headers={"Content-Encoding": "gzip"})
    reasons = crawl_beside_a_good_article(project, site, {BAD: site.answers[BAD]})
    assert reasons == {BAD: "unpacked it is larger than is allowed"}


def test_error_statuses_are_failures_to_be_tried_again(project: Project, site: Site) -> None:
    statuses = {f"/status-{status}-0002.html": status for status in (400, 403, 429, 500, 503)}
    for path, status in statuses.items():
        site.serve(path, "no", status=status)
    reasons = crawl_beside_a_good_article(project, site, {path: site.answers[path] for path in statuses})
    assert all(reasons[path].startswith(f"answered {status} ") for path, status in statuses.items())


def test_redirects_that_lead_nowhere(project: Project, site: Site) -> None:
    targets = {
        "/loop-0002.html": "/loop-0002.html?again",
        "/file-0002.html": "file:///etc/passwd",
        "/ftp-0002.html": "ftp://127.0.0.1/x",
        "/gopher-0002.html": "gopher://x",
        "/data-0002.html": "data:text/html,x",
    }
    for path, target in targets.items():
        site.redirect(path, target)
    site.redirect("/loop-0002.html?again", "/loop-0002.html")
    reasons = crawl_beside_a_good_article(project, site, {path: site.answers[path] for path in targets})
    assert reasons.pop("/loop-0002.html") == "it redirects without end"
    assert set(reasons.values()) == {"answered 302 Found"}
    assert site.paths().count("/loop-0002.html") <= 6


def test_what_is_no_article_is_counted_and_not_kept(project: Project, site: Site) -> None:
    login = '<form action="/login"><input name="user"><input type="password"><button>Log in</button></form>'
    site.serve("/pdf-0002.html", b"%PDF-1.7 \x00\x01\x02", content_type="application/pdf")
    site.serve("/empty-0002.html", b"")
    site.serve("/json-0002.html", '{"error": "none"}', content_type="application/json")
    site.serve("/login-0002.html", f"<html><body>{login}</body></html>")
    site.article(GOOD, "The bridge over the river will be closed")
    site.listing("/news", *(path for path in site.answers if path != "/news"))
    project.add_source("gazette", f"{site.url}/news")
    summary = project.crawl("gazette")
    assert (summary.new, summary.failed, sum(summary.rejected.values())) == (1, 0, 4)


def test_a_wrong_charset_is_seen_through(project: Project, site: Site) -> None:
    page = article_html("Grüße aus der Straße, sagte der Bürgermeister von Köln")
    site.serve(GOOD, page.encode(), content_type="text/html; charset=no-such-charset")
    site.listing("/news", GOOD)
    project.add_source("gazette", f"{site.url}/news")
    project.crawl("gazette")
    record = project.article(f"{site.url}{GOOD}")
    assert record is not None
    assert "Grüße" in record.article.title


def test_broken_start_pages_are_told_and_stop_nothing(project: Project, site: Site) -> None:
    project.configure(allow=[site.host], timeout="5s", max_page_size="256KiB")
    site.answers |= {"/silent": silence, "/endless": flood}
    rss = "application/rss+xml"
    site.serve("/cut", "<rss><channel><item><title>broken", content_type=rss)
    site.serve("/prose", "this is no XML & no < feed", content_type=rss)
    site.serve("/login", "<html><body><h1>Please log in</h1></body></html>")
    site.serve("/empty", "")
    site.serve("/pdf", "%PDF-1.7", content_type="application/pdf")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>'
    site.serve("/bomb", bomb, content_type="text/xml")
    said = {
        "missing": "answered 404 Not Found",
        "silent": "no full answer in time",
        "endless": "it is larger",
    }
    kinds = {
        "missing": Fault(FaultKind.STATUS, f"{site.url}/missing", 404),
        "silent": Fault(FaultKind.NO_ANSWER, f"{site.url}/silent"),
        "endless": Fault(FaultKind.NOT_FETCHED, f"{site.url}/endless"),
    }
    broken = [*said, "cut", "prose", "login", "empty", "pdf", "bomb"]
    for name in broken:
        project.add_source(name, f"{site.url}/{name}")
    site.listing("/news", GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news")

    project.crawl(*broken, "gazette")

    for name in broken:
        run = project.run(name)
        assert run.state == RunState.FAILED
        assert run.reason.startswith(f"{site.url}/{name}: {said.get(name, '')}")
        assert [page.outcome for page in project.summary(name).starts] == ["failed"]
        told = trouble(name, run, run.slot)
        unreadable = Fault(FaultKind.UNREADABLE, f"{site.url}/{name}", 200)
        assert told == Trouble(name, faults=[kinds.get(name, unreadable)])
    assert project.run("gazette").state == RunState.FINISHED
    assert project.summary("gazette").new == 1


def test_one_good_start_page_is_enough(project: Project, site: Site) -> None:
    site.listing("/news", GOOD)
    site.article(GOOD, "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/none", f"{site.url}/news")
    summary = project.crawl("gazette")
    assert project.run("gazette").state == RunState.FINISHED
    assert {page.outcome for page in summary.starts} == {"failed", "listing"}
