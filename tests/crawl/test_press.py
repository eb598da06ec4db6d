"""The whole sample press, crawled: every article once, under its own address, with its related links."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from presswatch import urls
from presswatch.archive import articles
from presswatch.archive.tables import RunState, edge
from presswatch.demo.press import LAST_STEP, Press
from presswatch.model import LinkKind
from support.project import Project


@pytest.fixture
def press() -> Iterator[Press]:
    with Press(now=datetime.now(UTC)) as opened:
        yield opened


@pytest.fixture
def reader(project: Project, press: Press) -> Project:
    """A project that reads every outlet, with budgets that hold all of it."""
    project.configure(allow=[outlet.address for outlet in press.outlets.values()], revisit=["1d"])
    for outlet in press.outlets.values():
        limits = {"listing_pages": 10, "related_depth": 2, "cross_site": True}
        keys = {"language": outlet.language, "time_zone": outlet.zone, "limits": limits}
        project.add_source(outlet.id, outlet.start, **keys)
    return project


def test_every_article_is_found_once(reader: Project, press: Press) -> None:
    reader.crawl(*press.outlets)

    for outlet in press.outlets:
        assert (reader.run(outlet).state, reader.run(outlet).reason) == (RunState.FINISHED, "")
    found = {record.url: record for record in reader.articles()}
    expected = {urls.normalize(one.url): one for one in press.expected}
    assert set(found) == set(expected)


def test_related_links_are_edges_and_articles(reader: Project, press: Press) -> None:
    reader.crawl(*press.outlets)
    own = ((one.url, url) for one in press.expected for url in one.related if urls.same_site(one.url, url))
    linked = {(urls.normalize(one), urls.normalize(other)) for one, other in own}
    with closing(reader.archive()) as archive, archive.reading() as tx:
        related = select(edge.c.from_url, edge.c.to_url).where(edge.c.kind == LinkKind.RELATED)
        kept = {(articles.get(tx, row.from_url), articles.get(tx, row.to_url)) for row in tx.execute(related)}
        assert {(articles.get(tx, one or ""), articles.get(tx, other or "")) for one, other in linked} <= kept


def test_what_appears_is_found_and_what_is_known_is_left_alone(reader: Project, press: Press) -> None:
    reader.crawl(*press.outlets)
    before = len(reader.articles())
    for _ in range(LAST_STEP):
        press.requests.clear()
        press.advance()
        reader.crawl(*press.outlets)
        assert len([asked for asked in press.requests if asked.status == 200]) < before
    found = {record.url for record in reader.articles()}
    # Of the meridian's sections the source starts at one.
    missing = {one.url for one in press.expected if one.story.outlet != "meridian"} - found
    assert missing == set()
