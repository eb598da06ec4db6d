"""A source from its start pages into the archive, over HTTP and with the real child process."""

from support.desk import Desk
from support.site import Site

from presswatch.archive.tables import RunState
from presswatch.model import LinkKind


def test_listing_to_articles(desk: Desk, site: Site) -> None:
    site.listing("/news", "/a", "/b")
    site.article("/a", "The bridge over the river will be closed")
    site.article("/b", "A new school for the northern quarter")
    desk.add_source("gazette", f"{site.url}/news")

    summary = desk.crawl("gazette")

    assert (summary.new, summary.failed, summary.pages) == (2, 0, 3)
    assert [(page.outcome, page.links, page.fresh) for page in summary.starts] == [("listing", 2, 2)]
    assert desk.run("gazette").state == RunState.FINISHED
    record = desk.article(f"{site.url}/a")
    assert record is not None
    assert record.article.title == "The bridge over the river will be closed"
    assert record.source == "gazette"
    assert [step.kind for step in record.path] == [LinkKind.LISTING]
