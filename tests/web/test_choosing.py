"""What the links of a mail let its recipient choose, and what they do not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from presswatch.archive import Archive, audit, choices
from presswatch.archive.choices import Choice
from presswatch.archive.signing_key import signing_key
from presswatch.archive.tables import ChoiceKind, choice, delivery
from presswatch.config.models import WebConfig
from presswatch.watches.links import Links
from support.alarm import READER, Alarm
from support.pages_server import Answer, Pages, served

OTHER = "other@example.org"
PUBLIC = "https://watch.example.org"


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    """A mail to two readers, of two stories."""
    alarm = Alarm(archive)
    alarm.watch(recipients=[f"Jane <{READER}>", OTHER], owner="owner@example.org")
    alarm.publish("The ferry ran aground off the northern cape at dawn.", title="Ferry aground")
    alarm.publish("A new ferry terminal was opened by the mayor.", title="<b>Terminal</b> opened")
    alarm.tick()
    return alarm


@pytest.fixture
def pages(alarm: Alarm, tmp_path: Path) -> Iterator[Pages]:
    watch = {"recipients": [READER, OTHER], "owner": "owner@example.org"}
    with served(alarm.newsroom, tmp_path / "config", {"web": {"public_url": PUBLIC}}, watch) as pages:
        yield pages


def link(alarm: Alarm, recipient: str = READER, mail: int = -1) -> str:
    """The path of the page of a recipient's copy of a mail."""
    with alarm.archive.reading() as tx:
        rows = tx.execute(select(delivery.c.id, delivery.c.recipient).order_by(delivery.c.id)).all()
    mine = [row.id for row in rows if recipient in row.recipient]
    return "/mail/" + Links(PUBLIC, signing_key(alarm.archive)).token(mine[mail])


def press(pages: Pages, page: Answer, words: str) -> Answer:
    """Press the button of a page, and go where that leads."""
    done = pages.press(page, words)
    assert done.status == 303
    return pages.get(done.headers["location"])


def chosen(alarm: Alarm) -> list[Choice]:
    with alarm.archive.reading() as tx:
        return choices.current(tx, "ferries", alarm.now)


def test_looking_at_pages_changes_nothing(alarm: Alarm, pages: Pages) -> None:
    seen = pages.get(link(alarm))
    assert seen.status == 200
    assert "Ferry aground" in seen.text
    for address, _fields in seen.buttons.values():
        assert pages.get(address).status == 200
    with alarm.archive.reading() as tx:
        assert tx.execute(select(func.count()).select_from(choice)).scalar_one() == 0


def test_stories_stand_in_the_order_in_which_the_mail_told_them(archive: Archive, tmp_path: Path) -> None:
    alarm = Alarm(archive)
    reader = {"recipients": [READER]}
    alarm.watch(recipients=[READER])
    alarm.publish("The ferry ran aground off the northern cape at dawn.", title="Ferry aground")
    alarm.wait(timedelta(minutes=1))
    alarm.publish("The mayor took a ferry to the opening of a school.", title="School opened")
    alarm.wait(timedelta(minutes=5))
    alarm.tick()
    [mail] = alarm.mails()
    # The one whose headline has it first, though the other is newer.
    assert 0 < mail.text.index("aground") < mail.text.index("School opened")
    with served(alarm.newsroom, tmp_path / "config", {"web": {"public_url": PUBLIC}}, reader) as pages:
        page = pages.get(link(alarm)).text
    assert 0 < page.index("Ferry aground") < page.index("School opened")


def test_a_story_is_muted_for_whoever_has_the_link_and_the_choice_is_taken_back(
    alarm: Alarm, pages: Pages
) -> None:
    done = press(pages, pages.get(link(alarm)), "Mute this story")
    assert done.status == 200
    [made] = chosen(alarm)
    assert (made.recipient, made.kind) == (READER, ChoiceKind.MUTE_STORY)
    assert "Story muted" in pages.get(link(alarm)).text
    assert "Story muted" not in pages.get(link(alarm, OTHER)).text
    undone = press(pages, done, "Undo")
    assert "Taken back" in undone.text
    assert chosen(alarm) == []


def test_the_audit_trail_has_what_was_chosen_once(alarm: Alarm, pages: Pages) -> None:
    done = press(pages, pages.get(link(alarm)), "Mute this story")
    press(pages, pages.get(link(alarm)), "Mute this story")
    press(pages, done, "Undo")
    with alarm.archive.reading() as tx:
        acts = audit.latest(tx, 9)
    assert [act.did for act in acts] == ["choice.undo-mute-story", "choice.mute-story"]
    assert {(act.actor.kind, act.actor.name, act.subject) for act in acts} == {
        ("recipient", READER, "ferries")
    }


def test_the_story_of_an_edited_article_is_muted_by_the_mail_that_tells_of_the_edit(
    alarm: Alarm, pages: Pages
) -> None:
    alarm.web = WebConfig(public_url=PUBLIC)
    alarm.watch(recipients=[f"Jane <{READER}>", OTHER], owner="owner@example.org", tells={"edits": True})
    edited = alarm.revise("A new ferry terminal was opened by the king.", title="Terminal opened by the king")
    alarm.tick()
    html = alarm.mails()[-1].html
    assert f"/mute-story/{edited}" in html
    seen = pages.get(f"{link(alarm)}/mute-story/{edited}")
    press(pages, seen, next(iter(seen.buttons)))
    assert [(one.kind, one.subject) for one in chosen(alarm)] == [(ChoiceKind.MUTE_STORY, edited)]


def test_a_pause_ends_by_itself(alarm: Alarm, pages: Pages) -> None:
    assert "Mails paused until" in press(pages, pages.get(link(alarm)), "Pause for 7 days").text
    with alarm.archive.reading() as tx:
        [made] = tx.execute(select(choice)).all()
    assert made.until - made.made == timedelta(days=7)
    with alarm.archive.reading() as tx:
        assert choices.current(tx, "ferries", made.until) == []


def test_one_click_ends_the_mails(alarm: Alarm, pages: Pages) -> None:
    """RFC 8058 section 3.2: a POST with this one field, as a form of either kind."""
    address = f"{link(alarm)}/stop"
    assert pages.post(address, {"List-Unsubscribe": "One-Click"}).status == 200
    assert [made.kind for made in chosen(alarm)] == [ChoiceKind.STOP]
    part = '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    again = pages._ask("POST", address, part, {"content-type": "multipart/form-data; boundary=b"})
    assert again.status == 200
    with alarm.archive.reading() as tx:
        # Nothing has changed, so there is nothing more to keep.
        assert tx.execute(select(func.count()).select_from(choice)).scalar_one() == 1


@pytest.mark.parametrize("change", [lambda path: path[:-1], lambda path: path.replace("/mail/", "/mail/x")])
def test_a_link_that_was_changed_leads_nowhere(alarm: Alarm, pages: Pages, change: object) -> None:
    assert callable(change)
    assert pages.get(change(link(alarm))).status == 404
    assert pages.post(change(link(alarm)) + "/stop").status == 404
    assert chosen(alarm) == []


@pytest.mark.parametrize("path", ["/mute-story/0", "/mute-source/herald", "/stop/x", "/delete"])
def test_what_the_mail_did_not_tell_of_cannot_be_chosen(alarm: Alarm, pages: Pages, path: str) -> None:
    assert pages.post(link(alarm) + path).status == 404
    assert chosen(alarm) == []


def test_a_link_ends(alarm: Alarm, pages: Pages) -> None:
    path = link(alarm)
    alarm.wait(timedelta(days=90))
    assert pages.get(path).status == 200
    alarm.wait(timedelta(days=1))
    answer = pages.post(f"{path}/stop")
    assert answer.status == 410
    assert "90 days" in answer.text
    assert chosen(alarm) == []


def test_what_a_page_of_the_press_says_stays_words(alarm: Alarm, pages: Pages) -> None:
    seen = pages.get(link(alarm))
    assert "<b>Terminal" not in seen.text
    assert "&lt;b&gt;Terminal&lt;/b&gt; opened" in seen.text


def test_every_answer_forbids_what_pages_do_not_need(alarm: Alarm, pages: Pages) -> None:
    for path in (link(alarm), "/", "/static/pages.css", "/nothing"):
        headers = pages.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((name, 404) for name in ("localhost", "127.0.0.1:8484", "[::1]:8484", "watch.example.org")),
        *(
            (name, 421)
            for name in ("evil.example", "watch.example.org.evil.example", "127.0.0.1.evil.example")
        ),
    ],
)
def test_pages_answer_under_their_own_names_alone(pages: Pages, host: str, status: int) -> None:
    assert pages.get("/mail/cut-off", Host=host).status == status


def test_a_huge_form_is_not_read(alarm: Alarm, pages: Pages) -> None:
    answer = pages.post(f"{link(alarm)}/pause", {"days": "7", "x": "x" * 5_000_000})
    assert answer.status in (200, 413)


def test_pages_below_a_part_of_a_site(alarm: Alarm, tmp_path: Path) -> None:
    settings = {"web": {"public_url": f"{PUBLIC}/press"}}
    with served(alarm.newsroom, tmp_path / "config", settings, {"recipients": [READER]}) as pages:
        seen = pages.get(f"/press{link(alarm)}")
        assert all(address.startswith("/press/mail/") for address, _fields in seen.buttons.values())
        assert press(pages, seen, "Mute this story").status == 200
        assert pages.get("/press/static/pages.css").status == 200


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("nl, ar;q=0.4", "ar"),
        ("en;q=0.2, zh-TW", "zh-Hans"),
        ("", "en"),
        ("x" * 5000 + ";q=y", "en"),
    ],
)
def test_an_error_is_told_in_the_language_that_the_browser_asks_for(
    pages: Pages, asked: str, language: str
) -> None:
    assert f'<html lang="{language}"' in pages.get("/nothing", Accept_Language=asked).text
