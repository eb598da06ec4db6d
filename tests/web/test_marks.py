"""Tags, notes and collections, as editors put them and readers see them."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

import feedparser
import pytest

from presswatch.accounts import Role
from presswatch.archive import audit, marks
from presswatch.archive.marks import OnArticle
from support.indexing import drain
from support.pages_server import Answer, Pages
from support.reading_room import ReadingRoom

HOSTILE = '<script>alert(1)</script> "\u202e& <img src=x onerror=alert(2)>'


@pytest.fixture
def ferry(room: ReadingRoom) -> str:
    return room.publish("The ferry ran aground.", "Ferry aground")


def on(room: ReadingRoom, id_: str) -> OnArticle:
    with room.newsroom.archive.reading() as tx:
        return marks.on(tx, [id_])[id_]


def names(room: ReadingRoom, id_: str) -> list[str]:
    return [one.name for one in on(room, id_).tags]


def done(room: ReadingRoom) -> list[tuple[str, str, str]]:
    """The audit trail, the first act first."""
    with room.newsroom.archive.reading() as tx:
        return [(act.did, act.subject, act.actor.name) for act in reversed(audit.latest(tx, 100))]


def mark(pages: Pages, id_: str, **fields: str) -> Answer:
    return pages.post(f"/articles/{id_}/marks", fields)


def mark_hits(pages: Pages, chosen: Sequence[str], **fields: str) -> Answer:
    """What a browser sends of a form in which several boxes are ticked."""
    body = urlencode([*(("chosen", one) for one in chosen), *fields.items()])
    return pages._ask("POST", "/search/marks", body, {})


def found(room: ReadingRoom, query: str) -> list[str]:
    """The ids of the articles that a search shows."""
    drain(room.newsroom.archive, room.index)
    page = room.pages.get(f"/search?q={quote(query)}").text
    return re.findall(r'<h2 dir="auto"><a href="/articles/([0-9a-f]{32})', page)


def main(answer: Answer) -> str:
    return answer.text.partition("<main")[2]


def test_an_editor_tags_an_article_and_takes_a_tag_off(room: ReadingRoom, ferry: str) -> None:
    ann = room.reader(Role.EDITOR, "ann")
    answer = mark(ann, ferry, do="tag", tags="Harbour, to read")
    assert (answer.status, answer.headers["location"]) == (303, f"/articles/{ferry}?done=tag#marks")
    assert names(room, ferry) == ["Harbour", "to read"]
    assert found(room, 'marked:harbour AND marked:"to read"') == []  # nobody is signed in there
    page = ann.get(f"/articles/{ferry}")
    assert '<option value="Harbour">' in page.text
    assert mark(ann, ferry, do="untag", tags="harbour").status == 303
    assert names(room, ferry) == ["to read"]
    assert done(room) == [
        ("article.tag", ferry, "ann"),
        ("article.tag", ferry, "ann"),
        ("article.untag", ferry, "ann"),
    ]


def test_without_accounts_whoever_sits_here_may_do_it(room: ReadingRoom, ferry: str) -> None:
    mark(room.pages, ferry, do="tag", tags="harbour")
    mark(room.pages, ferry, do="note", note="Who pays?")
    assert found(room, "marked:harbour") == [ferry]
    assert found(room, "note:pays") == [ferry]
    page = main(room.pages.get(f"/articles/{ferry}"))
    assert "Who pays?" in page
    assert "whoever sat at this machine" in page


def test_a_reader_sees_marks_and_has_no_form_to_change_them(room: ReadingRoom, ferry: str) -> None:
    ann = room.reader(Role.EDITOR, "ann")
    mark(ann, ferry, do="tag", tags="harbour")
    mark(ann, ferry, do="note", note="Who pays?")
    mark(ann, ferry, do="collect", into="Report")
    reader = room.reader(Role.READER)
    for address in (f"/articles/{ferry}", "/search?q=ferry", "/collections/1"):
        page = main(reader.get(address))
        for said in ("harbour", "Who pays?", "Report", "ann"):
            assert said in page, address
        # They may save the search.
        assert 'method="post"' not in page.replace('<form method="post" action="/searches"', ""), address
    assert 'method="post"' not in main(reader.get("/collections")) + main(reader.get("/tags"))


def test_a_note_is_changed_and_removed(room: ReadingRoom, ferry: str) -> None:
    ann, bo = room.reader(Role.EDITOR, "ann"), room.reader(Role.EDITOR, "bo")
    mark(ann, ferry, do="note", note="Who pays?\r\n\r\nAsk the city.")
    [note] = on(room, ferry).notes
    assert (note.text, note.by) == ("Who pays?\n\nAsk the city.", "ann")
    page = bo.get(f"/articles/{ferry}/notes/{note.id}")
    action, fields = page.buttons["Save the note"]
    assert bo.post(action, fields | {"note": "The city pays."}).status == 303
    [changed] = on(room, ferry).notes
    assert (changed.text, changed.by, changed.changed_by, changed.revision) == (
        "The city pays.",
        "ann",
        "bo",
        2,
    )
    assert "changed by" in main(ann.get(f"/articles/{ferry}"))
    answer = ann.press(ann.get(f"/articles/{ferry}/notes/{note.id}"), "Remove the note")
    assert answer.status == 303
    assert on(room, ferry).notes == ()
    assert [act[0] for act in done(room)] == ["note.write", "note.change", "note.remove"]
    with room.newsroom.archive.reading() as tx:
        assert "city" not in repr(audit.latest(tx, 100)), "what is removed stands in no trail"
    assert ann.get(f"/articles/{ferry}/notes/{note.id}").status == 404


def test_two_who_edit_a_note_both_see_both_texts(room: ReadingRoom, ferry: str) -> None:
    ann, bo = room.reader(Role.EDITOR, "ann"), room.reader(Role.EDITOR, "bo")
    mark(ann, ferry, do="note", note="Who pays?")
    [note] = on(room, ferry).notes
    address = f"/articles/{ferry}/notes/{note.id}"
    of_ann, of_bo = ann.get(address).buttons["Save the note"], bo.get(address).buttons["Save the note"]
    ann.post(of_ann[0], of_ann[1] | {"note": "Text of Ann."})
    answer = bo.post(of_bo[0], of_bo[1] | {"note": "Text of Bo."})
    assert answer.status == 409
    assert "Text of Ann." in answer.text
    assert "Text of Bo.</textarea>" in answer.text
    assert on(room, ferry).notes[0].text == "Text of Ann."
    action, fields = answer.buttons["Save the note"]
    assert bo.post(action, fields | {"note": "Text of Ann. Text of Bo."}).status == 303
    assert on(room, ferry).notes[0].text == "Text of Ann. Text of Bo."
    # Removing what somebody changed meanwhile is refused as well.
    assert bo.post(of_bo[0], of_bo[1] | {"do": "remove"}).status == 409
    assert len(on(room, ferry).notes) == 1


def test_a_text_for_a_note_that_was_removed_meanwhile_becomes_a_new_one(
    room: ReadingRoom, ferry: str
) -> None:
    ann = room.reader(Role.EDITOR, "ann")
    mark(ann, ferry, do="note", note="Who pays?")
    [note] = on(room, ferry).notes
    page = ann.get(f"/articles/{ferry}/notes/{note.id}")
    action, fields = page.buttons["Save the note"]
    ann.press(page, "Remove the note")
    answer = ann.post(action, fields | {"note": "The city."})
    assert answer.status == 409
    action, fields = answer.buttons["Save the note"]
    assert ann.post(action, fields | {"note": "The city."}).status == 303
    assert [one.text for one in on(room, ferry).notes] == ["The city."]


def test_a_note_that_is_refused_is_not_lost(room: ReadingRoom, ferry: str) -> None:
    answer = mark(room.pages, ferry, do="note", note="x" * 10_001)
    assert answer.status == 400
    assert "at most 10,000 characters" in answer.text
    assert "x" * 10_001 in answer.text
    assert mark(room.pages, ferry, do="note", note=" ").status == 400
    assert on(room, ferry).notes == ()


def test_several_hits_are_marked_at_once_without_a_script(room: ReadingRoom, ferry: str) -> None:
    strike = room.publish("Crews of the ferry strike.", "Ferry strike")
    opera = room.publish("The opera opens.", "Opera opens")
    ann = room.reader(Role.EDITOR, "ann")
    page = ann.get("/search?q=ferry&stories=apart&marked=")
    assert set(re.findall(r'name="chosen" value="(\w+)"', page.text)) == {ferry, strike}
    action, fields = page.buttons["Add tags"]
    assert action == "/search/marks"
    answer = mark_hits(ann, [ferry, strike, "gone"], **fields, tags="harbour, crew")
    assert (answer.status, answer.headers["location"]) == (303, "/search?q=ferry&stories=apart&done=tag")
    assert [names(room, id_) for id_ in (ferry, strike, opera)] == [["crew", "harbour"]] * 2 + [[]]
    # At once, and not only when the index has got it.
    assert main(ann.get("/search?q=ferry")).count('href="/search?marked=harbour"') == 2
    _, fields = page.buttons["Take tags off"]
    mark_hits(ann, [strike], **fields, tags="crew")
    _, fields = page.buttons["Add to the collection"]
    mark_hits(ann, [ferry, opera], **fields, into="Report 2026")
    mark_hits(ann, [ferry, strike], **fields, into="report  2026")
    assert names(room, strike) == ["harbour"]
    with room.newsroom.archive.reading() as tx:
        [kept] = marks.collections(tx)
    assert (kept.name, kept.articles) == ("Report 2026", 3)
    _, fields = page.buttons["Take out of it"]
    mark_hits(ann, [opera], **fields, into="Report 2026")
    assert on(room, opera).collections == ()
    assert [act[0] for act in done(room)] == [
        *["article.tag"] * 4, "article.untag",
        "collection.make", *["collection.add"] * 3, "collection.take-out",
    ]  # fmt: skip
    nothing = mark_hits(ann, [], do="tag", tags="x", q="ferry boat")
    assert nothing.status == 400
    assert 'href="/search?q=ferry+boat"' in main(nothing)
    assert mark_hits(ann, [ferry], do="tag", tags=" ,").status == 400
    assert mark_hits(ann, [ferry], do="release", into="No such").status == 400


def test_a_search_is_narrowed_by_the_desks_tags_and_collections(room: ReadingRoom, ferry: str) -> None:
    room.publish("Crews of the ferry strike.", "Ferry strike")
    mark(room.pages, ferry, do="tag", tags="Harbour")
    mark(room.pages, ferry, do="collect", into="Annual report 2026")
    drain(room.newsroom.archive, room.index)
    page = room.pages.get("/search?q=ferry").text
    assert "Tag of the desk" in page
    assert "/search?q=ferry&amp;marked=harbour" in page
    assert "/search?q=ferry&amp;collection=annual+report+2026" in page
    narrowed = main(room.pages.get("/search?q=ferry&collection=annual+report+2026&marked=harbour"))
    assert f"/articles/{ferry}" in narrowed
    assert "Ferry strike" not in narrowed


def test_a_collection_is_made_described_and_removed(room: ReadingRoom, ferry: str) -> None:
    ann, bo = room.reader(Role.EDITOR, "ann"), room.reader(Role.EDITOR, "bo")
    answer = ann.post("/collections", {"name": "Annual report 2026", "description": "For the board"})
    assert (answer.status, answer.headers["location"]) == (303, "/collections/1?done=collection")
    again = ann.post("/collections", {"name": "annual report 2026", "description": "Typed at length"})
    assert again.status == 400
    assert "There is a collection of this name already." in again.text
    assert "Typed at length" in again.text
    mark(ann, ferry, do="collect", into="Annual report 2026")
    page = ann.get("/collections/1")
    action, fields = page.buttons["Save"]
    assert ann.post(action, fields | {"name": "Report", "description": "Mine"}).status == 303
    outdated = bo.post(action, fields | {"name": "Report", "description": "Of Bo"})
    assert outdated.status == 409
    assert "Mine" in outdated.text
    assert "Of Bo</textarea>" in outdated.text
    action, fields = outdated.buttons["Save"]
    assert bo.post(action, fields | {"name": "Report", "description": "Mine; of Bo"}).status == 303
    assert "Mine; of Bo" in ann.get("/collections").text
    asking = ann.get("/collections/1/remove")
    assert "article stays in the archive" in asking.text
    assert (
        ann.press(asking, "Remove the collection").headers["location"]
        == "/collections?done=collection-removed"
    )
    assert ann.get("/collections/1").status == 404
    assert ann.get(f"/articles/{ferry}").status == 200
    assert [act[0] for act in done(room)] == [
        "collection.make", "collection.add", *["collection.describe"] * 2, "collection.remove",
    ]  # fmt: skip


def test_a_collection_shows_its_articles_newest_first_or_as_they_were_added(
    room: ReadingRoom, ferry: str
) -> None:
    room.newsroom.now += 3600 * room.newsroom.follow.revisit[0] / 3600
    newer = room.publish("Crews of the ferry strike.", "Ferry strike")
    mark(room.pages, newer, do="collect", into="Report")
    room.newsroom.now += room.newsroom.follow.revisit[0]
    mark(room.pages, ferry, do="collect", into="Report")

    def shown(address: str) -> list[str]:
        return re.findall(r'<h2 dir="auto"><a href="/articles/(\w+)', room.pages.get(address).text)

    assert shown("/collections/1") == [newer, ferry]
    assert shown("/collections/1?order=added") == [ferry, newer]
    assert shown("/collections/1?page=2") == [newer, ferry], "the last page there is"
    room.pages.post("/collections/1/articles", {"article": ferry})
    assert shown("/collections/1") == [newer]


def exported(room: ReadingRoom, form: str) -> str:
    answer = room.pages.get(f"/collections/1/export/{form}")
    assert answer.status == 200
    assert "attachment" in answer.headers["content-disposition"]
    return answer.text


def test_a_collection_is_exported_with_its_marks_as_a_search_is(room: ReadingRoom, ferry: str) -> None:
    mark(room.pages, ferry, do="tag", tags="=harbour, <b>")
    mark(room.pages, ferry, do="note", note="Who <pays>?\nAsk.")
    mark(room.pages, ferry, do="collect", into="Report & more")
    [line] = exported(room, "jsonl").splitlines()
    told = json.loads(line)
    assert (told["marked"], told["note"]) == (["<b>", "=harbour"], ["Who <pays>?\nAsk."])
    assert told["collection"] == ["Report & more"]
    [row] = csv.DictReader(io.StringIO(exported(room, "csv")))
    assert (row["marked"], row["note"], row["collection"]) == (
        "<b>; =harbour",
        "Who <pays>?\nAsk.",
        "Report & more",
    )
    for form in ("atom", "rss"):
        read = feedparser.parse(exported(room, form))
        assert not read.bozo
        [entry] = read.entries
        assert {"<b>", "=harbour", "Report & more"} <= {tag.term for tag in entry.tags}
        assert entry.presswatch_note == "Who <pays>?\nAsk."
    drain(room.newsroom.archive, room.index)
    searched = room.pages.get("/search/export/jsonl?q=marked:*").text
    assert json.loads(searched) == told
    assert room.pages.get("/collections/1/export/exe").status == 404


def test_a_feed_that_anybody_with_its_address_reads_has_no_marks(room: ReadingRoom, ferry: str) -> None:
    mark(room.pages, ferry, do="tag", tags="harbour")
    mark(room.pages, ferry, do="note", note="Who pays?")
    drain(room.newsroom.archive, room.index)
    address = re.search(r'href="(/feeds/search/[^"]+)"', room.pages.get("/search?q=ferry").text)
    assert address
    feed = room.pages.get(address[1]).text
    assert "Ferry aground" in feed
    assert "harbour" not in feed
    assert "pays" not in feed


def test_tags_are_listed_renamed_and_taken_off(room: ReadingRoom, ferry: str) -> None:
    ann = room.reader(Role.EDITOR, "ann")
    mark(ann, ferry, do="tag", tags="energy, Energie")
    assert '<a href="/search?marked=energy">' in ann.get("/tags").text
    ann.post("/tags", {"do": "rename", "name": "energie", "to": "energy"})
    assert names(room, ferry) == ["energy"]
    ann.post("/tags", {"do": "remove", "name": "energy"})
    assert names(room, ferry) == []
    assert [act[0] for act in done(room)][2:] == ["tag.rename", "tag.remove"]
    assert ann.post("/tags", {"do": "rename", "name": "energy", "to": ""}).status == 400


def test_hostile_marks_are_inert_wherever_they_stand(room: ReadingRoom, ferry: str) -> None:
    mark(room.pages, ferry, do="tag", tags=HOSTILE)
    mark(room.pages, ferry, do="note", note=HOSTILE)
    mark(room.pages, ferry, do="collect", into=HOSTILE)
    room.pages.post("/collections", {"name": f"{HOSTILE} 2", "description": HOSTILE})
    drain(room.newsroom.archive, room.index)
    addresses = [
        "/search?q=ferry",
        "/search?q=note:alert",
        f"/articles/{ferry}",
        "/collections",
        "/collections/1",
    ]
    for address in [
        *addresses,
        "/collections/2",
        "/collections/1/remove",
        "/tags",
        f"/articles/{ferry}/notes/1",
    ]:
        page = room.pages.get(address)
        assert page.status == 200, address
        body = re.sub(r"<script src=.*?</script>", "", page.text)
        assert "<script" not in body, address
        assert "<img" not in body, address
        assert "\u202e" not in body, address
        assert "alert(1)" in body, address


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "tag", "tags": "x" * 101},
        {"do": "tag", "tags": ", ".join(f"tag {number}" for number in range(10_000))},
        {"do": "tag", "tags": "\u200b"},
        {"do": "collect", "into": ""},
        {"do": "collect", "into": "x" * 201},
    ],
)
def test_what_is_too_much_is_refused_in_words_and_nothing_of_it_is_kept(
    room: ReadingRoom, ferry: str, fields: Mapping[str, str]
) -> None:
    answer = room.pages.post(f"/articles/{ferry}/marks", fields)
    assert answer.status == 400
    assert re.search(r"at most|needs", answer.text)
    assert on(room, ferry) == marks.NOTHING
    assert done(room) == []


def test_what_is_not_there_cannot_be_marked(room: ReadingRoom, ferry: str) -> None:
    other = room.publish("Crews of the ferry strike.", "Ferry strike")
    mark(room.pages, ferry, do="note", note="Who pays?")
    [note] = on(room, ferry).notes
    assert mark(room.pages, "nothing", do="tag", tags="x").status == 404
    assert mark(room.pages, "nothing", do="note", note="x").status == 404
    for address in (
        f"/articles/{other}/notes/{note.id}",
        f"/articles/{ferry}/notes/²",
        f"/articles/{ferry}/notes/99",
    ):
        assert room.pages.get(quote(address)).status == 404
    for address in ("/collections/x", "/collections/٣", "/collections/" + "9" * 400):
        assert room.pages.get(quote(address)).status == 404
    # The note of another article is not changed through this one.
    room.pages.post(f"/articles/{other}/notes/{note.id}", {"do": "save", "revision": "1", "note": "Other"})
    assert on(room, ferry).notes == (note,)


def test_what_cannot_be_put_on_is_kept_to_be_put_right(room: ReadingRoom, ferry: str) -> None:
    ann, long = room.reader(Role.EDITOR, "ann"), "x" * 3_000
    refused = mark(ann, ferry, do="tag", tags=long)
    assert refused.status == 400
    assert "A tag has at most" in main(refused)
    assert f'value="{long}"' in main(refused)
    assert f'href="/articles/{ferry}#marks"' in main(refused)
    of_hits = mark_hits(ann, [ferry], do="collect", into="", q="ferry")
    assert of_hits.status == 400
    assert 'href="/search?q=ferry"' in main(of_hits)
    address, fields = of_hits.buttons["Send it again"]
    assert (
        ann.post(address, fields | {"into": "Harbour"}).headers["location"] == "/search?q=ferry&done=collect"
    )
    assert [one.name for one in on(room, ferry).collections] == ["Harbour"]


@pytest.mark.parametrize(
    ("came_from", "is_linked"),
    [
        ("{here}/tags?x=1", True),
        ("https://evil.example/tags?x=1", False),
        ("{here}//evil.example", False),
        ("", False),
    ],
)
def test_a_message_leads_back_to_a_page_of_ours_alone(
    room: ReadingRoom, came_from: str, is_linked: bool
) -> None:
    sent = came_from.format(here=f"http://127.0.0.1:{room.pages.port}")
    answer = room.pages.post("/tags", {"do": "rename", "name": "energy", "to": ""}, Referer=sent)
    assert answer.status == 400
    assert ('href="/tags?x=1"' in main(answer)) == is_linked
    assert "evil" not in answer.text
