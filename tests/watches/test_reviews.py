"""Press reviews: what several watches found, as one document a day, mailed once for each slot."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from lxml.html import fromstring
from sqlalchemy import update

from presswatch.archive import Archive, mails, removals, runs
from presswatch.archive.tables import article
from presswatch.config import Config, Review
from presswatch.errors import PresswatchError
from presswatch.languages import LANGUAGES
from presswatch.watches import review_pdf
from presswatch.watches.audience import Audience
from presswatch.watches.content import LARGEST, Other, StoryItem
from presswatch.watches.mime import mime_message
from presswatch.watches.review import (
    ReviewContent,
    ReviewPart,
    ReviewStory,
    day_of,
    render_review,
    review_content,
    review_page,
    review_values,
)
from presswatch.watches.review_step import review_step
from support.alarm import READER, SENDER, Alarm, Postbox
from support.items import item
from support.newsroom import NOW, moment

HOUR = timedelta(hours=1)
ENGLISH = Audience("en", "UTC")
needs_weasyprint = pytest.mark.skipif(
    not review_pdf.is_available(), reason="WeasyPrint or Pango is not installed"
)


def review(**keys: Any) -> Review:
    values = {
        "id": "morning",
        "name": "Morning review",
        "sections": [{"name": "Ferries", "watches": ["ferries"]}, {"name": "Opera", "watches": ["opera"]}],
        "recipients": [READER],
        "cron": "0 7 * * *",
        **keys,
    }
    return Review.model_validate(values)


@pytest.fixture
def desk(alarm: Alarm) -> Alarm:
    """Two watches, whose own mails are of no account here."""
    alarm.watch("ferries", "ferry")
    alarm.watch("opera", "opera")
    return alarm


def configured(desk: Alarm, *made: Review) -> Config:
    return desk.config.model_copy(update={"reviews": made or (review(),)})


def make(desk: Alarm, *made: Review) -> None:
    """What the daemon does: match, then make what is due."""
    desk.match()
    while review_step(desk.archive, configured(desk, *made), desk.now):
        pass


def publish(desk: Alarm, text: str = "The ferry ran aground.", **fields: Any) -> str:
    """An article that is found, and matched at once; its id."""
    id_ = desk.publish(text, **fields)
    desk.match()
    return id_


def told(desk: Alarm, chosen: Review | None = None, **span: Any) -> ReviewContent:
    """What a review tells of the last day."""
    desk.match()
    span = {"start": desk.now - 24 * HOUR, "end": desk.now + HOUR, **span}
    with desk.archive.reading() as tx:
        return review_content(tx, desk.config, chosen or review(), **span)


def titles(content: ReviewContent) -> list[list[str]]:
    return [[one.story.first.record.article.title for one in part.stories] for part in content.sections]


def join(desk: Alarm, id_: str, story: str, source: str) -> None:
    """Have an article be another outlet's, of the story that an article stands for."""
    with desk.archive.writing() as tx:
        runs.ensure_sources(tx, [source], desk.now)
        tx.execute(update(article).where(article.c.id == id_).values(story=story, source=source))


def pieces(count: int, text: str = "The ferry ran aground. " * 3, **fields: Any) -> ReviewContent:
    """A review of so many stories, of two outlets, in a section, and a section without any."""
    stories = [
        ReviewStory(
            number,
            StoryItem(item(f"Ferry {number}", text, f"https://e.example/{number}"), ()),
            passage=True,
        )
        for number in range(1, count + 1)
    ]
    sections = [ReviewPart("Ferries", stories), ReviewPart("Opera", ())]
    values = {"texts": "passage", "articles": (), **fields}
    return ReviewContent(
        "Morning review", date(2026, 11, 20), NOW - 24 * HOUR, NOW, sections=sections, **values
    )


def test_sections_stand_in_order_and_an_empty_one_says_so(desk: Alarm) -> None:
    publish(desk, "The ferry ran aground.", title="Aground")
    content = told(desk)
    assert titles(content) == [["Aground"], []]
    made = render_review(content, ENGLISH)
    assert made.subject == "Morning review, Fri, 20 Nov 2026"
    assert re.search(r"== Ferries ==.*Aground.*== Opera ==\s+Nothing was found\.", made.text, re.S)
    assert "Nothing was found." in review_page(content, ENGLISH)


def test_a_story_stands_once_in_the_first_section_that_has_it_with_its_copies(desk: Alarm) -> None:
    first = publish(desk, "The ferry ran aground.", title="Aground")
    desk.wait(HOUR / 2)
    copy = publish(desk, "The opera singer's ferry ran aground.", title="Singer aground")
    join(desk, copy, first, "herald")
    publish(desk, "The opera opens.", title="Tosca")
    content = told(desk)
    assert titles(content) == [["Aground"], ["Tosca"]]
    [story, tosca] = content.stories
    assert [other.source for other in story.story.others] == ["Herald"]
    assert "Also in: Herald" in render_review(content, ENGLISH).text
    assert [(one.name, list(one.stories)) for one in content.outlets] == [
        ("Gazette", [1, 2]),
        ("Herald", [1]),
    ]
    assert tosca.number == 2
    assert len(content.articles) == 3


def test_stories_are_ranked_as_in_mails(desk: Alarm) -> None:
    several = publish(desk, "The ferry ran aground.", title="In two papers")
    join(desk, publish(desk, "The ferry, again.", title="Copy"), several, "herald")
    publish(desk, "The ferry sails.", title="Ferry sails")
    desk.wait(HOUR / 2)
    publish(desk, "The ferry is late.", title="Late")
    assert titles(told(desk))[0] == ["In two papers", "Ferry sails", "Late"]


@pytest.mark.parametrize(
    ("texts", "passage", "rest"), [("headline", False, False), ("passage", True, False), ("full", True, True)]
)
def test_how_much_of_a_text_is_shown_is_as_configured(
    desk: Alarm, texts: str, passage: bool, rest: bool
) -> None:
    publish(desk, "The ferry ran aground. " + "Much was said of it. " * 40 + "The end.", title="Aground")
    content = told(desk, review(texts=texts))
    shown = [render_review(content, ENGLISH).text, review_page(content, ENGLISH), str(review_values(content))]
    for one in shown:
        plain = re.sub(r"<[^>]+>|\*", "", one)
        assert "Aground" in plain
        assert ("ferry ran aground" in plain) == passage
        assert ("The end." in plain) == rest


def test_a_headline_review_hands_no_text_to_programs_either(desk: Alarm) -> None:
    publish(desk, "The ferry ran aground.", title="Aground")
    make(desk, review(texts="headline"))
    desk.wait(24 * HOUR)
    make(desk, review(texts="headline"))
    [mail] = desk.mails()
    assert "Aground" in mail.told
    assert "ran aground" not in mail.told + mail.text + mail.html


def test_a_review_is_mailed_once_for_a_slot_and_marks_nothing_as_told(desk: Alarm) -> None:
    make(desk)
    publish(desk, title="Aground")
    desk.wait(19 * HOUR)  # 07:00
    for _ in range(3):
        make(desk)
    [mail] = desk.mails()
    assert (mail.watch, mail.recipient, mail.subject) == (
        "review/morning", READER, "Morning review, Sat, 21 Nov 2026",
    )  # fmt: skip
    box = Postbox()
    assert desk.send(box) == 1
    [message] = box.taken
    assert message["Message-ID"] == mail.message_id
    assert message.get_content_type() == "multipart/alternative"
    desk.tick()
    assert [one.watch for one in desk.mails()] == ["review/morning", "ferries"]


def test_a_review_tells_what_its_watches_told_and_nothing_twice(desk: Alarm) -> None:
    make(desk)
    publish(desk, title="First")
    desk.tick()
    desk.wait(19 * HOUR)
    make(desk)
    publish(desk, title="Second")
    desk.wait(24 * HOUR)
    make(desk)
    first, second = (one for one in desk.mails() if one.watch == "review/morning")
    assert ("First" in first.text, "Second" in first.text) == (True, False)
    assert ("First" in second.text, "Second" in second.text) == (False, True)


def test_a_missed_slot_makes_one_review_of_the_whole_time(desk: Alarm) -> None:
    make(desk)
    desk.wait(19 * HOUR)
    make(desk)
    publish(desk, title="On Saturday")
    desk.wait(48 * HOUR)
    publish(desk, title="On Monday")
    desk.wait(12 * HOUR)
    make(desk)
    first, second = desk.mails()
    assert "Nothing was found." in first.text
    assert "On Saturday" in second.text
    assert second.subject == "Morning review, Mon, 23 Nov 2026"
    # What came after the slot is the next one's.
    assert "On Monday" not in second.text


def test_the_first_review_begins_a_day_before_it_was_made(desk: Alarm) -> None:
    publish(desk, title="Too old")
    desk.wait(25 * HOUR)
    publish(desk, title="Of the night")
    desk.wait(3 * HOUR)
    make(desk, review(cron="0 7 * * 1"))
    begun = desk.now
    desk.wait(49 * HOUR)
    make(desk, review(cron="0 7 * * 1"))
    [mail] = desk.mails()
    assert "Of the night" in mail.text
    assert "Too old" not in mail.text
    assert (
        f"Found from {begun - 24 * HOUR:%a, %d %b %Y, %H:%M} UTC to Mon, 23 Nov 2026, 07:00 UTC" in mail.text
    )


def test_the_last_slot_survives_a_restart(desk: Alarm) -> None:
    make(desk)
    desk.wait(19 * HOUR)
    make(desk)
    with Archive.open(desk.archive.path) as again:
        assert not review_step(again, configured(desk), desk.now + HOUR)
    assert len(desk.mails()) == 1


def test_what_was_written_down_late_is_told_by_the_next_review(desk: Alarm) -> None:
    make(desk)
    desk.publish(title="Found in time, written down late")
    desk.wait(19 * HOUR)
    # The review is made before the matching that began earlier is written down.
    while review_step(desk.archive, configured(desk), desk.now):
        pass
    desk.newsroom.now -= HOUR
    desk.match()
    desk.newsroom.now += 25 * HOUR
    make(desk)
    first, second = desk.mails()
    assert "written down late" not in first.text
    assert "written down late" in second.text


@pytest.mark.parametrize(
    ("now", "slots"),
    [
        # The clocks of Paris go back on 25 October 2026 and forward on 28 March 2027.
        (datetime(2026, 10, 23, 12, tzinfo=UTC), ["24 05:00", "25 06:00", "26 06:00"]),
        (datetime(2027, 3, 26, 12, tzinfo=UTC), ["27 06:00", "28 05:00", "29 05:00"]),
    ],
)
def test_it_is_seven_on_the_wall_clock_when_clocks_change(
    archive: Archive, now: datetime, slots: list[str]
) -> None:
    desk = Alarm(archive)
    desk.newsroom.now = now
    in_paris = review(time_zone="Europe/Paris")
    desk.watch("ferries", "ferry")
    made: list[str] = []
    for _ in range(72):
        make(desk, in_paris)
        if len(desk.mails()) > len(made):
            made.append(f"{desk.now:%d %H:%M}")
        desk.wait(HOUR)
    assert made == slots


def test_a_day_is_as_long_as_its_zone_has_it() -> None:
    in_paris = review(time_zone="Europe/Paris")
    start, end = day_of(in_paris, date(2026, 10, 25))
    assert (start, end - start) == (datetime(2026, 10, 24, 22, tzinfo=UTC), 25 * HOUR)
    start, end = day_of(in_paris, date(2027, 3, 28))
    assert end - start == 23 * HOUR


def test_a_day_has_what_was_found_on_it(desk: Alarm) -> None:
    desk.wait(11 * HOUR + timedelta(minutes=30))
    publish(desk, title="Before midnight")
    desk.wait(HOUR / 2)
    publish(desk, title="At midnight")
    for day, found in ((20, "Before midnight"), (21, "At midnight")):
        start, end = day_of(review(), date(2026, 11, day))
        assert titles(told(desk, start=start, end=end)) == [[found], []]


def test_what_is_old_when_first_seen_is_no_news_of_a_review(desk: Alarm) -> None:
    publish(desk, title="Of last year", published=moment(NOW - timedelta(days=300)))
    assert titles(told(desk)) == [[], []]


@pytest.mark.parametrize("keys", [{"enabled": False}, {"recipients": []}])
def test_a_review_that_is_off_or_has_nobody_to_tell_is_not_made(desk: Alarm, keys: dict[str, Any]) -> None:
    make(desk, review(**keys))
    desk.wait(48 * HOUR)
    make(desk, review(**keys))
    assert desk.mails() == []


def test_each_recipient_reads_it_in_a_language_a_zone_and_a_format_of_their_own(desk: Alarm) -> None:
    recipients = [
        READER,
        {"address": "b@example.org", "language": "ar", "time_zone": "Asia/Dubai"},
        {"address": "c@example.org", "format": "text"},
    ]
    made = review(recipients=recipients, language="de")
    make(desk, made)
    desk.wait(19 * HOUR)
    make(desk, made)
    first, second, third = desk.mails()
    assert "Es wurde nichts gefunden." in first.text
    assert 'dir="rtl"' in second.html
    assert "11:00 GST" in second.text
    assert (third.html, third.text) == ("", first.text)


def test_a_review_that_told_of_a_removed_article_is_made_again_or_loses_its_text(desk: Alarm) -> None:
    make(desk)
    id_ = publish(desk, title="Aground")
    other = publish(desk, title="Afloat")
    desk.wait(19 * HOUR)
    make(desk)
    with desk.archive.writing() as tx:
        removals.remove(tx, id_, "asked", desk.now)
    make(desk)
    [mail] = desk.mails()
    assert ("Aground" in mail.text, "Afloat" in mail.text) == (False, True)
    desk.send(Postbox())
    with desk.archive.writing() as tx:
        removals.remove(tx, other, "asked", desk.now)
    make(desk)
    [mail] = desk.mails()
    assert "Afloat" not in mail.text + mail.html + mail.told + mail.subject


def test_mails_show_lists_what_a_review_told_of(desk: Alarm) -> None:
    make(desk)
    publish(desk, title="Aground")
    desk.wait(19 * HOUR)
    make(desk)
    with desk.archive.reading() as tx:
        [made] = mails.latest(tx, 5, "review/morning")
        assert made.articles == 1
        assert [one.title for one in mails.told(tx, made.number)] == ["Aground"]


def test_nothing_of_a_page_is_markup_and_links_are_http() -> None:
    evil = "<script>alert(1)</script>\"'&</style>"
    hostile = item(evil, f"The ferry {evil}", url="javascript:alert(1)", language='"><b>')
    stories = [ReviewStory(1, StoryItem(hostile, [Other(evil, "data:text/html,x", NOW)]), passage=True)]
    stories += [ReviewStory(2, StoryItem(hostile), passage=False, paragraphs=[evil])]
    content = ReviewContent(evil, NOW.date(), NOW, NOW, "full", [ReviewPart(evil, stories)], ())
    for html in (review_page(content, ENGLISH), render_review(content, ENGLISH).html):
        assert "<script" not in html
        assert html.count("</style>") == 1
        assert not fromstring(html).xpath("//b | //script | //@onerror")
        assert not re.search(r'href="(?!https?:|#story-)', html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_not_too_long_and_the_document_has_it_all(language: str) -> None:
    long = pieces(300, "The ferry ran aground. " + "جنحت العبارة " * 30, number=17)
    made = render_review(long, Audience(language, "UTC"))
    assert len(made.html.encode()) <= LARGEST
    assert "presswatch mails show 17" in made.text
    page = review_page(long, Audience(language, "UTC"))
    assert page.count('id="story-') == 300


def test_the_document_is_whole_by_itself_and_made_for_print() -> None:
    page = review_page(pieces(2), ENGLISH)
    assert not re.search(r"<(link|img|script|iframe)\b|url\(|@import", page)
    for rule in ("@page", "counter(page)", "target-counter(attr(href), page)", "prefers-color-scheme: dark"):
        assert rule in page
    assert '<html lang="ar" dir="rtl">' in review_page(pieces(1), Audience("ar", "UTC"))
    assert '<html lang="zh-Hans" dir="ltr">' in review_page(pieces(1), Audience("zh", "UTC"))


def test_the_text_of_each_article_runs_its_own_way() -> None:
    arabic = ReviewStory(1, StoryItem(item("عبارة", "ferry جنحت العبارة", language="ar")), passage=True)
    content = ReviewContent("R", NOW.date(), NOW, NOW, "passage", [ReviewPart("S", [arabic])], ())
    assert re.search(r'class="passage" dir="rtl" lang="ar"', review_page(content, ENGLISH))


class _Asked(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback: its address, and what it was asked."""
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Asked", (_Asked,), {"asked": asked}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def has_chinese_font() -> bool:
    listing = shutil.which("fc-list")
    return listing is not None and bool(subprocess.check_output([listing, ":lang=zh"]))


def pages(made: bytes) -> list[str]:
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(BytesIO(made)).pages]


@needs_weasyprint
def test_the_pdf_has_numbered_pages_a_running_head_and_an_index_of_pages() -> None:
    found = pages(review_pdf.pdf(review_page(pieces(30), ENGLISH)))
    assert len(found) > 2
    for number, page in enumerate(found, 1):
        assert f"{number} / {len(found)}" in page
        assert ("Morning review, Fri, 20 Nov 2026" in page) == (number > 1)
    assert "Ferry 1" in found[0]
    # Each page once, however many stories of the outlet are on it; the last one may have none.
    [listed] = re.findall(r"Kolmar Gazette \(30\)([\d, ]+)", found[-1])
    named = [int(one) for one in listed.split(",")]
    assert named == [number for number, page in enumerate(found, 1) if re.search(r"Ferry \d", page)]


@needs_weasyprint
def test_the_pdf_has_arabic_and_chinese_texts() -> None:
    if not has_chinese_font() and not os.environ.get("PRESSWATCH_REQUIRE_SERVERS"):
        pytest.skip("no font here has Chinese letters: apt install fonts-wqy-microhei")
    [page] = pages(review_pdf.pdf(review_page(pieces(1, "ferry 渡轮搁浅。"), Audience("zh", "UTC"))))
    assert "没有找到任何内容" in page
    assert "渡轮搁浅" in page.replace(" ", "")
    assert review_pdf.pdf(review_page(pieces(1), Audience("ar", "UTC"))).startswith(b"%PDF")


@needs_weasyprint
def test_making_a_pdf_fetches_nothing(listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    html = (
        f'<html><head><link rel="stylesheet" href="{address}/a.css"><style>@import "{address}/b.css";'
        f'p {{ background: url({address}/c.png) }}</style></head><body><img src="{address}/d.png">'
        f'<object data="{address}/e"></object><img src="file:///etc/hostname"><p>Words</p></body></html>'
    )
    assert "Words" in pages(review_pdf.pdf(html))[0]
    assert asked == []


@needs_weasyprint
def test_a_pdf_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(PresswatchError, match=r"not made within 0\.01 seconds"):
        review_pdf.pdf("<p>Words</p>", seconds=0.01)


def test_without_weasyprint_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_pdf, "is_available", lambda: False)
    with pytest.raises(PresswatchError, match=r"pip install 'presswatch\[pdf\]'"):
        review_pdf.pdf("<p>Words</p>")


@needs_weasyprint
def test_the_pdf_is_attached_where_it_is_asked_for_with_the_same_bytes_each_time(desk: Alarm) -> None:
    made = review(pdf=True)
    make(desk, made)
    publish(desk, title="Aground")
    desk.wait(19 * HOUR)
    make(desk, made)
    box = Postbox()
    desk.send(box)
    [mail] = desk.mails()
    assert bytes(box.taken[0]) == bytes(mime_message(mail, SENDER))
    message = message_from_bytes(bytes(box.taken[0]), policy=policy.default)
    [attached] = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (
        "morning-2026-11-21.pdf",
        "application/pdf",
    )
    assert "Aground" in pages(attached.get_content())[0]
    body = message.get_body(("plain",))
    assert body is not None
    assert "Aground" in body.get_content()
