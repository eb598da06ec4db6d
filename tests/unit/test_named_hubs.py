"""Which hub a feed names, and by which topic the hub knows it: as websub.rocks tests it (100 to 104, 200)."""

import json
from datetime import UTC, datetime

import pytest

from crawler.extract import read_start_page
from presswatch.model import Hints, Hub, Listing, Page, Selectors

URL = "https://gazette.example/feed.xml"
HUB, TOPIC = "https://hub.example/", "https://gazette.example/all.xml"


def atom(links: str) -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title>{links}<entry><title>A</title>'
        '<link rel="self" href="https://wrong.example/"/><link rel="hub" href="https://wrong.example/"/>'
        '<link href="https://gazette.example/a"/></entry></feed>'
    )


def rss(links: str, prefix: str = "atom") -> str:
    return (
        f'<rss version="2.0" xmlns:{prefix}="http://www.w3.org/2005/Atom"><channel><title>Gazette</title>'
        f"<link>https://gazette.example/</link>{links}<item><title>A</title>"
        "<link>https://gazette.example/a</link></item></channel></rss>"
    )


def of(body: str, header: str = "") -> Hub | None:
    found = read_start_page(Page(URL, URL, 200, datetime.now(UTC), body.encode(), links=header), Hints())
    assert isinstance(found, Listing)
    assert [link.url for link in found.links] == ["https://gazette.example/a"]
    return found.hub


@pytest.mark.parametrize(
    ("body", "header", "hub"),
    [
        (atom(f'<link rel="hub" href="{HUB}"/><link rel="self" href="{TOPIC}"/>'), "", Hub(HUB, TOPIC)),
        (
            rss(f'<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{TOPIC}"/>'),
            "",
            Hub(HUB, TOPIC),
        ),
        (rss(f'<atom10:link rel="hub" href="{HUB}"/>', "atom10"), "", Hub(HUB, URL)),
        (rss(""), f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', Hub(HUB, TOPIC)),
        # What the header says goes before what the feed says.
        (
            atom(
                '<link rel="hub" href="https://old.example/"/><link rel="self" href="https://old.example/"/>'
            ),
            f"<{HUB}>; rel=hub, <{TOPIC}>; rel=self",
            Hub(HUB, TOPIC),
        ),
        # Both relations in one and a relative address; one that hubs know just as it is written.
        (atom('<link rel="hub self" href="/hub"/>'), "", Hub(*["https://gazette.example/hub"] * 2)),
        (
            rss(
                f'<atom:link rel="hub" href="{HUB}"/>'
                '<atom:link rel="self" href="https://Medium.example/feed/@desk?b=1&amp;a=%7E"/>'
            ),
            "",
            Hub(HUB, "https://Medium.example/feed/@desk?b=1&a=%7E"),
        ),
        # Of several hubs the first that is asked by HTTPS.
        (
            atom(f'<link rel="hub" href="http://one.example/"/><link rel="hub" href="{HUB}"/>'),
            "",
            Hub(HUB, URL),
        ),
        (atom('<link rel="hub" href="http://one.example/"/>'), "", Hub("http://one.example/", URL)),
        (
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "feed_url": TOPIC,
                    "hubs": [
                        {"type": "rssCloud", "url": "https://x.example/"},
                        {"type": "WebSub", "url": HUB},
                    ],
                    "items": [{"id": "1", "url": "https://gazette.example/a"}],
                }
            ),
            "",
            Hub(HUB, TOPIC),
        ),
    ],
)
def test_a_feed_names_its_hub(body: str, header: str, hub: Hub) -> None:
    assert of(body, header) == hub


@pytest.mark.parametrize(
    ("head", "header", "hub"),
    [
        (f'<link rel="hub" href="{HUB}"><link rel="self" href="{TOPIC}">', "", Hub(HUB, TOPIC)),
        ("", f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', Hub(HUB, TOPIC)),
        # The hub of its feed has nothing to push of the page.
        (f'<link rel="hub" href="{HUB}">', "", None),
        (f'<link rel="self" href="{TOPIC}">', "", None),
    ],
)
def test_a_page_names_its_hub_with_its_topic(head: str, header: str, hub: Hub | None) -> None:
    shown = '<h2><a href="https://gazette.example/a">The ferry of Eastmere runs again</a></h2>'
    told = Page(URL, URL, 200, datetime.now(UTC), f"<html><head>{head}</head>{shown}".encode(), links=header)
    hints = Hints(selectors=Selectors(links="h2 a"))
    found = read_start_page(told, hints)
    assert isinstance(found, Listing)
    assert found.hub == hub


def test_the_topic_of_a_feed_that_has_moved_is_where_it_stands() -> None:
    moved = "https://www.gazette.example/feed/"
    body = atom(f'<link rel="hub" href="{HUB}"/>').encode()
    found = read_start_page(Page(URL, moved, 200, datetime.now(UTC), body), Hints())
    assert isinstance(found, Listing)
    assert found.hub == Hub(HUB, moved)


@pytest.mark.parametrize(
    "href",
    [
        *("", "ftp://hub.example/", "javascript:alert(1)", "https://[::1/", "https://h.example:x/"),
        *("https://user:word@hub.example/", "https://hub.example/\u202e", "https://hub.example/a b"),
        "https://" + "h" * 3000,
    ],
)
def test_what_is_no_address_names_no_hub(href: str) -> None:
    assert of(atom(f'<link rel="hub" href="{href}"/><link rel="self" href="{TOPIC}"/>')) is None


def test_a_json_feed_with_nonsense_names_none() -> None:
    items = [{"id": "1", "url": "https://gazette.example/a"}]
    for hubs in ("https://hub.example/", [3, None, {"url": HUB}], {"type": "WebSub"}, None):
        assert of(json.dumps({"version": "1", "items": items, "hubs": hubs})) is None
