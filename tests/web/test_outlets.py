"""What sources' files say of their outlets, as readers meet it: facets, articles, Compare, exports."""

import csv
import io
import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from presswatch.archive import source_tags
from presswatch.model import LinkKind
from support.indexing import drain
from support.newsroom import moment, source
from support.reading_room import ReadingRoom
from support.web_page import WebPage, read


def say(room: ReadingRoom, id_: str, *lines: str) -> None:
    """Let a source's file say this, too."""
    path = room.folder / "sources" / f"{id_}.yaml"
    path.write_text("\n".join([path.read_text(encoding="utf-8"), *lines, ""]), encoding="utf-8")


@pytest.fixture
def told(room: ReadingRoom) -> ReadingRoom:
    """Two outlets whose facts are known, with two articles and one."""
    say(room, "gazette", "country: pt", "kind: daily", "reach: 120000")
    say(room, "herald", "country: DE", "kind: agency")
    now = moment(room.newsroom.now - timedelta(hours=1))
    for number, id_ in enumerate(("gazette", "gazette", "herald")):
        room.publish(f"A ferry {number}.", f"Ferry {number}", source=id_, published=now, modified=now)
    return room


def search(room: ReadingRoom, **asked: str) -> WebPage:
    return read(room.pages.get("/search?" + urlencode(asked)).text)


def titles(page: WebPage) -> list[str]:
    return sorted(words for words, link in page.links.items() if link.startswith("/articles/"))


def test_a_country_and_a_kind_narrow_with_a_click(told: ReadingRoom) -> None:
    page = search(told, q="ferry")
    [portugal] = [link for words, link in page.links.items() if words.startswith("Portugal")]
    assert titles(read(told.pages.get(portugal).text)) == ["Ferry 0", "Ferry 1"]
    [agencies] = [link for words, link in page.links.items() if words.startswith("News agency")]
    assert titles(read(told.pages.get(agencies).text)) == ["Ferry 2"]
    assert titles(search(told, q="reach:>100000 AND country:portugal")) == ["Ferry 0", "Ferry 1"]


def test_a_fact_that_changes_holds_at_once_for_what_was_indexed_before(told: ReadingRoom) -> None:
    assert titles(search(told, q="country:fr")) == []
    assert "no source" in search(told, q="country:fr").words
    path = told.folder / "sources" / "herald.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("country: DE", "country: FR  # moved"), encoding="utf-8"
    )
    assert titles(search(told, q="country:fr")) == ["Ferry 2"]


def test_an_article_tells_its_outlet_and_says_changed_only_where_it_was(told: ReadingRoom) -> None:
    [link] = [link for words, link in search(told, q="ferry").links.items() if words == "Ferry 0"]
    words = read(told.pages.get(link).text).words
    assert "Portugal" in words
    assert "Daily newspaper" in words
    assert "reach 120,000" in words
    assert "changed" not in words.split("first seen")[0]


def test_who_only_links_to_an_article_is_told_on_its_page_and_nowhere_else(told: ReadingRoom) -> None:
    newsroom = told.newsroom
    with newsroom.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette"), source("herald")])
    url = "https://gazette.example/article-0"
    run_id = newsroom.start_run("herald", "https://herald.example")
    newsroom.list_links(run_id, "https://herald.example/", url, kind=LinkKind.FEED)
    newsroom.finish_run(run_id)
    drain(newsroom.archive, told.index)
    assert titles(search(told, source="herald")) == ["Ferry 2"]
    [link] = [link for words, link in search(told, q="ferry").links.items() if words == "Ferry 0"]
    assert re.search(
        r"Sources that found it:.*Gazette.*Herald", read(told.pages.get(link).text).words, re.DOTALL
    )


def test_compare_tells_countries_kinds_and_reach(told: ReadingRoom) -> None:
    answer = told.pages.get("/compare?" + urlencode([("q", "ferry"), ("q", "country:de")])).text
    words = read(answer).words
    assert "Portugal 2" in words
    assert "News agency 1" in words
    [cells] = re.findall(r'<th scope="row">Reach[^<]*</th>(.*?)</tr>', answer)
    assert re.findall(r"<td>(.*?)</td>", cells) == ["240,000", "0"]


def test_exports_have_the_facts(told: ReadingRoom) -> None:
    rows = list(csv.DictReader(io.StringIO(told.pages.get("/search/export/csv?q=ferry").text, newline="")))
    facts = sorted((row["source"], row["country"], row["kind"], row["reach"]) for row in rows)
    assert facts == [("gazette", "PT", "daily", "120000")] * 2 + [("herald", "DE", "agency", "")]
    lines = told.pages.get("/search/export/jsonl?q=country:de").text.splitlines()
    [said] = map(json.loads, lines)
    assert (said["country"], said["kind"], said["reach"]) == (["DE"], ["agency"], None)


def test_the_page_of_a_source_says_what_its_file_says(told: ReadingRoom) -> None:
    assert "Portugal, Daily newspaper, reach 120,000" in read(told.pages.get("/sources/gazette").text).words
