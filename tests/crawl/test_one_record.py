"""One article is one record, whichever pages show it and however its address is written there."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from presswatch import urls
from presswatch.archive import articles
from presswatch.archive.tables import edge
from presswatch.demo.press import Press
from presswatch.model import LinkKind
from support.project import Project

# Every page of the press that shows articles: listings, feeds, sitemaps, sections, and a copy for phones.
PAGES = {
    "meridian": ("/", "/html/international/", "/html/business/", "/html/society/"),
    "harbour": ("/", "/feed/", "/feed/json/", "/category/harbour/", "/category/council/"),
    "kuestenblatt": ("/", "/sitemap.xml", "/sitemap-archiv.xml"),
    "estuaire": ("/", "/atom.xml", "/mer", "/region"),
    "xinhai": ("/", "/news/"),
    "faro": ("/", "/ultimas/"),
}


@pytest.fixture
def press() -> Iterator[Press]:
    with Press(now=datetime.now(UTC)) as opened:
        yield opened


def test_listing_feed_sitemap_and_related_links_lead_to_one_record(project: Project, press: Press) -> None:
    project.configure(allow=[outlet.address for outlet in press.outlets.values()], revisit=["1d"])
    for outlet in press.outlets.values():
        limits = {"listing_pages": 10, "related_depth": 2, "cross_site": True}
        keys = {"language": outlet.language, "time_zone": outlet.zone, "limits": limits}
        starts = [outlet.url + path for path in PAGES[outlet.id]]
        project.add_source(outlet.id, *starts, **keys)

    project.crawl(*press.outlets)

    records = project.articles()
    assert {record.url for record in records} == {urls.normalize(one.url) for one in press.expected}
    assert len({record.id for record in records}) == len(records)
    # One text is one record too: no copy of it is kept under another address.
    assert [
        text for text, count in Counter(one.article.content_hash for one in records).items() if count > 1
    ] == []
    shown: dict[str, set[LinkKind]] = defaultdict(set)
    with closing(project.archive()) as archive, archive.reading() as tx:
        for row in tx.execute(select(edge.c.to_url, edge.c.kind)):
            if (record := articles.get(tx, row.to_url)) is not None:
                shown[record.id].add(LinkKind(row.kind))
    assert {LinkKind.LISTING, LinkKind.FEED, LinkKind.RELATED} in shown.values()
    assert {LinkKind.LISTING, LinkKind.SITEMAP, LinkKind.RELATED} in shown.values()
