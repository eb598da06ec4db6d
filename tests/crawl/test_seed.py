"""The page that started it all, crawled as its system serves it: every field, and its related articles."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from presswatch.archive import articles
from presswatch.archive.tables import edge
from presswatch.demo.press import Expected, Press
from presswatch.model import LinkKind, Precision
from support.deployment import Deployment


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """presswatch as somebody runs it, ended with all its processes."""
    made = Deployment(tmp_path)
    yield made
    made.end()


@pytest.fixture
def seed(press: Press) -> Expected:
    [page] = [one for one in press.expected if one.story.slug == "20261"]
    return page


def test_the_seed_page_gives_every_field_and_its_four_related_articles(
    press: Press, seed: Expected, deployment: Deployment
) -> None:
    deployment.configure([press.outlets["meridian"]], every="1h")
    done = deployment.run("crawl")
    assert done.returncode == 0, done.stderr
    with deployment.archive() as archive, archive.reading() as tx:
        record = articles.get(tx, seed.url)
        assert record is not None
        links = select(edge).where(edge.c.from_url == seed.url, edge.c.kind == LinkKind.RELATED)
        edges = tx.execute(links.order_by(edge.c.position)).all()
        related = [articles.get(tx, url) for url in seed.related]
    read = record.article
    assert read.section == "international"
    assert read.title == seed.story.title
    assert read.title_cut == seed.story.title[:60]
    assert read.editor == "admin"
    assert read.origin == ""
    assert read.published is not None
    assert read.published.instant == seed.story.published
    assert (read.published.precision, read.published.offset) == (Precision.MINUTE, 480)
    assert read.published.assumed_zone is True
    # The summary that repeats the text, the font-size line and the related block are not part of it, and the
    # damaged characters at the ends of paragraphs are gone.
    assert [block.text for block in read.blocks] == list(seed.story.paragraphs)
    assert [row.to_url for row in edges] == list(seed.related)
    assert all(row.title and row.published for row in edges)
    assert all(one is not None for one in related)
    found_by_it = [one for one in related if one is not None and one.found is LinkKind.RELATED]
    assert [step.kind for step in found_by_it[0].path] == [LinkKind.LISTING, LinkKind.RELATED]


def test_mojibake_on_the_same_site_is_repaired(press: Press, deployment: Deployment) -> None:
    deployment.configure([press.outlets["meridian"]], every="1h")
    assert deployment.run("crawl").returncode == 0
    [page] = [one for one in press.expected if one.story.mojibake]
    with deployment.archive() as archive, archive.reading() as tx:
        record = articles.get(tx, page.url)
    assert record is not None
    assert [block.text for block in record.article.blocks] == list(page.story.paragraphs)
