"""What a run brought is counted at its end: when it appeared, as far as that can be told."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from presswatch.archive import Archive, articles, postings, runs, source_rename
from presswatch.archive.tables import Wait
from presswatch.model import FeedPace, Precision
from presswatch.polling import NOTHING_ASKED, Asks
from presswatch.posting_rate import WEEK, Postings, rates
from support.newsroom import HINTS, NOW, Newsroom, moment, story

# A Friday, at noon: its hour is number 108 of the week.
NOON = 4 * 24 + 12
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SITE = "https://gazette.example"


def run(newsroom: Newsroom, *dated: datetime | None, wait: Wait | None = None, zone: str = "UTC") -> None:
    """A run that begins now, finds articles that state these times, and is counted a minute later."""
    run_id = newsroom.start_run()
    paths = [f"{SITE}/{newsroom.slots}-{number}" for number in range(len(dated))]
    began = newsroom.now
    newsroom.list_links(run_id, f"{SITE}/", *paths)
    newsroom.now = began + MINUTE
    for claim in newsroom.claim(run_id, 1_000):
        if claim.url not in paths:
            continue
        stated = dated[paths.index(claim.url)]
        claimed = claim if wait is None else replace(claim, wait=wait)
        newsroom.keep(claimed, story(claim.url, claim.url, published=moment(stated) if stated else None))
    newsroom.finish_run(run_id)
    with newsroom.archive.writing() as tx:
        postings.count(tx, "gazette", zone, [f"{SITE}/"], run_id, newsroom.now)


def known(newsroom: Newsroom) -> Postings:
    with newsroom.archive.reading() as tx:
        return postings.of(tx, ["gazette", "nobody"])["gazette"]


@pytest.fixture
def newsroom(archive: Archive) -> Newsroom:
    """One whose first run at noon found nothing."""
    made = Newsroom(archive)
    run(made)
    return made


def counted(found: Postings) -> dict[int, int]:
    """The hours of the week with arrivals, and how many."""
    return {hour: round(count) for hour, count in enumerate(found.counts) if round(count)}


def test_an_article_counts_in_the_hour_that_it_states(newsroom: Newsroom) -> None:
    newsroom.now = NOW + 5 * HOUR
    run(newsroom, NOW + 90 * MINUTE, NOW + 100 * MINUTE, NOW + 4 * HOUR)
    found = known(newsroom)
    assert counted(found) == {NOON + 1: 2, NOON + 4: 1}
    assert (found.since, found.counted) == (NOW, NOW + 5 * HOUR)


def test_what_states_no_time_or_another_one_appeared_at_some_time_since_the_last_look(
    newsroom: Newsroom,
) -> None:
    newsroom.now = NOW + 4 * HOUR
    back, ahead = NOW - timedelta(days=30), NOW + timedelta(days=3)
    run(newsroom, *[None] * 4, *[back] * 4, *[ahead] * 4)
    assert counted(known(newsroom)) == {NOON + hour: 3 for hour in range(4)}


def test_a_day_tells_no_hour(newsroom: Newsroom) -> None:
    newsroom.now = NOW + 20 * HOUR
    run_id = newsroom.start_run()
    newsroom.list_links(run_id, f"{SITE}/", *(f"{SITE}/{number}" for number in range(20)))
    midnight = replace(moment(NOW + 12 * HOUR), precision=Precision.DAY)
    for claim in newsroom.claim(run_id, 100):
        newsroom.keep(claim, story(claim.url, claim.url, published=midnight))
    newsroom.finish_run(run_id)
    with newsroom.archive.writing() as tx:
        postings.count(tx, "gazette", "UTC", [], run_id, newsroom.now)
    assert max(known(newsroom).counts) == pytest.approx(1, rel=0.05)


def test_articles_that_are_read_again_do_not_count_again(newsroom: Newsroom) -> None:
    newsroom.now = NOW + HOUR
    run(newsroom, NOW + 30 * MINUTE)
    before = counted(known(newsroom))
    with newsroom.archive.writing() as tx:
        [one] = articles.since(tx, 0, 10)
        articles.replace_reading(tx, one.id, story(one.url, "Better read."), "2", HINTS)
    newsroom.now = NOW + 2 * HOUR
    run(newsroom)
    assert counted(known(newsroom)) == before == {NOON: 1}


def test_what_a_backfill_finds_does_not_count(newsroom: Newsroom) -> None:
    newsroom.now = NOW + HOUR
    run(newsroom, *[NOW + 30 * MINUTE] * 20, wait=Wait.OLD)
    assert counted(known(newsroom)) == {}


def test_a_run_that_failed_was_no_look(newsroom: Newsroom) -> None:
    newsroom.now = NOW + HOUR
    run_id = newsroom.start_run()
    newsroom.list_links(run_id, f"{SITE}/", f"{SITE}/found")
    [claim] = newsroom.claim(run_id)
    newsroom.keep(claim, story(claim.url))
    newsroom.finish_run(run_id, "it broke")
    assert known(newsroom).counted == NOW
    newsroom.now = NOW + 3 * HOUR
    run(newsroom)
    found = known(newsroom)
    assert found.counted == NOW + 3 * HOUR
    assert sum(found.counts) == pytest.approx(1, rel=0.01), "it counts with the next that ends well"


def test_of_a_new_source_the_first_run_tells_the_rhythm_of_the_last_days(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    times = [NOW - timedelta(days=day, hours=4, minutes=5 * one) for day in range(3) for one in range(10)]
    run(newsroom, *times, NOW - timedelta(days=400), None)
    found = known(newsroom)
    assert found.since == min(times)
    assert sum(found.counts) == pytest.approx(30, rel=0.08)
    by_hour = rates(found)
    assert max(range(WEEK), key=lambda hour: by_hour[hour]) % 24 == 7
    # A feed of fifty entries that a busy source fills in two days is no weekly of fifty.
    assert sum(by_hour) / 7 > 8


def test_two_times_are_a_chance(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    run(newsroom, NOW - HOUR, NOW - 2 * HOUR)
    assert counted(known(newsroom)) == {}
    assert known(newsroom).since == NOW


def test_entries_that_are_all_of_the_time_of_their_writing_tell_no_rate(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    run(newsroom, *[NOW - timedelta(seconds=one) for one in range(20)])
    assert counted(known(newsroom)) == {}


def test_a_busy_quarter_of_an_hour_counts_as_an_hour(archive: Archive) -> None:
    newsroom = Newsroom(archive)
    run(newsroom, *[NOW - one * MINUTE for one in range(15)])
    found = known(newsroom)
    assert (found.since, round(sum(found.counts))) == (NOW - HOUR, 15)


def test_a_source_of_before_looks_were_counted_is_known_by_its_articles(newsroom: Newsroom) -> None:
    for hour in range(1, 6):
        newsroom.now = NOW + hour * HOUR
        run(newsroom, newsroom.now - 20 * MINUTE, None)
    before = known(newsroom)
    with newsroom.archive.writing() as tx:
        tx.exec_driver_sql("DELETE FROM posting")
    newsroom.now = NOW + 6 * HOUR
    run(newsroom, newsroom.now - 20 * MINUTE)
    found = known(newsroom)
    assert sum(found.counts) == pytest.approx(11, rel=0.05)
    assert set(counted(found)) <= set(counted(before)) | {NOON + 5}


def test_another_zone_has_the_rhythm_told_anew_in_its_hours(newsroom: Newsroom) -> None:
    newsroom.now = NOW + HOUR
    run(newsroom, NOW + 30 * MINUTE, NOW + 31 * MINUTE)
    newsroom.now = NOW + 2 * HOUR
    run(newsroom, zone="Asia/Tokyo")
    found = known(newsroom)
    assert (found.zone, counted(found)) == ("Asia/Tokyo", {NOON + 9: 2})


def test_a_source_is_planned_by_its_last_look(newsroom: Newsroom) -> None:
    with newsroom.archive.reading() as tx:
        assert runs.sources(tx)["gazette"].looked == NOW


def test_a_renamed_source_keeps_its_rhythm(newsroom: Newsroom) -> None:
    before = known(newsroom)
    with newsroom.archive.writing() as tx:
        postings.keep_pace(tx, "gazette", f"{SITE}/", FeedPace((1,)), None)
        source_rename.rename(tx, "gazette", "courier", NOW)
        assert postings.of(tx, ["courier", "gazette"]) == {"courier": before}
        assert postings.asks(tx, {"courier": [f"{SITE}/"]})["courier"].skip_hours == {1}


def test_what_start_pages_ask_is_put_together(newsroom: Newsroom) -> None:
    one, other, gone = f"{SITE}/feed", f"{SITE}/news", f"{SITE}/gone"
    with newsroom.archive.writing() as tx:
        postings.keep_pace(tx, "gazette", one, FeedPace((1, 2, 3), (6,), 60), NOW + MINUTE)
        postings.keep_pace(tx, "gazette", gone, FeedPace(minutes=5), NOW + HOUR)

        def asked(*starts: str) -> Asks:
            return postings.asks(tx, {"gazette": starts, "herald": [one]})["gazette"]

        whole = Asks(frozenset({1, 2, 3}), frozenset({6}), HOUR, NOW + MINUTE)
        assert asked(one) == whole
        postings.keep_pace(tx, "gazette", other, FeedPace((3, 4), (), 30), None)
        assert asked(one, other) == Asks(frozenset({3}), frozenset(), 30 * MINUTE, NOW + MINUTE)
        postings.keep_fresh(tx, "gazette", other, NOW + 2 * MINUTE)
        assert asked(one, other).fresh_until == NOW + 2 * MINUTE
        assert postings.asks(tx, {"herald": [one]}) == {"herald": NOTHING_ASKED}


def test_a_start_page_that_asks_to_be_left_alone_now_is_while_others_are_read(newsroom: Newsroom) -> None:
    feed, news = f"{SITE}/feed", f"{SITE}/news"
    with newsroom.archive.writing() as tx:
        postings.keep_pace(tx, "gazette", feed, FeedPace((12,)), None)
        assert postings.readable(tx, "gazette", [feed, news], NOW) == [news]
        assert postings.readable(tx, "gazette", [feed, news], NOW + HOUR) == [feed, news]
        assert postings.readable(tx, "gazette", [feed], NOW) == [feed], "by hand"


def test_an_answer_holds_for_ten_minutes_at_most() -> None:
    assert postings.fresh_until(NOW, timedelta(minutes=3)) == NOW + 3 * MINUTE
    assert postings.fresh_until(NOW, timedelta(days=365)) == NOW + 10 * MINUTE
    assert postings.fresh_until(NOW, timedelta()) is None
    assert postings.fresh_until(NOW, None) is None
