"""Every outlet of the sample press found out from its home page alone, then crawled with what was written."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery.proposal import source_values
from crawler.preview import discover
from presswatch import config, urls
from presswatch.demo.press import Press
from presswatch.model import LinkKind
from presswatch.sources import source_ids
from support.project import Project

# What each home page leads to: start pages, kind of the first, zone, and samples that are no articles.
FOUND: dict[str, tuple[list[str], LinkKind, str, dict[str, int]]] = {
    "meridian": (["/"], LinkKind.LISTING, "", {}),
    "harbour": (["/feed/"], LinkKind.FEED, "Europe/London", {}),
    "kuestenblatt": (["/sitemap-news.xml.gz", "/"], LinkKind.SITEMAP, "Europe/Berlin", {}),
    "estuaire": (["/atom.xml"], LinkKind.FEED, "Europe/Paris", {"consent wall": 1}),
    "xinhai": (["/"], LinkKind.LISTING, "", {}),
    "faro": (["/"], LinkKind.LISTING, "Europe/Madrid", {}),
}


@pytest.fixture
def press() -> Iterator[Press]:
    # Its news are as old as its files say: a fixed day would make them old news some day.
    with Press(now=datetime.now(UTC)) as opened:
        yield opened


@pytest.mark.parametrize("id_", FOUND)
def test_an_outlet_from_its_home_page_to_its_articles(project: Project, press: Press, id_: str) -> None:
    outlet = press.outlets[id_]
    project.configure(allow=[one.address for one in press.outlets.values()], revisit=["1d"])
    start, kind, zone, rejected = FOUND[id_]

    found = discover(project.folder, outlet.url)

    assert [one.url for one in found.chosen] == [outlet.url + path for path in start]
    assert found.chosen[0].kind is kind
    assert (found.name, found.language, found.zone.zone) == (outlet.name, outlet.language, zone)
    assert found.zone.reason
    assert found.rejected == rejected
    truth = {urls.normalize(one.url): one for one in press.expected if one.story.outlet == id_}
    read = [sample.article for sample in found.samples if sample.article]
    assert len(read) >= min(len(truth), 10) - 1
    for article in read:
        assert article.title == truth[article.canonical_url].story.title
    assert all(one.why for one in found.starts)
    assert found.fetches <= 40

    proposed = source_ids.free(found.url, found.name, ())
    path = config.write_source(project.folder, proposed, source_values(found))
    [source] = config.load(project.folder).sources
    assert source.id == path.stem == proposed
    assert not re.fullmatch("[0-9-]+", proposed)
    assert source.schedule == "auto"
    assert timedelta(minutes=5) <= found.pace.every <= timedelta(hours=6)
    project.crawl(source.id)
    assert {record.url for record in project.articles()} == set(truth)
