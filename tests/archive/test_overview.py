"""What an operator is shown of every source."""

from datetime import timedelta

from presswatch.archive import frontier, overview, runs
from presswatch.archive.overview import Numbers, Totals
from presswatch.archive.tables import RunState
from presswatch.model import NotArticle, PageKind
from support.newsroom import Newsroom

SITE = "https://gazette.example"


def look(newsroom: Newsroom, span: timedelta = timedelta(days=1)) -> dict[str, Numbers]:
    with newsroom.archive.reading() as tx:
        return overview.by_source(tx, newsroom.now - span)


def test_a_source_that_was_never_crawled_has_no_numbers(newsroom: Newsroom) -> None:
    assert look(newsroom) == {}


def test_pages_are_counted_by_what_became_of_them(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", *(f"{SITE}/{name}" for name in "abcde"))
    first, second, third, fourth = newsroom.claim(run, limit=4)
    with newsroom.archive.writing() as tx:
        for claim in (first, second):
            fetched = newsroom.fetched(claim.url)
            frontier.keep_rejected(
                tx, claim, fetched, NotArticle(PageKind.LOGIN, "asks to sign in"), newsroom.now
            )
        frontier.keep_refused(tx, third, "robots.txt disallows it", newsroom.now)
        frontier.keep_failure(tx, fourth, "answered 500", newsroom.now)
    assert look(newsroom)["gazette"] == Numbers(
        due=1,
        rejected={str(PageKind.LOGIN): 2},
        unread={"robots.txt disallows it": 1, "answered 500": 1},
        run=RunState.RUNNING,
    )


def test_articles_are_counted_in_all_and_since_an_instant(newsroom: Newsroom) -> None:
    newsroom.publish(f"{SITE}/old")
    newsroom.now += timedelta(days=2)
    newsroom.publish(f"{SITE}/new", "Other words.")
    numbers = look(newsroom)["gazette"]
    assert (numbers.articles, numbers.fresh, numbers.run) == (2, 1, None)
    with newsroom.archive.reading() as tx:
        assert overview.articles(tx) == 2


def test_a_run_that_waits_is_seen_before_it_is_claimed(newsroom: Newsroom) -> None:
    with newsroom.archive.writing() as tx:
        runs.ensure_sources(tx, ["gazette"], newsroom.now)
        runs.plan(tx, "gazette", newsroom.now)
    assert look(newsroom)["gazette"].run == RunState.DUE


def test_the_whole_archive_in_numbers(newsroom: Newsroom) -> None:
    newsroom.publish(f"{SITE}/old")
    newsroom.now += timedelta(hours=2)
    newsroom.publish(f"{SITE}/old", "The press wrote other words.")
    newsroom.publish(f"{SITE}/new", "Something else.")
    with newsroom.archive.reading() as tx:
        totals = overview.totals(tx)
    assert totals == Totals(articles=2, sources=1, revised=1, indexed=0)


def test_articles_found_since_an_instant_by_source(newsroom: Newsroom) -> None:
    newsroom.publish(f"{SITE}/old")
    newsroom.now += timedelta(days=2)
    newsroom.publish(f"{SITE}/new", "Other words.")
    with newsroom.archive.reading() as tx:
        assert overview.found_since(tx, newsroom.now) == {"gazette": 1}


def test_articles_are_counted_by_spans_of_a_day_the_oldest_first(newsroom: Newsroom) -> None:
    def found(days: int, source: str | None = None) -> dict[str, list[int]]:
        with newsroom.archive.reading() as tx:
            return overview.found_by_day(tx, newsroom.now, days, source)

    assert found(3) == {}
    newsroom.publish(f"{SITE}/one", "One thing happened at the harbour.", title="One")
    assert found(3) == {"gazette": [0, 0, 1]}
    newsroom.now += timedelta(days=1) - timedelta(seconds=1)
    assert found(3) == {"gazette": [0, 0, 1]}
    newsroom.now += timedelta(seconds=1)
    newsroom.publish(f"{SITE}/two", "Another was built on the hill.", title="Two")
    newsroom.publish(f"{SITE}/three", "Nobody knows what the third was.", title="Three")
    assert found(3, "gazette") == {"gazette": [0, 1, 2]}
    assert found(3, "herald") == {}
    newsroom.now -= timedelta(days=9)
    assert found(3) == {"gazette": [0, 0, 3]}, "a clock that was ahead is no fault"
    newsroom.now += timedelta(days=12)
    assert found(3) == {}
