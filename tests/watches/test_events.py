"""What a watch tells besides new articles: edits, pages that are gone, outlets, related articles, rhythm."""

import sqlite3
from datetime import timedelta

import pytest

from presswatch.archive import Archive, frontier
from presswatch.model import Link, LinkKind
from presswatch.watches import changes
from presswatch.watches.rhythm import Rhythm
from support.alarm import SITE, Alarm
from support.newsroom import make_due, moment, story

HOUR = timedelta(hours=1)
FERRY = "The ferry Aurora ran aground off the northern cape at dawn. Forty people were rescued by boats."


@pytest.fixture
def alarm(archive: Archive) -> Alarm:
    return Alarm(archive)


def revise(alarm: Alarm, text: str, **fields: object) -> None:
    """The press edits its newest article an hour later."""
    alarm.wait(HOUR)
    alarm.revise(text, **fields)


def remove(alarm: Alarm) -> None:
    alarm.wait(HOUR)
    with alarm.archive.writing() as tx:
        make_due(tx, alarm.now)
    run = alarm.newsroom.start_run()
    for claim in alarm.newsroom.claim(run):
        with alarm.archive.writing() as tx:
            frontier.keep_gone(tx, claim, alarm.newsroom.fetched(claim.url, 410), alarm.now)
    alarm.newsroom.finish_run(run)


def look(alarm: Alarm, rhythm: Rhythm | None = None) -> list[str]:
    """A tick with a look at the rhythm; the subjects of the mails that it made."""
    before = len(alarm.mails())
    alarm.match()
    (rhythm or Rhythm()).step(alarm.archive, alarm.config, alarm.now)
    alarm.close()
    return [mail.subject for mail in alarm.mails()[before:]]


def test_a_changed_headline_is_told_with_both(alarm: Alarm) -> None:
    alarm.watch(tells={"edits": True})
    alarm.publish(FERRY)
    assert look(alarm) == ["Ferries: Report 1"]
    revise(alarm, FERRY, title="Ferry refloated")
    assert look(alarm) == ["Ferries: Edited: Ferry refloated"]
    assert "The headline was: Report 1" in alarm.mails()[-1].text
    assert look(alarm) == []


def test_a_changed_sentence_is_told_where_the_querys_words_stand(alarm: Alarm) -> None:
    alarm.watch(tells={"edits": True})
    alarm.publish(FERRY)
    look(alarm)
    revise(alarm, FERRY.replace("Forty", "Sixty"))
    assert look(alarm) == []
    revise(alarm, FERRY.replace("Forty", "Sixty").replace("northern", "southern"))
    assert look(alarm) == ["Ferries: Edited: Report 1"]
    text = alarm.mails()[-1].text
    assert "- The ferry Aurora ran aground off the northern cape at dawn." in text
    assert "+ The ferry Aurora ran aground off the southern cape at dawn." in text
    assert "Forty" not in text


def test_an_edit_after_which_nothing_matches_any_more_says_so(alarm: Alarm) -> None:
    alarm.watch(tells={"edits": True})
    alarm.publish(FERRY)
    look(alarm)
    revise(alarm, FERRY.replace("ferry", "ship"))
    assert look(alarm) == ["Ferries: Edited: Report 1"]
    text = alarm.mails()[-1].text
    assert "Not there any more: ferry" in text
    assert "The watch does not match it any more." in text


def test_several_edits_before_a_mail_are_told_as_one(alarm: Alarm) -> None:
    alarm.watch(tells={"edits": True}, deliver={"every": "1d"})
    alarm.publish(FERRY)
    alarm.match()
    revise(alarm, FERRY, title="Second headline")
    alarm.match()
    revise(alarm, FERRY, title="Third headline")
    alarm.match()
    alarm.wait(25 * HOUR)
    alarm.tick()
    [mail] = alarm.mails()
    assert "The headline was: Report 1" in mail.text
    assert mail.text.count("Edited:") == 1


def test_edits_are_told_only_where_asked_for(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish(FERRY)
    look(alarm)
    revise(alarm, FERRY, title="Ferry refloated")
    assert look(alarm) == []


def test_a_page_that_is_gone_is_told_once(alarm: Alarm) -> None:
    alarm.watch(tells={"edits": True})
    alarm.publish(FERRY)
    look(alarm)
    remove(alarm)
    assert look(alarm) == ["Ferries: Gone: Report 1"]
    assert look(alarm) == []


def test_another_outlet_that_takes_up_a_story_in_other_words_is_told_once(alarm: Alarm) -> None:
    alarm.watch(tells={"outlets": True})
    first = alarm.publish(FERRY)
    look(alarm)
    run = alarm.newsroom.start_run("herald", "https://herald.example")
    alarm.newsroom.list_links(run, "https://herald.example/", "https://herald.example/a")
    [claim] = alarm.newsroom.claim(run)
    other = alarm.newsroom.keep(
        claim,
        story(claim.url, "The Aurora is afloat.", title="Afloat", published=moment(alarm.now)),
        body=b"a",
    ).id
    alarm.newsroom.finish_run(run)
    alarm.join(other, first, "herald")
    assert look(alarm) == ["Ferries: Now also in Herald: Afloat"]
    assert look(alarm) == []


def test_an_article_that_a_matched_one_links_to_as_related_is_told(alarm: Alarm) -> None:
    alarm.watch(tells={"related": True})
    link = f"{SITE}/captain"
    alarm.publish(FERRY, related=(Link(link, LinkKind.RELATED, 0, "The captain"),))
    look(alarm)
    run = alarm.newsroom.start_run()
    for claim in alarm.newsroom.claim(run):
        alarm.newsroom.keep(claim, story(link, "He was tired.", title="The captain"), body=b"c")
    alarm.newsroom.finish_run(run)
    assert look(alarm) == ["Ferries: Linked as related: The captain"]
    assert "It is linked from “Report 1”, which this watch found." in alarm.mails()[-1].text


@pytest.mark.parametrize("deliver", ["instant", {"cron": "0 * * * *"}], ids=str)
def test_what_happened_to_an_article_that_is_lost_takes_no_number_of_a_mail(
    alarm: Alarm, deliver: object
) -> None:
    alarm.watch(tells={"edits": True}, deliver=deliver)
    lost = alarm.publish(FERRY)
    alarm.wait(HOUR)
    assert look(alarm) == ["Ferries: Report 1"]
    revise(alarm, FERRY, title="Ferry refloated")
    alarm.match()
    with sqlite3.connect(alarm.archive.path) as by_hand:
        by_hand.execute("DELETE FROM article WHERE id = ?", (lost,))
    by_hand.close()
    for _ in range(3):
        alarm.wait(HOUR)
        assert look(alarm) == []
    alarm.publish("Another ferry sank.")
    alarm.wait(HOUR)
    assert look(alarm) == ["Ferries: Report 2"]
    assert [mail.number for mail in alarm.mails()] == [1, 2]


def test_a_watch_may_tell_of_edits_alone(alarm: Alarm) -> None:
    alarm.watch(tells={"matches": False, "edits": True})
    alarm.publish(FERRY)
    assert look(alarm) == []
    revise(alarm, FERRY, title="Ferry refloated")
    assert look(alarm) == ["Ferries: Edited: Ferry refloated"]
    assert "0 new articles" not in alarm.mails()[-1].text


def test_silence_is_told_once_while_the_source_is_read(alarm: Alarm) -> None:
    alarm.watch(tells={"silence": "12h"}, sources=["gazette"])
    alarm.publish(FERRY)
    look(alarm)
    alarm.wait(11 * HOUR)
    alarm.publish("Nothing of interest.")
    assert look(alarm) == []
    alarm.wait(2 * HOUR)
    assert look(alarm) == ["Ferries: Nothing found for 13 hours"]
    assert "1 of 1 source is healthy and brought 1 new article." in alarm.mails()[-1].text
    alarm.wait(20 * HOUR)
    assert look(alarm) == []
    alarm.publish(FERRY + " Again.", title="Ferry again")
    assert len(look(alarm)) == 1
    alarm.wait(13 * HOUR)
    alarm.publish("Nothing of interest, once more.")
    assert look(alarm) == ["Ferries: Nothing found for 13 hours"]


def test_silence_is_not_told_where_the_source_is_not_read(alarm: Alarm) -> None:
    alarm.watch(tells={"silence": "12h"}, sources=["gazette"])
    alarm.publish(FERRY)
    look(alarm)
    alarm.wait(13 * HOUR)
    assert look(alarm) == []


def test_a_spike_is_told_once_while_it_lasts(alarm: Alarm) -> None:
    alarm.watch(tells={"matches": False, "spikes": True})
    for _day in range(28):
        alarm.publish(FERRY, title=f"Report {alarm.published}")
        alarm.match()
        alarm.wait(24 * HOUR)
    rhythm = Rhythm()
    assert look(alarm, rhythm) == []
    for _more in range(12):
        alarm.publish(FERRY, title=f"Report {alarm.published}")
    assert look(alarm, rhythm) == ["Ferries: 12 articles in an hour, far more than usual"]
    assert "12:00–13:00 UTC; usual at this hour of this weekday is" in alarm.mails()[-1].text
    alarm.publish(FERRY)
    alarm.wait(HOUR / 2)
    assert look(alarm, rhythm) == []


def test_nothing_is_a_spike_while_too_little_is_known(alarm: Alarm) -> None:
    alarm.watch(tells={"matches": False, "spikes": True})
    for _more in range(30):
        alarm.publish(FERRY, title=f"Report {alarm.published}")
    assert look(alarm) == []


def test_an_old_article_that_is_linked_as_related_is_no_news(alarm: Alarm) -> None:
    alarm.watch(tells={"related": True})
    link = f"{SITE}/captain"
    alarm.publish(FERRY, related=(Link(link, LinkKind.RELATED, 0, "The captain"),))
    look(alarm)
    run = alarm.newsroom.start_run()
    for claim in alarm.newsroom.claim(run):
        old = story(link, "He was tired.", title="The captain", published=moment(alarm.now - 900 * HOUR))
        alarm.newsroom.keep(claim, old, body=b"c")
    alarm.newsroom.finish_run(run)
    assert look(alarm) == []


def test_what_was_gone_before_anybody_looked_is_told_to_nobody(alarm: Alarm) -> None:
    alarm.watch(tells={"edits": True})
    alarm.publish(FERRY)
    alarm.tick()
    remove(alarm)
    assert look(alarm) == []


def test_a_fault_in_an_edit_keeps_no_match_back(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise RecursionError("too deep")

    alarm.watch(tells={"edits": True})
    alarm.publish(FERRY)
    look(alarm)
    revise(alarm, FERRY, title="Ferry refloated")
    monkeypatch.setattr(changes, "edit", broken)
    alarm.publish("A new ferry terminal was opened.", title="Terminal")
    assert "Terminal" in look(alarm)[0]
