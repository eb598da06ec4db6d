"""What a running daemon logs of hostile pages: one event a line, whose it is, and no secret."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import yaml

from support.deployment import Deployment
from support.site import Site, serving

CANARY = "hunter2-of-the-canary"
ACTING = "\x1b]0;owned\x07\x9b2J\u202e\u2028\r"
FORGED = "\ntimestamp=2026 level=error event=forged\n"
WORDS = "The ferry stays in port until the storm is over, the harbour master said on Thursday. " * 12
# What the crawler says of pages, of which each is to say in which run of which source it was.
OF_A_RUN = {"listing", "article", "no article", "not fetched", "run ended"}


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        build(site)
        yield site


def build(site: Site) -> None:
    def told(request: BaseHTTPRequestHandler) -> None:
        """An article that repeats in its title what the crawler sent to be let in."""
        title = f"Ferry {ACTING}{FORGED} {request.headers['X-Api-Key']} stays"
        page = f"<html lang=en><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
        content = page.encode(errors="surrogatepass")
        request.send_response(200)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    body = f"<article><p>{WORDS}</p><p>{WORDS}</p></article>"
    links = [
        f"/news/2026/the-ferry-stays-in-port.html?token={CANARY}",
        "/news/2026/the-page-that-is-gone-today.html",
        "/news/2026/the-page-without-any-words.html",
        "/private/2026/the-page-that-nobody-may-read.html",
    ]
    shown = "".join(f"<h3><a href='{link}'>The story {link[-20:]} of today</a></h3>" for link in links)
    site.serve("/robots.txt", "User-agent: *\nDisallow: /private/\n", content_type="text/plain")
    site.serve("/", f"<html><body>{shown}</body></html>")
    site.answers[links[0]] = told
    site.serve(links[1], "gone", status=500)
    site.serve(links[2], "<html><head><title>\x1b[31mnothing</title></head><body></body></html>")


def parsed(line: str, *, as_json: bool) -> dict[str, Any]:
    if as_json:
        values: dict[str, Any] = json.loads(line)
        return values
    pairs = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)', line)
    return {key: value.strip('"') for key, value in pairs}


@pytest.mark.parametrize("form", ["json", "text"])
def test_every_line_is_an_event_that_says_whose_it_is_and_tells_no_secret(
    form: str, deployment: Deployment, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESSWATCH_LOG", form)
    monkeypatch.setenv("PRESSWATCH_TEST_CANARY", CANARY)
    allowed = {"delay": "20ms", "readers": 1, "allow_addresses": [site.host]}
    # The pages cannot be served there, so that their process says something, too.
    deployment.configure([], crawl=allowed, web={"listen": site.host})
    source = {"name": "Gazette", "start": [f"{site.url}/"], "schedule": {"every": "1h"}}
    source |= {"headers": {"X-Api-Key": {"env": "PRESSWATCH_TEST_CANARY"}}}
    deployment.write("sources/gazette.yaml", yaml.safe_dump(source))
    daemon = deployment.start()
    deployment.wait_until("the end of the run", lambda: "run ended" in deployment.log)
    deployment.wait_until("word of the pages", lambda: "are not served" in deployment.log)
    daemon.terminate()
    daemon.wait()
    # Of a carriage return splitlines would make a line that is none.
    lines = deployment.log.rstrip("\n").split("\n")
    events = [parsed(line, as_json=form == "json") for line in lines]
    for line, event in zip(lines, events, strict=True):
        assert {"timestamp", "level", "event"} <= event.keys(), line
    assert "forged" not in {event["event"] for event in events}
    assert CANARY not in deployment.log
    assert not any(character in deployment.log for character in "\x1b\x07\x9b\u202e\u2028\r")
    of_runs = [event for event in events if event["event"] in OF_A_RUN or "url" in event]
    assert {event["event"] for event in of_runs} >= OF_A_RUN
    whose = {(event.get("source"), str(event.get("run"))) for event in of_runs}
    assert whose == {("gazette", "1")}, deployment.log
