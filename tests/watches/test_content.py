"""What a reader reads."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presswatch.model import LinkKind, Moment, Precision, Step
from presswatch.watches.audience import Audience
from presswatch.watches.content import (
    LARGEST,
    DigestContent,
    Item,
    MoreStory,
    Other,
    RenderedDigest,
    StoryItem,
    render,
)
from support.items import item, published
from support.newsroom import NOW

RELATED = (Step("https://gazette.example/1", LinkKind.RELATED, "More"), "Harbour opens again")
LISTING = (Step("https://gazette.example/news", LinkKind.LISTING, "Harbour"), "")


class Reader(HTMLParser):
    """What a mail reader makes of HTML: its elements, links and visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.marked: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _value in attrs)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag == "mark":
            self.marked.append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.get_starttag_text() == "<mark>" or (self.get_starttag_text() or "").startswith("<mark"):
            self.marked[-1] = self.marked[-1] or data


def rendered(
    *items: Item | StoryItem,
    more: Sequence[MoreStory] = (),
    zone: str = "Europe/Berlin",
    late: int = 0,
    language: str = "en",
    address: str = "",
) -> RenderedDigest:
    stories = [one if isinstance(one, StoryItem) else StoryItem(one) for one in items]
    news = sum(one.articles for one in stories) + sum(one.articles for one in more)
    query = "ferry OR 渡轮"
    content = DigestContent("Ferries", query, query, stories, more, news, late, 17, address=address)
    return render(content, Audience(language, zone))


def test_one_article_is_told_with_all_a_reader_asks() -> None:
    made = rendered(item(published=published(2, Precision.MINUTE), section="International"))
    assert made.subject == "Ferries: Ferry aground"
    assert made.text.startswith(
        "Ferries: 1 new article\n\n"
        "*Ferry* aground\n"
        "Kolmar Gazette · Fri, 20 Nov 2026, 11:00 CET · International\n\n"
        "The *ferry* ran aground. Nobody was hurt.\n\n"
        "https://gazette.example/a\n"
        "Found in feed https://gazette.example/feed.xml\n"
    )
    assert "recipient of the watch “Ferries”, which looks for:\n  ferry OR 渡轮\n" in made.text
    seen = Reader(made.html)
    assert seen.links == ["https://gazette.example/a"]
    assert seen.marked == ["Ferry", "ferry"]
    for told in ("Kolmar Gazette · Fri, 20 Nov 2026, 11:00 CET · International", "Found in feed"):
        assert told in " ".join(seen.text.split())


def test_several_articles_are_counted_and_the_newest_headline_is_the_subject() -> None:
    made = rendered(item("Second ferry aground"), item("First ferry aground"))
    assert made.subject == "Ferries (2): Second ferry aground"
    assert made.text.index("Second") < made.text.index("First")


def test_a_story_that_several_have_is_one_item() -> None:
    others = [
        Other(
            f"Outlet {number}",
            f"https://{number}.example/",
            NOW + timedelta(minutes=number * 60 if number > 10 else number),
        )
        for number in range(14)
    ]
    made = rendered(StoryItem(item(), others, 15))
    assert made.subject == "Ferries: Ferry aground (15 outlets)"
    assert made.text.startswith("Ferries: 15 new articles in 1 story\n")
    assert "Also: Outlet 0 (13:00), Outlet 1 (13:01), " in made.text
    assert "Outlet 11 (Sat 21 Nov, 00:00) and 2 more outlets" in made.text
    assert Reader(made.html).links[:2] == ["https://gazette.example/a", "https://0.example/"]


def test_a_story_that_was_told_says_what_is_new() -> None:
    others = [Other(f"Outlet {number}", f"https://{number}.example/", NOW) for number in range(6)]
    made = rendered(StoryItem(item(), others, told=5))
    assert made.subject == "Ferries: now in 7 outlets: Ferry aground"
    assert "Now in 7 outlets; 5 when last told." in made.text
    again = rendered(StoryItem(item(), others[:4], told=5))
    assert again.subject == "Ferries: Ferry aground"


def test_what_there_is_no_room_for_is_counted_by_source() -> None:
    more = [MoreStory("Herald", 2), MoreStory("Gazette", 300), MoreStory("Herald", 1)]
    made = rendered(item(), more=more)
    assert made.subject == "Ferries (4): Ferry aground"
    for said in (made.text, " ".join(Reader(made.html).text.split())):
        assert "303 more articles in 3 stories: Gazette (300) and Herald (3)." in said
        assert "All of them: presswatch mails show 17" in said
    address = "https://watch.example.org/watches/ferries/mails/17"
    linked = rendered(item(), more=more, address=address)
    assert f"All of them: {address}\n" in linked.text
    assert address in Reader(linked.html).links


def test_no_mail_is_larger_than_mail_readers_show() -> None:
    long = item(
        "Ferry " + "x" * 280, "The ferry " + "ran aground and " * 200, url="https://e.example/" + "u" * 1500
    )
    made = rendered(
        *[StoryItem(long, [Other("Outlet " * 20, "https://o.example/" + "o" * 1500, NOW)] * 12)] * 60
    )
    assert len(made.html.encode()) <= LARGEST
    assert "more articles in" in made.text


def test_a_path_over_a_related_link_is_told_backwards() -> None:
    made = rendered(item(path=(LISTING, RELATED)))
    assert (
        "Found as related to “Harbour opens again” · that page found on https://gazette.example/news\n"
        in made.text
    )


@pytest.mark.parametrize(
    ("moment", "zone", "said"),
    [
        (published(2, Precision.MINUTE), "Asia/Tokyo", "Fri, 20 Nov 2026, 19:00 JST"),
        (published(2, Precision.SECOND), "Asia/Kathmandu", "Fri, 20 Nov 2026, 15:45 UTC+05:45"),
        # Midnight in Kolmar was a day of that name in Kolmar, wherever the reader is.
        (published(13, Precision.DAY), "America/New_York", "Fri, 20 Nov 2026"),
        (published(13, Precision.DAY), "Asia/Tokyo", "Fri, 20 Nov 2026"),
        (None, "Europe/Berlin", "first seen Fri, 20 Nov 2026, 13:00 CET"),
    ],
)
def test_times_are_the_readers_and_no_more_exact_than_the_page(
    moment: Moment | None, zone: str, said: str
) -> None:
    made = rendered(item(published=moment), zone=zone)
    assert f"Kolmar Gazette · {said}\n" in made.text
    assert said in made.html


def test_a_publication_that_is_not_believed_is_not_told() -> None:
    strange = item(published=published(-500, Precision.MINUTE))
    strange = replace(strange, record=replace(strange.record, time=NOW))
    assert "first seen Fri, 20 Nov 2026" in rendered(strange).text


def test_late_ones_are_counted() -> None:
    assert "3 more articles match but were already old" in rendered(item(), late=3).text
    assert "1 more article matches but was already old" in rendered(item(), late=1).html
    assert "already old" not in rendered(item()).html


def test_chinese_is_marked_where_it_matches() -> None:
    made = rendered(item("渡轮在港口附近搁浅", "据当地警方称，渡轮搁浅。", language="zh"))
    assert "*渡轮*在港口附近搁浅\n" in made.text
    assert Reader(made.html).marked == ["渡轮", "渡轮"]


def test_an_article_without_title_and_text_is_shown_by_its_address() -> None:
    made = rendered(item("", ""))
    assert made.subject == "Ferries: https://gazette.example/a"
    assert "\nhttps://gazette.example/a\nKolmar" in made.text


def test_marks_side_by_side_are_one() -> None:
    made = rendered(item("Ferry ferry, ferry"))
    assert made.text.splitlines()[2] == "*Ferry ferry*, *ferry*"


def test_a_query_that_is_understood_otherwise_is_explained() -> None:
    made = render(
        DigestContent("Ferries", "boat fire", "boat AND fire", [StoryItem(item())], (), 1, 0, 1),
        Audience("en", "UTC"),
    )
    assert "Understood as:\n  boat AND fire\n" in made.text
    assert "boat AND fire" in Reader(made.html).text
    made = render(
        DigestContent("Ferries", "FERRY", "", [StoryItem(item())], (), 1, 0, 1), Audience("en", "UTC")
    )
    assert "Understood" not in made.text + made.html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">ferry</a>',
    "</title></style></body><iframe src=//evil.example>",
    "{{ 7 * 7 }}{% for %}",
    "<!-- ferry --> & &lt;b&gt;",
    "ferry\r\n.\r\nMAIL FROM:<x@evil.example>",
    "\x1b[31mferry\x07\x00\u202etxt.exe\ud800",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_markup_and_controls_of_a_page_stay_words(words: str) -> None:
    plain = Reader(rendered(item(section="s"), item(section="s")).html)
    evil = item(
        words,
        f"The ferry {words} text",
        section=words,
        path=((Step(f"https://e.example/{words}", LinkKind.LISTING, words), words),),
        language=words,
    )
    made = rendered(evil, item(section="s"))
    seen = Reader(made.html)
    assert seen.tags == plain.tags
    assert seen.attributes <= plain.attributes
    assert seen.links == plain.links
    assert "49" not in seen.text
    for text in (made.subject, made.text, made.html):
        assert not {"\x00", "\x07", "\x1b", "\r", "\u202e", "\ud800"} & set(text)
    assert "\n" not in made.subject


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.example"],
)
def test_only_web_addresses_are_linked(url: str) -> None:
    made = rendered(item(url=url))
    assert Reader(made.html).links == []
    assert url not in made.text


@given(st.text(), st.text())
def test_any_title_and_text_make_a_mail(title: str, text: str) -> None:
    made = rendered(item(title, f"ferry {text}"))
    made.text.encode()
    made.html.encode()
    assert Reader(made.html).links == ["https://gazette.example/a"]


def test_an_endless_title_is_cut() -> None:
    made = rendered(item("ferry " * 10_000))
    assert len(made.text) < 3000
    assert len(made.html) < 10_000
