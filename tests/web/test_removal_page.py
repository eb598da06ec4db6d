"""An operator removes an article on a page, for good."""

from pathlib import Path

import pytest

from presswatch.accounts import Role
from presswatch.archive import articles, audit, removals
from presswatch.watches.channels.folder import FolderChannel
from presswatch.watches.outbox import send_step
from support.indexing import drain
from support.newsroom import story
from support.press_desk import SITE, edit, tell
from support.reading_room import ReadingRoom
from support.web_page import read

URL = f"{SITE}/article-0"
REASON = "asked by the person, letter of 3 May"


def published(room: ReadingRoom) -> str:
    """An article of two revisions that one mail has told of; its id."""
    tell(room)
    id_ = room.publish("The ferry of Mr Private ran aground.", "Private matters", URL)
    edit(room, URL, "The ferry of Mr Private was towed away.", title="Private matters")
    drain(room.newsroom.archive, room.index)
    tell(room)
    return id_


def send(room: ReadingRoom, folder: Path) -> list[Path]:
    """Write the mails that wait into a folder; the files there."""
    channel = FolderChannel(folder, "alerts@example.org")
    assert send_step(room.newsroom.archive, channel, lambda: room.newsroom.now)
    return sorted(folder.iterdir())


def remove(room: ReadingRoom, id_: str, reason: str = REASON, typed: str = "") -> tuple[int, str]:
    answer = room.pages.post(f"/articles/{id_}/remove", {"reason": reason, "typed": typed or id_})
    return answer.status, answer.text


def is_there(room: ReadingRoom, id_: str) -> bool:
    with room.newsroom.archive.reading() as tx:
        return articles.get(tx, id_) is not None


def test_what_would_go_is_shown_and_then_goes(room: ReadingRoom, tmp_path: Path) -> None:
    id_ = published(room)
    [mail] = send(room, tmp_path / "mail")
    assert "Private" in mail.read_text()
    for given in (
        {"do": "tag", "tags": "harbour"},
        {"do": "note", "note": "Ask"},
        {"do": "collect", "into": "Report"},
    ):
        assert room.pages.post(f"/articles/{id_}/marks", given).status == 303
    article = read(room.pages.get(f"/articles/{id_}").text)
    page = read(room.pages.get(article.links["Remove this article, on request"]).text)
    for said in (
        "2 revisions with their texts",
        "what these watches found in it: ferries",
        "its tags of the desk: harbour",
        "1 note on it",
        "its place in these collections: Report",
        URL,
        "What was sent cannot be taken back",
        "desk@gazette.example",
    ):
        assert said in page.words
    assert remove(room, id_)[0] == 303
    assert not is_there(room, id_)
    assert not mail.exists()
    gone = room.pages.get(f"/articles/{id_}")
    assert gone.status == 410
    assert "removed on request" in gone.text
    assert "Private" not in gone.text
    drain(room.newsroom.archive, room.index)
    assert "Private" not in room.pages.get("/search?q=ferry").text
    listed = read(room.pages.get("/operations/removals").text)
    assert REASON in listed.words
    assert URL in listed.words
    with room.newsroom.archive.reading() as tx:
        [act, *_] = audit.latest(tx, 1)
    assert (act.did, act.subject, act.detail) == ("article.remove", id_, {"addresses": 1})


def test_it_is_not_fetched_again(room: ReadingRoom) -> None:
    id_ = published(room)
    remove(room, id_)
    run = room.newsroom.start_run()
    room.newsroom.list_links(run, f"{SITE}/", URL)
    kept = [room.newsroom.keep(claim, story(URL, "The ferry.")) for claim in room.newsroom.claim(run, 99)]
    assert not is_there(room, id_)
    assert [one.id for one in kept if one.outcome is not articles.Outcome.REMOVED] == []


def test_a_mail_that_has_not_left_is_made_again_without_it(room: ReadingRoom) -> None:
    id_ = published(room)
    page = read(room.pages.get(f"/articles/{id_}/remove").text)
    assert "These have not left. They are made again without it." in page.words
    assert "cannot be taken back" not in page.words
    remove(room, id_)
    assert "Private" not in room.pages.get("/operations").text


@pytest.mark.parametrize(
    ("reason", "typed", "said"),
    [
        ("", "", "Say why it is removed"),
        (" \u202e\x00 ", "", "Say why it is removed"),
        ("a" * 1001, "", "at most 1,000 characters"),
        (REASON, "Private matters", "is not the id of this article"),
        (REASON, URL, "is not the id of this article"),
    ],
)
def test_without_a_reason_or_the_right_id_nothing_goes_and_what_was_typed_stays(
    room: ReadingRoom, reason: str, typed: str, said: str
) -> None:
    id_ = published(room)
    status, text = remove(room, id_, reason, typed)
    page = read(text)
    assert (status, said in page.words) == (400, True)
    assert page.fields["reason"].strip() == reason.replace("\x00", "\x00").strip()
    assert page.fields["typed"] == ""
    assert is_there(room, id_)


def test_only_operators_remove(room: ReadingRoom) -> None:
    id_ = published(room)
    for role in (Role.READER, Role.EDITOR):
        pages = room.reader(role)
        assert pages.post(f"/articles/{id_}/remove", {"reason": REASON, "typed": id_}).status == 403
        assert "on request" not in pages.get(f"/articles/{id_}").text
    assert is_there(room, id_)
    chief = room.reader(Role.OPERATOR)
    assert chief.post(f"/articles/{id_}/remove", {"reason": REASON, "typed": id_}).status == 303
    # Sent twice, and by whoever had the page open.
    assert chief.post(f"/articles/{id_}/remove", {"reason": REASON, "typed": id_}).status == 410
    assert chief.get(f"/articles/{id_}/remove").status == 410
    assert REASON not in room.reader(Role.READER, "rita").get(f"/articles/{id_}").text


def test_another_address_of_an_article_is_not_its_id(room: ReadingRoom) -> None:
    assert room.pages.post("/articles/none/remove", {"reason": REASON, "typed": "none"}).status == 404
    assert room.pages.get("/articles/none/remove").status == 404


def test_files_of_mails_go_also_when_whoever_removed_it_was_killed(room: ReadingRoom, tmp_path: Path) -> None:
    id_ = published(room)
    [mail] = send(room, tmp_path / "mail")
    archive = room.newsroom.archive
    with archive.writing() as tx:
        removals.remove(tx, id_, REASON, room.newsroom.now)
    assert mail.exists(), "killed behind the commit"
    mail.parent.chmod(0o700)
    assert removals.delete_files(archive) == []
    assert not mail.exists()
    again = tmp_path / "mail" / "another"
    again.write_text("kept")
    assert removals.delete_files(archive) == []
    assert again.exists()


def test_a_file_that_cannot_be_deleted_is_told_and_tried_again(room: ReadingRoom, tmp_path: Path) -> None:
    id_ = published(room)
    [mail] = send(room, tmp_path / "mail")
    mail.unlink()
    # Nobody can unlink a folder, whatever their rights are.
    mail.mkdir()
    status, text = remove(room, id_)
    assert (status, str(mail) in read(text).words) == (500, True)
    assert not is_there(room, id_)
    mail.rmdir()
    mail.write_text("Mr Private")
    assert removals.delete_files(room.newsroom.archive) == []
    assert not mail.exists()


def test_a_hostile_article_is_inert_on_these_pages(room: ReadingRoom) -> None:
    tell(room)
    id_ = room.publish("ferry", "<script>x</script>\u202e", f"{URL}?<b>\u202e")
    assert "<script>x" not in room.pages.get(f"/articles/{id_}/remove").text
    remove(room, id_, "<script>y</script>")
    for address in ("/operations/removals", f"/articles/{id_}", "/audit"):
        text = room.pages.get(address).text
        assert "<script>" not in text
        assert "\u202e" not in text
