"""What a watch is told of, and what it is not."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from presswatch.archive import alerts, articles, changes, marks, match_quarantine, runs, source_tags
from presswatch.archive.tables import article
from presswatch.archive.tables import match as match_table
from presswatch.config import Watch
from presswatch.document import document
from presswatch.model import Article, Block, BlockKind, Document, Moment, Precision, Record
from presswatch.query import Passage, Passages, parse, predicate
from presswatch.query.passages import LENGTH
from presswatch.query.proximity import Line, TokenSpan
from presswatch.query.tree import Near, Node
from presswatch.query.witness import EvidenceOf
from presswatch.watches import match
from presswatch.watches.match import is_record_late
from support.alarm import READER, SITE, Alarm
from support.newsroom import HINTS, NOW, moment, source, story

DAY = timedelta(days=1)
MAX_AGE = 3 * DAY


def told(alarm: Alarm) -> list[str]:
    """The subjects of all mails so far, after a tick."""
    alarm.tick()
    return [mail.subject for mail in alarm.mails()]


def change(alarm: Alarm, url: str, text: str, extractor: str = "1") -> None:
    """The press changes an article, and the gazette's crawler sees it."""
    alarm.wait(timedelta(hours=2))
    run_id = alarm.newsroom.start_run()
    [claim] = [one for one in alarm.newsroom.claim(run_id) if one.url == url]
    alarm.newsroom.keep(claim, story(url, text, title="Report 1"), extractor, body=text.encode())
    alarm.newsroom.finish_run(run_id)


def test_a_new_article_is_told_of_once(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish("The ferry ran aground.")
    alarm.publish("Nothing of the kind.")
    assert told(alarm) == ["Ferries: Report 1"]
    assert told(alarm) == ["Ferries: Report 1"]


def test_a_new_watch_begins_at_the_archives_end(alarm: Alarm) -> None:
    old = alarm.publish()
    alarm.watch()
    with alarm.archive.writing() as tx:
        changes.add_alias(tx, old, f"{SITE}/1?amp")
        changes.mark_vanished(tx, f"{SITE}/1", alarm.now)
    assert told(alarm) == []


def test_a_change_of_an_old_article_is_news_to_a_new_watch(alarm: Alarm) -> None:
    alarm.publish("A ship ran aground.")
    alarm.watch()
    change(alarm, f"{SITE}/1", "The ferry ran aground.")
    assert told(alarm) == ["Ferries: Report 1"]


def test_a_change_is_told_only_to_watches_that_did_not_match_before(alarm: Alarm) -> None:
    alarm.watch("ferries", "ferry")
    alarm.watch("tugs", "tug")
    alarm.publish("The ferry ran aground.")
    assert told(alarm) == ["Ferries: Report 1"]
    change(alarm, f"{SITE}/1", "The ferry ran aground. A tug is on its way.")
    assert told(alarm) == ["Ferries: Report 1", "Tugs: Report 1"]


def test_a_re_extraction_is_told_to_nobody(alarm: Alarm) -> None:
    old = alarm.publish("A ship ran aground.")
    alarm.watch()
    # Found by another extractor in the page as it was, and matched now for the first time.
    better = story(f"{SITE}/1", "A ship ran aground. It is the ferry.", title="Report 1")
    with alarm.archive.writing() as tx:
        articles.replace_reading(tx, old, better, "2", HINTS)
    assert told(alarm) == []
    with alarm.archive.reading() as tx:
        assert alerts.match_counts(tx) == {}
    change(alarm, f"{SITE}/1", "The ferry is afloat again.", extractor="2")
    assert told(alarm) == ["Ferries: Report 1"]


def test_a_source_s_tags_count_for_a_watch_and_a_change_of_them_is_told_to_nobody(alarm: Alarm) -> None:
    alarm.publish("An old article.")
    alarm.watch("region", "tag:regional")
    with alarm.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette", "regional")])
        assert source_tags.retag(tx, 10) == 1
    assert told(alarm) == []
    alarm.publish("A new article.")
    assert told(alarm) == ["Region: Report 2"]


def test_a_mark_mails_nobody_and_counts_when_the_press_changes_the_article(alarm: Alarm) -> None:
    alarm.watch("desk", "marked:harbour AND note:pays")
    made = alarm.publish("The ferry ran aground.")
    assert told(alarm) == []
    with alarm.archive.writing() as tx:
        marks.add_tag(tx, made, "harbour", "ann", NOW)
        marks.add_note(tx, made, "Who pays?", "ann", NOW)
    assert told(alarm) == []
    alarm.revise("The ferry ran aground, and nobody was hurt.")
    assert told(alarm) == ["Desk: Report 1"]
    with alarm.archive.writing() as tx:
        marks.remove_tag(tx, made, "harbour")
        marks.add_tag(tx, made, "harbour", "ann", NOW)
    assert told(alarm) == ["Desk: Report 1"], "it is told of once"


def test_an_edited_query_does_not_look_back(alarm: Alarm) -> None:
    alarm.watch("ships", "submarine")
    alarm.publish("The ferry ran aground.")
    alarm.tick()
    alarm.watch("ships", "ferry")
    assert told(alarm) == []
    alarm.publish("Another ferry ran aground.")
    assert told(alarm) == ["Ships: Report 2"]


def test_a_better_reading_alerts_nobody(alarm: Alarm) -> None:
    alarm.watch()
    made = alarm.publish("A ship ran aground.")
    alarm.tick()
    with alarm.archive.writing() as tx:
        articles.replace_reading(tx, made, story(f"{SITE}/1", "The ferry ran aground."), "2", HINTS)
    assert told(alarm) == []
    with alarm.archive.writing() as tx:
        changes.add_alias(tx, made, f"{SITE}/1?amp")
    assert told(alarm) == []


def test_an_article_read_anew_before_it_was_matched_is_still_told_of(alarm: Alarm) -> None:
    alarm.watch()
    made = alarm.publish("A ship ran aground.")
    with alarm.archive.writing() as tx:
        articles.replace_reading(tx, made, story(f"{SITE}/1", "The ferry ran aground."), "2", HINTS)
    assert told(alarm) == ["Ferries: Ferry aground"]


def test_a_watch_of_one_source_is_told_when_that_source_finds_the_article_too(alarm: Alarm) -> None:
    alarm.watch(sources=["herald"])
    made = alarm.publish()
    assert told(alarm) == []
    with alarm.archive.writing() as tx:
        runs.ensure_sources(tx, ["herald"], alarm.now)
        changes.add_source(tx, made, "herald", alarm.now)
    assert told(alarm) == ["Ferries: Report 1"]


def test_a_watch_that_was_off_is_not_told_of_what_appeared_meanwhile(alarm: Alarm) -> None:
    alarm.watch()
    alarm.watch(enabled=False)
    alarm.publish()
    assert told(alarm) == []
    alarm.watch()
    assert told(alarm) == []
    alarm.publish()
    assert told(alarm) == ["Ferries: Report 2"]


def test_a_backlog_is_matched_to_its_end(alarm: Alarm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "BATCH", 2)
    alarm.watch()
    for _ in range(5):
        alarm.publish()
    assert told(alarm) == ["Ferries (5): Report 5"]


def test_an_article_that_breaks_the_matcher_keeps_no_other_from_being_told(
    alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm.watch()
    poison = alarm.publish()
    alarm.publish()

    def broken(record: Record) -> Document:
        if record.id == poison:
            raise RecursionError
        return document(record)

    monkeypatch.setattr(match, "document", broken)
    assert told(alarm) == ["Ferries: Report 2"]
    assert [(watch, article) for watch, article, *_ in prevented(alarm)] == [("ferries", poison)]
    monkeypatch.setattr(match, "document", document)
    assert told(alarm) == ["Ferries: Report 2"]
    monkeypatch.setattr(match, "__version__", "another")
    assert told(alarm) == ["Ferries: Report 2", "Ferries: Report 1"]
    assert prevented(alarm) == []


def test_a_watch_that_raises_keeps_no_other_watch_from_matching(
    alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Passages):
        def __init__(self, tree: Node, zone: str) -> None:
            super().__init__(tree, zone)
            self.fails = tree == parse("ferry").tree

        def of(self, article: EvidenceOf, length: int = LENGTH) -> Passage:
            if self.fails:
                raise ValueError("no passage")
            return super().of(article, length)

    monkeypatch.setattr(match, "Passages", Failing)
    alarm.watch()
    alarm.watch("aground", "aground")
    alarm.publish()
    with capture_logs() as logs:
        assert told(alarm) == ["Aground: Report 1"]
    assert [(entry["watch"], entry["log_level"]) for entry in logs if "watch cannot" in entry["event"]] == [
        ("ferries", "error")
    ]


def test_a_new_watch_may_look_back_once(alarm: Alarm) -> None:
    alarm.publish("A ferry of before.")
    alarm.wait(timedelta(minutes=30))
    alarm.publish("A ferry that was late news.", published=moment(alarm.now - 5 * DAY))
    alarm.publish("A ferry of today.")
    alarm.watch(backfill="10m")
    assert told(alarm) == ["Ferries (2 from before it was made): Report 3"]
    [mail] = alarm.mails()
    assert "All from before the watch was made, which its backfill asks for." in mail.text
    alarm.wait(timedelta(minutes=1))
    alarm.publish("A ferry of later.")
    assert told(alarm)[1:] == ["Ferries: Report 4"]
    # It is asked for when the watch is made; later it changes nothing.
    alarm.watch("later", "ferry")
    alarm.watch("later", "ferry", backfill="10m")
    assert told(alarm)[2:] == []


def test_looking_back_is_by_time(alarm: Alarm) -> None:
    alarm.publish("A ferry of before.")
    alarm.wait(timedelta(hours=3))
    # The old one is read again with this run, and what it says has changed.
    alarm.publish("A ferry of today.")
    with alarm.archive.writing() as tx:
        tx.execute(update(article).where(article.c.url == f"{SITE}/1").values(revised=alarm.now))
    alarm.watch(backfill="10m")
    assert told(alarm) == ["Ferries (1 from before it was made): Report 2"]


def test_an_id_that_is_used_again_begins_anew(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish()
    alarm.match()
    with alarm.archive.writing() as tx:
        alerts.pause_watch(tx, "ferries", alerts.FOR_EVER)
        alerts.pass_over(tx, "ferries")
        alerts.begin_anew(tx, "ferries", alarm.now, None)
    alarm.watch(query="aground")
    assert told(alarm) == []
    alarm.publish("Another ran aground.")
    assert told(alarm) == ["Ferries: Report 2"]


def test_one_bad_watch_of_each_kind_among_ten_thousand_stops_no_other(
    alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_evaluate(near: Near, line: Line) -> Iterator[TokenSpan]:
        raise RecursionError("too deep")

    monkeypatch.setattr(predicate, "near_places", cannot_evaluate)
    bad = {
        "parses": "ferry AND (",
        "compiles": "ferry first_seen:today",
        "evaluates": '"the ferry" NEAR/5 (aground OR harbour)',
    }
    # Written without the checks of a file, as if one had got past them.
    ordinary = {f"w{number}": "aground" if number % 100 == 0 else "fog" for number in range(9_997)}
    for id_, query in (ordinary | bad).items():
        alarm.watches[id_] = Watch.model_construct(
            id=id_,
            name=id_,
            query=query,
            recipients=(READER,),
            enabled=True,
            sources=(),
            time_zone="Nowhere/At_All" if id_ == "compiles" else "",
        )
    alarm.match()
    alarm.publish()
    with capture_logs() as logs:
        alarm.match()
    assert len(matched(alarm)) == 100
    assert {entry["watch"] for entry in logs if "watch cannot" in entry["event"]} == {"evaluates"}
    assert {one.watch: one.reason.split(":")[0] for one in prevented(alarm)} == {
        "parses": "QueryError",
        "compiles": "ZoneInfoNotFoundError",
        "evaluates": "RecursionError",
    }


def matched(alarm: Alarm) -> list[str]:
    with alarm.archive.reading() as tx:
        return list(tx.execute(select(match_table.c.watch)).scalars())


def prevented(alarm: Alarm) -> list[match_quarantine.Prevented]:
    with alarm.archive.reading() as tx:
        return match_quarantine.every(tx)


def test_what_a_watch_missed_while_it_could_not_be_compiled_is_matched_when_it_can(alarm: Alarm) -> None:
    alarm.watch("ships", "ship")
    alarm.publish("A ship before.")
    assert told(alarm) == ["Ships: Report 1"]
    alarm.watch("ships", "stem:ferry AND (")
    alarm.watch()
    alarm.publish()
    alarm.publish()
    assert told(alarm) == ["Ships: Report 1", "Ferries (2): Report 3"]
    [broken] = prevented(alarm)
    assert (broken.watch, broken.article) == ("ships", "")
    alarm.watch("ships", "aground")
    assert told(alarm) == ["Ships: Report 1", "Ferries (2): Report 3", "Ships (2): Report 3"]
    assert prevented(alarm) == []


def test_a_watch_whose_query_cannot_be_compiled_keeps_no_other_watch_from_matching(alarm: Alarm) -> None:
    alarm.watch()
    alarm.watch("broken", "stem:ferry AND (")
    alarm.publish()
    assert told(alarm) == ["Ferries: Report 1"]


@pytest.mark.parametrize(
    ("published", "first_run", "late"),
    [
        (None, False, False),
        (None, True, True),
        (moment(NOW - 2 * DAY), True, False),
        (moment(NOW - 3 * DAY), False, False),
        (moment(NOW - 3 * DAY - timedelta(seconds=1)), False, True),
        # Only the day is known: it may be as young as that day's end.
        (Moment(NOW - 3.5 * DAY, 0, Precision.DAY, "byline", ""), False, False),
        (Moment(NOW - 4.5 * DAY, 0, Precision.DAY, "byline", ""), False, True),
        # Dates that nobody believes tell nothing.
        (moment(NOW + DAY), False, False),
        (moment(NOW + DAY), True, True),
        (moment(NOW.replace(year=1970)), False, False),
    ],
)
def test_what_is_old_news(published: Moment | None, first_run: bool, late: bool) -> None:
    article = Article("Title", (Block(BlockKind.PARAGRAPH, "Text"),), SITE, published=published)
    values = dict.fromkeys(Record.__slots__, "") | {"article": article, "first_seen": NOW}
    record = Record(**values | {"first_run": first_run})  # type: ignore[arg-type]  # the rest does not matter
    assert is_record_late(record, MAX_AGE) is late


def test_old_news_waits_for_a_mail_with_news_and_is_counted_there(alarm: Alarm) -> None:
    alarm.watch()
    alarm.publish(published=moment(alarm.now - 10 * DAY))
    assert told(alarm) == []
    with alarm.archive.reading() as tx:
        assert alerts.match_counts(tx) == {"ferries": 1}
    alarm.publish()
    assert told(alarm) == ["Ferries: Report 2"]
    [mail] = alarm.mails()
    assert "1 more article matches but was already old when first seen" in mail.text
    alarm.publish()
    alarm.tick()
    assert "already old" not in alarm.mails()[-1].text


def test_a_watch_may_have_a_patience_of_its_own(alarm: Alarm) -> None:
    alarm.watch("patient", max_age="30d")
    alarm.watch("hasty", max_age="1h")
    alarm.publish(published=moment(alarm.now - 10 * DAY))
    assert told(alarm) == ["Patient: Report 1"]
