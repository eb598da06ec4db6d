"""What is fetched when, and what becomes of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from presswatch.archive import articles, frontier, links
from presswatch.archive.frontier import Claim
from presswatch.archive.tables import edge, metadata, url
from presswatch.model import Link, LinkKind, NotArticle, PageKind
from support.newsroom import NOW, Newsroom, moment, story

SITE = "https://gazette.example"
HOUR = timedelta(hours=1)


def states(newsroom: Newsroom) -> dict[str, str]:
    with newsroom.archive.reading() as tx:
        return {row.url: row.state for row in tx.execute(select(url).where(url.c.scope == ""))}


def test_a_listings_links_and_its_validators_are_kept_together_and_once(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    assert newsroom.list_links(run, f"{SITE}/", f"{SITE}/a", f"{SITE}/b", "mailto:us@gazette.example") == 2
    assert newsroom.list_links(run, f"{SITE}/", f"{SITE}/a?utm_source=x", f"{SITE}/c") == 1
    assert set(states(newsroom)) == {f"{SITE}/a", f"{SITE}/b", f"{SITE}/c"}


def test_links_of_other_sites_are_edges_but_not_followed(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    assert newsroom.list_links(run, f"{SITE}/", "https://elsewhere.example/x") == 0
    with newsroom.archive.reading() as tx:
        assert tx.execute(select(edge.c.to_url)).scalars().all() == ["https://elsewhere.example/x"]


def test_a_feeds_links_are_followed_wherever_they_lead(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    assert newsroom.list_links(run, f"{SITE}/rss", "https://elsewhere.example/x", kind=LinkKind.FEED) == 1


def test_claimed_pages_are_not_claimed_twice_and_the_newest_come_first(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a", f"{SITE}/b")
    newsroom.now += HOUR
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/c")
    first, others = newsroom.claim(run, 1), newsroom.claim(run)
    assert [claim.url for claim in first] == [f"{SITE}/c"]
    assert {claim.url for claim in others} == {f"{SITE}/a", f"{SITE}/b"}
    assert newsroom.claim(run) == []


def test_pages_never_seen_are_claimed_before_those_that_are_due_again(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/unread")
    newsroom.now += timedelta(minutes=1)
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/read")
    [newest] = newsroom.claim(run, limit=1)
    newsroom.keep(newest, story(newest.url))
    newsroom.now += HOUR
    # The page that is due again was found later than the one that nobody has read yet.
    assert [claim.url for claim in newsroom.claim(run)] == [f"{SITE}/unread", f"{SITE}/read"]


def test_what_a_run_hands_back_is_claimed_again_with_no_attempt_counted(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    newsroom.claim(run)
    with newsroom.archive.writing() as tx:
        frontier.release(tx, run)
    assert [claim.attempts for claim in newsroom.claim(run)] == [1]


def test_a_page_with_which_three_crawlers_died_rests_a_day_then_ever_longer(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/deadly")
    rests = []
    for _ in range(9):
        [claim] = newsroom.claim(run)
        assert claim.attempts == 1, "a death is no failure of the page"
        with newsroom.archive.writing() as tx:
            frontier.expire(tx, run, newsroom.now)
            due = tx.execute(select(url.c.next_fetch).where(url.c.id == claim.id)).scalar_one()
        rests.append(max(timedelta(), due - newsroom.now))
        newsroom.now = max(due, newsroom.now)
    assert rests == [0 * HOUR, 0 * HOUR, *(timedelta(days=days) for days in (1, 2, 4, 8, 16, 30, 30))]
    assert states(newsroom)[f"{SITE}/deadly"] == "quarantined"
    [claim] = newsroom.claim(run)
    newsroom.keep(claim, story(claim.url))
    with newsroom.archive.reading() as tx:
        assert tx.execute(select(url.c.crashes).where(url.c.id == claim.id)).scalar_one() == 0


def test_failures_are_tried_again_ever_later_and_never_given_up(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    waits = []
    for _ in range(12):
        [claim] = newsroom.claim(run)
        with newsroom.archive.writing() as tx:
            frontier.keep_failure(tx, claim, "timed out after 30 s", newsroom.now)
            [due] = tx.execute(select(url.c.next_fetch).where(url.c.id == claim.id)).scalars()
        waits.append(due - newsroom.now)
        assert newsroom.claim(run) == []
        newsroom.now = due
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=5)
    assert waits[-1] == timedelta(days=30)


@pytest.mark.parametrize("what", ["failed", "gone", "walled", "deadly"])
def test_what_is_listed_again_is_tried_six_hours_after_the_last_try(newsroom: Newsroom, what: str) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    for _ in range(8):
        [claim] = newsroom.claim(run)
        with newsroom.archive.writing() as tx:
            end_badly(tx, what, claim, newsroom)
            due = tx.execute(select(url.c.next_fetch).where(url.c.id == claim.id)).scalar_one()
        tried, newsroom.now = newsroom.now, max(newsroom.now, due)
    assert newsroom.now - tried > timedelta(days=10)
    newsroom.now = tried + HOUR
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    assert newsroom.claim(run) == []
    newsroom.now = tried + 6 * HOUR
    assert [claim.url for claim in newsroom.claim(run)] == [f"{SITE}/a"]


def end_badly(tx: Connection, what: str, claim: Claim, newsroom: Newsroom) -> None:
    fetched, now = newsroom.fetched(claim.url), newsroom.now
    if what == "failed":
        frontier.keep_failure(tx, claim, "answered 503", now, 503)
    elif what == "gone":
        frontier.keep_gone(tx, claim, newsroom.fetched(claim.url, 404), now)
    elif what == "walled":
        frontier.keep_rejected(tx, claim, fetched, NotArticle(PageKind.CHALLENGE, "asks for a click"), now)
    else:
        frontier.expire(tx, claim.run, now)


def test_pages_that_failed_come_last_and_no_more_than_there_is_room_for(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", *(f"{SITE}/bad-{number}" for number in range(4)))
    for claim in newsroom.claim(run):
        with newsroom.archive.writing() as tx:
            frontier.keep_failure(tx, claim, "answered 503", newsroom.now, 503)
    newsroom.now += HOUR
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/good")
    claims = newsroom.claim(run, retries=2)
    assert [claim.wait for claim in claims] == ["fresh", "retry", "retry"]
    assert claims[0].url == f"{SITE}/good"
    assert newsroom.claim(run, retries=0) == []


def test_a_url_is_read_by_whichever_source_links_to_it_and_once(newsroom: Newsroom) -> None:
    second = type(newsroom)(newsroom.archive, slots=100)
    other = second.start_run("courier", "https://courier.example")
    second.list_links(other, "https://courier.example/rss", f"{SITE}/a", kind=LinkKind.FEED)
    run = newsroom.start_run()
    assert newsroom.list_links(run, f"{SITE}/", f"{SITE}/a") == 1, "it is new to this source"
    [claim] = newsroom.claim(run)
    assert (claim.source, claim.found) == ("gazette", LinkKind.LISTING)
    assert second.claim(other) == []
    newsroom.keep(claim, story(claim.url))
    newsroom.now += HOUR
    second.now = newsroom.now
    assert [claim.url for claim in second.claim(other)] == [f"{SITE}/a"], "either may read it again"


def test_the_newest_time_beside_any_link_orders_a_url(newsroom: Newsroom) -> None:
    """A feed of another source names the press's new stories with old dates."""
    second = type(newsroom)(newsroom.archive, slots=100)
    other = second.start_run("courier", "https://courier.example")
    old = moment(newsroom.now - timedelta(days=900))
    second.list_links(other, "https://courier.example/rss", f"{SITE}/new", kind=LinkKind.FEED, published=old)
    run = newsroom.start_run()
    week_ago = moment(newsroom.now - timedelta(days=7))
    newsroom.list_links(run, f"{SITE}/week", f"{SITE}/week-old", published=week_ago)
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/new")
    assert [claim.url for claim in newsroom.claim(run, limit=1)] == [f"{SITE}/new"]
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/x")
    second.list_links(other, "https://courier.example/rss", f"{SITE}/x", kind=LinkKind.FEED, published=old)
    assert [claim.url for claim in second.claim(other, limit=1)] == [f"{SITE}/x"]


def announce(newsroom: Newsroom, run: int, modified: datetime) -> list[str]:
    """A sitemap says when a page changed; what is due then."""
    newsroom.list_links(
        run, f"{SITE}/sitemap.xml", f"{SITE}/a", kind=LinkKind.SITEMAP, modified=moment(modified)
    )
    return [claim.url for claim in newsroom.claim(run)]


def test_an_announced_change_is_read_though_the_article_was_settled(newsroom: Newsroom) -> None:
    newsroom.follow = replace(newsroom.follow, revisit=())
    newsroom.publish(f"{SITE}/a")
    read = newsroom.now
    newsroom.now += timedelta(days=20)
    run = newsroom.start_run()
    assert announce(newsroom, run, read - HOUR) == [], "that change was read"
    assert announce(newsroom, run, newsroom.now + timedelta(days=2)) == [], "that is no time of a change"
    assert announce(newsroom, run, read + timedelta(days=10)) == [f"{SITE}/a"]


def test_a_change_that_may_have_been_in_the_answer_already_is_not_called_untrue(newsroom: Newsroom) -> None:
    newsroom.follow = replace(newsroom.follow, revisit=())
    newsroom.publish(f"{SITE}/a")
    run, read = newsroom.start_run(), newsroom.now
    newsroom.now += timedelta(minutes=1)
    newsroom.list_links(run, f"{SITE}/rss", f"{SITE}/a", kind=LinkKind.FEED, modified=moment(read))
    [claim] = newsroom.claim(run)
    with newsroom.archive.writing() as tx:
        fetched = newsroom.fetched(claim.url, 304)
        frontier.keep_unchanged(tx, claim, fetched, newsroom.now, newsroom.follow)
    newsroom.now += timedelta(minutes=1)
    assert announce(newsroom, run, newsroom.now) == [f"{SITE}/a"], "the next one is believed at once"


def test_announcements_that_prove_untrue_are_believed_ever_later(newsroom: Newsroom) -> None:
    newsroom.follow = replace(newsroom.follow, revisit=())
    newsroom.publish(f"{SITE}/a")
    run = newsroom.start_run()
    start, visits = newsroom.now, []
    while newsroom.now < start + timedelta(days=60):
        newsroom.now += HOUR
        newsroom.list_links(
            run, f"{SITE}/sitemap.xml", f"{SITE}/a", kind=LinkKind.SITEMAP, modified=moment(newsroom.now)
        )
        for claim in newsroom.claim(run):
            visits.append((newsroom.now - start) // HOUR)
            with newsroom.archive.writing() as tx:
                fetched = newsroom.fetched(claim.url, 304)
                frontier.keep_unchanged(tx, claim, fetched, newsroom.now, newsroom.follow)
    gaps = [after - before for before, after in pairwise(visits)]
    assert gaps == sorted(gaps)
    assert 3 <= len(visits) < 10


def test_a_sitemap_that_says_of_all_pages_that_they_changed_just_now_announces_nothing() -> None:
    shown = [Link(f"{SITE}/{number}", LinkKind.SITEMAP, number, modified=moment(NOW)) for number in range(9)]
    assert links.believed_changes(shown) == {}
    assert len(links.believed_changes(shown[:3])) == 3
    spread = [replace(one, modified=moment(NOW - one.position * HOUR)) for one in shown]
    assert len(links.believed_changes(spread)) == 9


def test_no_claim_scans_a_table(newsroom: Newsroom) -> None:
    """What a claim costs may not grow with what is known."""
    run = newsroom.start_run()
    said: list[tuple[str, Any]] = []

    def listen(_c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:
        said.append((statement, parameters))

    with newsroom.archive.writing() as tx:
        event.listen(tx, "before_cursor_execute", listen)
        frontier.claim_articles(tx, "gazette", run, newsroom.now, 5)
        frontier.release(tx, run)
        frontier.waiting(tx, "gazette", newsroom.now)
        event.remove(tx, "before_cursor_execute", listen)
        plans = [
            row.detail
            for statement, parameters in said
            for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert any("frontier_fresh" in plan for plan in plans), plans
    assert any("frontier_due" in plan for plan in plans), plans
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN")}
    assert scanned.isdisjoint(metadata.tables.keys() - {"host", "host_lease"}), "these are few"
    assert not any("TEMP B-TREE" in plan for plan in plans)


def test_what_a_list_shows_for_the_first_time_is_tried_at_once_where_it_was_gone_before(
    newsroom: Newsroom,
) -> None:
    """A related link may go out before its article does."""
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    [claim] = newsroom.claim(run)
    with newsroom.archive.writing() as tx:
        frontier.keep_gone(tx, claim, newsroom.fetched(claim.url, 404), newsroom.now)
    newsroom.now += timedelta(minutes=1)
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    assert newsroom.claim(run) == [], "shown as before"
    newsroom.list_links(run, f"{SITE}/news", f"{SITE}/a")
    assert [claim.url for claim in newsroom.claim(run)] == [f"{SITE}/a"]


def test_a_server_that_asks_for_patience_gets_it(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    [claim] = newsroom.claim(run)
    with newsroom.archive.writing() as tx:
        frontier.keep_failure(tx, claim, "429", newsroom.now, status=429, retry_after=3 * HOUR)
    newsroom.now += 2 * HOUR
    assert newsroom.claim(run) == []
    newsroom.now += HOUR
    assert len(newsroom.claim(run)) == 1


def test_what_is_no_article_is_counted_by_kind_and_left_alone(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/video")
    [claim] = newsroom.claim(run)
    with newsroom.archive.writing() as tx:
        what = NotArticle(PageKind.VIDEO, "a player and no text")
        frontier.keep_rejected(tx, claim, newsroom.fetched(claim.url), what, newsroom.now)
    newsroom.now += timedelta(days=30)
    assert newsroom.claim(run) == []
    with newsroom.archive.reading() as tx:
        assert tx.execute(select(url.c.kind).where(url.c.id == claim.id)).scalar_one() == "video"


def test_related_links_are_followed_to_their_depth_and_no_further(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    for here, there in (("a", "b"), ("b", "c")):
        [claim] = newsroom.claim(run)
        assert claim.url == f"{SITE}/{here}"
        related = (Link(f"{SITE}/{there}", LinkKind.RELATED, 0, "More"),)
        newsroom.keep(claim, story(claim.url, f"Text of {here}.", related=related))
    assert newsroom.claim(run) == []
    with newsroom.archive.reading() as tx:
        steps = articles.path(tx, f"{SITE}/b")
    assert [(step.url, step.kind) for step in steps] == [
        (f"{SITE}/", LinkKind.LISTING),
        (f"{SITE}/a", LinkKind.RELATED),
    ]


def test_articles_are_fetched_again_after_1_6_24_and_168_hours_and_then_settled(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    [claim] = newsroom.claim(run)
    newsroom.keep(claim, story(claim.url))
    start, visits = newsroom.now, []
    while newsroom.now < start + timedelta(days=20):
        newsroom.now += HOUR
        for claim in newsroom.claim(run):
            visits.append((newsroom.now - start) // HOUR)
            with newsroom.archive.writing() as tx:
                frontier.keep_unchanged(
                    tx, claim, newsroom.fetched(claim.url, 304), newsroom.now, newsroom.follow
                )
    assert visits == [1, 6, 24, 168]


def test_pages_of_a_host_that_another_crawler_holds_wait(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/rss", "https://shared.example/x", kind=LinkKind.FEED)
    other = type(newsroom)(newsroom.archive, holder="crawler-2")
    other.start_run("other", "https://shared.example")
    assert newsroom.claim(run) == []


@pytest.mark.parametrize(
    ("target", "trap"),
    [
        (f"{SITE}/2026/11/20/story", False),
        (f"{SITE}/a/b/a/b/a/b/a/b", True),
        (f"{SITE}/?q=" + "x" * 3000, True),
    ],
)
def test_traps_are_told_by_their_urls(target: str, trap: bool) -> None:
    assert links.is_trap(target) is trap


def test_what_one_source_may_not_reach_waits_for_the_others(newsroom: Newsroom) -> None:
    runs_of = {name: newsroom.start_run(name, f"https://{name}.example") for name in ("first", "second")}
    story_url = "https://second.example/story-0001.html"
    for name, run_id in runs_of.items():
        newsroom.list_links(run_id, f"https://{name}.example/feed", story_url, kind=LinkKind.FEED)
    with newsroom.archive.writing() as tx:
        [claim] = frontier.claim_articles(tx, "first", runs_of["first"], newsroom.now, 10)
        frontier.keep_refused(tx, claim, "a private address", newsroom.now, only_this_source=True)
    with newsroom.archive.writing() as tx:
        assert frontier.claim_articles(tx, "first", runs_of["first"], newsroom.now, 10) == []
        [claim] = frontier.claim_articles(tx, "second", runs_of["second"], newsroom.now, 10)
        frontier.keep_refused(tx, claim, "robots.txt disallows it", newsroom.now)
    with newsroom.archive.writing() as tx:
        for name, run_id in runs_of.items():
            assert frontier.claim_articles(tx, name, run_id, newsroom.now, 10) == []


def test_what_one_source_may_not_reach_is_read_by_one_that_links_to_it_later(newsroom: Newsroom) -> None:
    first, story_url = (
        newsroom.start_run("first", "https://first.example"),
        "https://second.example/story-0001.html",
    )
    newsroom.list_links(first, "https://first.example/feed", story_url, kind=LinkKind.FEED)
    with newsroom.archive.writing() as tx:
        [claim] = frontier.claim_articles(tx, "first", first, newsroom.now, 10)
        frontier.keep_refused(tx, claim, "a private address", newsroom.now, only_this_source=True)
    second = newsroom.start_run("second", "https://second.example")
    newsroom.list_links(second, "https://second.example/feed", story_url, kind=LinkKind.FEED)
    with newsroom.archive.writing() as tx:
        assert frontier.claim_articles(tx, "first", first, newsroom.now, 10) == []
        assert len(frontier.claim_articles(tx, "second", second, newsroom.now, 10)) == 1
