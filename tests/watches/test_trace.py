"""Why an article was told of, or was not: for every way in which it can fail to alert."""

from datetime import timedelta

import pytest

from presswatch.archive import alerts, choices, events, frontier, match_quarantine
from presswatch.archive.choices import Choice
from presswatch.archive.events import Event
from presswatch.archive.match_quarantine import Prevented
from presswatch.archive.tables import ChoiceKind, EventKind
from presswatch.config import Review
from presswatch.errors import DeliveryError
from presswatch.model import NotArticle, PageKind, to_json
from presswatch.watches.event_details import Spike
from presswatch.watches.review_step import review_step
from presswatch.watches.rhythm import Rhythm
from presswatch.watches.trace import Step, Trace, trace
from support.alarm import READER, SITE, Alarm, Postbox
from support.newsroom import moment

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def why(alarm: Alarm, address: str, watch: str | None = None) -> Trace:
    return trace(alarm.archive, alarm.config, address, watch, alarm.now)


def failing(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.stage, step.said) for step in steps if not step.ok]


def of_ferries(alarm: Alarm) -> tuple[Step, ...]:
    [told] = why(alarm, f"{SITE}/1", "ferries").watches
    return told.steps


def test_an_alert_that_arrived_is_told_from_the_link_to_the_server(alarm: Alarm) -> None:
    alarm.watch(query="ferry AND (aground OR sank) NOT submarine")
    alarm.publish()
    alarm.tick()
    alarm.send(Postbox())
    found = why(alarm, f"{SITE}/1")
    assert failing(found.steps) == []
    assert [step.stage for step in found.steps] == ["found", "fetched", "article", "published"]
    assert found.steps[0].said.startswith(
        "2026-11-20 12:00:00 UTC by gazette, the listing https://gazette.example/"
    )
    [told] = found.watches
    assert [(step.stage, step.said) for step in told.steps] == [
        ("clause", "ferry: text “ferry”"),
        ("clause", "aground OR sank: text “aground”"),
        ("clause", "NOT submarine"),
        ("matched", "2026-11-20 12:00:00 UTC, revision 1"),
        ("mail", "1, made 2026-11-20 12:00:00 UTC, of 1 article: “Ferries: Report 1”"),
        ("sent", f"to {READER} 2026-11-20 12:00:00 UTC; the server took it"),
    ]
    assert failing(told.steps) == []


def test_a_page_that_nobody_links_to(alarm: Alarm) -> None:
    alarm.watch()
    found = why(alarm, "https://elsewhere.example/")
    assert failing(found.steps) == [
        ("found", "no page that was read links to it, and nobody asked for it"),
        ("article", "none is in the archive"),
    ]


def test_a_page_that_waits_to_be_fetched(alarm: Alarm) -> None:
    run = alarm.newsroom.start_run()
    alarm.newsroom.list_links(run, f"{SITE}/", f"{SITE}/later")
    [(stage, said), _none] = failing(why(alarm, f"{SITE}/later").steps)
    assert stage == "fetched"
    assert "not yet; waits for a run of gazette" in said


def test_a_page_that_is_no_article(alarm: Alarm) -> None:
    run = alarm.newsroom.start_run()
    alarm.newsroom.list_links(run, f"{SITE}/", f"{SITE}/gallery")
    [claim] = alarm.newsroom.claim(run)
    with alarm.archive.writing() as tx:
        what = NotArticle(PageKind.GALLERY, "36 pictures")
        frontier.keep_rejected(tx, claim, alarm.newsroom.fetched(claim.url), what, alarm.now)
    [(stage, said), _none] = failing(why(alarm, f"{SITE}/gallery").steps)
    assert (stage, said) == ("fetched", "2026-11-20 12:00:00 UTC: no article but a gallery (36 pictures)")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"query": "submarine"}, ("clause", "submarine: not in the article")),
        ({"query": "ferry -aground"}, ("clause", "NOT aground, which is there: text “aground”")),
        ({"sources": ["herald"]}, ("sources", "it is only about herald")),
        ({"enabled": False}, ("watch", "it is switched off (enabled: false)")),
        ({"max_age": "1h", "query": "old"}, ("late", "older than max_age (1h) when first seen: not told of")),
        ({"quiet": "10:00-14:00"}, ("mail", "none yet: it is quiet now (quiet)")),
        (
            {"deliver": {"cron": "0 18 * * *"}},
            ("mail", "none yet: the next is made 2026-11-20 18:00:00 UTC"),
        ),
        (
            {"deliver": {"collect": "5m", "gap": "1h"}},
            ("mail", "none yet: it is collected for 5m, and 1h from the mail before"),
        ),
    ],
)
def test_what_keeps_an_alert_back(alarm: Alarm, keys: dict[str, object], said: tuple[str, str]) -> None:
    alarm.watch(**keys)  # type: ignore[arg-type]  # whatever a test says of the watch
    alarm.publish("The old ferry ran aground.", published=moment(alarm.now - 3 * timedelta(hours=1)))
    alarm.tick()
    assert failing(of_ferries(alarm)) == [said]


def test_as_many_mails_as_there_may_be(alarm: Alarm) -> None:
    alarm.watch(at_most="1 per hour")
    alarm.publish()
    alarm.tick()
    alarm.wait(MINUTE)
    alarm.publish()
    alarm.tick()
    [told] = why(alarm, f"{SITE}/2").watches
    assert failing(told.steps) == [
        ("mail", "none yet: there were as many mails as there may be (at_most: 1 per hour)")
    ]


def test_a_watch_that_came_later(alarm: Alarm) -> None:
    alarm.publish()
    alarm.watch()
    [(stage, said)] = failing(of_ferries(alarm))
    assert (stage, said.split(":")[0]) == ("matched", "no")
    alarm.watch("other", "nothing")
    alarm.publish()
    [told] = why(alarm, f"{SITE}/2").watches
    assert failing(told.steps) == [("matched", "not yet; the daemon matches it within seconds when it runs")]


def test_a_fault_of_ours(alarm: Alarm) -> None:
    alarm.watch()
    article = alarm.publish()
    with alarm.archive.writing() as tx:
        match_quarantine.keep(tx, [Prevented("ferries", article, 1, "RecursionError: deep")], "1", alarm.now)
    assert failing(of_ferries(alarm)) == [
        ("matched", "not yet, by a fault of presswatch: RecursionError: deep")
    ]


def test_a_watch_that_is_paused_and_goes_on(alarm: Alarm) -> None:
    alarm.watch()
    with alarm.archive.writing() as tx:
        alerts.pause_watch(tx, "ferries", alarm.now + DAY)
    alarm.publish()
    alarm.tick()
    assert failing(of_ferries(alarm)) == [
        ("mail", "none yet: the watch is paused until 2026-11-21 12:00:00 UTC")
    ]
    alarm.wait(DAY)
    alarm.tick()
    assert [mail.subject for mail in alarm.mails()] == ["Ferries: Report 1"]


def test_what_was_found_in_a_pause_may_be_passed_over(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish()
    alarm.match()
    with alarm.archive.writing() as tx:
        assert alerts.pass_over(tx, "ferries") == 1
    alarm.publish()
    alarm.tick()
    [mail] = alarm.mails()
    assert mail.subject == "Ferries: Report 2"
    assert "1 more article matches but" in mail.text
    assert failing(of_ferries(alarm))[0] == (
        "late",
        "passed over on request: not told of; counted in mail 1",
    )


def test_a_server_that_refuses(alarm: Alarm) -> None:
    alarm.watch(recipients=["a@example.org", "b@example.org"])
    alarm.publish()
    alarm.tick()
    faults = {
        "a@example.org": DeliveryError("550 no such user", permanent=True),
        "b@example.org": DeliveryError("451 try later"),
    }
    alarm.send(Postbox(faults))
    [(_, first), (_, second)] = failing(of_ferries(alarm))
    assert first == "to a@example.org: given up (550 no such user)"
    assert second.startswith("to b@example.org: waits until 2026-11-20 12:02:")
    assert second.endswith("tried 1 time (451 try later)")


def test_of_all_watches_those_that_match_are_told(alarm: Alarm) -> None:
    alarm.watch("ferries", "ferry")
    alarm.watch("planes", "plane")
    alarm.publish()
    alarm.tick()
    assert [one.watch for one in why(alarm, f"{SITE}/1").watches] == ["ferries"]
    assert [one.watch for one in why(alarm, f"{SITE}/1", "planes").watches] == ["planes"]


def test_a_watch_that_was_removed_is_still_told(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish()
    alarm.tick()
    del alarm.watches["ferries"]
    [told] = why(alarm, f"{SITE}/1").watches
    assert told.watch == "ferries"
    assert failing(told.steps)[0] == ("watch", "it was removed since, or has another id now")
    assert [step.stage for step in told.steps] == ["watch", "matched", "mail", "sent"]


def test_an_endless_pause_is_told_as_one(alarm: Alarm) -> None:
    alarm.watch()
    with alarm.archive.writing() as tx:
        alerts.pause_watch(tx, "ferries", alerts.FOR_EVER)
    alarm.publish()
    alarm.tick()
    [(_, said)] = failing(of_ferries(alarm))
    assert said.endswith("paused until somebody resumes it (presswatch watches resume ferries)")


def test_an_address_may_lack_its_scheme_or_have_the_other(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish()
    alarm.tick()
    for address in ("gazette.example/1", "http://gazette.example/1"):
        assert why(alarm, address).address == f"{SITE}/1"


def choose(alarm: Alarm, kind: ChoiceKind, subject: str = "") -> None:
    with alarm.archive.writing() as tx:
        choices.keep(tx, Choice("ferries", READER, kind, subject, False, None, alarm.now))


def test_a_recipient_who_muted_the_source(alarm: Alarm) -> None:
    alarm.watch(recipients=[READER, "other@example.org"])
    choose(alarm, ChoiceKind.MUTE_SOURCE, "gazette")
    alarm.publish()
    alarm.tick()
    alarm.send(Postbox())
    assert failing(of_ferries(alarm)) == [("sent", f"to {READER}: withheld (all of it is muted)")]


def test_recipients_who_all_ended_their_mails(alarm: Alarm) -> None:
    alarm.watch()
    choose(alarm, ChoiceKind.STOP)
    alarm.publish()
    alarm.tick()
    why = "every recipient paused or ended its mails (presswatch watches show ferries)"
    assert failing(of_ferries(alarm)) == [("mail", f"none yet: {why}")]


def test_a_watch_that_tells_of_no_new_articles(alarm: Alarm) -> None:
    alarm.watch(tells={"matches": False, "edits": True})
    alarm.publish()
    alarm.tick()
    why = "the watch tells of no new articles (tells.matches: false)"
    assert failing(of_ferries(alarm)) == [("mail", f"none: {why}")]


def of_events(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.stage, step.said) for step in steps if step.stage in list(EventKind)]


def test_an_edit_is_told_with_the_mail_that_told_of_it(alarm: Alarm) -> None:
    alarm.watch(tells={"edits": True})
    alarm.publish()
    alarm.tick()
    alarm.wait(MINUTE)
    alarm.revise("The ferry ran aground.", title="Ferry refloated")
    alarm.match()
    edited = "2026-11-20 12:01:00 UTC: Edited: Ferry refloated (The headline was: Report 1); "
    pace = "it is collected for 0s, and 0s from the mail before"
    assert of_events(of_ferries(alarm)) == [("edit", f"{edited}not told yet: {pace}")]
    assert ("edit", f"{edited}not told yet: {pace}") in failing(of_ferries(alarm))
    alarm.close()
    alarm.send(Postbox())
    assert [(step.stage, step.said) for step in of_ferries(alarm)][-3:] == [
        ("edit", f"{edited}told in mail 2"),
        ("mail", "2, made 2026-11-20 12:01:00 UTC: “Ferries: Edited: Ferry refloated”"),
        ("sent", f"to {READER} 2026-11-20 12:01:00 UTC; the server took it"),
    ]
    assert failing(of_ferries(alarm)) == []
    del alarm.watches["ferries"]
    [told] = why(alarm, f"{SITE}/1").watches
    assert of_events(told.steps) == [("edit", f"{edited}told in mail 2")]


def test_an_article_that_a_watch_never_matched_is_told_as_an_outlets(alarm: Alarm) -> None:
    alarm.watch(tells={"outlets": True})
    first = alarm.publish()
    alarm.tick()
    other = alarm.publish("The Aurora is afloat.")
    alarm.join(other, first, "herald")
    alarm.tick()
    [told] = why(alarm, f"{SITE}/2").watches
    assert not told.matches
    assert of_events(told.steps) == [
        ("outlet", "2026-11-20 12:00:00 UTC: Now also in Herald: Report 2; told in mail 2")
    ]


def test_the_silence_after_an_article_is_told(alarm: Alarm) -> None:
    alarm.watch(tells={"silence": "2d"})
    alarm.publish()
    alarm.tick()
    alarm.wait(2 * DAY)
    alarm.newsroom.finish_run(alarm.newsroom.start_run())
    alarm.newsroom.finish_run(alarm.newsroom.start_run("herald", "https://herald.example"))
    Rhythm().step(alarm.archive, alarm.config, alarm.now)
    alarm.tick()
    [(stage, said)] = of_events(of_ferries(alarm))
    assert stage == "silence"
    assert said.startswith("2026-11-22 12:00:00 UTC: Nothing found for 48 hours (Nothing matched since ")
    assert said.endswith("; told in mail 2")


def test_the_spike_that_an_article_was_part_of_is_told(alarm: Alarm) -> None:
    alarm.watch(tells={"spikes": True})
    id_ = alarm.publish()
    alarm.tick()
    spike = Spike(alarm.now.replace(minute=0, second=0, microsecond=0), 30, 2.5, 9, 8)
    with alarm.archive.writing() as tx:
        events.keep(
            tx, [Event("ferries", EventKind.SPIKE, "2026-11-20T12:00:00", None, to_json(spike), alarm.now)]
        )
    alarm.close()
    [(stage, said)] = of_events(why(alarm, id_).watches[0].steps)
    assert stage == "spike"
    assert "30 articles in an hour, far more than usual" in said
    assert said.endswith("; told in mail 2")


def test_press_reviews_that_told_of_an_article_are_named(alarm: Alarm) -> None:
    alarm.watch()
    morning = Review.model_validate(
        {
            "id": "morning",
            "name": "Morning review",
            "sections": [{"name": "Ferries", "watches": ["ferries"]}],
            "recipients": [READER],
            "cron": "0 18 * * *",
        }
    )
    config = alarm.config.model_copy(update={"reviews": (morning,)})
    while review_step(alarm.archive, config, alarm.now):
        pass
    alarm.publish()
    alarm.tick()
    alarm.wait(7 * HOUR)
    while review_step(alarm.archive, config, alarm.now):
        pass
    alarm.publish()
    alarm.send(Postbox())
    [reviewed] = why(alarm, f"{SITE}/1").reviews
    assert reviewed.review == "morning"
    mail, sent = reviewed.steps
    assert mail.said.startswith("2, made 2026-11-20 19:00:00 UTC, of 1 article: “Morning review")
    assert sent.said == f"to {READER} 2026-11-20 19:00:00 UTC; the server took it"
    assert why(alarm, f"{SITE}/1", "ferries").reviews == ()
    assert why(alarm, f"{SITE}/2").reviews == ()
