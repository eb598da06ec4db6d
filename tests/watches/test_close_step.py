"""From matches to a mail that is kept: once, for each recipient, whatever else goes wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select

from presswatch.archive import alerts
from presswatch.archive.alerts import Body, Closed, Copy
from presswatch.archive.tables import digest, match
from presswatch.watches import digest as closing
from presswatch.watches.audience import Audience
from presswatch.watches.content import SHOWN, DigestContent, RenderedDigest, render
from support.alarm import READER, Alarm, Postbox
from support.newsroom import moment, story

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# The newsroom's clock stands at noon.
EVENING = {"cron": "0 18 * * *"}


def untold(alarm: Alarm) -> int:
    with alarm.archive.reading() as tx:
        return tx.execute(
            select(func.count()).select_from(match).where(match.c.digest.is_(None))
        ).scalar_one()


def digests(alarm: Alarm) -> int:
    with alarm.archive.reading() as tx:
        return tx.execute(select(func.count()).select_from(digest)).scalar_one()


def test_a_digest_gathers_until_its_time(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING)
    alarm.publish()
    alarm.tick()
    alarm.wait(4 * HOUR)
    alarm.publish()
    alarm.tick()
    assert alarm.mails() == []
    alarm.wait(2 * HOUR)
    alarm.tick()
    assert [mail.subject for mail in alarm.mails()] == ["Ferries (2): Report 2"]
    alarm.wait(HOUR)
    alarm.tick()
    assert len(alarm.mails()) == 1


def test_a_digest_is_timed_in_the_watchs_zone(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING, time_zone="Asia/Tokyo")
    alarm.publish()
    alarm.wait(20 * HOUR)
    alarm.tick()
    assert alarm.mails() == []
    alarm.wait(HOUR)  # 09:00 UTC
    alarm.tick()
    assert len(alarm.mails()) == 1


def test_what_is_found_after_a_quiet_window_waits_for_the_next(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING)
    alarm.wait(7 * HOUR)
    alarm.tick()
    alarm.publish()
    alarm.tick()
    assert alarm.mails() == []
    alarm.wait(DAY)
    alarm.tick()
    assert len(alarm.mails()) == 1


def test_after_days_of_downtime_one_mail_tells_everything(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING)
    for _ in range(3):
        alarm.publish()
        alarm.wait(DAY)
    alarm.tick()
    assert [mail.subject for mail in alarm.mails()] == ["Ferries (3): Report 3"]
    assert untold(alarm) == 0


def test_no_empty_mail_is_ever_made(alarm: Alarm) -> None:
    alarm.watch("instant")
    alarm.watch("evening", deliver=EVENING)
    alarm.publish("Nothing of the kind.")
    alarm.publish(published=moment(alarm.now - 10 * DAY))
    for _ in range(4):
        alarm.wait(DAY)
        alarm.tick()
    assert digests(alarm) == 0


def test_each_recipient_has_a_mail_of_its_own(alarm: Alarm) -> None:
    recipients = ["a@example.org", "b@example.org", "c@example.net"]
    alarm.watch(recipients=recipients)
    alarm.publish()
    alarm.tick()
    mails = alarm.mails()
    assert [mail.recipient for mail in mails] == recipients
    assert len({mail.message_id for mail in mails}) == 3


def test_a_clock_set_back_loses_nothing_and_tells_nothing_twice(alarm: Alarm) -> None:
    alarm.watch("evening", deliver=EVENING)
    alarm.watch("instant")
    said = []
    for jump in (DAY, 365 * DAY, -365 * DAY, -DAY, DAY, DAY):
        said.append(alarm.publish())
        alarm.tick()
        alarm.wait(jump)
        alarm.tick()
    alarm.wait(DAY)
    alarm.tick()
    assert untold(alarm) == 0
    for watch in ("evening", "instant"):
        texts = "".join(mail.text for mail in alarm.mails() if mail.watch == watch)
        assert [texts.count(f"\n{url}\n") for url in _urls(len(said))] == [1] * len(said)


def _urls(count: int) -> list[str]:
    return [f"https://gazette.example/{number}" for number in range(1, count + 1)]


def test_mails_made_while_the_clock_was_ahead_leave_when_it_is_put_right(alarm: Alarm) -> None:
    alarm.watch()
    alarm.wait(365 * DAY)
    alarm.publish()
    alarm.tick()
    alarm.wait(-365 * DAY)
    box = Postbox()
    alarm.send(box)
    assert len(box.taken) == 1


def test_a_window_that_another_process_closed_meanwhile_is_left_alone(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish()
    alarm.match()
    with alarm.archive.reading() as tx:
        state = alerts.watches(tx)["ferries"]
        [found] = alerts.open_matches(tx, "ferries")
    mine = Closed(1, "ferries", state.closed_until, alarm.now + HOUR, "", None, [found.id])
    copy = Copy(READER, "<1@example.org>", Body("en", "UTC", "Subject", "Text", "<p>Text"), "html")
    assert alarm.close()
    with alarm.archive.writing() as tx:
        assert not alerts.keep_digest(tx, mine, [copy], alarm.now)
    assert len(alarm.mails()) == 1


def test_a_mail_that_cannot_be_written_holds_up_no_other(
    alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(content: DigestContent, audience: Audience) -> RenderedDigest:
        if content.watch == "Cursed":
            raise RecursionError("too deep")
        return render(content, audience)

    alarm.watch("cursed")
    alarm.watch("ferries")
    alarm.publish()
    monkeypatch.setattr(closing, "render", broken)
    with pytest.raises(RecursionError) as caught:
        alarm.tick()
    assert caught.value.__notes__ == ["while writing the mail of the watch cursed"]
    assert [mail.watch for mail in alarm.mails()] == ["ferries"]
    monkeypatch.setattr(closing, "render", render)
    alarm.tick()
    assert [mail.watch for mail in alarm.mails()] == ["ferries", "cursed"]


def test_a_mail_that_cannot_be_kept_holds_up_no_other(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = alerts.keep_digest

    def broken(tx: Connection, closed: Closed, copies: Sequence[Copy], now: datetime) -> bool:
        kept = keep(tx, closed, copies, now)
        if closed.watch == "cursed":
            raise RecursionError("too deep")
        return kept

    alarm.watch("cursed")
    alarm.watch("ferries")
    alarm.publish()
    monkeypatch.setattr(alerts, "keep_digest", broken)
    with pytest.raises(RecursionError):
        alarm.tick()
    assert [mail.watch for mail in alarm.mails()] == ["ferries"]
    monkeypatch.setattr(alerts, "keep_digest", keep)
    alarm.tick()
    assert [mail.watch for mail in alarm.mails()] == ["ferries", "cursed"]


def test_mails_are_made_for_many_watches_at_once_each_with_its_own_number(alarm: Alarm) -> None:
    ids = [f"w{number:02}" for number in range(23)]
    for id_ in ids:
        alarm.watch(id_)
    alarm.publish()
    alarm.tick()
    assert [mail.watch for mail in alarm.mails()] == ids
    assert [mail.number for mail in alarm.mails()] == list(range(1, 24))
    alarm.tick()
    assert len(alarm.mails()) == 23


def test_a_flood_makes_one_mail_of_bearable_length_that_counts_the_rest(alarm: Alarm) -> None:
    alarm.watch()
    run_id = alarm.newsroom.start_run()
    links = _urls(SHOWN + 20)
    alarm.newsroom.list_links(run_id, "https://gazette.example/", *links)
    for claim in alarm.newsroom.claim(run_id, len(links)):
        read = story(claim.url, f"The ferry ran aground at {claim.url}. " * 20)
        alarm.newsroom.keep(claim, read, body=claim.url.encode())
    alarm.tick()
    [mail] = alarm.mails()
    assert mail.subject == f"Ferries ({SHOWN + 20}): Ferry aground"
    assert "20 more articles in 20 stories: Gazette (20)." in mail.text
    assert "20 more articles in 20 stories: <bdi>Gazette</bdi> (20)." in mail.html
    assert len(mail.html) < 100_000
    assert untold(alarm) == 0


MINUTE = timedelta(minutes=1)


@dataclass
class Reader:
    """Notes when mails come, minute by minute, in minutes since the test began."""

    alarm: Alarm

    def __post_init__(self) -> None:
        self.began = self.alarm.now

    def wait(self, minutes: int) -> list[tuple[int, str]]:
        """The mails of so many minutes: when, and their subjects."""
        came = []
        for _ in range(minutes):
            before = len(self.alarm.mails())
            self.alarm.tick()
            minute = (self.alarm.now - self.began) // MINUTE
            came += [(minute, mail.subject) for mail in self.alarm.mails()[before:]]
            self.alarm.wait(MINUTE)
        return came


def test_a_watch_that_mails_at_once_collects_first_and_then_leaves_a_gap(alarm: Alarm) -> None:
    alarm.collect, alarm.gap = 2 * MINUTE, 10 * MINUTE
    alarm.watch()
    reader = Reader(alarm)
    alarm.publish()
    alarm.publish()
    assert reader.wait(3) == [(2, "Ferries (2): Report 2")]
    alarm.publish()
    assert reader.wait(9) == []
    assert reader.wait(5) == [(12, "Ferries: Report 3")]
    assert reader.wait(60) == []


def test_a_watch_may_have_a_pace_of_its_own(alarm: Alarm) -> None:
    alarm.collect, alarm.gap = 2 * MINUTE, 10 * MINUTE
    alarm.watch("quick", deliver={"collect": "0s", "gap": "1m"})
    alarm.watch("often", deliver={"every": "30m"})
    reader = Reader(alarm)
    alarm.publish()
    came = reader.wait(40)
    assert (0, "Quick: Report 1") in came
    [minute] = [minute for minute, subject in came if subject.startswith("Often")]
    alarm.publish()
    assert (minute + 30, "Often: Report 2") in reader.wait(40)


def test_a_flood_from_forty_papers_is_one_mail_in_ten_minutes(alarm: Alarm) -> None:
    alarm.collect, alarm.gap = 2 * MINUTE, 10 * MINUTE
    alarm.watch()
    reader = Reader(alarm)
    came = []
    for _ in range(20):
        for _ in range(10):
            alarm.publish()
        came += reader.wait(1)
    came += reader.wait(20)
    assert [minute for minute, _subject in came] == [2, 12, 22]
    assert [subject.split(":")[0] for _minute, subject in came] == [
        "Ferries (30)",
        "Ferries (100)",
        "Ferries (70)",
    ]
    assert untold(alarm) == 0


def test_nothing_is_mailed_in_quiet_hours_and_all_of_it_after_them(alarm: Alarm) -> None:
    alarm.watch(quiet="13:30-07:00", time_zone="Europe/Berlin")
    alarm.watch("evening", deliver=EVENING, quiet="13:30-07:00", time_zone="Europe/Berlin")
    reader = Reader(alarm)
    assert [minute for minute, _ in (alarm.publish(), *reader.wait(1))[1:]] == [0]
    alarm.wait(30 * MINUTE)
    alarm.publish()
    alarm.publish()
    began = alarm.now
    came = reader.wait(20 * 60)
    assert sorted(subject for _minute, subject in came) == ["Evening (3): Report 3", "Ferries (2): Report 3"]
    # Seven in Berlin.
    assert {minute for minute, _subject in came} == {18 * 60}
    assert began.hour == 12


def test_more_than_so_many_mails_an_hour_are_collected(alarm: Alarm) -> None:
    alarm.watch(at_most="2 per hour")
    reader = Reader(alarm)
    came = []
    for _ in range(6):
        alarm.publish()
        came += reader.wait(10)
    came += reader.wait(70)
    assert came == [
        (0, "Ferries: Report 1"),
        (10, "Ferries: Report 2"),
        (60, "Ferries (4): Report 6"),
    ]


def test_a_clock_that_was_ahead_silences_nobody(alarm: Alarm) -> None:
    alarm.collect, alarm.gap = 2 * MINUTE, 10 * MINUTE
    alarm.watch(at_most="1 per day")
    alarm.wait(365 * DAY)
    alarm.publish()
    Reader(alarm).wait(3)
    alarm.publish()
    alarm.match()
    alarm.wait(-365 * DAY)
    assert [subject for _minute, subject in Reader(alarm).wait(1)] == ["Ferries: Report 2"]


def test_where_it_is_wanted_a_mail_says_that_nothing_was_found(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING, nil_report=True)
    alarm.watch("planes", "plane", deliver=EVENING)
    alarm.wait(MINUTE)
    alarm.publish("Nothing of the kind.")
    alarm.wait(7 * HOUR)
    alarm.tick()
    [mail] = alarm.mails()
    assert mail.subject == "Ferries: nothing found"
    assert "From Fri, 20 Nov 2026, 12:00 UTC to Fri, 20 Nov 2026, 18:00 UTC nothing new matched." in mail.text
    assert "1 of 2 sources are healthy.\n1 new article was read." in mail.text
    assert "Herald: not read yet" in mail.text
    alarm.tick()
    assert len(alarm.mails()) == 1
    alarm.publish("A ferry.")
    alarm.wait(DAY)
    alarm.tick()
    [_nothing, mail] = alarm.mails()
    assert mail.subject.endswith(": Report 2")


def test_a_nil_report_blames_no_source_for_what_we_could_not_do(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING, nil_report=True, recipients=[{"address": "a@example.org", "language": "fr"}])
    alarm.wait(MINUTE)
    alarm.newsroom.finish_run(alarm.newsroom.start_run(), "its crawler died, for the 3. time")
    alarm.wait(7 * HOUR)
    alarm.tick()
    [mail] = alarm.mails()
    assert "Gazette\u00a0: une erreur de presswatch\u00a0; son journal en dit plus" in mail.text
    assert "crawler" not in mail.text


def test_a_nil_report_vouches_for_no_time_in_which_nothing_was_read(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING, nil_report=True)
    alarm.wait(31 * HOUR)
    alarm.tick()
    [mail] = alarm.mails()
    assert "0 of 2 sources are healthy" in mail.text
    assert "Gazette: not read since Fri, 20 Nov 2026, 12:00 UTC" in mail.text


def test_a_nil_report_counts_what_came_late(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING, nil_report=True)
    alarm.publish(published=moment(alarm.now - 10 * DAY))
    alarm.wait(7 * HOUR)
    alarm.tick()
    [mail] = alarm.mails()
    assert "1 article matches but was already old when first seen" in mail.text
    assert untold(alarm) == 0


def test_a_nil_report_of_a_watch_without_matches_calls_none_of_them_old(alarm: Alarm) -> None:
    alarm.watch(deliver=EVENING, nil_report=True, tells={"matches": False, "edits": True})
    alarm.publish()
    alarm.publish(published=moment(alarm.now - 30 * DAY))
    alarm.wait(7 * HOUR)
    alarm.tick()
    [mail] = alarm.mails()
    said = "From Fri, 20 Nov 2026, 12:00 UTC to Fri, 20 Nov 2026, 18:00 UTC "
    assert f"{said}nothing happened that this watch tells of." in mail.text
    assert "1 article matches but was already old when first seen" in mail.text
    assert "2 articles" not in mail.text
    alarm.wait(DAY)
    alarm.tick()
    assert "nothing new matched." in alarm.mails()[-1].text
    assert "already old" not in alarm.mails()[-1].text


def test_what_was_only_counted_as_late_was_not_told(alarm: Alarm) -> None:
    alarm.watch()
    old = alarm.publish(published=moment(alarm.now - 10 * DAY))
    alarm.publish()
    alarm.tick()
    copy = alarm.publish("Another ferry.")
    alarm.join(copy, old, "herald")
    alarm.tick()
    *_before, mail = alarm.mails()
    assert mail.subject == "Ferries: Report 3"
    assert mail.answers == ""


def test_later_mails_about_a_story_say_what_is_new_and_answer_the_first(alarm: Alarm) -> None:
    alarm.watch()
    first = alarm.publish()
    alarm.tick()
    [begun] = alarm.mails()
    second = alarm.publish("Another ferry.")
    alarm.join(second, first, "herald")
    alarm.tick()
    _begun, later = alarm.mails()
    assert later.subject == "Ferries: now in 2 outlets: Report 2"
    assert "Now in 2 outlets; 1 when last told." in later.text
    assert later.answers == begun.message_id
    assert begun.answers == ""
