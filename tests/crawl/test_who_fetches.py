"""A URL belongs to no source, and no failure is final: on real servers, with real crawlers."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event

import pytest
from sqlalchemy import select, update

from presswatch.archive import known_urls, runs
from presswatch.archive.known_urls import KnownUrl
from presswatch.archive.tables import frontier, url
from support import PATIENCE
from support.project import Project
from support.site import Site, serving

ITEM = (
    "<item><title>About {0}</title><link>{0}</link><pubDate>{1:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
)
OLD = datetime(2019, 5, 6, tzinfo=UTC)


def feed(site: Site, links: list[str], date: datetime) -> None:
    items = "".join(ITEM.format(link, date) for link in links)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Press</title>{items}</channel></rss>'
    site.serve("/rss", body, content_type="application/rss+xml")


@pytest.fixture
def other(project: Project, site: Site) -> Iterator[Site]:
    with serving() as served:
        project.configure(allow=[site.host, served.host])
        yield served


def known(project: Project, address: str) -> KnownUrl:
    with closing(project.archive()) as archive, archive.reading() as tx:
        [one] = known_urls.find(tx, address)
        return one


def let_time_pass(project: Project, by: timedelta) -> None:
    """Everything that waits is as much closer to its time, and everything that happened is so long ago."""
    with closing(project.archive()) as archive, archive.writing() as tx:
        for table, columns in ((url, ("next_fetch", "tried", "fetched")), (frontier, ("next_fetch",))):
            rows = tx.execute(select(table)).all()
            for row in rows:
                moved = {name: getattr(row, name) - by for name in columns if getattr(row, name)}
                keys = [column == getattr(row, column.name) for column in table.primary_key]
                if moved:
                    tx.execute(update(table).where(*keys).values(**moved))


def test_what_another_sources_feed_names_with_old_dates_is_read_as_new(
    project: Project, site: Site, other: Site
) -> None:
    """B's feed names A's pages with dates of years ago and B may read little; A lists them today."""
    pages = [f"/story-{number:04}.html" for number in range(1, 7)]
    for place, page in enumerate(pages):
        site.article(page, f"What the council decided on day {place} of this week")
    feed(other, [site.url + page for page in pages], OLD)
    project.add_source("b", f"{other.url}/rss", limits={"pages": 1})
    site.listing("/news", *pages[:3])
    project.add_source("a", f"{site.url}/news", limits={"pages": 4})
    assert project.crawl("b").new == 0

    assert project.crawl("a").new == 3

    assert {record.source for record in project.articles()} == {"a"}
    assert {record.url for record in project.articles()} == {site.url + page for page in pages[:3]}
    assert all(record.sources == ("a", "b") for record in project.articles())


def test_a_page_that_answers_503_for_forty_hours_is_read_when_it_is_well(
    project: Project, site: Site
) -> None:
    site.listing("/news", "/story-0001.html")
    site.serve("/story-0001.html", "", status=503)
    project.add_source("gazette", f"{site.url}/news")
    page = f"{site.url}/story-0001.html"
    for _ in range(10):
        project.crawl("gazette")
        let_time_pass(project, timedelta(hours=4))
    now = datetime.now(UTC)
    waiting = known(project, page)
    assert waiting.next_fetch is not None
    assert waiting.next_fetch - now <= timedelta(days=30)
    assert site.paths().count("/story-0001.html") >= 5
    site.article("/story-0001.html", "The bridge over the river will be closed")
    let_time_pass(project, timedelta(hours=6))

    assert project.crawl("gazette").new == 1


def test_a_page_with_which_three_crawlers_were_killed_is_read_later(project: Project, site: Site) -> None:
    asked = Event()

    def hold(_request: BaseHTTPRequestHandler) -> None:
        asked.set()
        Event().wait(PATIENCE)

    project.configure(allow=[site.host], timeout="1h")
    site.listing("/news", "/story-0001.html")
    site.answers["/story-0001.html"] = hold
    project.add_source("gazette", f"{site.url}/news")
    page = f"{site.url}/story-0001.html"
    for _ in range(3):
        asked.clear()
        child, [run_id] = project.begin("gazette")
        assert asked.wait(PATIENCE)
        child.kill()
        child.join(PATIENCE)
        with closing(project.archive()) as archive, archive.writing() as tx:
            runs.lost(tx, [run_id], "its crawler died", datetime.now(UTC))
            assert runs.sources(tx)["gazette"].consecutive_failures == 0
    quarantined = known(project, page)
    assert (quarantined.state, quarantined.crashes) == ("quarantined", 3)
    assert quarantined.next_fetch is not None
    assert quarantined.next_fetch - datetime.now(UTC) <= timedelta(days=1)
    site.article("/story-0001.html", "The bridge over the river will be closed")
    assert project.crawl("gazette").new == 0, "it rests"
    let_time_pass(project, timedelta(hours=6))

    assert project.crawl("gazette").new == 1, "it was listed again"


def test_pages_that_fail_take_a_small_part_of_a_run(project: Project, site: Site) -> None:
    pages = [f"/story-{number:04}.html" for number in range(30)]
    site.listing("/news", *pages)
    for page in pages:
        site.serve(page, "", status=500)
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").failed == 30
    let_time_pass(project, timedelta(hours=7))
    site.asked.clear()
    assert project.crawl("gazette").failed == 1, "one, when there is nothing else"
    for page in pages:
        site.article(page, f"What the council decided of {page}")
    let_time_pass(project, timedelta(hours=7))
    assert project.crawl("gazette").new == 30, "those that are had make room for the others"


def test_pages_that_are_no_articles_do_not_use_up_the_budget(project: Project, site: Site) -> None:
    tags = [f"/tags/word-{number}" for number in range(8)]
    pages = [f"/story-{number:04}.html" for number in range(8)]
    feed(site, [site.url + page for page in (*tags, *pages)], datetime.now(UTC))
    for tag in tags:
        site.listing(tag, *pages)
    for page in pages:
        site.article(page, f"What the council decided of {page}")
    project.add_source("gazette", f"{site.url}/rss", limits={"pages": 12})
    summary = project.crawl("gazette")
    assert sum(summary.rejected.values()) == 8
    assert summary.new >= 7


def test_a_settled_article_that_a_sitemap_says_has_changed_is_read(project: Project, site: Site) -> None:
    project.configure(allow=[site.host], revisit=[])
    page = f"{site.url}/story-0001.html"
    site.article("/story-0001.html", "The bridge over the river will be closed")
    sitemap(site, page, datetime.now(UTC) - timedelta(days=9))
    project.add_source("gazette", f"{site.url}/sitemap.xml")
    assert project.crawl("gazette").new == 1
    assert known(project, page).next_fetch is None
    site.article("/story-0001.html", "The bridge over the river stays open after all")
    let_time_pass(project, timedelta(days=8))
    sitemap(site, page, datetime.now(UTC) - timedelta(hours=1))

    assert project.crawl("gazette").revised == 1


def sitemap(site: Site, page: str, changed: datetime) -> None:
    entry = f"<url><loc>{page}</loc><lastmod>{changed.isoformat()}</lastmod></url>"
    xmlns = "http://www.sitemaps.org/schemas/sitemap/0.9"
    site.serve("/sitemap.xml", f'<urlset xmlns="{xmlns}">{entry}</urlset>', content_type="application/xml")
