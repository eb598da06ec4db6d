"""Kept pages are read again with what their source says today."""

from contextlib import closing

from presswatch.archive import articles
from presswatch.cli.context import Place
from presswatch.cli.rereading import reread
from presswatch.model import Hints
from support.project import Project
from support.site import Site

HEADLINE = "The bridge over the river will be closed"


def hints_of_the_reading(project: Project, id_: str) -> Hints:
    with closing(project.archive()) as archive, archive.reading() as tx:
        return articles.raw_page(tx, id_, 1)[1]


def test_a_selector_added_since_counts_for_the_kept_pages_and_makes_no_revision(
    project: Project, site: Site
) -> None:
    project.configure(allow=[site.host], revisit=["2s", "1d"])
    site.listing("/news", "/story-0001.html")
    site.article("/story-0001.html", HEADLINE)
    project.add_source("gazette", f"{site.url}/news")
    project.crawl("gazette")
    [before] = project.articles()
    first = before.article.blocks[0].text
    project.add_source("gazette", f"{site.url}/news", selectors={"title": "p"})
    place = Place(project.folder, project.data)

    shown = reread(place, dry_run=True)

    assert (shown.changed, shown.fields["title"].examples[0].before) == (1, HEADLINE)
    assert project.articles() == [before]
    assert hints_of_the_reading(project, before.id).selectors.title == ""

    reread(place)

    [after] = project.articles()
    assert after.article.title.startswith(first[:20])
    assert (after.revision, after.news_seq) == (1, before.news_seq)
    assert hints_of_the_reading(project, after.id).selectors.title == "p"
    assert reread(place, dry_run=True).changed == 0
    project.wait_until_due("gazette", 1)
    assert project.crawl("gazette").revised == 0
    assert project.articles() == [after]
