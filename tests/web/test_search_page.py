"""The search page, as a reader asks and narrows."""

import csv
import http.client
import io
import json
import re
import socket
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import feedparser
import pytest

from presswatch import config
from presswatch.archive import Archive
from presswatch.search.export import NAMES, ExportFormat
from support.indexing import put
from support.library import NOW, make
from support.newsroom import Newsroom
from support.pages_server import Pages, served
from support.reading_room import ReadingRoom
from support.waiting import wait_until
from support.web_page import WebPage, parameters, read

ATOM = "{http://www.w3.org/2005/Atom}"


def address(query: str = "", **others: str) -> str:
    return "/search?" + urlencode({"q": query, **others})


def search(room: ReadingRoom, query: str = "", status: int = 200, **others: str) -> WebPage:
    return follow(room, address(query, **others), status)


def follow(room: ReadingRoom, link: str, status: int = 200) -> WebPage:
    answer = room.pages.get(link)
    assert answer.status == status
    return read(answer.text)


def titles(page: WebPage) -> list[str]:
    return [words for words, link in page.links.items() if link.startswith("/articles/")]


@pytest.fixture
def stocked(room: ReadingRoom) -> ReadingRoom:
    """Six articles, an hour or a day apart."""
    put(
        room.index,
        [
            make(0, "Ferry aground", "The ferry Aurora ran aground.", section="Harbour", author=("Ann Lee",)),
            make(1, "Ferry strike", "Crews of the ferry strike.", section="Work", tag=("strike",)),
            make(2, "Fähre steht still", "Die Fähre steht still.", language="de", source=("herald",)),
            make(26, "Ferry sold", "The old ferry was sold.", section="Harbour", tag=("strike", "a/b & c")),
            make(50, "Opera opens", "The opera opens its doors.", section="Culture"),
            make(75, "Ferry found", "A model of a ferry was found.", author=("Bo Chan",)),
        ],
    )
    return room


def test_the_query_is_told_as_it_was_understood_with_its_notes(stocked: ReadingRoom) -> None:
    page = search(stocked, "ferry W/5 aground OR US")
    assert '"ferry aground"~5 OR US' in page.words
    assert "W/5 at character 7 is read as NEAR/5" in page.words
    assert page.fields["q"] == "ferry W/5 aground OR US"
    assert titles(page) == ["Ferry aground"]


def test_a_value_that_nothing_has_is_told_with_the_nearest(stocked: ReadingRoom) -> None:
    """What is excluded is not looked for, and a part that is found nothing of is told beside what is."""
    page = search(stocked, "ferry OR source:gazete")
    assert "source:gazete cannot match: there is no such source; did you mean source:gazette?" in page.words
    assert "cannot match" not in search(stocked, "ferry NOT source:gazete").words
    assert "cannot match" not in search(stocked, "ferry source:gazette").words
    for query, meant in (("language:eng", "language:en?"), ("domain:gazete.example", '"gazette.example"?')):
        text = search(stocked, query).words
        assert " is in none of " in text
        assert meant in text


@pytest.mark.parametrize(
    ("query", "said", "marked"),
    [
        ("ferry AND (strike", "( at character 11 is never closed", '<mark class="here">(</mark>strike'),
        ("region:fr ferry", "there is no field region", '<mark class="here">r</mark>egion'),
        ("ferry AND", "AND", '<mark class="here">'),
        ("fer?y", "? as a wildcard is not supported", '<mark class="here">f</mark>er?y'),
        ("ferry~2 boat", "similar spellings are not supported", 'ferry<mark class="here">~</mark>2'),
        ("/fer+y/", "is a regular expression", '<mark class="here">/</mark>'),
        ("NOT ferry", "only excludes", ""),
        ("@nix", "there is no saved search @nix", '<mark class="here">@</mark>nix'),
        ("<script>", "needs a field of dates or numbers", '<mark class="here">&lt;</mark>script&gt;'),
    ],
)
def test_a_wrong_query_is_kept_and_marked_where_it_stumbles(
    stocked: ReadingRoom, query: str, said: str, marked: str
) -> None:
    answer = stocked.pages.get(address(query, since="now-7d"))
    page = read(answer.text)
    assert answer.status == 400
    assert said in page.words
    assert marked in answer.text
    assert (page.fields["q"], page.fields["since"]) == (query, "now-7d")


def test_a_query_of_another_program_is_rewritten_and_its_changes_are_told(stocked: ReadingRoom) -> None:
    page = search(stocked, "HEADLINE(ferry) AND BODY(strik!)")
    assert titles(page) == []
    page = follow(stocked, page.links["LexisNexis"])
    assert page.fields["q"] == "title:ferry AND text:strik*"
    assert "line 1: HEADLINE is title" in page.words
    assert titles(page) == ["Ferry strike"]
    assert parameters(page.links["Most relevant first"]) == {
        "q": "title:ferry AND text:strik*",
        "sort": "relevance",
    }


def test_what_another_program_cannot_have_meant_is_told(stocked: ReadingRoom) -> None:
    page = follow(stocked, address("ferry", **{"from": "nix"}), 400)
    assert "queries of nix are not known" in page.words
    assert page.fields["q"] == "ferry"


def test_filters_stand_beside_the_query_and_are_taken_away_again(stocked: ReadingRoom) -> None:
    page = search(stocked, "ferry OR fähre", since="2026-11-19", until="2026-11-20", language="de")
    assert titles(page) == ["Fähre steht still"]
    page = follow(stocked, page.links["Take away: Language: German ×"])
    assert titles(page) == ["Ferry aground", "Ferry strike", "Fähre steht still", "Ferry sold"]
    page = follow(stocked, page.links["Take away: From: 2026-11-19 ×"])
    assert "Ferry found" in titles(page)
    assert page.fields["until"] == "2026-11-20"


@pytest.mark.parametrize(
    ("field", "given"), [("since", "tomorow"), ("until", "2026-13-01"), ("since", "x] OR *")]
)
def test_a_wrong_date_is_told_at_its_field(stocked: ReadingRoom, field: str, given: str) -> None:
    answer = stocked.pages.get(address("ferry", **{field: given}))
    assert answer.status == 400
    assert f'aria-describedby="wrong-{field}"' in answer.text
    assert "is no date that is understood" in answer.text
    assert read(answer.text).fields[field] == given


def test_a_comment_and_capitals_mean_the_same_with_a_filter_beside_them(stocked: ReadingRoom) -> None:
    assert titles(search(stocked, "ferry # or boat", source="gazette", section="Work")) == ["Ferry strike"]
    assert titles(search(stocked, "OPERA OPENS", source="gazette")) == ["Opera opens"]


def test_a_facet_narrows_with_a_click_and_is_taken_away_with_another(stocked: ReadingRoom) -> None:
    page = search(stocked, "ferry")
    narrower = follow(stocked, page.links["strike"])
    assert titles(narrower) == ["Ferry strike", "Ferry sold"]
    twice = follow(stocked, narrower.links["a/b & c"])
    assert titles(twice) == ["Ferry sold"]
    assert titles(follow(stocked, twice.links["Take away: strike ×"])) == ["Ferry sold"]
    assert titles(follow(stocked, twice.links["Take away: Tag: a/b & c ×"])) == titles(narrower)


def test_what_narrows_stays_when_the_query_is_changed(stocked: ReadingRoom) -> None:
    page = search(stocked, "ferry", tag="strike", sort="relevance")
    assert (page.fields["tag"], page.fields["sort"]) == ("strike", "relevance")


def test_telling_words_narrow_the_search(room: ReadingRoom) -> None:
    put(room.index, [make(n, "Ferry", f"The ferry met a walrus. {n}") for n in range(4)])
    put(room.index, [make(n, "Other", f"The council met. {n}") for n in range(4, 40)])
    page = search(room, "ferry", stories="apart")
    assert "walrus" in page.links
    assert "ferry" not in page.links
    assert "Take away: Word: walrus ×" in follow(room, page.links["walrus"]).links


def test_a_bar_of_the_timeline_narrows_to_its_time(stocked: ReadingRoom) -> None:
    answer = stocked.pages.get(address("ferry"))
    page = read(answer.text)
    bars = [link for words, link in page.links.items() if "since" in link and ": " not in words]
    assert len(bars) == len({*bars}) >= 3
    found = [title for bar in bars for title in titles(follow(stocked, bar))]
    assert sorted(found) == sorted(titles(page))
    # The chart says no more than the table beside it.
    assert answer.text.count("<rect") == 2 * answer.text.count("<tr><td>")


def test_an_article_is_told_with_its_source_time_people_and_what_became_of_it(room: ReadingRoom) -> None:
    gone = make(
        1,
        "Ferry aground",
        "The ferry ran aground. " * 3,
        author=("Ann Lee", "Bo Chan"),
        section="Harbour",
        vanished=NOW,
        revision=3,
        revised=NOW,
        url="https://gazette.example/a?b=1&c=2",
    )
    put(room.index, [gone])
    answer = room.pages.get(address("ferry"))
    page = read(answer.text)
    assert page.links["Ferry aground"] == "/articles/d01?q=ferry"
    assert page.links["The original at gazette.example"] == "https://gazette.example/a?b=1&c=2"
    for said in (
        "Gazette",
        "11:00",
        "Ann Lee, Bo Chan",
        "Harbour",
        "Gone from its site since",
        "Changed 2 times",
    ):
        assert said in page.words
    assert "<mark>ferry</mark>" in answer.text


def test_times_are_those_of_the_configured_zone(archive: Archive, tmp_path: Path) -> None:
    from support.reading_room import opened

    with opened(archive, tmp_path, {"time_zone": "Asia/Kolkata"}) as room:
        put(room.index, [make(0, "Ferry", "ferry"), make(1, "Ferry again", "ferry")])
        page = search(room, "ferry")
        assert "17:30" in page.words
        [hour] = [link for words, link in page.links.items() if "16:00" in words and ": " not in words]
        assert titles(follow(room, hour)) == ["Ferry again"]


def hostile() -> list[Any]:
    evil = '"><script>alert(1)</script>\u202e'
    return [
        make(
            0,
            f"Ferry {evil}",
            f"A ferry {evil}",
            section=evil,
            author=(f"Ann {evil}",),
            tag=(f"t {evil}",),
            source=("gazette",),
            domain="<b>x</b>",
            url="javascript:alert(1)",
        )
    ]


def test_what_the_press_wrote_is_inert(room: ReadingRoom) -> None:
    put(room.index, hostile())
    text = room.pages.get(address("ferry")).text
    assert "<script>alert" not in text
    assert "javascript:" not in text.replace("The original", "")
    assert 'href="javascript' not in text
    assert "<b>x" not in text
    assert "\u202e" not in text


def story(room: ReadingRoom, copies: int, first: int = 0, name: str = "wreck") -> None:
    put(
        room.index,
        [
            make(
                first + n,
                f"Wreck {name} copy {n}",
                "A ferry was wrecked.",
                story=f"{name}-story",
                source=(f"outlet-{n}",),
            )
            for n in range(copies)
        ],
    )


def test_the_articles_of_a_story_are_one_item_that_unfolds(stocked: ReadingRoom) -> None:
    story(stocked, 4, first=80)
    page = search(stocked, "ferry")
    assert "also in 3 outlets" in page.words
    assert titles(page).index("Wreck wreck copy 0") < titles(page).index("Wreck wreck copy 3")
    assert page.links["The whole story"] == "/stories/wreck-story"
    assert "8 articles" in page.words
    apart = follow(stocked, page.links["Every article by itself"])
    assert "also in" not in apart.words
    assert "also in 3 outlets" in follow(stocked, apart.links["Articles of a story together"]).words


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_a_story_is_an_item_of_one_page_alone(room: ReadingRoom, sort: str) -> None:
    story(room, 45)
    story(room, 3, first=46, name="calm")
    put(room.index, [make(n, f"Ferry {n}", "A ferry.") for n in range(50, 75)])
    seen: list[str] = []
    page = search(room, "ferry", sort=sort)
    while True:
        seen += [title for title in titles(page) if title.startswith("Ferry") or title.endswith("copy 0")]
        assert "73 articles" in page.words
        if "Next page" not in page.links:
            break
        page = follow(room, page.links["Next page"])
    assert len(seen) == len({*seen})
    assert {"Wreck wreck copy 0", "Wreck calm copy 0"} <= {*seen} or sort == "relevance"
    assert {f"Ferry {n}" for n in range(50, 75)} <= {*seen}


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_pages_follow_each_other_without_gap_or_repeat(room: ReadingRoom, sort: str) -> None:
    put(room.index, [make(n, f"Ferry {n}", "A ferry.") for n in range(55)])
    page = search(room, "ferry", sort=sort)
    seen = titles(page)
    while "Next page" in page.links:
        page = follow(room, page.links["Next page"])
        seen += titles(page)
    assert sorted(seen) == sorted(f"Ferry {n}" for n in range(55))
    assert titles(follow(room, page.links["First page"])) == seen[:20]


@pytest.mark.parametrize(
    "after", ["nonsense", "12", "W10", "\x00", "%ff", "WyJlbWJlZGRlZCAxIiwibmV3ZXN0IiwxXQ"]
)
def test_a_strange_cursor_is_told_and_leads_to_the_first_page(room: ReadingRoom, after: str) -> None:
    put(room.index, [make(n, f"Ferry {n}", "A ferry.") for n in range(25)])
    page = search(room, "ferry", after=after)
    assert "Here is the first page." in page.words
    assert titles(page) == titles(search(room, "ferry"))
    assert "First page" not in page.links


def test_a_cursor_of_another_order_is_strange(room: ReadingRoom) -> None:
    put(room.index, [make(n, f"Ferry {n}", "A ferry.") for n in range(25)])
    after = parameters(search(room, "ferry").links["Next page"])["after"]
    assert "Here is the first page." in search(room, "ferry", after=after, sort="relevance").words


def test_the_address_holds_everything(stocked: ReadingRoom) -> None:
    given = {
        "q": "ferry # boats",
        "since": "now-30d",
        "until": "today",
        "source": "gazette",
        "tag": "a/b & c",
        "sort": "relevance",
        "stories": "apart",
    }
    page = follow(stocked, "/search?" + urlencode(given))
    assert titles(page) == ["Ferry sold"]
    assert parameters(page.links["Address to share"]) == given


def test_a_watch_is_made_of_the_query_and_what_narrows_it(stocked: ReadingRoom) -> None:
    page = search(stocked, "ferry OR boat", tag="a/b & c", since="now-7d", story="s1")
    asked = parameters(page.links["Make a watch of this"])
    assert asked == {"query": '(ferry OR boat) AND tag:"a/b & c"', "name": "ferry OR boat"}
    plain = parameters(search(stocked, "ferry", source="herald").links["Make a watch of this"])
    assert plain == {"query": 'ferry AND source:"herald"', "name": "ferry"}
    assert "Make a watch of this" not in search(stocked).links


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("jsonl", "application/x-ndjson"),
        ("csv", "text/csv"),
        ("atom", "application/atom+xml"),
        ("rss", "application/rss+xml"),
        ("json", "application/feed+json"),
        ("ris", "application/x-research-info-systems"),
    ],
)
def test_the_whole_result_is_a_file(room: ReadingRoom, form: ExportFormat, media_type: str) -> None:
    put(room.index, [make(n, f"Ferry {n}", "A ferry. " * 50) for n in range(700)])
    put(room.index, [make(900, "Opera", "Opera.")])
    answer = room.pages.get(search(room, "ferry", source="gazette").links[NAMES[form]])
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["content-disposition"].startswith('attachment; filename="presswatch-ferry.')
    match form:
        case "jsonl":
            found = [json.loads(line)["title"] for line in answer.text.splitlines()]
        case "csv":
            table = answer.text.removeprefix("\ufeff")
            found = [row["title"] for row in csv.DictReader(io.StringIO(table, newline=""))]
        case "json":
            found = [item["title"] for item in json.loads(answer.text)["items"]]
        case "ris":
            found = re.findall(r"^TI  - (.+)\r$", answer.text, re.MULTILINE)
        case "atom":
            found = [
                one.findtext(f"{ATOM}title") or "" for one in ET.fromstring(answer.text).iter(f"{ATOM}entry")
            ]
        case _:
            found = [one.findtext("title") or "" for one in ET.fromstring(answer.text).iter("item")]
    assert found == [f"Ferry {n}" for n in range(700)]


def test_several_take_files_while_others_search(room: ReadingRoom) -> None:
    put(room.index, [make(n, f"Ferry {n}", "A ferry. " * 50) for n in range(900)])
    with ThreadPoolExecutor(8) as readers:
        files = [readers.submit(room.pages.get, "/search/export/jsonl?q=ferry") for _ in range(6)]
        pages = [readers.submit(room.pages.get, address("ferry")) for _ in range(6)]
        assert {file.result().text.count("\n") for file in files} == {900}
        assert {page.result().status for page in pages} == {200}


def test_whoever_leaves_a_file_half_taken_leaves_nothing_open(room: ReadingRoom) -> None:
    put(room.index, [make(n, f"Ferry {n}", "A ferry. " * 5000) for n in range(600)])
    held = room.newsroom.archive.path.parent / "index.sqlite"
    with socket.create_connection(("127.0.0.1", room.pages.port)) as connection:
        connection.sendall(b"GET /search/export/jsonl?q=ferry HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert is_open(held)
    wait_until(lambda: not is_open(held), lambda: "the index is still read")


def is_open(path: Path) -> bool:
    """Whether this process has the file open."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(descriptor.readlink())
    return path in found


def test_an_export_of_what_cannot_be_asked_says_so(room: ReadingRoom) -> None:
    assert "never closed" in follow(room, "/search/export/csv?q=(ferry", 400).words
    assert room.pages.get("/search/export/exe?q=ferry").status == 404


def test_a_search_has_a_feed_at_a_signed_address(stocked: ReadingRoom) -> None:
    link = search(stocked, "ferry", section="Harbour").links["Follow it in a feed reader (Atom)"]
    # Feed readers come from anywhere.
    answer = stocked.pages.get(link, X_Forwarded_For="192.0.2.7")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed: Any = feedparser.parse(answer.text)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["Ferry aground", "Ferry sold"]
    assert stocked.pages.get(link, If_None_Match=answer.headers["etag"]).status == 304
    assert stocked.pages.get(link.replace("search/", "search/x")).status == 404
    assert stocked.pages.get(link.removesuffix(".atom")[:-2] + ".atom").status == 404
    assert stocked.pages.get("/feeds/search/ferry.atom").status == 404


def test_a_feed_of_a_saved_search_that_was_removed_says_so(stocked: ReadingRoom) -> None:
    path = config.write_search(stocked.folder, "boats", {"name": "Boats & ships", "query": "ferry"}, {})
    page = search(stocked)
    saved = follow(stocked, page.links["Boats & ships"])
    assert saved.fields["q"] == "@boats"
    assert "Ferry aground" in titles(saved)
    link = saved.links["Follow it in a feed reader (Atom)"]
    assert stocked.pages.get(link).status == 200
    path.unlink()
    assert "no saved search @boats" in follow(stocked, link, 410).words


def test_a_long_query_stands_in_the_page_a_few_times_only(stocked: ReadingRoom) -> None:
    query = "ferry" + "".join(f" OR word{n}" for n in range(250))
    answer = stocked.pages.get(address(query))
    assert len(answer.text) < 100_000
    page = read(answer.text)
    assert page.fields["q"] == query
    assert '<button class="link" name="tag" value="strike">' in answer.text
    # What such a button sends.
    assert titles(search(stocked, query, tag="strike")) == ["Ferry strike", "Ferry sold"]
    assert titles(search(stocked, query, within="2026-11-17..2026-11-17")) == ["Ferry found"]


def test_a_full_page_is_small(room: ReadingRoom) -> None:
    text = (
        "The ferry of the harbour "
        + "met another ship in thick fog near the cape, and the harbour closed. " * 40
    )
    for copy in range(6):
        put(
            room.index,
            [
                make(
                    n + copy * 24,
                    f"Ferry {n} of {copy}: a headline of a usual length in the press",
                    text,
                    id=f"{n:016}{copy:016}",
                    story=f"{n:032}",
                    source=(f"outlet-{n}-{copy}",),
                    author=(f"Author {n}",),
                    tag=(f"tag {n}", "ferry"),
                )
                for n in range(24)
            ],
        )
    everything = ["/search?q=ferry+harbour+OR+cape", "/static/pages.css", "/static/search.js"]
    assert sum(len(room.pages.get(one).text.encode()) for one in everything) < 100_000


def test_the_hits_do_not_wait_for_what_stands_beside_them(stocked: ReadingRoom) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stocked.pages.port, timeout=30)
    connection.request("GET", address("ferry"))
    answer = connection.getresponse()
    first = answer.read1(1 << 20).decode()
    rest = answer.read().decode()
    connection.close()
    assert "A model of a <mark>ferry</mark> was found." in first
    assert "Over time" not in first
    assert "Over time" in rest
    assert answer.headers["x-accel-buffering"] == "no"


@pytest.fixture
def without_index(archive: Archive, tmp_path: Path) -> Iterator[Pages]:
    settings = {"search": {"elasticsearch": {"urls": ["http://127.0.0.1:9"]}}}
    with served(Newsroom(archive), tmp_path / "config", settings, {"recipients": ["a@b.example"]}) as pages:
        yield pages


def test_without_its_index_the_page_says_so_and_keeps_what_was_typed(without_index: Pages) -> None:
    answer = without_index.get(address("ferry OR boat", since="now-7d"))
    page = read(answer.text)
    assert answer.status == 503
    assert "The index does not answer now" in page.words
    assert (page.fields["q"], page.fields["since"]) == ("ferry OR boat", "now-7d")
    assert without_index.get("/search/export/csv?q=ferry").status == 503


def test_nothing_found_is_told(stocked: ReadingRoom) -> None:
    page = search(stocked, "zeppelin")
    assert "No article matches." in page.words
    assert "0 articles" in page.words
    assert "Type fewer words, or OR between them" in page.words


def test_each_filter_of_a_search_without_hits_can_be_dropped(stocked: ReadingRoom) -> None:
    page = search(stocked, "ferry", since="2020-01-01", until="2020-12-31", source="herald")
    assert "0 articles" in page.words
    wider = parameters(page.links["Search in all of the time"])
    assert wider == {"q": "ferry", "source": "herald"}
    without = parameters(page.links["Search without From: 2020-01-01"])
    assert without == {"q": "ferry", "until": "2020-12-31", "source": "herald"}
    assert any(name.startswith("Search without Source: ") for name in page.links)


@pytest.mark.parametrize(
    ("since", "until", "is_wrong"),
    [
        ("2026-12-31", "2020-01-01", True),
        ("now", "now-7d", True),
        ("2026-11-20", "2026-11-20", False),
        ("2026", "2026-11", False),
    ],
)
def test_a_time_that_ends_before_it_begins_is_told_at_its_fields(
    stocked: ReadingRoom, since: str, until: str, is_wrong: bool
) -> None:
    answer = stocked.pages.get(address("ferry", since=since, until=until))
    assert answer.status == (400 if is_wrong else 200)
    assert answer.text.count('aria-describedby="wrong-order"') == (2 if is_wrong else 0)
    assert ("From is after Until" in answer.text) == is_wrong


def test_the_page_speaks_the_readers_language_in_its_direction(stocked: ReadingRoom) -> None:
    text = stocked.pages.get(address("ferry"), Accept_Language="ar").text
    assert '<html lang="ar" dir="rtl">' in text
    assert "<bdi>Gazette</bdi>" in text


def test_what_is_wrong_with_a_query_is_said_in_the_readers_language(stocked: ReadingRoom) -> None:
    text = stocked.pages.get(address("(ferry OR strike"), Accept_Language="de").text
    assert "wird nicht geschlossen" in text
    assert "is never closed" not in text
    noticed = stocked.pages.get(address("ferry | strike"), Accept_Language="de").text
    assert "wird als OR gelesen" in noticed
    assert "is read as OR" not in noticed


def test_a_time_long_ago_is_found(room: ReadingRoom) -> None:
    put(
        room.index,
        [make(0, "Ferry", "ferry"), make(1, "Old ferry", "ferry", time=NOW - timedelta(days=9000))],
    )
    page = search(room, "ferry")
    assert titles(follow(room, page.links["2002"])) == ["Old ferry"]
