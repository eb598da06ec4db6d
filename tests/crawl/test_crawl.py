"""A source from its start pages into the archive, over HTTP and with the real child process."""

import gzip
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

from crawler.extract import EXTRACTOR
from presswatch.archive import articles, known_urls, overview
from presswatch.archive.tables import RunState, UrlState
from presswatch.model import Hints, LinkKind, PageKind
from support.project import Project
from support.site import Site, article_html

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>"""


def feed(*links: str) -> str:
    items = "".join(f"<item><title>About {link}</title><link>{link}</link></item>" for link in links)
    return FEED.format(items=items)


def sitemap(*links: str, kind: str = "urlset") -> str:
    inner = "url" if kind == "urlset" else "sitemap"
    rows = "".join(f"<{inner}><loc>{link}</loc></{inner}>" for link in links)
    return f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{kind}>'


def test_listing_to_articles(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.article("/story-0002.html", "A new school for the northern quarter")
    project.add_source("gazette", f"{site.url}/news")

    summary = project.crawl("gazette")

    assert (summary.new, summary.failed, summary.pages) == (2, 0, 3)
    assert [(page.outcome, page.links, page.fresh) for page in summary.starts] == [("listing", 2, 2)]
    assert project.run("gazette").state == RunState.FINISHED
    record = project.article(f"{site.url}/story-0001.html")
    assert record is not None
    assert record.article.title == "The bridge over the river will be closed"
    assert record.source == "gazette"
    assert [step.kind for step in record.path] == [LinkKind.LISTING]


def test_pdfs_are_counted_and_not_asked_for(project: Project, site: Site) -> None:
    rows = "".join(
        f'<li><a href="{path}">What the council decided on matter {path}</a></li>'
        for path in ("/story-0001.html", "/story-0002.html", "/release-0003.pdf", "/release-0004.pdf")
    )
    site.serve("/news", f"<html><body><main><ul>{rows}</ul></main></body></html>")
    site.serve("/feed", feed(f"{site.url}/release-0004.pdf", f"{site.url}/paper"), content_type="text/xml")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.article("/story-0002.html", "A new school for the northern quarter")
    site.serve("/paper", b"%PDF-1.7 ...", content_type="application/pdf")
    project.add_source("gazette", f"{site.url}/news", f"{site.url}/feed")

    assert project.crawl("gazette").rejected == {"PDF, not read": 3}
    assert not [path for path in site.paths() if path.endswith(".pdf")]
    assert project.crawl("gazette").rejected == {}, "only what is new is counted"
    with closing(project.archive()) as archive, archive.reading() as tx:
        numbers = overview.by_source(tx, datetime.now(UTC))["gazette"]
        [known] = known_urls.find(tx, f"{site.url}/release-0003.pdf")
    assert dict(numbers.rejected) == {"PDF, not read": 3}
    assert (known.state, known.kind, known.next_fetch) == (UrlState.REJECTED, PageKind.PDF, None)


def test_start_pages_of_all_kinds_in_one_run(project: Project, site: Site) -> None:
    for path in ("/story-0001.html", "/story-0002.html", "/story-0003.html", "/story-0004.html"):
        site.article(path, f"The story that stands at {path} in the paper")
    site.listing("/news", "/story-0001.html")
    site.serve("/feed", feed(f"{site.url}/story-0002.html"), content_type="application/rss+xml")
    site.serve(
        "/sitemap.xml", sitemap(f"{site.url}/map.xml.gz", kind="sitemapindex"), content_type="text/xml"
    )
    packed = gzip.compress(sitemap(f"{site.url}/story-0003.html", f"{site.url}/story-0004.html").encode())
    site.serve("/map.xml.gz", packed, content_type="application/gzip")
    project.add_source("gazette", f"{site.url}/news", f"{site.url}/feed", f"{site.url}/sitemap.xml")

    summary = project.crawl("gazette")

    assert summary.new == 4
    found = {record.url.rsplit("/", 1)[1]: record.found for record in project.articles()}
    assert found == {
        "story-0001.html": LinkKind.LISTING,
        "story-0002.html": LinkKind.FEED,
        "story-0003.html": LinkKind.SITEMAP,
        "story-0004.html": LinkKind.SITEMAP,
    }
    assert {(page.outcome, page.fresh) for page in summary.starts} == {
        ("listing", 1),
        ("feed", 1),
        ("sitemap", 0),
        ("sitemap", 2),
    }


def test_related_links_are_followed_within_depth_and_site(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html")
    site.article(
        "/story-0001.html",
        "The first of a chain of articles",
        "/story-0002.html",
        "https://elsewhere.example/x",
    )
    site.article("/story-0002.html", "The second of a chain of articles", "/story-0003.html")
    site.article("/story-0003.html", "The third of a chain of articles", "/story-0004.html")
    project.add_source("gazette", f"{site.url}/news", limits={"related_depth": 2})

    summary = project.crawl("gazette")

    assert summary.new == 3
    assert "/story-0004.html" not in site.paths()
    assert summary.failed == summary.refused == 0, "the other site was not even asked"
    third = project.article(f"{site.url}/story-0003.html")
    assert third is not None
    assert [(step.url, step.kind) for step in third.path] == [
        (f"{site.url}/news", LinkKind.LISTING),
        (f"{site.url}/story-0001.html", LinkKind.RELATED),
        (f"{site.url}/story-0002.html", LinkKind.RELATED),
    ]


def test_pagination_goes_on_while_it_brings_news(project: Project, site: Site) -> None:
    for page in range(1, 6):
        site.listing(f"/news/{page}", f"/story-000{page}.html", following=f"/news/{page + 1}")
        site.article(f"/story-000{page}.html", f"What happened on day {page} of the week")
    project.add_source("gazette", f"{site.url}/news/1", limits={"listing_pages": 3})

    assert project.crawl("gazette").new == 3
    assert [path for path in site.paths() if path.startswith("/news")] == ["/news/1", "/news/2", "/news/3"]

    site.asked.clear()
    site.listing("/news/1", "/story-0000.html", "/story-0001.html", following="/news/2")
    site.article("/story-0000.html", "What happened on the newest day of the week")
    site.listing("/news/2", "/story-0001.html", "/story-0002.html", following="/news/3")
    assert project.crawl("gazette").new == 1
    assert site.paths() == ["/news/1", "/news/2", "/story-0000.html"], (
        "page 2 brought nothing new, and nothing is read twice"
    )


def test_the_page_budget_is_kept_and_the_rest_is_next(project: Project, site: Site) -> None:
    links = [f"/story-000{place}.html" for place in range(8)]
    site.listing("/news", *links)
    for link in links:
        site.article(link, f"The story that stands at {link} in the paper")
    project.add_source("gazette", f"{site.url}/news", limits={"pages": 4})

    first = project.crawl("gazette")
    assert (first.pages, first.new, first.left, first.ended_by) == (4, 3, 5, "pages")
    assert project.crawl("gazette").new == 3
    last = project.crawl("gazette")
    assert (last.new, last.left, last.ended_by) == (2, 0, "")


def test_the_time_budget_is_kept_and_the_rest_is_next(project: Project, site: Site) -> None:
    links = [f"/story-00{place:02}.html" for place in range(40)]
    site.listing("/news", *links)
    for link in links:
        site.article(link, f"The story that stands at {link} in the paper")
    project.add_source("gazette", f"{site.url}/news", limits={"pages": 2})
    # What the listing and one article take on this machine, as busy as it is.
    control = project.crawl("gazette")
    assert (control.new, control.left) == (1, 39)

    # The budget holds the limits of a page and the turns of the eight that a run may hold: six times what a
    # page takes here. All pages would take twice the budget.
    page = max(1.0, control.seconds)
    budget = 9 * page
    times = {"run_time": budget, "timeout": page, "read_time": page, "delay": page / 2}
    project.configure(allow=[site.host], **{key: f"{1000 * value:.0f}ms" for key, value in times.items()})
    project.add_source("gazette", f"{site.url}/news")
    summary = project.crawl("gazette")

    assert project.run("gazette").state == RunState.FINISHED
    assert summary.ended_by == "time"
    assert summary.new > 0
    assert summary.new + summary.left == 39
    assert summary.seconds < budget + page

    project.configure(allow=[site.host])
    assert project.crawl("gazette").new == summary.left


def test_unchanged_pages_are_not_sent_again(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    project.add_source("gazette", f"{site.url}/news")
    site.validate("/news", etag='"v1"', last_modified="Fri, 20 Nov 2026 11:00:00 GMT")
    project.crawl("gazette")

    summary = project.crawl("gazette")

    asked = [one for one in site.asked if one.path == "/news"][-1]
    assert asked.headers["If-None-Match"] == '"v1"'
    assert asked.headers["If-Modified-Since"] == "Fri, 20 Nov 2026 11:00:00 GMT"
    assert [page.outcome for page in summary.starts] == ["unchanged"]
    assert site.paths().count("/story-0001.html") == 1, "an article that is not due is left alone"


def test_an_unchanged_index_does_not_hide_its_sitemaps(project: Project, site: Site) -> None:
    site.serve("/sitemap.xml", sitemap(f"{site.url}/map.xml", kind="sitemapindex"), content_type="text/xml")
    site.validate("/sitemap.xml", etag='"v1"', last_modified="Fri, 20 Nov 2026 11:00:00 GMT")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.article("/story-0002.html", "A new school for the northern quarter")
    site.serve("/map.xml", sitemap(f"{site.url}/story-0001.html"), content_type="text/xml")
    project.add_source("gazette", f"{site.url}/sitemap.xml")
    project.crawl("gazette")
    both = sitemap(f"{site.url}/story-0002.html", f"{site.url}/story-0001.html")
    site.serve("/map.xml", both, content_type="text/xml")
    assert project.crawl("gazette").new == 1


def test_a_changed_article_becomes_a_revision_and_a_vanished_one_is_marked(
    project: Project, site: Site
) -> None:
    project.configure(allow=[site.host], revisit=["2s", "1d"])
    site.listing("/news", "/story-0001.html", "/story-0002.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.article("/story-0002.html", "A new school for the northern quarter")
    project.add_source("gazette", f"{site.url}/news")
    project.crawl("gazette")
    site.article("/story-0001.html", "The bridge over the river will stay open")
    del site.answers["/story-0002.html"]
    project.wait_until_due("gazette", 2)

    summary = project.crawl("gazette")

    assert (summary.revised, summary.gone) == (1, 1)
    changed, vanished = (
        project.article(f"{site.url}/story-0001.html"),
        project.article(f"{site.url}/story-0002.html"),
    )
    assert changed is not None
    assert vanished is not None
    assert (changed.revision, changed.article.title) == (2, "The bridge over the river will stay open")
    assert vanished.vanished is not None


def test_redirects_are_followed_and_remembered_as_aliases(project: Project, site: Site) -> None:
    site.listing("/news", "/old-story-0001.html")
    site.redirect("/old-story-0001.html", f"{site.url}/new-story-0001.html?utm_source=feed#top")
    site.serve(
        "/new-story-0001.html?utm_source=feed", article_html("The bridge over the river will be closed")
    )
    project.add_source("gazette", f"{site.url}/news")

    assert project.crawl("gazette").new == 1
    record = project.article(f"{site.url}/old-story-0001.html")
    assert record is not None
    assert record.url == f"{site.url}/new-story-0001.html"


def test_two_sources_on_one_host_are_polite_together(project: Project, site: Site) -> None:
    project.configure(allow=[site.host], delay="200ms")
    for name in ("one", "two"):
        site.listing(f"/{name}", f"/{name}/story-0001.html")
        site.article(f"/{name}/story-0001.html", f"The story that paper {name} has today")
        project.add_source(name, f"{site.url}/{name}")

    project.crawl("one", "two")

    assert len(project.articles()) == 2
    # A server on a busy machine notices some requests late.
    times = [asked.at for asked in site.asked]
    assert times[-1] - times[0] > 0.2 * (len(times) - 1) / 2
    assert [one.path for one in site.asked].count("/robots.txt") == 1


def test_who_we_are(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html")
    project.add_source("gazette", f"{site.url}/news")
    project.crawl("gazette")
    for asked in site.asked:
        assert asked.headers["User-Agent"].startswith("presswatch/")
        assert "desk@gazette.example" in asked.headers["User-Agent"]
        assert "Cookie" not in asked.headers
        assert "Referer" not in asked.headers


def test_an_edit_that_meets_another_extractor_is_a_revision_and_its_reading_alone_is_none(
    project: Project, site: Site
) -> None:
    project.configure(allow=[site.host], revisit=["2s", "1d"])
    site.listing("/news", "/story-0001.html", "/story-0002.html")
    site.article("/story-0001.html", "The bridge over the river will be closed")
    site.article("/story-0002.html", "A new school for the northern quarter")
    project.add_source("gazette", f"{site.url}/news")
    project.crawl("gazette")
    # Both stand in the archive as an older extractor read them.
    with closing(project.archive()) as archive, archive.writing() as tx:
        for record in articles.since(tx, 0, 10):
            older = replace(record.article, summary="Share this article with your friends!")
            articles.replace_reading(tx, record.id, older, "older", Hints())
    site.article("/story-0001.html", "The bridge over the river will stay open")
    site.article("/story-0002.html", "A new school for the northern quarter", "/story-0001.html")
    project.wait_until_due("gazette", 2)

    summary = project.crawl("gazette")

    assert (summary.revised, summary.failed) == (1, 0)
    edited, same = (
        project.article(f"{site.url}/story-0001.html"),
        project.article(f"{site.url}/story-0002.html"),
    )
    assert edited is not None
    assert same is not None
    assert (edited.revision, edited.extractor, edited.article.summary) == (2, EXTRACTOR, "")
    assert (same.revision, same.extractor, same.article.summary) == (1, EXTRACTOR, "")
