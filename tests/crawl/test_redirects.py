"""Where redirects, meta refreshes and cookies may lead."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from support.project import Project
from support.site import Site, article_html, serving

STORY = "/harbour-plan-passes-50001.html"
FEED = """<rss version="2.0"><channel><title>News</title>{items}</channel></rss>"""
REFRESH = "<script>window.x=1</script><noscript><META http-equiv='refresh' content='0;URL={to}'></noscript>"


def feed(site: Site, *links: str) -> None:
    items = "".join(
        f"<item><title>Harbour plan {link[-9:]}</title><link>{link}</link></item>" for link in links
    )
    site.serve("/feed.xml", FEED.format(items=items), content_type="application/rss+xml")


CROSSING = {"cross_site": True}


@pytest.fixture
def other(project: Project, site: Site) -> Iterator[Site]:
    """A second host that may be crawled, of another site."""
    with serving() as served:
        project.configure(allow=[site.host, served.host])
        served.article(STORY, "Harbour plan passes after a long debate")
        yield served


def test_a_listing_s_link_may_not_lead_to_another_site(project: Project, site: Site, other: Site) -> None:
    site.listing("/news", STORY)
    site.redirect(STORY, other.url + STORY)
    project.add_source("gazette", f"{site.url}/news")
    project.add_source("roaming", f"{site.url}/news", limits=CROSSING, allow_addresses=[other.host])

    summary = project.crawl("gazette")

    assert (summary.new, summary.refused) == (0, 1)
    assert summary.troubles[0].reason.startswith(f"it leads to another site, {other.url}{STORY}; ")
    assert other.asked == [], "not even its robots.txt"


def test_a_source_that_crosses_sites_follows_it(project: Project, site: Site, other: Site) -> None:
    site.listing("/news", STORY)
    site.redirect(STORY, other.url + STORY)
    project.add_source("roaming", f"{site.url}/news", limits=CROSSING, allow_addresses=[other.host])
    assert project.crawl("roaming").new == 1


def test_a_feed_s_link_may_leave_its_site_once(project: Project, site: Site, other: Site) -> None:
    with serving() as third:
        project.configure(allow=[site.host, other.host, third.host])
        once, twice = f"{site.url}/to/50001", f"{site.url}/to/50002"
        feed(site, once, twice)
        site.redirect("/to/50001", other.url + "/moved-50001")
        other.redirect("/moved-50001", other.url + STORY)
        site.redirect("/to/50002", f"{other.url}/on/50002")
        other.redirect("/on/50002", third.url + STORY)
        reach = [other.host, third.host]
        project.add_source("gazette", f"{site.url}/feed.xml", allow_addresses=reach)

        summary = project.crawl("gazette")

        assert (summary.new, summary.refused) == (1, 1)
        assert [trouble.url for trouble in summary.troubles] == [twice]
        assert third.asked == []


def test_a_link_by_meta_refresh_is_followed(project: Project, site: Site, other: Site) -> None:
    """As the feeds of alert services have it."""
    feed(site, f"{site.url}/url?rct=j&url=x")
    site.serve("/url?rct=j&url=x", REFRESH.format(to=other.url + STORY))
    project.add_source("alerts", f"{site.url}/feed.xml", allow_addresses=[other.host])
    assert project.crawl("alerts").new == 1
    assert project.articles()[0].article.title == "Harbour plan passes after a long debate"


def test_a_meta_refresh_leads_no_further_than_a_redirect(project: Project, site: Site, other: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html")
    for path in ("/story-0001.html", "/story-0002.html"):
        site.serve(path, REFRESH.format(to=other.url + STORY))
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").refused == 2
    assert other.asked == []


def test_a_page_that_says_something_is_read_where_it_is(project: Project, site: Site) -> None:
    story = article_html("Harbour plan passes after a long debate")
    own = f"<meta http-equiv=refresh content='0;url={site.url}/story-0001.html'></head>"
    slow = "<meta http-equiv=refresh content='600;url=/news'></head>"
    plain = f"{REFRESH.format(to='/without-scripts.html')}</head>"
    for number, refresh in enumerate((own, slow, plain), 1):
        text = story.replace("plan", f"plan {number}").replace("</head>", refresh)
        site.serve(f"/story-000{number}.html", text)
    site.listing("/news", *(f"/story-000{number}.html" for number in (1, 2, 3)))
    project.add_source("gazette", f"{site.url}/news")
    assert project.crawl("gazette").new == 3
    assert "/without-scripts.html" not in site.paths()


def test_loops_end_with_a_reason(project: Project, site: Site) -> None:
    site.listing("/news", "/story-0001.html", "/story-0002.html", "/story-0003.html")
    site.redirect("/story-0001.html", "/story-0001.html")
    site.serve("/story-0002.html", REFRESH.format(to="/on-0002.html"))
    site.serve("/on-0002.html", REFRESH.format(to="/story-0002.html"))
    site.redirect("/story-0003.html", "javascript:alert(1)")
    project.add_source("gazette", f"{site.url}/news")

    summary = project.crawl("gazette")

    assert summary.failed == 3
    assert {trouble.url.removeprefix(site.url): trouble.reason for trouble in summary.troubles} == {
        "/story-0001.html": "it redirects without end",
        "/story-0002.html": f"one meta refresh leads to the next, at {site.url}/on-0002.html",
        "/story-0003.html": "answered 302 Found",
    }
    assert len(site.paths()) < 12


def test_a_site_that_sets_a_cookie_before_it_answers(project: Project, site: Site) -> None:
    """One jar a run: the cookie is set once, and forgotten when the run has ended."""
    page = article_html("Harbour plan passes after a long debate")

    def answer(request: BaseHTTPRequestHandler) -> None:
        if "seen=1" in (request.headers["Cookie"] or ""):
            body, status = (page + request.path).encode(), 200
        else:
            body, status = b"", 302
        request.send_response(status)
        if status == 302:
            request.send_header("Set-Cookie", "seen=1; Path=/; HttpOnly")
            request.send_header("Location", request.path)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    site.listing("/news", "/story-0001.html", "/story-0002.html")
    site.answers |= {"/story-0001.html": answer, "/story-0002.html": answer}
    project.add_source("gazette", f"{site.url}/news")

    summary = project.crawl("gazette")

    assert summary.failed == 0
    assert project.articles()[0].article.title == "Harbour plan passes after a long debate"
    site.asked.clear()
    project.crawl("gazette")
    assert "Cookie" not in site.asked[0].headers
