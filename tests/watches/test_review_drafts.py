"""Issues of press reviews that editors make: what becomes of a draft at its hour, and that it leaves once."""

import re
import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presswatch.archive import Archive, drafts, removals, retention, reviews
from presswatch.archive.alerts import Open
from presswatch.archive.drafts import Desk, Draft, Item
from presswatch.archive.retention import Keep
from presswatch.archive.reviews import Found, Issue
from presswatch.archive.tables import Finish, Verdict
from presswatch.config import Config, Review
from presswatch.model import to_json
from presswatch.query import Passage
from presswatch.text.fragments import Fragment
from presswatch.watches.arrangement import Section, arranged, coming_issue, told_sections
from presswatch.watches.audience import Audience
from presswatch.watches.channels.smtp import SmtpChannel
from presswatch.watches.content import LARGEST
from presswatch.watches.copies import written_copies
from presswatch.watches.review import ReviewContent, issue_content, render_review, review_page
from presswatch.watches.review_step import review_step
from support.alarm import READER, SENDER, Alarm, Postbox
from support.issue_maker import POINTS, killed_at
from support.newsroom import NOW
from support.postoffice import PostOffice, opened

HOUR = timedelta(hours=1)
ENGLISH = Audience("en", "UTC")
EVIL = "<script>alert(1)</script>\"'&</style>"


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
def alarm(archive: Archive) -> Alarm:
    """Two watches and a review of what they find, at 12:00; its next hour is 07:00."""
    alarm = Alarm(archive)
    alarm.watch("ferries", "ferry")
    alarm.watch("opera", "opera")
    make(alarm)
    return alarm


def configured(alarm: Alarm, **keys: Any) -> Config:
    return alarm.config.model_copy(update={"reviews": (review(**keys),)})


def make(alarm: Alarm, **keys: Any) -> None:
    """What the daemon does: match, then make what is due."""
    alarm.match()
    while review_step(alarm.archive, configured(alarm, **keys), alarm.now):
        pass


def publish(alarm: Alarm, title: str, text: str = "The ferry ran aground.") -> str:
    id_ = alarm.publish(text, title=title)
    alarm.match()
    return id_


class Editor:
    """Somebody at the desk, who has been shown all that was found."""

    def __init__(self, alarm: Alarm, name: str = "jane") -> None:
        self.alarm, self.name = alarm, name

    def do(self, verb: str, *given: Any) -> None:
        with self.alarm.archive.writing() as tx:
            seen = (reviews.newest_match(tx), self.alarm.now)
            getattr(Desk(tx, "morning", self.name, self.alarm.now, seen), verb)(*given)

    def take(self, *ids: str, section: str = "Ferries") -> None:
        for id_ in ids:
            self.do("decide", id_, Verdict.TAKEN, section, 1)

    def finish(self, how: Finish, slot: datetime | None = None) -> None:
        self.do("finish", how, slot)


def coming(alarm: Alarm) -> Draft | None:
    with alarm.archive.reading() as tx:
        return drafts.coming(tx, "morning")


def issues(alarm: Alarm) -> list[Issue]:
    with alarm.archive.reading() as tx:
        return reviews.issues(tx, "morning", 9)


def titles(issue: Issue) -> list[str]:
    return [str(one["title"]) for one in issue.stories]


def ids(issue: Issue) -> list[str]:
    return [str(one["id"]) for one in issue.stories]


def at_seven(alarm: Alarm, **keys: Any) -> None:
    """The daemon at the review's next hour."""
    alarm.wait(timedelta(hours=(7 - alarm.now.hour) % 24 or 24, minutes=-alarm.now.minute))
    make(alarm, **keys)


def content_of(draft_alarm: Alarm, **keys: Any) -> ReviewContent:
    """What the coming issue tells, as its mail is written."""
    with draft_alarm.archive.reading() as tx:
        issue = coming_issue(tx, review(**keys), draft_alarm.now)
        return issue_content(tx, draft_alarm.config, review(**keys), issue, draft_alarm.now + HOUR, 1)


def test_what_editors_wrote_stands_in_text_html_and_values(alarm: Alarm) -> None:
    id_ = publish(alarm, "Aground")
    jane = Editor(alarm)
    jane.take(id_)
    jane.do("annotate", id_, "Our own ship.\n\nCall the captain.")
    jane.do("foreword", "Good morning, a quiet night.")
    jane.finish(Finish.NOW, alarm.now + 19 * HOUR)
    make(alarm)
    [mail] = alarm.mails()
    assert re.search(r"Good morning, a quiet night\.\s+== Ferries ==", mail.text)
    assert "Nothing was found" not in mail.text + mail.html
    assert re.search(r"1\. Aground.*> Our own ship\.\n> Call the captain\..*\*ferry\*", mail.text, re.S)
    assert all(words in mail.html for words in ("Our own ship.", "Call the captain.", "a quiet night"))
    box = Postbox()
    alarm.send(box)
    [message] = box.taken
    assert isinstance(message, EmailMessage)
    [issue] = issues(alarm)
    assert issue.stories[0]["annotation"] == "Our own ship.\nCall the captain."
    assert (issue.told["finish"], issue.told["finished_by"]) == ("now", "jane")


def test_what_editors_wrote_is_no_markup_and_bends_nothing(alarm: Alarm) -> None:
    id_ = publish(alarm, "Aground")
    jane = Editor(alarm)
    jane.take(id_)
    jane.do("annotate", id_, f"{EVIL}\u202e\x00\r\nBcc: x@example.org")
    jane.do("foreword", EVIL)
    content = content_of(alarm)
    made = render_review(content, ENGLISH)
    for html in (made.html, review_page(content, ENGLISH)):
        assert "<script" not in html
        assert html.count("</style>") == 1
    assert "\u202e" not in made.text + made.html
    assert "\x00" not in made.text + made.html
    assert "Bcc" not in made.subject


def test_a_mail_with_long_annotations_is_not_too_long(alarm: Alarm) -> None:
    jane = Editor(alarm)
    for number in range(40):
        id_ = publish(alarm, f"Ferry {number}", f"The ferry number {number} ran aground.")
        jane.take(id_)
        jane.do("annotate", id_, f"Of {number}: " + "words " * 600)
    made = render_review(content_of(alarm), ENGLISH)
    assert len(made.html.encode()) <= LARGEST
    assert "presswatch mails show 1" in made.text
    assert "Of 0: words" in made.text


def test_an_issue_that_waits_over_a_weekend_loses_nothing_of_it(alarm: Alarm) -> None:
    weekly = {"cron": "0 7 * * 1"}
    id_ = publish(alarm, "Of Friday")
    jane = Editor(alarm)
    jane.take(id_)
    jane.finish(Finish.HOUR, alarm.now + 67 * HOUR)
    alarm.wait(20 * HOUR)
    of_saturday = publish(alarm, "Of Saturday")
    alarm.wait(47 * HOUR)
    make(alarm, **weekly)
    [first] = issues(alarm)
    assert ids(first) == [id_]
    alarm.wait(7 * 24 * HOUR)
    make(alarm, **weekly)
    second, _first = issues(alarm)
    assert ids(second) == [of_saturday]


def test_what_was_sent_ahead_of_its_hour_is_told_by_no_later_issue(alarm: Alarm) -> None:
    taken, out = publish(alarm, "Taken"), publish(alarm, "Left out")
    jane = Editor(alarm)
    jane.take(taken)
    jane.do("decide", out, Verdict.LEFT_OUT, "Ferries", 1)
    jane.finish(Finish.NOW, alarm.now + 19 * HOUR)
    make(alarm)
    at_seven(alarm)
    assert len(issues(alarm)) == 1
    at_seven(alarm)
    following, _first = issues(alarm)
    assert titles(following) == []


def test_an_issue_sent_while_the_daemon_was_down_leaves_when_it_is_up_and_once(alarm: Alarm) -> None:
    id_ = publish(alarm, "Aground")
    jane = Editor(alarm)
    jane.take(id_)
    jane.finish(Finish.NOW, alarm.now + 19 * HOUR)
    alarm.wait(20 * HOUR)
    make(alarm)
    [issue] = issues(alarm)
    assert titles(issue) == ["Aground"]


def test_a_draft_that_waited_while_the_daemon_was_down_is_told_once(alarm: Alarm) -> None:
    id_ = publish(alarm, "Aground")
    alarm.wait(20 * HOUR)
    late = publish(alarm, "After seven")
    Editor(alarm).take(id_, late)
    make(alarm)
    [issue] = issues(alarm)
    assert ids(issue) == [id_, late]
    at_seven(alarm)
    assert titles(issues(alarm)[0]) == []


@pytest.mark.parametrize("how", [Finish.HOUR, Finish.NOW, None])
@pytest.mark.parametrize("point", POINTS)
def test_an_issue_whose_maker_is_killed_is_mailed_once(
    alarm: Alarm, tmp_path: Path, point: str, how: Finish | None
) -> None:
    first, second = publish(alarm, "Aground"), publish(alarm, "Afloat")
    jane = Editor(alarm)
    jane.take(second, first)
    jane.do("annotate", first, "Our own ship.")
    slot = alarm.now + 19 * HOUR
    if how:
        jane.finish(how, slot)
    alarm.wait(19 * HOUR)
    config = configured(alarm)
    assert killed_at(point, alarm.archive.path, config, alarm.now) == -signal.SIGKILL
    assert len(issues(alarm)) == (point == "committed")
    with opened(PostOffice("starttls", tmp_path)) as office:
        channel = SmtpChannel(office.config(), SENDER)
        for _ in range(3):
            make(alarm)
            alarm.send(channel)
            alarm.wait(HOUR)
        channel.close()
    [letter] = office.box
    assert letter.recipient == READER
    body = letter.message.get_body(("plain",))
    assert body is not None
    assert re.search(r"1\. Afloat.*2\. Aground.*> Our own ship\.", body.get_content(), re.S)


def test_makers_at_the_same_time_make_one_issue(alarm: Alarm) -> None:
    jane = Editor(alarm)
    jane.take(publish(alarm, "Aground"))
    jane.finish(Finish.NOW, alarm.now + 19 * HOUR)
    config, now = configured(alarm), alarm.now
    makers = [threading.Thread(target=review_step, args=(alarm.archive, config, now)) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(issues(alarm)) == 1
    assert len(alarm.mails()) == 1


def test_what_is_taken_back_while_it_is_made_is_not_sent(
    alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    jane = Editor(alarm)
    jane.take(publish(alarm, "Aground"))
    jane.finish(Finish.NOW, alarm.now + 19 * HOUR)
    written = written_copies

    def meanwhile(*given: Any) -> Any:
        jane.do("take_back")
        return written(*given)

    monkeypatch.setattr(f"{review_step.__module__}.written_copies", meanwhile)
    assert not review_step(alarm.archive, configured(alarm), alarm.now)
    assert issues(alarm) == []
    draft = coming(alarm)
    assert draft is not None
    assert draft.finish is None


def test_what_is_begun_while_an_issue_is_made_is_in_it(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = publish(alarm, "Aground")
    publish(alarm, "Afloat")
    alarm.wait(19 * HOUR)
    jane, written, begun = Editor(alarm), written_copies, list[str]()

    def meanwhile(*given: Any) -> Any:
        if not begun:
            begun.append(id_)
            jane.do("decide", id_, Verdict.LEFT_OUT, "Ferries", 1)
        return written(*given)

    monkeypatch.setattr(f"{review_step.__module__}.written_copies", meanwhile)
    make(alarm)
    make(alarm)
    [issue] = issues(alarm)
    assert titles(issue) == ["Afloat"]
    assert coming(alarm) is None


def test_a_removed_article_takes_what_was_written_of_a_sent_issue_with_it(alarm: Alarm) -> None:
    first, second = publish(alarm, "Aground"), publish(alarm, "Afloat")
    jane = Editor(alarm)
    jane.take(first, second)
    jane.do("annotate", first, "About the removed one")
    jane.do("annotate", second, "As the removed one says")
    jane.do("foreword", "Of the removed one")
    jane.finish(Finish.NOW, alarm.now + 19 * HOUR)
    make(alarm)
    alarm.send(Postbox())
    with alarm.archive.writing() as tx:
        removals.remove(tx, first, "asked", alarm.now)
        kept = drafts.get(tx, 1)
    assert kept is not None
    assert (kept.foreword, [(one.article, one.annotation) for one in kept.items]) == ("", [(second, "")])
    [kept_story] = issues(alarm)[0].stories
    assert (kept_story["id"], kept_story["title"], kept_story["annotation"]) == (second, "Afloat", "")
    told = str(issues(alarm)[0].told)
    assert "removed one" not in told
    assert "Aground" not in told
    # The next one is not made of what was removed.
    at_seven(alarm)
    at_seven(alarm)
    assert "removed one" not in "".join(mail.text for mail in alarm.mails())


def test_what_was_found_after_an_issue_was_finished_is_told_though_its_text_was_removed(
    alarm: Alarm,
) -> None:
    taken = publish(alarm, "Aground")
    jane = Editor(alarm)
    jane.take(taken)
    jane.finish(Finish.HOUR, alarm.now + 19 * HOUR)
    alarm.wait(HOUR)
    found_later = publish(alarm, "Afloat")
    at_seven(alarm)
    alarm.send(Postbox())
    with alarm.archive.writing() as tx:
        removals.remove(tx, taken, "asked", alarm.now)
    at_seven(alarm)
    second, _first = issues(alarm)
    assert ids(second) == [found_later]


def test_retention_keeps_an_article_that_editors_took_until_its_issue_left(alarm: Alarm) -> None:
    taken = alarm.publish("A bridge was opened.", title="Bridge")
    jane = Editor(alarm)
    jane.take(taken)
    then = alarm.now + timedelta(days=9)
    assert retention.prune(alarm.archive, Keep(articles=timedelta(days=1)), then)["articles"].rows == 0
    jane.do("undo", taken)
    assert retention.prune(alarm.archive, Keep(articles=timedelta(days=1)), then)["articles"].rows == 1


def test_acts_say_who_changed_what(alarm: Alarm) -> None:
    id_ = publish(alarm, "Aground")
    Editor(alarm, "jane").take(id_)
    Editor(alarm, "john").do("annotate", id_, "Words")
    with alarm.archive.reading() as tx:
        acts = drafts.acts(tx, 1, 0, 9)
    assert [(act.version, act.by, act.did, act.article) for act in acts] == [
        (1, "jane", "take", id_),
        (2, "john", "annotate", id_),
    ]


@pytest.mark.parametrize(
    ("moves", "order"),
    [
        ([("a", -1)], "abc"),
        ([("c", 1)], "abc"),
        ([("a", 1)], "bac"),
        ([("c", -1), ("c", -1)], "cab"),
        ([("b", 1), ("a", 1)], "cab"),
    ],
)
def test_stories_move_up_and_down_within_their_section(
    archive: Archive, moves: list[tuple[str, int]], order: str
) -> None:
    with archive.writing() as tx:
        desk = Desk(tx, "morning", "", NOW, (0, NOW))
        for id_ in "abc":
            desk.decide(id_, Verdict.TAKEN, "Ferries", 1)
        desk.decide("x", Verdict.TAKEN, "Opera", 1)
        desk.decide("y", Verdict.LEFT_OUT, "Ferries", 1)
        for id_, steps in moves:
            desk.move(id_, steps)
        found = drafts.coming(tx, "morning")
    assert found is not None
    assert "".join(one.article for one in found.taken if one.section == "Ferries") == order


FINDS = st.lists(
    st.tuples(
        st.sampled_from(["ferries", "opera"]),
        st.sampled_from("abcdefgh"),
        st.sampled_from("12345"),
        st.sampled_from(["gazette", "herald"]),
    ),
    max_size=12,
    unique_by=lambda one: (one[0], one[1]),
)
DECISIONS = st.dictionaries(
    st.sampled_from("abcdefghz"),
    st.tuples(st.sampled_from(Verdict), st.sampled_from(["Ferries", "Opera", "Gone"])),
)


def _all(sections: list[Section]) -> Iterator[tuple[str, str]]:
    for section in sections:
        for name in ("taken", "undecided", "left_out"):
            yield from ((name, one.story.first.story) for one in getattr(section, name))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=200, deadline=None)
@given(FINDS, DECISIONS, st.none() | st.integers(0, 12))
def test_whatever_is_decided_every_story_stands_somewhere(
    finds: list[tuple[str, str, str, str]],
    decisions: dict[str, tuple[Verdict, str]],
    looked: int | None,
) -> None:
    story_of = {article: story for _watch, article, story, _source in reversed(finds)}
    found = [
        Found(watch, opened_match(number, article, story_of[article], source))
        for number, (watch, article, _story, source) in enumerate(finds, 1)
    ]
    items = [Item(id_, verdict, section, "", 1) for id_, (verdict, section) in decisions.items()]
    sections = arranged(review(), found, items, (), looked)
    there = list(_all(sections))
    decided = {story_of[id_] for id_ in decisions if id_ in story_of}
    undecided = [story for name, story in there if name == "undecided"]
    # Each story of which nothing was decided stands once, and none that was.
    assert sorted(undecided) == sorted(set(story_of.values()) - decided)
    taken = [one.article for section in sections for one in section.taken]
    assert sorted(taken) == sorted(
        id_ for id_, (verdict, _section) in decisions.items() if verdict is Verdict.TAKEN and id_ in story_of
    )
    told = [one.article for _name, placed in told_sections(sections, None) for one in placed]
    assert len(told) == len(set(told))


def opened_match(number: int, article: str, story: str, source: str) -> Open:
    passage = to_json(Passage(Fragment(""), Fragment("")))
    return Open(number, article, False, passage, story, source, f"https://e.example/{article}", NOW, NOW)
