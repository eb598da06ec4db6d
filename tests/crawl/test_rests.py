"""Hosts that ask us to stay away, or to come more slowly."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from presswatch.archive import sites
from presswatch.archive.sites import HostRest
from presswatch.archive.tables import RunState, UrlState, host, url
from support.newsroom import make_due
from support.project import Project
from support.site import Site, serving

STORIES = [f"/story-{number:04}.html" for number in range(1, 9)]


def press(site: Site) -> None:
    site.listing("/news", *STORIES)
    for place, path in enumerate(STORIES):
        site.article(path, f"What the council said on day {place} at {site.port}")


CROSSING = {"cross_site": True}


@pytest.fixture
def other(project: Project, site: Site) -> Iterator[Site]:
    with serving() as served:
        project.configure(allow=[site.host, served.host])
        press(served)
        yield served


def end_rests(project: Project) -> None:
    with closing(project.archive()) as archive, archive.writing() as tx:
        tx.execute(update(host).values(rest_until=datetime.now(UTC)))


@pytest.mark.parametrize("status", [429, 503])
def test_the_whole_host_rests_at_once(project: Project, site: Site, other: Site, status: int) -> None:
    """Nothing more is asked of it; what was claimed waits, uncounted, and is read when the rest is over."""
    press(site)
    site.serve(STORIES[2], "", status=status, headers={"Retry-After": "3600"})
    project.add_source("gazette", f"{site.url}/news")
    project.add_source("herald", f"{other.url}/news")

    project.crawl("gazette", "herald")

    assert project.summary("herald").new == len(STORIES), "other hosts are unaffected"
    summary = project.summary("gazette")
    assert site.paths()[-1] == STORIES[2], "not one request after it"
    assert summary.failed == 1
    assert project.run("gazette").state == RunState.FINISHED
    with closing(project.archive()) as archive, archive.reading() as tx:
        [asked] = sites.resting(tx, datetime.now(UTC))
        attempts = {row.url: row.attempts for row in tx.execute(select(url).where(url.c.scope == ""))}
        leased = tx.execute(select(url.c.url).where(url.c.run.is_not(None))).all()
    assert asked.host == site.host
    assert asked.reason.startswith(f"answered {status} ")
    assert timedelta(minutes=55) < asked.until - datetime.now(UTC) <= timedelta(hours=1)
    assert leased == []
    assert {link for link, count in attempts.items() if count and link.startswith(site.url)} == {
        site.url + STORIES[2]
    }

    site.asked.clear()
    site.article(STORIES[2], "What the council said after its rest")
    assert project.claim("gazette") == [], "a source whose hosts all rest waits"
    end_rests(project)
    [run_id] = project.claim("gazette")
    with closing(project.archive()) as archive, archive.writing() as tx:
        make_due(tx, datetime.now(UTC))
    project.wait(project.start([run_id]))
    assert len(project.articles()) == 2 * len(STORIES)


def test_a_listing_that_asks_for_rest(project: Project, site: Site) -> None:
    press(site)
    project.add_source("gazette", f"{site.url}/news", f"{site.url}/more")
    site.serve("/news", "", status=429, headers={"Retry-After": "60"})
    summary = project.crawl("gazette")
    assert site.paths() == ["/news"]
    assert {page.url.removeprefix(site.url): page.outcome for page in summary.starts} == {
        "/news": "failed",
        "/more": "resting",
    }


def test_a_robots_txt_that_asks_for_rest(project: Project, site: Site) -> None:
    press(site)
    project.add_source("gazette", f"{site.url}/news")
    site.serve("/robots.txt", "", status=503, headers={"Retry-After": "60"})
    project.crawl("gazette")
    assert [one.path for one in site.asked] == ["/robots.txt"]
    with closing(project.archive()) as archive, archive.reading() as tx:
        assert [rest.host for rest in sites.resting(tx, datetime.now(UTC))] == [site.host]


def test_a_redirect_to_a_host_that_rests_waits(project: Project, site: Site, other: Site) -> None:
    """Learnt from the archive: it was another crawler that was asked to stay away."""
    site.listing("/news", *STORIES[:2])
    site.redirect(STORIES[0], other.url + STORIES[0])
    site.article(STORIES[1], "What the council said on another day")
    project.add_source("gazette", f"{site.url}/news", limits=CROSSING, allow_addresses=[other.host])
    later = datetime.now(UTC) + timedelta(hours=2)
    with closing(project.archive()) as archive, archive.writing() as tx:
        sites.rest_host(tx, HostRest(other.host, later, "answered 429 Too Many Requests"))

    summary = project.crawl("gazette")

    assert (summary.new, summary.failed, summary.refused) == (1, 0, 0)
    assert other.asked == []
    assert "rests until" in summary.troubles[0].reason
    with closing(project.archive()) as archive, archive.reading() as tx:
        waiting = tx.execute(select(url).where(url.c.url == site.url + STORIES[0])).one()
    assert (waiting.state, waiting.attempts, waiting.next_fetch) == (UrlState.PENDING, 0, later)


def test_crawl_delay_is_honoured(project: Project, site: Site) -> None:
    site.listing("/news", *STORIES[:2])
    for path in STORIES[:2]:
        site.article(path, f"What the council said of {path}")
    site.serve("/robots.txt", "User-agent: *\nCrawl-delay: 1.5", content_type="text/plain")
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").new == 2
    times = [asked.at for asked in site.asked]
    # A server on a busy machine notices some requests late. Without the rule it would be nearly nothing.
    assert times[-1] - times[0] > 1.5 * (len(times) - 1) / 2
