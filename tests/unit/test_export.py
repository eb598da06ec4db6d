"""Articles as files."""

import csv
import io
import json
import re
import sys
import xml.etree.ElementTree as ET
import zipfile
from datetime import datetime
from types import ModuleType

import feedparser
import pytest
from pyarrow import parquet as arrow

from presswatch.cli.bar_chart import draw_bar_chart
from presswatch.errors import UsageError
from presswatch.search import parquet, spreadsheet
from presswatch.search.export import COLUMNS, as_csv, serialise, with_facts
from presswatch.search.timeline import Bar, Timeline, Unit, edges
from support.library import LIBRARY, NOW, make


@pytest.mark.parametrize(
    "title", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x", "  =1", "＝1"]
)
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


# What the RSS Board's specification and the W3C's feed validator ask for.
def test_an_rss_feed_is_valid_as_its_specification_has_it() -> None:
    made = make(0, "", "text", author=("Ann Lee", "Bo Chan"), source_name=("The Gazette",))
    written = "".join(serialise([made], "rss", "ferry", NOW, home="https://watch.example/search?q=ferry"))
    read = feedparser.parse(written)
    assert not read.bozo
    assert read.feed.link == "https://watch.example/search?q=ferry"
    channel = ET.fromstring(written).find("channel")
    assert channel is not None
    assert channel.findtext("item/title") == made.url
    # An author of RSS is a mail address: names are Dublin Core's.
    assert channel.find("item/author") is None
    creators = [one.text for one in channel.iter("{http://purl.org/dc/elements/1.1/}creator")]
    assert creators == ["Ann Lee", "Bo Chan"]
    outlet = channel.find("item/source")
    assert outlet is not None
    assert (outlet.text, outlet.get("url")) == ("The Gazette", "https://gazette.example/")
    assert str(channel.findtext("item/pubDate")).endswith(" GMT")


def test_a_json_feed_has_what_its_specification_asks_for() -> None:
    made = make(99, 'a "quoted" <b>', "text", marked=("check",), image="https://example.org/i.jpg")
    feed = json.loads(
        "".join(serialise([made, *LIBRARY], "json", "ferry", NOW, home="https://watch.example/"))
    )
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "ferry")
    assert feed["home_page_url"] == "https://watch.example/"
    assert len({item["id"] for item in feed["items"]}) == len(LIBRARY) + 1
    for item in feed["items"]:
        assert item["content_text"]
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert all(author["name"] for author in item["authors"])
    assert (feed["items"][0]["title"], feed["items"][0]["_presswatch"]) == (made.title, {"marked": ["check"]})
    assert json.loads("".join(serialise([], "json", "x", NOW)))["items"] == []


def test_references_have_a_tag_and_a_value_in_each_line() -> None:
    made = make(0, "Ferry\naground", "text", author=("Ann* Lee",), section="Sea", summary="One\r\ntwo")
    written = "".join(serialise([made, *LIBRARY], "ris", "", NOW))
    lines = written.split("\r\n")
    assert lines.pop() == ""
    assert all(re.fullmatch("[A-Z][A-Z0-9]  - [^\r\n]*", line) for line in lines)
    assert [lines[0], lines[1], lines[2]] == ["TY  - NEWS", "TI  - Ferry aground", "AU  - Ann Lee"]
    assert f"DA  - {made.time:%Y/%m/%d}" in lines
    assert f"UR  - {made.url}" in lines
    assert lines.count("ER  - ") == lines.count("TY  - NEWS") == len(LIBRARY) + 1


def test_a_table_says_that_it_is_utf_8_and_who_the_sources_are() -> None:
    table = "".join(serialise([make(0, "T", "x", source_name=("The Gazette",))], "csv", "", NOW))
    assert table.startswith("\ufefftime,source,source_name,")
    [row] = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    assert row["source_name"] == "The Gazette"


def test_no_cell_of_a_workbook_is_a_formula_and_long_texts_are_cut() -> None:
    file = io.BytesIO()
    formula, long = make(0, "=HYPERLINK(1)", "\x0b x"), make(1, "https://example.org/", "y" * 40_000)
    assert spreadsheet.write(with_facts([formula, long], ()), COLUMNS, file) == 1
    with zipfile.ZipFile(file) as workbook:
        sheet = ET.fromstring(workbook.read("xl/worksheets/sheet1.xml"))
    assert not list(sheet.findall(".//{*}f"))
    assert not list(sheet.findall(".//{*}hyperlink"))
    rows = sheet.findall(".//{*}row")
    assert len(rows) == 3
    assert "time (UTC)" in "".join(rows[0].itertext())
    assert "=HYPERLINK(1)" in "".join(rows[1].itertext())
    texts = [len("".join(cell.itertext())) for cell in rows[2].findall("{*}c")]
    assert max(texts) == 32_767
    empty = io.BytesIO()
    assert spreadsheet.write([], COLUMNS, empty) == 0
    assert zipfile.ZipFile(empty).testzip() is None


def test_parquet_has_typed_columns() -> None:
    file = io.BytesIO()
    made = make(0, "T \ud83d", "x", author=("Ann Lee", "Bo Chan"))
    parquet.write(with_facts([made, *LIBRARY], ()), COLUMNS, file)
    file.seek(0)
    table = arrow.read_table(file)
    assert table.column_names == list(COLUMNS)
    first = table.to_pylist()[0]
    assert (first["time"], first["author"], first["reach"]) == (made.time, ["Ann Lee", "Bo Chan"], None)
    assert first["title"] == "T ?"
    assert table.num_rows == len(LIBRARY) + 1


@pytest.mark.parametrize(("form", "package"), [(spreadsheet, "xlsxwriter"), (parquet, "pyarrow")])
def test_a_form_without_its_extra_says_how_to_get_it(
    form: ModuleType, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=r"pip install 'presswatch\[(xlsx|parquet)\]'"):
        form.write([], COLUMNS, io.BytesIO())


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
