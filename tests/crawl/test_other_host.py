"""Pages that lead to another host: a site that moved, and articles that live with a sister paper."""

from collections.abc import Iterator

import pytest

from support.project import Project
from support.site import Site, serving

CROSSING = {"cross_site": True}


@pytest.fixture
def other(project: Project, site: Site) -> Iterator[Site]:
    """A second host that may be crawled too."""
    with serving() as served:
        project.configure(allow=[site.host, served.host])
        yield served


def test_a_listing_that_moved_to_another_site_is_told(project: Project, site: Site, other: Site) -> None:
    site.redirect("/news", f"{other.url}/news")
    other.listing("/news", "/story-0001.html", "/story-0002.html", "/story-0003.html")
    for number in (1, 2, 3):
        other.article(f"/story-000{number}.html", f"What the council said on day {number}")
    project.add_source("gazette", f"{site.url}/news", allow_addresses=[other.host])
    project.add_source("roaming", f"{site.url}/news", limits=CROSSING, allow_addresses=[other.host])

    project.crawl("gazette")

    # Not silently nothing: its links are of a site that nobody named.
    assert (
        f"it leads to another site; if it moved, start at {other.url}/news" in project.run("gazette").reason
    )
    assert project.articles() == []
    assert project.crawl("roaming").new == 3


def test_a_feed_is_followed_wherever_it_leads(project: Project, site: Site, other: Site) -> None:
    item = f"<item><title>What the council said</title><link>{site.url}/story-0001.html</link></item>"
    other.serve("/feed", f"<rss><channel>{item}</channel></rss>", content_type="application/xml")
    site.redirect("/feed", f"{other.url}/feed")
    site.article("/story-0001.html", "What the council said on the day it moved")
    project.add_source("gazette", f"{site.url}/feed", allow_addresses=[other.host])
    assert project.crawl("gazette").new == 1


def test_an_article_that_moved_to_another_host_is_one_record(
    project: Project, site: Site, other: Site
) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html", "/story-0003.html")
    site.redirect("/story-0001.html", f"{other.url}/moved-story-0001.html")
    site.redirect("/story-0002.html", f"{other.url}/moved-story-0001.html")
    site.article("/story-0003.html", "What the council said on another day")
    other.article("/moved-story-0001.html", "What the council said on the day it moved")
    project.add_source("gazette", f"{site.url}/news", limits=CROSSING, allow_addresses=[other.host])

    summary = project.crawl("gazette")

    assert (summary.new, summary.failed) == (2, 0)
    moved = f"{other.url}/moved-story-0001.html"
    assert {record.url for record in project.articles()} == {moved, f"{site.url}/story-0003.html"}
    for number in (1, 2):
        record = project.article(f"{site.url}/story-000{number}.html")
        assert record is not None
        assert record.url == moved, "either address leads to it"


def test_the_rules_of_the_host_that_it_leads_to_count(project: Project, site: Site, other: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html", "/story-0003.html")
    other.serve("/robots.txt", "User-agent: *\nDisallow: /", content_type="text/plain")
    for number in (1, 2, 3):
        site.redirect(f"/story-000{number}.html", f"{other.url}/story-000{number}.html")
    project.add_source("gazette", f"{site.url}/news", limits=CROSSING, allow_addresses=[other.host])

    summary = project.crawl("gazette")

    assert (summary.new, summary.refused) == (0, 3)
    assert other.paths() == []
    assert {trouble.reason for trouble in summary.troubles} == {"robots.txt disallows it"}
