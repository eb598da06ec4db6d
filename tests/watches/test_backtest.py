"""What a watch would have found."""

from datetime import timedelta

import pytest

from presswatch.errors import QueryError
from presswatch.watches.backtest import WouldBe, backtest
from support.alarm import Alarm
from support.newsroom import moment

DAY = timedelta(days=1)


def would_find(alarm: Alarm, days: int = 30, **keys: object) -> list[WouldBe]:
    alarm.watch("trial", **keys)  # type: ignore[arg-type]  # whatever a test says of the watch
    watch = alarm.config.watch("trial")
    assert watch is not None
    return backtest(alarm.archive, alarm.config, watch, alarm.now - timedelta(days=days))


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


def test_a_query_that_a_watch_may_not_ask_is_refused(alarm: Alarm) -> None:
    alarm.watch("trial")
    broken = alarm.watches["trial"].model_copy(update={"query": "NOT ferry"})
    with pytest.raises(QueryError):
        backtest(alarm.archive, alarm.config, broken, alarm.now - DAY)
