"""The pages of press reviews: the desk at which editors make an issue, and the issues that were made."""

import csv
import io
import json
import re
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
import yaml
from pypdf import PdfReader

from presswatch import config
from presswatch.archive import Archive, audit, drafts, removals, reviews
from presswatch.archive.drafts import Draft
from presswatch.archive.tables import Finish
from presswatch.watches import review_pdf
from presswatch.watches.match import match_step
from presswatch.watches.review_step import review_step
from presswatch.web.access import Role
from support.newsroom import make_due, story
from support.pages_server import Answer, Pages
from support.reading_room import ReadingRoom, opened

DESK = "desk@gazette.example"
EDIT = "/reviews/morning/edit"
EVIL = "<script>alert(1)</script> \u202egnp <img src=x onerror=alert(2)>"


def configure(room: ReadingRoom, **keys: object) -> None:
    values = {
        "name": "Morning review",
        "sections": [{"name": "Harbour", "watches": ["ferries"]}, {"name": "Opera", "watches": ["opera"]}],
        "recipients": [DESK],
        "cron": "0 7 * * *",
        **keys,
    }
    folder = room.folder / "reviews"
    folder.mkdir(exist_ok=True)
    (folder / "morning.yaml").write_text(yaml.safe_dump(values))


@pytest.fixture
def room(archive: Archive, tmp_path: Path) -> Iterator[ReadingRoom]:
    """Two watches and a review of what they find, whose next hour is 07:00 tomorrow."""
    with opened(archive, tmp_path) as room:
        room.newsroom.finish_run(room.newsroom.start_run())
        config.write_watch(room.folder, "opera", {"name": "Opera", "query": "opera", "recipients": [DESK]})
        configure(room)
        tick(room)
        yield room


def tick(room: ReadingRoom) -> None:
    """What the daemon does at each tick, but for sending."""
    loaded = config.load(room.folder)
    while match_step(room.newsroom.archive, loaded, room.newsroom.now):
        pass
    while review_step(room.newsroom.archive, loaded, room.newsroom.now):
        pass


def publish(room: ReadingRoom, title: str, text: str = "The ferry ran aground.", **fields: str) -> str:
    kept = room.publish(text, title, **fields)
    tick(room)
    return kept


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def fields_of(answer: Answer) -> list[tuple[str, str]]:
    """What the desk's form would send, but for its buttons and check boxes."""
    [form] = re.findall(r'<form method="post" action="[^"]+/edit".*?</form>', answer.text, re.DOTALL)
    found = []
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.append((name, unescape(value)))
    for name, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        # As browsers send it.
        found.append((name, unescape(value).replace("\n", "\r\n")))
    return found


class Form:
    """An editor's page: what it shows, and what pressing its buttons sends."""

    def __init__(self, pages: Pages, address: str = EDIT) -> None:
        self.pages = pages
        self.answer = pages.get(address)
        self.read()

    def read(self) -> None:
        self.fields = fields_of(self.answer)

    def type(self, name: str, text: str) -> None:
        assert name in dict(self.fields)
        self.fields = [(one, text if one == name else value) for one, value in self.fields]

    def press(self, name: str, value: str = "1", *marked: str, **further: str) -> Answer:
        """The answer, or the page that it leads to."""
        sent = [*self.fields, *(("mark", one) for one in marked), *further.items(), (name, value)]
        body = urlencode(sent)
        self.answer = self.pages._ask("POST", EDIT, body, {})
        if self.answer.status == 303:
            self.answer = self.pages.get(self.answer.headers["location"].partition("#")[0])
        if "/edit" in self.answer.text:
            self.read() if 'id="desk"' in self.answer.text else None
        return self.answer


def send(pages: Pages, how: str) -> Answer:
    return press_send(pages, pages.get("/reviews/morning/preview"), how)


def press_send(pages: Pages, page: Answer, how: str) -> Answer:
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return pages.post("/reviews/morning/send", {**dict(hidden), "how": how})


def read(room: ReadingRoom, address: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{room.pages.port}{address}") as answer:
        assert answer.headers["content-type"] == "application/pdf"
        return bytes(answer.read())


def coming(room: ReadingRoom) -> Draft:
    with room.newsroom.archive.reading() as tx:
        found = drafts.coming(tx, "morning")
    assert found is not None
    return found


def issues(room: ReadingRoom) -> list[reviews.Issue]:
    with room.newsroom.archive.reading() as tx:
        return reviews.issues(tx, "morning", 10)


def sections(issue: reviews.Issue) -> list[tuple[str, str]]:
    return [(one["section"], one["title"]) for one in issue.stories]


def test_candidates_stand_in_their_sections_and_looking_begins_nothing(room: ReadingRoom) -> None:
    publish(room, "Ferry aground")
    publish(room, "Tosca", "The opera opens.")
    page = room.pages.get(EDIT)
    assert page.status == 200
    assert re.search(r"Harbour.*Undecided \(1\).*Ferry aground.*Opera.*Tosca", words(page.text))
    with room.newsroom.archive.reading() as tx:
        assert drafts.coming(tx, "morning") is None


def test_an_issue_is_made_by_hand_and_leaves_at_its_hour_as_it_is(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    second = publish(room, "Ferry afloat")
    publish(room, "Ferry forgotten")
    opera = publish(room, "Tosca", "The opera opens.")
    form = Form(room.pages)
    form.press("take", first)
    form.press("take", second)
    form.press("up", second)
    form.press(f"to:{opera}", "Harbour")
    form.type(f"note-{first}", "Our ship.\r\nSee page 3 & <b>more</b>.")
    form.type("foreword", "Good morning.")
    form.press("save")
    preview = room.pages.get("/reviews/morning/preview")
    assert "1 story that nobody decided on is not in it" in words(preview.text)
    assert press_send(room.pages, preview, "hour").status == 303
    publish(room, "Found after it was finished", "The ferry again.")
    tick(room)
    assert issues(room) == []
    room.newsroom.now += timedelta(hours=19)
    tick(room)
    [issue] = issues(room)
    assert sections(issue) == [
        ("Harbour", "Ferry afloat"),
        ("Harbour", "Ferry aground"),
        ("Harbour", "Tosca"),
    ]
    assert issue.told["foreword"] == "Good morning."
    assert issue.stories[1]["annotation"] == "Our ship.\nSee page 3 & <b>more</b>."
    # What came after it is the next one's, and what was left out is nobody's.
    page = words(room.pages.get(EDIT).text)
    assert "Found after it was finished" in page
    assert "Ferry forgotten" not in page
    assert "Ferry aground" not in page


def test_an_unfinished_issue_leaves_at_its_hour_with_what_nobody_decided_behind(room: ReadingRoom) -> None:
    last = publish(room, "Taken", "A ferry, nothing else.")
    publish(room, "Ferry undecided")
    out = publish(room, "Ferry left out")
    form = Form(room.pages)
    form.press("take", last)
    form.press("leave", out)
    room.newsroom.now += timedelta(hours=19)
    tick(room)
    [issue] = issues(room)
    assert [title for _section, title in sections(issue)] == ["Taken", "Ferry undecided"]
    assert issue.told["finish"] == Finish.LEFT
    page = words(room.pages.get(f"/reviews/morning/issues/{issue.number}").text)
    assert "not finished at its hour" in page
    assert "1 story that was found is not in it" in page


def test_an_issue_that_is_sent_now_takes_the_place_of_its_hour(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    Form(room.pages).press("take", first)
    room.newsroom.now += timedelta(hours=18, minutes=50)
    send(room.pages, "now")
    tick(room)
    [issue] = issues(room)
    assert "Sun, 22 Nov 2026, 07:00" in words(room.pages.get("/reviews/morning").text)
    publish(room, "Ten minutes later")
    room.newsroom.now += timedelta(minutes=20)
    tick(room)
    assert issues(room) == [issue]
    room.newsroom.now += timedelta(days=1)
    tick(room)
    following, _issue = issues(room)
    assert [title for _section, title in sections(following)] == ["Ten minutes later"]


def test_an_extra_issue_leaves_its_hour_alone(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    second, _undecided = publish(room, "Ferry afloat"), publish(room, "Ferry in the dock")
    for taken in (first, second):
        Form(room.pages).press("take", taken)
        send(room.pages, "extra")
        tick(room)
    publish(room, "Of the evening")
    room.newsroom.now += timedelta(hours=19)
    tick(room)
    at_seven, *extra = issues(room)
    assert [[title for _section, title in sections(one)] for one in extra] == [
        ["Ferry afloat"],
        ["Ferry aground"],
    ]
    assert {title for _section, title in sections(at_seven)} == {"Ferry in the dock", "Of the evening"}


def test_two_editors_who_press_send_send_it_once(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    jane, john = room.reader(Role.EDITOR, "jane"), room.reader(Role.EDITOR, "john")
    Form(jane).press("take", first)
    pages = [one.get("/reviews/morning/preview") for one in (jane, john)]
    assert press_send(jane, pages[0], "now").status == 303
    late = press_send(john, pages[1], "now")
    assert late.status == 409
    assert "Sent by jane" in words(late.text)
    tick(room)
    assert press_send(john, pages[1], "extra").status == 409
    tick(room)
    assert len(issues(room)) == 1


def test_an_issue_is_not_sent_as_somebody_has_not_seen_it(room: ReadingRoom) -> None:
    first, second = publish(room, "Ferry aground"), publish(room, "Ferry afloat")
    jane, john = room.reader(Role.EDITOR, "jane"), room.reader(Role.EDITOR, "john")
    Form(jane).press("take", first)
    seen = jane.get("/reviews/morning/preview")
    Form(john).press("take", second)
    answer = press_send(jane, seen, "now")
    assert answer.status == 409
    assert "john changed it after you looked" in words(answer.text)
    assert coming(room).finish is None
    assert press_send(jane, answer, "now").status == 303


def test_an_editor_is_told_what_another_did_and_neither_undoes_the_other(room: ReadingRoom) -> None:
    first, second = publish(room, "Ferry aground"), publish(room, "Ferry afloat")
    jane = Form(room.reader(Role.EDITOR, "jane"))
    john = Form(room.reader(Role.EDITOR, "john"))
    jane.press("take", first)
    page = john.press("leave", second)
    assert "jane took “ Ferry aground ”" in words(page.text)
    draft = coming(room)
    assert {item.article: item.verdict for item in draft.items} == {first: "taken", second: "left out"}
    assert "jane took" not in words(john.press("save").text)


def test_two_annotations_to_one_article_are_both_shown_and_none_is_lost(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    jane = Form(room.reader(Role.EDITOR, "jane"))
    jane.press("take", first)
    john = Form(room.reader(Role.EDITOR, "john"))
    jane.type(f"note-{first}", "Jane's words")
    jane.press("save")
    john.type(f"note-{first}", "John's words")
    page = john.press("save")
    assert page.status == 409
    assert "Jane's words" in unescape(page.text)
    assert dict(john.fields)[f"note-{first}"] == "John's words"
    assert coming(room).taken[0].annotation == "Jane's words"
    assert john.press("save").status == 200
    assert coming(room).taken[0].annotation == "John's words"


def test_words_that_were_not_touched_overwrite_nothing(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    jane = Form(room.reader(Role.EDITOR, "jane"))
    jane.press("take", first)
    john = Form(room.reader(Role.EDITOR, "john"))
    jane.type(f"note-{first}", "Jane's words")
    jane.press("save")
    assert john.press("save").status == 200
    assert coming(room).taken[0].annotation == "Jane's words"


def test_what_is_typed_is_kept_whichever_button_is_pressed(room: ReadingRoom) -> None:
    first, second = publish(room, "Ferry aground"), publish(room, "Ferry afloat")
    form = Form(room.pages)
    form.press("take", first)
    form.type(f"note-{first}", "Typed, not saved")
    form.type("foreword", "Also typed")
    form.press("take", second)
    assert coming(room).taken[0].annotation == "Typed, not saved"
    assert coming(room).foreword == "Also typed"


def test_who_types_into_an_issue_that_was_finished_loses_nothing(room: ReadingRoom) -> None:
    first, second = publish(room, "Ferry aground"), publish(room, "Ferry afloat")
    jane = Form(room.reader(Role.EDITOR, "jane"))
    jane.press("take", first)
    john = Form(room.reader(Role.EDITOR, "john"))
    send(jane.pages, "hour")
    john.type(f"note-{first}", "John's words")
    page = john.press("take", second)
    assert page.status == 409
    assert "Finished by jane" in words(page.text)
    assert "John's words" in unescape(page.text)
    assert [one.article for one in coming(room).taken] == [first]
    john.press("take-back")
    assert coming(room).finish is None
    assert coming(room).taken[0].annotation == "John's words"


def test_who_types_into_an_issue_that_was_sent_can_copy_it(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    jane = Form(room.reader(Role.EDITOR, "jane"))
    jane.press("take", first)
    john = Form(room.reader(Role.EDITOR, "john"))
    send(jane.pages, "now")
    tick(room)
    john.type(f"note-{first}", "John's words")
    john.type("foreword", "John's foreword")
    page = john.press("save")
    assert page.status == 409
    [issue] = issues(room)
    assert f'href="/reviews/morning/issues/{issue.number}"' in page.text
    assert "John's words" in unescape(page.text)
    assert "John's foreword" in unescape(page.text)
    with room.newsroom.archive.reading() as tx:
        assert drafts.coming(tx, "morning") is None


def test_what_editors_decide_at_the_same_moment_is_all_kept(room: ReadingRoom) -> None:
    ids = [publish(room, f"Ferry {number}", f"The ferry number {number} came.") for number in range(12)]
    editors = [room.reader(Role.EDITOR, name) for name in ("jane", "john", "rita")]

    def work(pages: Pages, mine: list[str]) -> None:
        form = Form(pages)
        for id_ in mine:
            form.press("take", id_)
            form.type(f"note-{id_}", f"About {id_}")
        form.press("save")

    at_work = [
        threading.Thread(target=work, args=(pages, ids[place::3])) for place, pages in enumerate(editors)
    ]
    for one in at_work:
        one.start()
    for one in at_work:
        one.join()
    assert {one.article: one.annotation for one in coming(room).taken} == {id_: f"About {id_}" for id_ in ids}
    # A version for each take and each annotation, and none was given twice.
    assert coming(room).version == 24


@pytest.mark.skipif(not review_pdf.is_available(), reason="WeasyPrint or Pango is not installed")
def test_an_issue_is_on_paper_as_it_will_be_and_as_it_was(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    form = Form(room.pages)
    form.press("take", first)
    form.type(f"note-{first}", "Our own ship.")
    form.press("save")
    before = read(room, "/reviews/morning/preview/pdf")
    send(room.pages, "now")
    tick(room)
    after = read(room, f"/reviews/morning/issues/{issues(room)[0].number}/pdf")
    for made in (before, after):
        assert "Our own ship." in PdfReader(io.BytesIO(made)).pages[0].extract_text()


def test_new_candidates_are_marked_and_never_put_in_by_themselves(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    form = Form(room.pages)
    form.press("take", first)
    new = publish(room, "Breaking", "The ferry sank.")
    form = Form(room.pages)
    assert re.search(r"Breaking.*New", words(form.answer.text))
    assert [one.article for one in coming(room).taken] == [first]
    # It is not among those that an older page showed.
    form.press("look")
    assert "badge fresh" not in form.answer.text
    assert new not in [one.article for one in coming(room).items]


def test_taking_all_takes_only_what_the_page_showed(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    form = Form(room.pages)
    new = publish(room, "Breaking", "The ferry sank.")
    form.press("leave-all", "Harbour")
    items = coming(room).items
    assert [(one.article, one.verdict) for one in items] == [(first, "left out")]
    assert new in form.answer.text


def test_many_are_decided_at_once(room: ReadingRoom) -> None:
    ids = [publish(room, f"Ferry {number}", f"The ferry number {number} came.") for number in range(5)]
    form = Form(room.pages)
    form.press("take-marked", "1", ids[0], ids[3])
    form.press("leave-all", "Harbour")
    draft = coming(room)
    assert {one.article for one in draft.taken} == {ids[0], ids[3]}
    assert len(draft.items) == 5


def test_marks_stay_when_another_button_is_pressed(room: ReadingRoom) -> None:
    first, second = publish(room, "Ferry aground"), publish(room, "Ferry afloat")
    page = Form(room.pages).press("take", first, second)
    assert re.search(rf'name="mark" value="{second}"[^>]* checked', page.text)


def test_another_outlet_of_a_story_that_was_taken_is_no_new_candidate(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    form = Form(room.pages)
    form.press("take", first)
    copy = publish(room, "Ferry aground, too", "The ferry, they say, is aground.", source="herald")
    room.join(first, copy)
    page = room.pages.get(EDIT)
    assert "Undecided (" not in words(page.text)
    assert "1 more outlet" in words(page.text)


def test_an_article_that_is_removed_leaves_the_draft_and_the_page_says_so(room: ReadingRoom) -> None:
    first, second = publish(room, "Ferry aground"), publish(room, "Ferry afloat")
    form = Form(room.pages)
    form.press("take", first)
    form.press("take", second)
    form.type(f"note-{first}", "About what is removed")
    with room.newsroom.archive.writing() as tx:
        removals.remove(tx, first, "asked", room.newsroom.now)
    page = form.press("take", first)
    assert page.status == 409
    assert "not among the candidates any more" in words(page.text)
    assert "1 article that stood here is gone" in words(page.text)
    assert "Ferry aground" not in page.text
    assert "About what is removed" in page.text
    assert [one.article for one in coming(room).taken] == [second]
    # It may be sent without it.
    send(room.pages, "now")
    tick(room)
    assert [title for _section, title in sections(issues(room)[0])] == ["Ferry afloat"]


def test_an_issue_that_waits_is_made_again_without_an_article_that_is_removed(room: ReadingRoom) -> None:
    first, second = publish(room, "Ferry aground"), publish(room, "Ferry afloat")
    form = Form(room.pages)
    form.press("take", first)
    form.press("take", second)
    form.type(f"note-{second}", "Stays")
    form.press("save")
    send(room.pages, "now")
    tick(room)
    with room.newsroom.archive.writing() as tx:
        removals.remove(tx, first, "asked", room.newsroom.now)
    tick(room)
    [issue] = issues(room)
    assert [(one["title"], one["annotation"]) for one in issue.stories] == [("Ferry afloat", "Stays")]
    room.newsroom.now += timedelta(hours=19)
    tick(room)
    assert len(issues(room)) == 1


def test_a_revision_since_the_decision_is_told(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground", url="https://gazette.example/a")
    Form(room.pages).press("take", first)
    room.newsroom.now += timedelta(hours=1)
    with room.newsroom.archive.writing() as tx:
        make_due(tx, room.newsroom.now)
    run = room.newsroom.start_run()
    for claim in room.newsroom.claim(run):
        again = story(claim.url, "The ferry ran aground twice, at noon and at night.", title="Ferry aground")
        room.newsroom.keep(claim, again, body=b"<html>again")
    room.newsroom.finish_run(run)
    tick(room)
    assert "Revised since it was decided" in words(room.pages.get(EDIT).text)


def test_an_article_of_the_archive_is_added_by_its_address(room: ReadingRoom) -> None:
    other = publish(room, "Of a bridge", "The bridge was opened by the mayor.")
    form = Form(room.pages)
    page = form.press("add", "1", url=f"http://127.0.0.1/articles/{other}?q=x", section="Opera")
    assert page.status == 200
    assert form.press("add", "1", url="https://nobody.example/", section="Opera").status == 409
    # As Enter in the field does.
    assert form.press("save", "1", url="https://nobody.example/", section="Opera").status == 409
    send(room.pages, "now")
    tick(room)
    [issue] = issues(room)
    assert sections(issue) == [("Opera", "Of a bridge")]
    assert (
        "The bridge was opened" in issue.stories[0]["passage"]
        or "bridge" in room.pages.get(f"/reviews/morning/issues/{issue.number}/mail").text
    )


def test_nothing_of_an_article_or_an_annotation_is_markup(room: ReadingRoom) -> None:
    first = publish(room, EVIL, f"The ferry {EVIL}")
    form = Form(room.pages)
    form.press("take", first)
    form.type(f"note-{first}", EVIL)
    form.type("foreword", EVIL)
    form.press("save")
    assert "\u202e" not in coming(room).foreword
    pages = [
        EDIT,
        "/reviews/morning/preview",
        "/reviews/morning/preview/mail",
        "/reviews",
        "/reviews/morning",
    ]
    send(room.pages, "now")
    tick(room)
    [issue] = issues(room)
    here = f"/reviews/morning/issues/{issue.number}"
    for address in (*pages, here, f"{here}/mail"):
        page = room.pages.get(address)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
    mail = room.pages.get(f"{here}/mail")
    assert "sandbox" in mail.headers["content-security-policy"]
    row = next(csv.DictReader(io.StringIO(room.pages.get("/reviews/morning/export/csv").text)))
    assert row["annotation"].startswith("<script>")


def test_what_was_sent_is_kept_shown_and_exported(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    jane = Form(room.reader(Role.EDITOR, "jane"))
    jane.press("take", first)
    jane.type(f"note-{first}", "=1+1")
    jane.press("save")
    send(jane.pages, "now")
    tick(room)
    reader = room.reader(Role.READER, "rita")
    [issue] = issues(room)
    page = reader.get(f"/reviews/morning/issues/{issue.number}")
    assert page.status == 200
    assert "Sent by jane in place of its hour" in words(page.text)
    assert DESK not in page.text
    assert DESK in jane.pages.get(f"/reviews/morning/issues/{issue.number}").text
    rows = list(csv.DictReader(io.StringIO(reader.get("/reviews/morning/export/csv").text)))
    assert [(row["title"], row["annotation"], row["finished_by"]) for row in rows] == [
        ("Ferry aground", "'=1+1", "jane")
    ]
    [line] = reader.get("/reviews/morning/export/jsonl").text.splitlines()
    assert json.loads(line)["annotation"] == "=1+1"
    with room.newsroom.archive.reading() as tx:
        acts = [(act.actor.name, act.did) for act in audit.latest(tx, 10)]
    assert acts[0] == ("jane", "review.finish")
    assert acts[1] == ("jane", "review.edit")


@pytest.mark.parametrize("role", [Role.READER])
def test_readers_read_issues_and_edit_none(room: ReadingRoom, role: Role) -> None:
    reader = room.reader(role)
    assert "/edit" not in reader.get("/reviews").text + reader.get("/reviews/morning").text
    assert reader.get(EDIT).status == 403


@pytest.mark.parametrize("keys", [{"enabled": False}, {"recipients": []}])
def test_a_review_that_tells_nobody_cannot_be_sent(room: ReadingRoom, keys: Mapping[str, object]) -> None:
    first = publish(room, "Ferry aground")
    Form(room.pages).press("take", first)
    page = room.pages.get("/reviews/morning/preview")
    configure(room, **keys)
    assert press_send(room.pages, page, "now").status == 409
    assert coming(room).finish is None


def test_a_section_that_is_gone_keeps_what_was_taken_into_it(room: ReadingRoom) -> None:
    opera = publish(room, "Tosca", "The opera opens.")
    Form(room.pages).press("take", opera)
    configure(room, sections=[{"name": "Harbour", "watches": ["ferries"]}])
    assert re.search(r"Opera.*Tosca", words(room.pages.get(EDIT).text))
    send(room.pages, "now")
    tick(room)
    assert sections(issues(room)[0]) == [("Opera", "Tosca")]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"seen": "x"},
        {"seen": "1", "looked_at": "yesterday"},
        {
            "seen": "99999999999999999999",
            "looked": "99999999999999999",
            "looked_at": "2026-11-20T12:00:00+00:00",
        },
        {"seen": "0", "looked_at": "0001-01-01T00:00:00", "take": "nothing", "draft": "7"},
        {
            "seen": "0",
            "looked_at": "2026-11-20T12:00:00+00:00",
            "to:nothing": "Nowhere",
            "up": "x",
            "mark": "y",
        },
        {"seen": "0", "looked_at": "2026-11-20T12:00:00+00:00", "note-x": "text", "was-x": ""},
        {"seen": "0", "looked_at": "2026-11-20T12:00:00+00:00", "take-marked": "1", "mark": "\ud83d"},
    ],
)
def test_a_form_of_somebody_elses_making_breaks_nothing(room: ReadingRoom, fields: dict[str, str]) -> None:
    publish(room, "Ferry aground")
    body = urlencode(fields, errors="surrogatepass")
    answer = room.pages._ask("POST", EDIT, body, {})
    assert answer.status in (303, 400, 409)
    with room.newsroom.archive.reading() as tx:
        draft = drafts.coming(tx, "morning")
    assert draft is None or draft.items == ()
    assert room.pages.get(EDIT).status == 200


def test_texts_have_a_limit_and_what_is_beyond_it_is_not_lost(room: ReadingRoom) -> None:
    first = publish(room, "Ferry aground")
    form = Form(room.pages)
    form.press("take", first)
    form.type(f"note-{first}", "x" * 4001)
    page = form.press("save")
    assert page.status == 409
    assert "x" * 4001 in page.text
    assert coming(room).taken[0].annotation == ""


def test_what_is_not_there_is_said(room: ReadingRoom) -> None:
    for address in (
        "/reviews/mornin",
        "/reviews/mornin/edit",
        "/reviews/morning/issues/9",
        "/reviews/x/issues/y",
    ):
        assert room.pages.get(address).status == 404
    assert 'href="/reviews/morning"' in room.pages.get("/reviews/mornin").text
    assert room.pages.get("/reviews/morning/export/pdf").status == 404


def test_the_anchor_leads_to_the_next_candidate(room: ReadingRoom) -> None:
    for number in range(3):
        publish(room, f"Ferry {number}", f"The ferry number {number} came.")
    form = Form(room.pages)
    order = [value for name, value in form.fields if name == "shown"]
    answer = room.pages._ask("POST", EDIT, urlencode([*form.fields, ("leave", order[0])]), {})
    assert answer.headers["location"].endswith(f"#i-{order[1]}")
    assert dict(parse_qsl(answer.headers["location"])) == {}
