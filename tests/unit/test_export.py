"""Articles as files."""

import csv
import io
import xml.etree.ElementTree as ET

import feedparser
import pytest

from presswatch.cli.bar_chart import draw_bar_chart
from presswatch.search.export import as_csv, serialise
from presswatch.search.timeline import Bar, Timeline, Unit, edges
from support.library import LIBRARY, NOW, make


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "  =1", "＝1"])
def test_no_cell_of_a_csv_file_is_a_formula(title: str) -> None:
    [_head, row] = csv.reader(io.StringIO("".join(as_csv([make(0, title, "text")], ["title"])), newline=""))
    assert row == [f"'{title}"]


def test_a_cell_holds_what_it_held() -> None:
    title = 'He said: "a, b"\nand\r\nmore; 10% -3'
    document = make(0, title, "text", author=("Ann Lee", "Bo Chan"))
    text = "".join(as_csv([document], ["title", "author", "published"]))
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [
        title, "Ann Lee; Bo Chan", document.time.isoformat(),
    ]  # fmt: skip


def test_a_feed_is_xml_whatever_the_press_wrote() -> None:
    evil = make(0, "a < b & \x00\x0b\ufffe c</title>", "text", url='https://example.org/?a="1"&b=<2>')
    feed = ET.fromstring("".join(serialise([evil, *LIBRARY], "rss", "<&>", NOW)))
    items = list(feed.iter("item"))
    assert len(items) == len(LIBRARY) + 1
    assert items[0].findtext("title") == "a < b &  c</title>"
    assert items[0].findtext("link") == evil.url
    assert feed.findtext("channel/title") == "<&>"


@pytest.mark.parametrize(
    ("text", "said"),
    [("word " * 101, "word " * 99 + "word…"), ("报" * 501, "报" * 500 + "…")],
    ids=["words", "chinese"],
)
def test_a_text_that_stands_for_a_summary_is_cut_between_words(text: str, said: str) -> None:
    feed = ET.fromstring("".join(serialise([make(0, "Long", text, summary="")], "rss", "q", NOW)))
    assert feed.findtext("channel/item/description") == said


def test_an_atom_feed_is_one_whatever_the_press_wrote() -> None:
    evil = make(0, "a < b & \x00\x0b\ufffe c</title>", "text", url='https://example.org/?a="1"&b=<2>')
    written = "".join(serialise([evil, *LIBRARY], "atom", "<&>", NOW))
    feed = feedparser.parse(written)
    assert not feed.bozo
    assert len(feed.entries) == len(LIBRARY) + 1
    assert ET.fromstring(written).findtext("{*}entry/{*}title") == "a < b &  c</title>"
    assert feed.entries[0].link == evil.url
    assert {entry.id for entry in feed.entries} == {
        f"urn:presswatch:article:{one.id}" for one in (evil, *LIBRARY)
    }
    # RFC 4287 asks for these of a feed and of every entry.
    assert feed.feed.id.startswith("urn:presswatch:search:")
    assert all(entry.updated and entry.author for entry in feed.entries)


def timeline(*counts: int) -> Timeline:
    days = edges(NOW, NOW.replace(month=12), Unit.DAY, "UTC")
    return Timeline(Unit.DAY, tuple(Bar(day, count) for day, count in zip(days, counts, strict=False)))


def test_a_picture_has_a_column_a_bar_and_its_ends_below() -> None:
    lines = draw_bar_chart(timeline(1, 0, 8, 4, *[0] * 20, 1), "UTC", 30)
    columns = ["".join(line[2 + at] for line in lines[:6]) for at in range(25)]
    assert columns[2] == "█" * 6
    assert columns[3] == "   ███"
    assert columns[1] == " " * 6
    assert columns[0].strip() == "▆"
    assert lines[0].startswith("8 ")
    assert lines[6].split() == ["2026-11-20", "2026-12-14"]


def test_a_few_bars_are_drawn_wide() -> None:
    lines = draw_bar_chart(timeline(1, 4, 2), "UTC", 80)
    assert lines[5] == "0 █████ █████ █████"


def test_a_picture_that_is_too_wide_shows_neighbours_as_one() -> None:
    lines = draw_bar_chart(timeline(*[3] * 30), "UTC", 17)
    assert max(map(len, lines[:6])) <= 17
    assert lines[-1].strip() == "a column is 2 days"


def test_nothing_has_no_picture() -> None:
    assert draw_bar_chart(Timeline(Unit.HOUR, ()), "UTC", 80) == []
