"""What a watch would have found."""

from datetime import timedelta

from presswatch.query import parse
from presswatch.watches.backtest import WouldBe, backtest, remarks_on_watches
from support.alarm import Alarm
from support.newsroom import moment

DAY = timedelta(days=1)


def would_find(alarm: Alarm, days: int = 30, **keys: object) -> list[WouldBe]:
    alarm.watch("trial", **keys)  # type: ignore[arg-type]  # whatever a test says of the watch
    watch = alarm.config.watch("trial")
    assert watch is not None
    asked = parse(watch.query, purpose="watch")
    return backtest(alarm.archive, alarm.config, watch, asked, alarm.now - timedelta(days=days)).hits


def test_it_shows_the_newest_first_with_what_matched_and_says_what_would_not_be_mailed(alarm: Alarm) -> None:
    alarm.publish("Nothing of the kind.")
    alarm.publish("A ferry that is old news.", published=moment(alarm.now - 10 * DAY))
    alarm.publish("The ferry ran aground.", published=moment(alarm.now - DAY))
    alarm.publish("The ferry was towed away.")
    found = would_find(alarm)
    assert [one.record.article.title for one in found] == ["Report 4", "Report 3", "Report 2"]
    assert [one.late for one in found] == [False, False, True]
    body = found[0].passage.body
    assert [body.text[start:end] for start, end in body.spans] == ["ferry"]
    assert alarm.mails() == []


def test_it_looks_back_as_far_as_it_is_asked(alarm: Alarm) -> None:
    alarm.publish("The ferry ran aground.")
    alarm.wait(10 * DAY)
    alarm.publish("The ferry was towed away.")
    assert len(would_find(alarm, days=9)) == 1
    assert len(would_find(alarm, days=11)) == 2


def test_it_keeps_to_the_watchs_sources(alarm: Alarm) -> None:
    alarm.publish()
    assert would_find(alarm, sources=["herald"]) == []


def remarks(alarm: Alarm, query: str) -> tuple[str, ...]:
    alarm.watch("trial", query)
    watch = alarm.config.watch("trial")
    assert watch is not None
    asked = parse(query, saved=alarm.config.saved_queries)
    return backtest(alarm.archive, alarm.config, watch, asked, alarm.now - DAY).remarks


def test_what_is_odd_about_a_query_is_told_from_the_articles(alarm: Alarm) -> None:
    for number in range(60):
        alarm.publish(f"The ships left the harbour on day {number}." + " A ferry sank." * (number == 7))
    assert remarks(alarm, "ferry") == ()
    assert remarks(alarm, "harbour") == ("harbour is in 100% of all articles",)
    assert remarks(alarm, "ferry OR submarine*") == ("submarine* is in none of 60 articles",)
    assert remarks(alarm, "ferry -ships") == ("it matches none of 60 articles",)
    assert remarks(alarm, "ship OR ferry") == (
        "ship is in none of 60 articles",
        "stem:ship would find 60 articles more, with ships",
    )
    [told] = remarks(alarm, "ferry source:gazete")
    assert told == "source:gazete cannot match: there is no such source; did you mean source:gazette?"
    assert remarks(alarm, "ferry country:fr") == ("country:fr cannot match: no source has country fr",)
    # What is excluded need not be there.
    assert remarks(alarm, "ferry -submarine") == ()


def test_a_watch_that_asks_for_marks_is_remarked_upon(alarm: Alarm) -> None:
    alarm.publish("The ferry ran aground.")
    for query in ("ferry marked:harbour", "ferry has:note", 'collection:"Report"', "note:pays"):
        assert "a mark lets no watch look again" in remarks(alarm, query)[0]
    assert remarks(alarm, "ferry NOT marked:done") == ()


def test_a_spelling_that_we_added_is_no_clause_of_the_query(alarm: Alarm) -> None:
    for _ in range(60):
        alarm.publish("The ferry ran aground.")
    said = remarks(alarm, "ferry OR Fähre")
    assert said
    assert not [one for one in said if "language:" in one or "faehre" in one]


def test_of_a_long_query_the_clauses_that_no_article_has_are_one_remark(alarm: Alarm) -> None:
    for number in range(60):
        alarm.publish(f"The ferry left on day {number}.")
    [told] = [one for one in remarks(alarm, " OR ".join(["ferry", *"abcdefgh"])) if "none" in one]
    assert told == "8 of its 9 clauses are in none of 60 articles: a, b, c, d, e and 3 others"


def test_all_watches_are_looked_at_together(alarm: Alarm) -> None:
    alarm.watch("ferries", "ferry")
    alarm.watch("submarines", "submarine")
    alarm.watch("paused", "nothing", enabled=False)
    for number in range(60):
        alarm.publish("The ferry left." if number % 5 == 0 else "The harbour was quiet.")
    told = remarks_on_watches(alarm.archive, alarm.config, alarm.now - DAY)
    assert told == {"submarines": ("submarine is in none of 60 articles",)}
