"""Articles on several pages, crawled."""

import pytest

from crawler.extract import read_article
from presswatch.archive import articles
from presswatch.archive.tables import alias
from presswatch.model import Completeness
from support.project import Project
from support.site import Site

PATH = "/story-0001"


def sheet(site: Site, number: int, last: int = 3) -> None:
    """One of the pages of the article, with a link to the next one."""
    text = "".join(
        f"<p>Page {number}, paragraph {place}: the council looked at the quay wall and said at some length "
        f"what it had found there, and what it had not, in the {place}th year of its leaning.</p>"
        for place in range(1, 5)
    )
    link = f'<a rel=next href="{PATH}?page={number + 1}">{number + 1}</a>' if number < last else ""
    title = "The quay wall leans, and everybody knew"
    path = PATH if number == 1 else f"{PATH}?page={number}"
    site.serve(path, f"<html lang=en><title>{title}</title><h1>{title}</h1>{text}{link}")


@pytest.fixture
def listed(project: Project, site: Site) -> str:
    site.listing("/news", PATH)
    project.add_source("gazette", f"{site.url}/news")
    return f"{site.url}{PATH}"


def test_three_pages_become_one_article(project: Project, site: Site, listed: str) -> None:
    for number in (1, 2, 3):
        sheet(site, number)
    summary = project.crawl("gazette")
    assert (summary.new, summary.pages) == (1, 4)
    [record] = project.articles()
    assert [block.text.split(",")[0] for block in record.article.blocks] == [
        f"Page {number}" for number in (1, 2, 3) for _ in range(4)
    ]
    assert record.article.completeness is Completeness.FULL
    with project.archive() as archive, archive.reading() as tx:
        page, hints = articles.raw_page(tx, record.id, 1)
        known = set(tx.execute(alias.select().with_only_columns(alias.c.url)).scalars())
    assert len(page.more) == 2
    assert read_article(page, hints) == record.article, "what is kept suffices to read it again"
    assert {listed, f"{listed}?page=2", f"{listed}?page=3"} <= known


@pytest.mark.parametrize("why", ["missing", "forbidden", "no budget"])
def test_what_can_be_had_is_kept_and_says_where_it_goes_on(
    project: Project, site: Site, listed: str, why: str
) -> None:
    sheet(site, 1)
    if why != "missing":
        sheet(site, 2)
        sheet(site, 3)
    if why == "forbidden":
        site.serve("/robots.txt", f"User-agent: *\nDisallow: {PATH}?page=2\n", content_type="text/plain")
    if why == "no budget":
        project.add_source("gazette", f"{site.url}/news", limits={"pages": 2})
    summary = project.crawl("gazette")
    assert summary.new == 1
    [record] = project.articles()
    assert len(record.article.blocks) == 4
    assert record.article.completeness is Completeness.PARTIAL
    assert record.article.next_page == f"{listed}?page=2"
