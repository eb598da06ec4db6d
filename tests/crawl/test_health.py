"""A real redesign on a real site is noticed by what the runs brought."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

from presswatch import config
from presswatch.archive import alarms
from presswatch.sources.judging import judge_step
from support.project import Project
from support.site import Site, article_html


def alarmed(project: Project) -> Iterator[str]:
    with closing(project.archive()) as archive:
        while judge_step(archive, config.load(project.folder), datetime.now(UTC)):
            pass
        with archive.reading() as tx:
            yield from (alarm.reason for alarm in alarms.open_alarms(tx))


def test_a_listing_whose_links_are_gone(project: Project, site: Site) -> None:
    project.add_source("gazette", f"{site.url}/news", selectors={"links": "li h2 a"})
    paths: list[str] = []
    for number in range(5):
        paths = [f"/council-decided-{place:05}.html" for place in range(number, number + 6)]
        for path in paths:
            site.article(path, f"What the council decided of matter {path}")
        site.listing("/news", *paths)
        project.crawl("gazette")
        assert [*alarmed(project)] == []
    rows = "".join(f'<p><a href="{path}">What the council decided, see {path}</a></p>' for path in paths)
    site.serve("/news", f"<html><body><div id=app>{rows}</div></body></html>")
    summary = project.crawl("gazette")
    assert summary.starts[0].missed
    project.crawl("gazette")
    [reason] = alarmed(project)
    assert f"{site.url}/news shows no articles any more (selectors.links finds nothing on it)" in reason


def test_what_articles_lack_is_counted(project: Project, site: Site) -> None:
    project.add_source("gazette", f"{site.url}/news")
    site.listing("/news", "/council-decided-00001.html", "/council-decided-00002.html")
    site.article("/council-decided-00001.html", "What the council decided of the bridge")
    undated = article_html("What the council decided of the ferry").replace("published_time", "section")
    site.serve("/council-decided-00002.html", undated)
    summary = project.crawl("gazette")
    assert (summary.new, summary.undated, summary.unsigned, summary.textless) == (2, 1, 2, 0)
