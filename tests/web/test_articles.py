"""The page of an article: what it tells, and that whatever the press wrote is inert on it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from crawler.extract import read_article
from presswatch.archive import Archive, removals, retention
from presswatch.archive.retention import Keep
from presswatch.archive.tables import revision
from presswatch.model import Article, Block, BlockKind, Hints, Image, Moment, Page, Precision
from support import press_desk
from support.articles import TEXT, TITLE
from support.inert import faults
from support.newsroom import NOW, moment, story
from support.press_desk import SITE, edit, links
from support.reading_room import ReadingRoom, opened

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}\u202edrow\u2066 &amp; </title>'
LONG = "w" * 2_000
GAZETTE = f"{SITE}/article-0"


def all_pages(room: ReadingRoom, id_: str) -> dict[str, str]:
    """Every page that shows an article, by its address."""
    addresses = (
        f"/articles/{id_}",
        f"/articles/{id_}?q=ferry",
        f"/articles/{id_}?revision=1",
        f"/articles/{id_}/revisions",
        f"/articles/{id_}/revisions/1..2",
        f"/stories/{id_}",
        f"/why?url={id_}",
        f"/why?url={id_}&watch=ferries",
    )
    answers = {address: room.pages.get(address) for address in addresses}
    assert {address: one.status for address, one in answers.items()} == dict.fromkeys(addresses, 200)
    return {address: one.text for address, one in answers.items()}


def test_a_page_tells_what_was_read(room: ReadingRoom) -> None:
    blocks = (
        Block(BlockKind.HEADING, "At sea"),
        Block(BlockKind.PARAGRAPH, "The ferry ran aground."),
        Block(BlockKind.QUOTE, "We are safe."),
        Block(BlockKind.LIST_ITEM, "212 on board"),
        Block(BlockKind.LIST_ITEM, "three hurt"),
        Block(BlockKind.TABLE_ROW, "Deck | 4"),
        Block(BlockKind.LIVE_ENTRY, "07:12 Aground", damaged=True),
    )
    published = Moment(NOW - timedelta(hours=3), 60, Precision.MINUTE, "json-ld datePublished", "raw time")
    id_ = room.publish(
        "", "Ferry aground", GAZETTE, blocks=blocks, section="Harbour", authors=("Maud Ellery", "Tom Brask"),
        tags=("Ferry", "Fog"), language="en-GB", published=published, summary="All are safe.", origin="Wire",
        image=Image("https://gazette.example/a.jpg"), editor="Ed Itor", title_cut="Ferry agr…",
    )  # fmt: skip
    page = room.pages.get(f"/articles/{id_}").text
    for told in (
        '<article class="read" lang="en-GB">',
        '<p class="kicker" dir="auto">Harbour</p>',
        '<h1 dir="auto">Ferry aground</h1>',
        '<h3 dir="auto">At sea</h3>',
        '<blockquote dir="auto">We are safe.</blockquote>',
        '<li dir="auto">212 on board</li>\n<li dir="auto">three hurt</li>',
        '<p dir="auto">Deck | 4</p>',
        "Maud Ellery, Tom Brask",
        "published Fri, 20 Nov 2026, 09:00 UTC",
        "first seen",
        "json-ld datePublished says <bdi>raw time</bdi>",
        "Ferry agr…",
        "taken from <bdi>Wire</bdi>",
        'href="https://gazette.example/article-0" rel="noreferrer"',
        "characters were lost",
    ):
        assert told in page
    assert faults(page) == []


def test_a_day_is_not_told_to_the_minute(room: ReadingRoom) -> None:
    day = Moment(
        datetime(2026, 11, 18, tzinfo=UTC), None, Precision.DAY, "byline", "18 Nov", assumed_zone=True
    )
    page = room.pages.get(f"/articles/{room.publish('Words.', 'Title', published=day)}").text
    assert "published Wed, 18 Nov 2026</span>" in page
    assert "the zone is that of the source" in page


def test_a_query_is_marked_in_headline_summary_and_text(room: ReadingRoom) -> None:
    blocks = (Block(BlockKind.PARAGRAPH, "A cafe\u0301 opened."), Block(BlockKind.PARAGRAPH, "By the ferry."))
    id_ = room.publish(
        "", "Ferry news", GAZETTE, blocks=blocks, summary="Of a ferry.", authors=("Anna Müller",)
    )
    page = room.pages.get(f"/articles/{id_}?q=ferry+AND+author:anna+AND+caf%C3%A9").text
    assert "<mark>Ferry</mark> news" in page
    assert "Of a <mark>ferry</mark>." in page
    assert "A <mark>café</mark> opened." in page
    assert "By the <mark>ferry</mark>." in page
    assert "author: <mark>Anna Müller</mark>" in page
    assert "4 places are marked." in page


def test_a_phrase_over_two_paragraphs_is_marked_in_both(room: ReadingRoom) -> None:
    blocks = (Block(BlockKind.PARAGRAPH, "It was a red"), Block(BlockKind.PARAGRAPH, "ferry that sank."))
    page = room.pages.get(f"/articles/{room.publish('', 'Title', blocks=blocks)}?q=%22red+ferry%22").text
    assert "It was a <mark>red</mark>" in page
    assert "<mark>ferry</mark> that sank." in page


@pytest.mark.parametrize(
    ("query", "said"),
    [("opera", "Nothing is marked"), ("has:text", "Nothing is marked"), ("(ferry", 'role="alert"')],
)
def test_a_query_that_marks_nothing_says_so(room: ReadingRoom, query: str, said: str) -> None:
    page = room.pages.get(f"/articles/{room.publish('The ferry.', 'Title')}?q={query}")
    assert page.status == 200
    assert said in page.text
    assert "The ferry." in page.text


def test_revisions_are_listed_and_compared(room: ReadingRoom) -> None:
    id_ = room.publish("The ferry ran aground. All are safe.", "Ferry aground", GAZETTE)
    edit(room, GAZETTE, "The ferry ran aground. Three are hurt.", title="Three hurt", section="Sea")
    page = room.pages.get(f"/articles/{id_}").text
    assert f"/articles/{id_}/revisions/1..2" in page
    change = room.pages.get(f"/articles/{id_}/revisions/1..2").text
    for told in (
        "<del>Ferry aground</del>",
        "<ins>Three hurt</ins>",
        "<del>All are safe.</del>",
        "<ins>Three are hurt.</ins>",
        '<p dir="auto" class="quiet">The ferry ran aground.</p>',
        "<h3>Section</h3>",
        "<ins>Sea</ins>",
    ):
        assert told in change
    assert room.pages.get(f"/articles/{id_}/revisions?older=2&newer=1").text == change
    first = room.pages.get(f"/articles/{id_}?revision=1").text
    assert "This is revision 1 of 2." in first
    assert "All are safe." in first
    assert "Three are hurt." not in first


@pytest.mark.parametrize(
    "change", ["1..7", "0..1", "1..1", "a..b", "1", "..", "1..9999999999999999", "-1..2"]
)
def test_revisions_that_are_none_are_told_as_such(room: ReadingRoom, change: str) -> None:
    id_ = room.publish("The ferry.", "Title", GAZETTE)
    edit(room, GAZETTE, "The boat.", title="Title")
    answer = room.pages.get(f"/articles/{id_}/revisions/{change}")
    assert answer.status in (200, 404)
    assert "<del>" not in answer.text
    assert room.pages.get(f"/articles/{id_}?revision=9").status == 404
    assert room.pages.get(f"/articles/{id_}?revision=-1").status == 404
    assert room.pages.get(f"/articles/{id_}?revision=99999999999999999999").status == 404


def test_sixty_revisions(room: ReadingRoom) -> None:
    id_ = room.publish("Number 0.", "Title", GAZETTE)
    for number in range(1, 60):
        edit(room, GAZETTE, f"Now something else is said, {number}.", title=f"Title {number}")
    page = room.pages.get(f"/articles/{id_}").text
    assert "52 earlier ones" in page
    assert all(f"/revisions/{number - 1}..{number}" in page for number in range(2, 61))
    assert faults(page) == []
    assert room.pages.get(f"/articles/{id_}/revisions").text.count("<option") == 120


def test_of_an_endless_change_the_first_lines_are_told(room: ReadingRoom) -> None:
    texts = [[Block(BlockKind.PARAGRAPH, f"{word} {n}") for n in range(1_500)] for word in ("Old", "New")]
    id_ = room.publish("", "Title", GAZETTE, blocks=tuple(texts[0]))
    press_desk.revise(room, GAZETTE, story(GAZETTE, title="Title", blocks=tuple(texts[1])), body=b"new")
    page = room.pages.get(f"/articles/{id_}/revisions/1..2").text
    assert page.count("<ins>") + page.count("<del>") == 2_000
    assert "and 1,000 more" in page


def test_a_vanished_article_is_marked(room: ReadingRoom) -> None:
    id_ = room.publish("The ferry.", "Title", GAZETTE)
    assert "Vanished" not in room.pages.get(f"/articles/{id_}").text
    press_desk.vanish(room, GAZETTE)
    assert "Vanished." in room.pages.get(f"/articles/{id_}").text


def test_related_articles_are_told_in_both_directions(room: ReadingRoom) -> None:
    other = room.publish("Other words.", "The other one", f"{SITE}/other")
    id_ = room.publish("The ferry.", "This one", GAZETTE, related=links(f"{SITE}/other", f"{SITE}/unread"))
    page, of_other = (room.pages.get(f"/articles/{one}").text for one in (id_, other))
    assert re.search(rf'<a href="/articles/{other}" dir="auto">The other one</a>', page)
    assert re.search(r"Related 1</a> <span class=\"quiet\">not in the archive", page)
    assert "No article links to it" in page
    assert re.search(rf'<a href="/articles/{id_}" dir="auto">This one</a>', of_other)
    assert "It links to no related article." in of_other
    assert page.count("<rect") == 3
    assert page.count('class="arrow"') == 2


def test_of_400_related_links_a_dozen_are_drawn_and_a_page_is_listed(room: ReadingRoom) -> None:
    many = links(*(f"{SITE}/related-{number}" for number in range(400)))
    page = room.pages.get(f"/articles/{room.publish('The ferry.', 'Title', GAZETTE, related=many)}").text
    assert page.count("<rect") == 7
    assert page.count("not in the archive") == 60
    assert "and 340 more" in page
    assert faults(page) == []


def test_the_path_that_found_it_leads_through_our_own_pages(room: ReadingRoom) -> None:
    first = room.publish("First words.", "First", f"{SITE}/first", related=links(f"{SITE}/second"))
    newsroom = room.newsroom
    run = newsroom.start_run()
    [second] = [
        newsroom.keep(claim, story(claim.url, "Second words.", title="Second"))
        for claim in newsroom.claim(run)
        if claim.url == f"{SITE}/second"
    ]
    page = room.pages.get(f"/articles/{second.id}").text
    found = page[page.index("How it was found") :]
    assert "a listing: " in found
    assert f'a related article: <a href="/articles/{first}"' in found


def test_watches_that_matched_are_told_with_passage_and_mail(room: ReadingRoom) -> None:
    press_desk.tell(room)
    id_ = room.publish("The ferry ran aground.", "Title", GAZETTE)
    press_desk.tell(room)
    page = room.pages.get(f"/articles/{id_}").text
    assert '<a href="/watches/ferries"><bdi>Ferries</bdi></a>' in page
    assert "The <mark>ferry</mark> ran aground." in page
    assert "Mail 1 of " in page
    assert "<bdi>desk@gazette.example</bdi>: waits to be sent" in page
    (room.folder / "watches" / "ferries.yaml").unlink()
    assert "(removed since)" in room.pages.get(f"/articles/{id_}").text


def test_the_kept_page_is_a_download_and_never_a_page(room: ReadingRoom) -> None:
    body = b"<script>alert(1)</script>"
    id_ = room.publish("The ferry.", "Title", GAZETTE)
    press_desk.revise(room, GAZETTE, story(GAZETTE, "The boat."), body=body)
    answer = room.pages.get(f"/articles/{id_}/raw")
    assert answer.text.encode() == body
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{id_}-2.html"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert room.pages.get(f"/articles/{id_}/raw?revision=1").text == "<html>"
    assert room.pages.get(f"/articles/{id_}/raw?revision=3").status == 404
    assert room.pages.get(f"/articles/{id_}/raw?part=2").status == 410
    assert room.pages.get("/articles/none/raw").status == 404


def test_a_page_that_was_let_go_of_is_told_as_such(room: ReadingRoom) -> None:
    id_ = room.publish("The ferry.", "Title", GAZETTE)
    edit(room, GAZETTE, "The boat.", title="Title")
    retention.prune(
        room.newsroom.archive, Keep(old_pages=timedelta(0)), room.newsroom.now + timedelta(days=1)
    )
    assert room.pages.get(f"/articles/{id_}/raw?revision=1").status == 410
    assert "kept no more" in room.pages.get(f"/articles/{id_}?revision=1").text
    assert room.pages.get(f"/articles/{id_}/raw").status == 200


def test_an_article_that_was_removed_on_request_is_told_as_such(room: ReadingRoom) -> None:
    id_ = room.publish("The ferry of Mr Private.", "Private matters", GAZETTE)
    with room.newsroom.archive.writing() as tx:
        removals.remove(tx, id_, "asked by <b>his</b> lawyer", room.newsroom.now)
    for address in (id_, f"{id_}/raw", f"{id_}/revisions", f"{id_}/evidence"):
        answer = room.pages.get(f"/articles/{address}")
        assert answer.status == 410
        assert "removed on request" in answer.text
        assert "asked by &lt;b&gt;his&lt;/b&gt; lawyer" in answer.text
        assert "Private" not in answer.text
    assert "removed on request" in room.pages.get(f"/why?url={GAZETTE}").text


@pytest.mark.parametrize(
    "id_", ["none", "0" * 32, "x" * 3000, "%22%3E%3Cscript%3E", "%00", "..%2f..", "%F0%9F", "' OR 1=1 --"]
)
def test_ids_that_are_none(room: ReadingRoom, id_: str) -> None:
    id_ = id_.replace(" ", "%20")
    for address in (
        f"/articles/{id_}",
        f"/articles/{id_}/raw",
        f"/articles/{id_}/evidence",
        f"/stories/{id_}",
    ):
        answer = room.pages.get(address)
        assert answer.status == 404
        assert "<script" not in answer.text


def hostile_article(url: str, text: str) -> Article:
    """Markup, scripts, turned text and endless words wherever a page may have text."""
    return Article(
        title=HOSTILE,
        blocks=tuple(Block(kind, f"{text} {HOSTILE} {LONG}") for kind in BlockKind),
        canonical_url=url,
        title_cut=HOSTILE,
        section=HOSTILE,
        authors=(HOSTILE, LONG),
        editor=HOSTILE,
        origin=HOSTILE,
        published=Moment(NOW, None, Precision.MINUTE, HOSTILE, HOSTILE, assumed_zone=True),
        language='en" onload="alert(1)',
        summary=f"{text} {HOSTILE}",
        image=Image("javascript:alert(1)", HOSTILE),
        tags=(HOSTILE, LONG, *(f"tag {number}" for number in range(300))),
        related=links("javascript:alert(1)", "https://gazette.example/<script>"),
    )


def test_whatever_the_press_wrote_is_inert(room: ReadingRoom) -> None:
    press_desk.tell(room)
    id_ = room.publish("The ferry.", HOSTILE, GAZETTE)
    press_desk.revise(room, GAZETTE, hostile_article(GAZETTE, "The ferry"), body=HOSTILE.encode())
    press_desk.tell(room)
    for address, page in all_pages(room, id_).items():
        assert (address, faults(page)) == (address, [])
        assert "\u202e" not in page
        assert "\u2066" not in page
        assert "49" not in re.findall(r"onerror=alert\(2\)&gt;(\d+)", page)


def test_endless_names_leave_room_for_the_text(room: ReadingRoom) -> None:
    page = room.pages.get(
        f"/articles/{room.publish('The ferry.', 'Title', authors=(LONG,), tags=(LONG,))}"
    ).text
    shown, details = page.split("<details", 1)
    assert LONG not in shown
    assert LONG in details


def test_an_article_without_headline_text_or_anything(room: ReadingRoom) -> None:
    id_ = room.publish("", "", GAZETTE, blocks=())
    edit(room, GAZETTE, "", title="", blocks=(Block(BlockKind.PARAGRAPH, "\u200f\u0000 \n"),))
    for address, page in all_pages(room, id_).items():
        assert (address, faults(page)) == (address, [])
    page = room.pages.get(f"/articles/{id_}?revision=1").text
    assert "Without a headline" in page
    assert "No text was found" in page


@pytest.mark.parametrize("language", ["ar", "de", "zh"])
def test_pages_speak_the_readers_language_whatever_the_articles_is(room: ReadingRoom, language: str) -> None:
    id_ = room.publish("السفينة جنحت.", "العبّارة", language="ar")
    page = room.pages.get(f"/articles/{id_}", Accept_Language=language).text
    direction = "rtl" if language == "ar" else "ltr"
    assert f'dir="{direction}"' in page
    assert '<article class="read" lang="ar">' in page


def test_links_begin_where_a_proxy_puts_the_pages(archive: Archive, tmp_path: Path) -> None:
    settings = {"web": {"public_url": "http://127.0.0.1/press"}}
    with opened(archive, tmp_path, settings) as room:
        id_ = room.publish("The ferry.", "Title", GAZETTE, related=links(f"{SITE}/x"))
        edit(room, GAZETTE, "The boat.", title="Title")
        page = room.pages.get(f"/press/articles/{id_}").text
        ours = re.findall(r'(?:href|action)="(/[^"]*)"', page)
        assert ours
        assert [one for one in ours if not one.startswith("/press/")] == []


def test_what_told_each_field_is_heard_again_from_the_kept_page(room: ReadingRoom) -> None:
    address = f"{SITE}/news/a-long-winter-4711.html"
    html = f"<html lang=en><title>{TITLE}</title><h1>{TITLE}</h1>{TEXT}</html>".encode()
    id_ = room.publish("Words.", "Title", address)
    read = read_article(Page(address, address, 200, NOW, html), Hints())
    assert isinstance(read, Article)
    press_desk.revise(room, address, read, body=html)
    answer = room.pages.get(f"/articles/{id_}/evidence")
    assert answer.status == 200
    assert "<h2><code>title</code></h2>" in answer.text
    assert "<strong>believed</strong>" in answer.text
    assert TITLE in answer.text
    assert faults(answer.text) == []


def test_evidence_of_a_page_that_is_not_kept(room: ReadingRoom) -> None:
    id_ = room.publish("The ferry.", "Title", GAZETTE)
    with room.newsroom.archive.writing() as tx:
        tx.execute(update(revision).values(**retention._FORGOTTEN))
    answer = room.pages.get(f"/articles/{id_}/evidence")
    assert "could not be read again" in answer.text
    assert "is kept no more" in answer.text
    assert "Traceback" not in answer.text


def test_times_are_believed_as_told(room: ReadingRoom) -> None:
    id_ = room.publish("The ferry.", "Title", modified=moment(NOW - timedelta(hours=1)))
    assert "changed Fri, 20 Nov 2026, 11:00 UTC" in room.pages.get(f"/articles/{id_}").text
