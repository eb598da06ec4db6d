"""Each run is judged once, with its alarm, and nobody is told twice."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from crawler.summary import StartPage, Summary
from presswatch.archive import alarms, runs, source_health, source_rename
from presswatch.archive.alarms import Alarm
from presswatch.config import Config, Every, Source
from presswatch.model import AlarmKind, FaultKind, to_json
from presswatch.sources.health import Sign
from presswatch.sources.judging import judge_step, said, state_of
from support.newsroom import Newsroom

HOUR = timedelta(hours=1)
START = "https://gazette.example/news"
GAZETTE = Source(id="gazette", name="Gazette", start=(START,), schedule=Every(every=HOUR))
CONFIG = Config(sources=(GAZETTE,))
WELL = Summary(new=5, pages=6, starts=(StartPage(START, "listing", 30, 5),))
NO_LINK = StartPage(
    START, "failed", reason="nothing looks like a link", kind=FaultKind.UNREADABLE, status=200
)
BROKEN = Summary(pages=1, starts=(NO_LINK,))


@dataclass
class Judged:
    newsroom: Newsroom
    config: Config = CONFIG

    def end_run(self, summary: Summary, *, source: str = "gazette", reason: str = "") -> None:
        self.newsroom.now += HOUR
        run = self.newsroom.start_run(source)
        with self.newsroom.archive.writing() as tx:
            runs.finish(tx, run, to_json(summary), reason, self.newsroom.now)

    def judge(self) -> bool:
        return judge_step(self.newsroom.archive, self.config, self.newsroom.now)

    def alarms(self) -> list[Alarm]:
        with self.newsroom.archive.reading() as tx:
            return alarms.open_alarms(tx)

    def health(self, source: str = "gazette") -> dict[str, Any]:
        with self.newsroom.archive.reading() as tx:
            return said(state_of(source_health.states(tx, [source]).get(source, "")))


@pytest.fixture
def judged(newsroom: Newsroom) -> Judged:
    one = Judged(newsroom)
    for _ in range(6):
        one.end_run(WELL)
    return one


def test_a_run_is_judged_once(judged: Judged) -> None:
    assert judged.health()["state"] == "unknown"
    assert judged.judge()
    assert not judged.judge(), "there is nothing left"
    assert judged.health() == {"state": "well", "faults": []}
    with judged.newsroom.archive.reading() as tx:
        kept = state_of(source_health.states(tx)["gazette"])
    assert kept.starts[START].reads == 6


def test_a_redesign_alarms_once_and_its_end_is_told_once(judged: Judged) -> None:
    with capture_logs() as logs:
        judged.end_run(BROKEN, reason="no start page was usable")
        judged.judge()
        assert judged.alarms() == [], "once may be by chance"
        began = judged.newsroom.now
        for _ in range(3):
            judged.end_run(BROKEN, reason="no start page was usable")
            judged.judge()
        [alarm] = judged.alarms()
        assert (alarm.kind, alarm.subject) == (AlarmKind.SOURCE, "gazette")
        assert f"since {began:%Y-%m-%d %H:%M} UTC {START} shows no articles any more" in alarm.reason
        assert "(nothing looks like a link)" in alarm.reason
        assert "presswatch sources heal gazette" in alarm.reason, "it says what to do"
        for _ in range(3):
            judged.end_run(WELL)
            judged.judge()
    assert judged.alarms() == []
    told = [event["event"] for event in logs if event.get("source") == "gazette"]
    assert told == ["source is not well", "source is well again"]


def test_what_waited_for_a_daemon_is_judged_in_the_order_of_its_ends(judged: Judged) -> None:
    for summary in (BROKEN, BROKEN, BROKEN, WELL, WELL, WELL):
        judged.end_run(summary)
    judged.judge()
    assert judged.alarms() == []
    assert judged.health()["state"] == "well"


def test_texts_that_are_empty(judged: Judged) -> None:
    judged.judge()
    for _ in range(2):
        judged.end_run(Summary(new=4, textless=4, starts=(StartPage(START, "listing", 30, 4),)))
        judged.judge()
    [fault] = judged.health()["faults"]
    assert fault["sign"] == Sign.NO_TEXT
    assert fault["said"] == "8 of the last 8 articles had no text; usually 0% have none"


def test_pages_that_are_no_articles_at_the_addresses_of_articles(judged: Judged) -> None:
    judged.judge()
    for _ in range(20):
        # Videos and polls are its way, and have addresses of their own.
        judged.end_run(Summary(new=8, in_form=8, rejected={"index": 2}, starts=WELL.starts))
    judged.judge()
    for _ in range(2):
        none = {"index": 1}
        judged.end_run(Summary(rejected=none, rejected_in_form=none, starts=WELL.starts))
        judged.judge()
    [fault] = judged.health()["faults"]
    assert fault["sign"] == Sign.NO_LONGER
    assert "2 of the last 2 pages at addresses like its articles' were no articles" in fault["said"]


def test_a_selector_that_finds_nothing_while_the_page_answers(judged: Judged) -> None:
    judged.judge()
    for _ in range(2):
        judged.end_run(Summary(starts=(StartPage(START, "listing", 40, 0, missed=True),)))
        judged.judge()
    [alarm] = judged.alarms()
    assert "selectors.links finds nothing on it" in alarm.reason


def test_what_we_failed_at_ourselves_says_nothing_of_the_source(judged: Judged) -> None:
    judged.judge()
    for _ in range(5):
        judged.end_run(Summary(failure=FaultKind.OURS), reason="its crawler ended without a word")
    judged.judge()
    assert judged.health() == {"state": "well", "faults": []}


def test_the_alarm_of_a_source_that_is_read_no_more_ends(judged: Judged) -> None:
    for _ in range(2):
        judged.end_run(BROKEN)
    judged.judge()
    assert judged.alarms()
    judged.config = Config(sources=(GAZETTE.model_copy(update={"enabled": False}),))
    judged.judge()
    assert judged.alarms() == []
    judged.end_run(BROKEN)
    judged.judge()
    assert not judged.judge(), "its runs do not wait for ever"


def test_a_renamed_source_keeps_what_is_known_of_it(judged: Judged) -> None:
    judged.judge()
    with judged.newsroom.archive.writing() as tx:
        source_rename.rename(tx, "gazette", "courier", judged.newsroom.now)
    assert judged.health("courier")["state"] == "well"


def test_what_another_version_kept_is_begun_anew(judged: Judged) -> None:
    judged.judge()
    with judged.newsroom.archive.writing() as tx:
        source_health.keep(tx, "gazette", '{"runs_a_day": "often"}', ())
    judged.end_run(WELL)
    judged.judge()
    assert judged.health()["state"] == "unknown"
