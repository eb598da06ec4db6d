"""What is fetched when, and what becomes of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from presswatch.archive import articles, frontier
from presswatch.archive.tables import edge, url
from presswatch.model import Link, LinkKind, NotArticle, PageKind
from support.newsroom import Newsroom, story

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


def test_a_page_that_brings_its_crawler_down_three_times_is_quarantined(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/deadly", f"{SITE}/good")
    for _ in range(3):
        assert f"{SITE}/deadly" in {claim.url for claim in newsroom.claim(run)}
        newsroom.now += 2 * HOUR
        with newsroom.archive.writing() as tx:
            good = select(url.c.id).where(url.c.url == f"{SITE}/good")
            tx.execute(url.update().where(url.c.id == good.scalar_subquery()).values(attempts=0))
    assert [claim.url for claim in newsroom.claim(run)] == [f"{SITE}/good"]
    assert states(newsroom)[f"{SITE}/deadly"] == "quarantined"


def test_failures_are_tried_again_ever_later_and_given_up_after_the_sixth(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/a")
    waits = []
    for _ in range(6):
        [claim] = newsroom.claim(run)
        with newsroom.archive.writing() as tx:
            frontier.keep_failure(tx, claim, "timed out after 30 s", newsroom.now)
            [due] = tx.execute(select(url.c.next_fetch).where(url.c.id == claim.id)).scalars()
        waits.append(due - newsroom.now)
        assert newsroom.claim(run) == []
        newsroom.now = due
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=5)
    assert newsroom.claim(run) == []
    assert states(newsroom)[f"{SITE}/a"] == "quarantined"


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
    assert frontier.is_trap(target) is trap
