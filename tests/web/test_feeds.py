"""A watch's Atom feed, read by the parser that crawls feeds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest

from presswatch.archive import Archive
from presswatch.archive.signing_key import signing_key
from presswatch.watches.links import Links
from support.alarm import READER, Alarm
from support.pages_server import Pages, served


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    alarm = Alarm(archive)
    alarm.watch()
    return alarm


@pytest.fixture
def pages(alarm: Alarm, tmp_path: Path) -> Iterator[Pages]:
    with served(alarm.newsroom, tmp_path / "config", {}, {"recipients": [READER]}) as pages:
        yield pages


def address(alarm: Alarm, watch: str = "ferries") -> str:
    return Links("", signing_key(alarm.archive)).feed(watch)


def test_the_feed_tells_what_was_found_with_its_passage(alarm: Alarm, pages: Pages) -> None:
    alarm.publish("The ferry ran aground.", title="Ferry \x0baground & <sunk>")
    alarm.match()
    answer = pages.get(address(alarm))
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed: Any = feedparser.parse(answer.text)
    assert not feed.bozo
    assert feed.feed.title == "Ferries"
    [entry] = feed.entries
    assert entry.link == "https://gazette.example/1"
    assert "aground & <sunk>" in entry.title
    assert "ferry ran aground" in entry.summary
    assert "Gazette" in entry.author


def test_the_same_is_a_json_feed_by_its_address(alarm: Alarm, pages: Pages) -> None:
    alarm.publish("The ferry ran aground.", title="Ferry \x0baground & <sunk>")
    alarm.match()
    asked = address(alarm).removesuffix(".atom") + ".json"
    answer = pages.get(asked)
    assert answer.headers["content-type"].startswith("application/feed+json")
    feed = json.loads(answer.text)
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "Ferries")
    assert feed["feed_url"].endswith(asked)
    [item] = feed["items"]
    assert item["url"] == "https://gazette.example/1"
    assert "ferry ran aground" in item["content_text"]
    entry = feedparser.parse(pages.get(address(alarm)).text).entries[0]
    assert item["id"] == entry.id


def test_a_feed_says_where_it_is(alarm: Alarm, pages: Pages) -> None:
    feed: Any = feedparser.parse(pages.get(address(alarm)).text)
    [itself] = [link.href for link in feed.feed.links if link.rel == "self"]
    assert itself.endswith(address(alarm))


def test_a_feed_that_did_not_change_is_not_sent_again(alarm: Alarm, pages: Pages) -> None:
    alarm.publish()
    alarm.match()
    tag = pages.get(address(alarm)).headers["etag"]
    assert pages.get(address(alarm), If_None_Match=tag).status == 304
    alarm.publish()
    alarm.match()
    assert pages.get(address(alarm), If_None_Match=tag).status == 200


def test_an_entry_keeps_its_id_and_an_empty_feed_is_one(alarm: Alarm, pages: Pages) -> None:
    empty: Any = feedparser.parse(pages.get(address(alarm)).text)
    assert (empty.bozo, empty.entries) == (False, [])
    alarm.publish()
    alarm.match()
    first: Any = feedparser.parse(pages.get(address(alarm)).text)
    again: Any = feedparser.parse(pages.get(address(alarm)).text)
    assert first.entries[0].id == again.entries[0].id


def test_a_feed_is_found_by_its_signed_address_alone(alarm: Alarm, pages: Pages) -> None:
    assert pages.get("/feeds/ferries.atom").status == 404
    # The last character of a signature has bits that do not count.
    assert pages.get(address(alarm).replace("feeds/", "feeds/x")).status == 404
    assert pages.get(address(alarm, "removed")).status == 410
