"""What a source published before it was added is read: older pages of listings, sitemaps, within a budget."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event

import pytest
from typer.testing import CliRunner

from presswatch import status
from presswatch.archive import articles, backfill, runs
from presswatch.archive.backfill import Backfill
from presswatch.cli import backfills
from presswatch.cli.main import app
from presswatch.watches.match import is_record_late
from support import PATIENCE
from support.project import Project
from support.site import Site, article_html

NOW = datetime.now(UTC)
MAX_AGE = timedelta(days=3)


def story(site: Site, days: float, *, dated: bool = True) -> str:
    """An article published so many days ago, put on the site; its path. Not `dated`: it says no time."""
    path = f"/council-decided-on-matter-{int(days * 10):05}.html"
    page = article_html(f"The council decided on matter {days} in the end")
    time = f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    page = page.replace("2026-11-20T08:00:00Z", time if dated else "")
    site.serve(path, page)
    return path


def listing(
    site: Site,
    path: str,
    days: Sequence[float],
    following: str = "",
    *,
    shown: bool = True,
    dated: bool = True,
) -> None:
    """A page that lists articles of so many days ago, with their times where they are `shown`."""
    rows = "".join(
        f'<li><h2><a href="{story(site, age, dated=dated)}">What the council decided on matter {age}</a></h2>'
        + (
            f'<time datetime="{(NOW - timedelta(days=age)).isoformat()}">then</time></li>'
            if shown
            else "</li>"
        )
        for age in days
    )
    after = f'<a rel="next" href="{following}">Next page</a>' if following else ""
    site.serve(path, f"<html><body><main><ul>{rows}</ul>{after}</main></body></html>")


def paged(site: Site, pages: int, *, shown: bool = True, dated: bool = True) -> None:
    """A listing of two articles for each page; those of page n are 2n and 2n + 1 days old."""
    for page in range(pages):
        path = f"/news?page={page}" if page else "/news"
        following = f"/news?page={page + 1}" if page + 1 < pages else ""
        listing(site, path, [2 * page, 2 * page + 1], following, shown=shown, dated=dated)


def ask(project: Project, id_: str, days: int, *starts: str) -> None:
    with closing(project.archive()) as archive, archive.writing() as tx:
        runs.ensure_sources(tx, [id_], NOW)
        backfill.ask(tx, id_, starts, NOW - timedelta(days=days), NOW)


def state(project: Project, id_: str) -> Backfill:
    with closing(project.archive()) as archive, archive.reading() as tx:
        found = backfill.of(tx, id_)
    assert found is not None
    return found


def said(project: Project, id_: str) -> str:
    with closing(project.archive()) as archive, archive.reading() as tx:
        return backfills.said(status.backfills(tx, datetime.now(UTC))[id_])


def listings_asked(site: Site) -> list[str]:
    return [path for path in site.paths() if path.startswith("/news")]


def ages(project: Project) -> list[int]:
    """How many days old the articles in the archive are."""
    times = [record.article.published for record in project.articles()]
    return sorted(round((NOW - time.instant) / timedelta(days=1)) for time in times if time)


@pytest.mark.parametrize("shown", [True, False])
def test_older_pages_are_read_until_all_on_one_is_too_old(project: Project, site: Site, shown: bool) -> None:
    paged(site, 9, shown=shown)
    project.add_source("gazette", f"{site.url}/news", limits={"listing_pages": 1})
    ask(project, "gazette", 7, f"{site.url}/news")
    project.crawl("gazette")
    assert ages(project)[:7] == [0, 1, 2, 3, 4, 5, 6]
    # Where a listing tells no times, its articles are read to know that they are too old.
    assert len(ages(project)) == (7 if shown else 10)
    assert listings_asked(site)[-1] == "/news?page=4"
    assert state(project, "gazette").ended is not None
    asked = len(site.asked)
    project.crawl("gazette")
    assert set(site.paths()[asked:]) <= {"/news"}, "it is done"


def test_a_run_reads_so_much_and_the_next_goes_on(project: Project, site: Site) -> None:
    paged(site, 5)
    project.add_source("gazette", f"{site.url}/news", limits={"listing_pages": 1, "pages": 4})
    ask(project, "gazette", 30, f"{site.url}/news")
    project.crawl("gazette")
    assert len(project.articles()) < 10
    assert state(project, "gazette").ended is None
    assert "goes on" in said(project, "gazette")
    for _ in range(4):
        project.crawl("gazette")
    assert ages(project) == list(range(10))
    assert listings_asked(site).count("/news?page=3") == 1, "no page is read twice"
    assert said(project, "gazette") == (
        f"the backfill since {NOW - timedelta(days=30):%Y-%m-%d} is done: 5 listing pages read, back to "
        f"{NOW - timedelta(days=9):%Y-%m-%d}, 8 articles found"
    )


def test_it_goes_on_after_a_kill(project: Project, site: Site) -> None:
    paged(site, 5)
    reached, go_on = Event(), Event()
    page = site.answers["/news?page=2"]

    def held(request: BaseHTTPRequestHandler) -> None:
        reached.set()
        go_on.wait(PATIENCE)
        page(request)

    site.answers["/news?page=2"] = held
    project.add_source("gazette", f"{site.url}/news", limits={"listing_pages": 1})
    ask(project, "gazette", 30, f"{site.url}/news")
    child, run_ids = project.begin("gazette")
    assert reached.wait(PATIENCE)
    child.kill()
    child.join()
    go_on.set()
    assert ages(project) == [0, 1, 2, 3]
    with closing(project.archive()) as archive, archive.writing() as tx:
        runs.lost(tx, run_ids, "its crawler was killed", datetime.now(UTC))
    project.resume("gazette", run_ids[0])
    assert ages(project) == list(range(10))
    assert state(project, "gazette").ended is not None
    assert listings_asked(site).count("/news?page=1") == 1, "what was read before the kill is not read again"


def test_what_it_finds_is_no_news_unless_it_says_that_it_is(project: Project, site: Site) -> None:
    paged(site, 4, shown=False, dated=False)
    project.add_source("gazette", f"{site.url}/news", limits={"listing_pages": 1})
    project.crawl("gazette")
    listing(site, "/news", [0, 1, 30], "/news?page=1", shown=False, dated=False)
    ask(project, "gazette", 30, f"{site.url}/news")
    project.crawl("gazette")
    late = {record.url.rsplit("-", 1)[1]: is_record_late(record, MAX_AGE) for record in project.articles()}
    assert late == {
        **{f"{days * 10:05}.html": True for days in range(8)},
        "00300.html": False,  # which the listing's first page shows
    }


def test_what_may_not_be_read_ends_it_and_is_told(project: Project, site: Site) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /news?page=2", content_type="text/plain")
    paged(site, 5)
    project.add_source("gazette", f"{site.url}/news", limits={"listing_pages": 1})
    ask(project, "gazette", 30, f"{site.url}/news")
    summary = project.crawl("gazette")
    assert ages(project) == [0, 1, 2, 3]
    assert "/news?page=2" not in site.paths()
    [left_out] = state(project, "gazette").left_out
    assert left_out.startswith(f"{site.url}/news?page=2: ")
    assert "robots.txt" in left_out
    assert [start.outcome for start in summary.starts] == ["listing"], "no trouble of the source"


def test_reasons_beyond_those_that_are_told_are_counted(project: Project, site: Site) -> None:
    site.serve("/robots.txt", "User-agent: *\nDisallow: /closed", content_type="text/plain")
    paged(site, 1)
    project.add_source("gazette", f"{site.url}/news")
    ask(project, "gazette", 30, *(f"{site.url}/closed{n}" for n in range(25)))
    project.crawl("gazette")
    found = state(project, "gazette")
    assert (len(found.left_out), found.untold, found.ended is None) == (20, 5, False)
    assert said(project, "gazette").endswith("; and for 5 further reasons")


def test_a_page_that_fails_is_asked_for_in_three_runs(project: Project, site: Site) -> None:
    paged(site, 2)
    site.serve("/news?page=1", status=500)
    project.add_source("gazette", f"{site.url}/news", limits={"listing_pages": 1})
    ask(project, "gazette", 30, f"{site.url}/news")
    for tries in (1, 2, 3):
        assert state(project, "gazette").ended is None
        project.crawl("gazette")
        assert listings_asked(site).count("/news?page=1") == tries
    assert state(project, "gazette").left_out == (
        f"{site.url}/news?page=1: answered 500 Internal Server Error",
    )


def sitemap(site: Site, path: str, days: Sequence[float]) -> str:
    rows = "".join(
        f"<url><loc>{site.url}{story(site, age)}</loc>"
        f"<lastmod>{(NOW - timedelta(days=age)).isoformat()}</lastmod></url>"
        for age in days
    )
    site.serve(path, f"<urlset>{rows}</urlset>", content_type="application/xml")
    return f"<sitemap><loc>{site.url}{path}</loc></sitemap>"


def test_sitemaps_of_an_index_are_read_while_they_hold_what_is_young_enough(
    project: Project, site: Site
) -> None:
    rows = [sitemap(site, f"/map-{page}.xml", [3 * page + day for day in range(3)]) for page in range(9)]
    site.serve("/map.xml", f"<sitemapindex>{''.join(rows)}</sitemapindex>", content_type="application/xml")
    project.add_source("gazette", f"{site.url}/map.xml", limits={"listing_pages": 1})
    ask(project, "gazette", 7, f"{site.url}/map.xml")
    project.crawl("gazette")
    told = state(project, "gazette")
    assert ages(project) == [0, 1, 2, 3, 4, 5, 6]
    assert "/map-5.xml" in site.paths()
    assert "/map-6.xml" not in site.paths()
    [left_out] = told.left_out
    assert left_out.startswith(f"3 more sitemaps of {site.url}/map.xml")
    assert told.ended is not None


def test_a_listing_that_repeats_its_last_page_ends(project: Project, site: Site) -> None:
    listing(site, "/news", [0, 1], "/news?page=1", shown=False, dated=False)
    for page in range(1, 9):
        listing(site, f"/news?page={page}", [2, 3], f"/news?page={page + 1}", shown=False, dated=False)
    project.add_source("gazette", f"{site.url}/news", limits={"listing_pages": 1})
    ask(project, "gazette", 30, f"{site.url}/news")
    project.crawl("gazette")
    assert listings_asked(site)[-1] == "/news?page=2"
    assert state(project, "gazette").ended is not None


def test_a_feed_leads_to_its_next_pages_and_other_pages_may_be_named(project: Project, site: Site) -> None:
    for page in range(4):
        path, following = f"/feed?page={page}" if page else "/feed", f"/feed?page={page + 1}"
        entries = "".join(
            f'<entry><title>On matter {age}</title><link href="{site.url}{story(site, age)}"/>'
            f"<published>{(NOW - timedelta(days=age)).isoformat()}</published></entry>"
            for age in (2 * page, 2 * page + 1)
        )
        after = f'<link rel="next" href="{site.url}{following}"/>' if page < 3 else ""
        atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title>{after}{entries}</feed>'
        site.serve(path, atom, content_type="application/atom+xml")
    listing(site, "/archive", [8, 9])
    project.add_source("gazette", f"{site.url}/feed", limits={"listing_pages": 1})
    told = command(project, "sources", "backfill", "gazette", "--since", "30d", f"{site.url}/archive")
    assert "are read by its next runs" in " ".join(told.split())
    project.crawl("gazette")
    assert ages(project) == list(range(10))
    assert "is no address" in command(project, "sources", "backfill", "gazette", "--since", "3d", "archive")


def command(project: Project, *words: str) -> str:
    where = ["--config", str(project.folder), "--data", str(project.data)]
    done = CliRunner().invoke(app, [*where, *words])
    return f"{done.exit_code} {done.output} {done.exception or ''}"


def test_sources_add_asks_for_it_and_so_may_be_asked_later(project: Project, site: Site) -> None:
    paged(site, 3)
    assert "expected a duration" in command(project, "sources", "add", f"{site.url}/news", "--since", "soon")
    assert site.asked == []
    told = command(project, "sources", "add", f"{site.url}/news", "--id", "gazette", "--since", "30d")
    assert "are read by its next runs" in " ".join(told.split())
    assert state(project, "gazette").waiting[0].url == f"{site.url}/news"
    assert "there is no source 'other'" in command(project, "sources", "backfill", "other", "--since", "3d")
    assert "are read by its next runs" in " ".join(
        command(project, "sources", "backfill", "gazette", "--since", "60d").split()
    )
    assert state(project, "gazette").since < NOW - timedelta(days=59)
    assert "is done" in " ".join(command(project, "crawl", "gazette").split())
    with closing(project.archive()) as archive, archive.reading() as tx:
        assert len(articles.since(tx, 0, 100)) == 6
