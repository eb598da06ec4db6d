"""The spider's run loop: what is fetched in which order, what ends a run, and what its summary says."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from presswatch.archive import frontier, runs
from presswatch.archive.tables import RunState
from support.project import Project
from support.site import Site, serving

FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{}</channel></rss>'


def dated_article(site: Site, number: int, date: str) -> str:
    """An article whose only date stands under its title, as the press wrote it; its path."""
    title = f"Number {number} of the stories of this day"
    words = "The ferry was towed away at night, and the harbour is open again to all ships, said the master."
    body = "".join(f"<p>{number}.{place}. {words}</p>" for place in range(6))
    path = f"/story-000{number}.html"
    site.serve(path, f"<html lang=en><title>{title}</title><h1>{title}</h1><p>{date} 10:15</p>{body}")
    return path


def test_start_pages_and_their_next_pages_come_before_articles(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html", following="/news/2")
    site.listing("/news/2", "/story-0003.html")
    site.listing("/sport", "/story-0004.html")
    for number in range(1, 5):
        site.article(f"/story-000{number}.html", f"Number {number} of the stories of this day")
    project.add_source("gazette", f"{site.url}/news", f"{site.url}/sport")
    assert project.crawl("gazette").new == 4
    paths = site.paths()
    assert set(paths[:3]) == {"/news", "/sport", "/news/2"}
    assert len(paths) == 7


def test_a_budget_that_ends_among_the_listings_fetches_nothing_more(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html", following="/news/2")
    site.listing("/news/2", "/story-0003.html")
    project.add_source("gazette", f"{site.url}/news", limits={"pages": 1})
    summary = project.crawl("gazette")
    assert site.paths() == ["/news"]
    assert (summary.left, summary.ended_by) == (2, "pages")
    assert project.run("gazette").state is RunState.FINISHED


def test_a_next_page_that_a_run_did_not_come_to_is_read_by_the_next_run(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html", following="/news/2")
    site.listing("/news/2", "/story-0003.html")
    for number in range(1, 4):
        site.article(f"/story-000{number}.html", f"Number {number} of the stories of this day")
    project.add_source("gazette", f"{site.url}/news", limits={"pages": 1})
    project.crawl("gazette")
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").new == 3, "though the page that leads there is unchanged"
    project.crawl("gazette")
    assert site.paths().count("/news/2") == 1


def test_a_next_page_is_awaited_until_it_is_read_or_failed_too_often(project: Project, site: Site) -> None:
    page, further = f"{site.url}/news", f"{site.url}/news/2"
    project.add_source("gazette", page)
    [run_id] = project.claim("gazette")
    now = datetime.now(UTC)

    def claimed(at: datetime) -> list[frontier.Claim]:
        with closing(project.archive()) as archive, archive.writing() as tx:
            claims = frontier.claim_starts(tx, "gazette", [page], run_id, at)
        return [claim for claim in claims if claim.url != page]

    def wait_for_it() -> None:
        with closing(project.archive()) as archive, archive.writing() as tx:
            frontier.await_page(tx, "gazette", further, now)

    wait_for_it()
    [claim] = claimed(now)
    with closing(project.archive()) as archive, archive.writing() as tx:
        frontier.keep_failure(tx, claim, "answered 500", now)
    assert claimed(now) == [], "it rests"
    [claim] = claimed(now + timedelta(minutes=5))
    with closing(project.archive()) as archive, archive.writing() as tx:
        frontier.record_unchanged(tx, claim)
    assert claimed(now + timedelta(days=40)) == []
    wait_for_it()
    later = now
    for _ in range(frontier.MAX_FAILURES):
        [claim] = claimed(later)
        with closing(project.archive()) as archive, archive.writing() as tx:
            frontier.keep_failure(tx, claim, "answered 500", later)
        later += timedelta(days=1)
    assert claimed(now + timedelta(days=40)) == []


def test_a_start_page_that_failed_too_often_rests_and_the_run_says_so(project: Project, site: Site) -> None:
    project.add_source("gazette", f"{site.url}/news")
    [run_id] = project.claim("gazette")
    now = datetime.now(UTC)
    with closing(project.archive()) as archive:
        for _ in range(frontier.MAX_FAILURES):
            with archive.writing() as tx:
                [claim] = frontier.claim_starts(tx, "gazette", [f"{site.url}/news"], run_id, now)
                frontier.keep_failure(tx, claim, "answered 500", now)
    project.wait(project.start([run_id]))
    run = project.run("gazette")
    assert run.state is RunState.FAILED
    assert run.reason == f"{site.url}/news: it failed too often and is left alone for a day"
    assert [page.outcome for page in project.summary("gazette").starts] == ["resting"]
    assert site.asked == []


def test_pages_of_a_host_that_another_crawler_holds_are_left_and_the_summary_says_so(
    project: Project, site: Site
) -> None:
    with serving() as other:
        project.configure(allow=[site.host, other.host])
        item = f"<item><title>About the bridge</title><link>{other.url}/story-0001.html</link></item>"
        site.serve("/feed", FEED.format(item), content_type="application/rss+xml")
        project.add_source("gazette", f"{site.url}/feed")
        project.add_source("courier", f"{other.url}/")
        project.claim("courier")
        summary = project.crawl("gazette")
        assert (summary.left, summary.ended_by) == (1, "hosts")
        assert other.asked == []


@pytest.mark.parametrize(("written", "date"), [("{0}/12/2025", (4, 3)), ("12/{0}/2025", (3, 4))])
def test_the_order_of_day_and_month_is_learnt_from_the_source_s_other_articles(
    project: Project, site: Site, written: str, date: tuple[int, int]
) -> None:
    known = [dated_article(site, number, written.format(20 + number)) for number in range(1, 6)]
    site.listing("/news", *known)
    project.add_source("gazette", f"{site.url}/news", time_zone="UTC")
    assert project.crawl("gazette").new == len(known)
    site.listing("/news", *known, dated_article(site, 6, "03/04/2026"))
    assert project.crawl("gazette").new == 1
    record = project.article(f"{site.url}/story-0006.html")
    assert record is not None
    assert record.article.published is not None
    instant = record.article.published.instant
    assert (instant.month, instant.day) == date


def test_a_run_whose_articles_cannot_be_kept_ends_with_the_reason(project: Project, site: Site) -> None:
    site.listing("/news", *(f"/story-000{number}.html" for number in range(9)))
    for number in range(9):
        site.article(f"/story-000{number}.html", f"Number {number} of the stories of this day")
    project.add_source("gazette", f"{site.url}/news", limits={"delay": "300ms"})
    with closing(project.archive()) as archive, archive.writing() as tx:
        broken = (
            "CREATE TRIGGER broken BEFORE INSERT ON revision BEGIN SELECT RAISE(ABORT, 'it is broken'); END"
        )
        tx.execute(text(broken))
    project.wait(project.start(project.claim("gazette")))
    run = project.run("gazette")
    assert run.state is RunState.FAILED
    assert "could not be kept" in run.reason
    assert "it is broken" in run.reason
    assert len(site.paths()) < 10, "nothing more was fetched"
    with closing(project.archive()) as archive, archive.reading() as tx:
        assert frontier.waiting(tx, "gazette", datetime.now(UTC) + timedelta(days=1)) == 9
        assert runs.sources(tx)["gazette"].consecutive_failures == 0, "the source is not to blame"
        assert runs.holders(tx, [site.host], datetime.now(UTC)) == {}
