"""Articles from a file are kept as crawled ones are, once, and no watch is told of them unless asked."""

from datetime import timedelta

from sqlalchemy import func, select

from presswatch.archive import Archive, articles, imports, removals
from presswatch.archive.imports import Fate, Imported
from presswatch.archive.tables import article, index_outbox
from support.newsroom import NOW, Newsroom, story

SEEN = NOW - timedelta(days=400)
URL = "https://gazette.example/old"


def given(url: str = URL, *sources: str) -> Imported:
    article = story(url, f"The ferry ran aground, as {url} told.", title=f"Ferry of {url}")
    return Imported(url, article, sources or ("gazette",), SEEN, b"{}")


def keep(archive: Archive, one: Imported, *, is_news: bool = False) -> Fate:
    with archive.writing() as tx:
        return imports.keep(tx, one, NOW, is_news=is_news)


def test_an_article_is_kept_once_as_it_was_first_seen(archive: Archive) -> None:
    assert [keep(archive, given(URL, "gazette", "harbour")) for _ in range(2)] == [Fate.NEW, Fate.KNOWN]
    with archive.reading() as tx:
        record = articles.get(tx, URL)
        assert tx.execute(select(func.count()).select_from(article)).scalar() == 1
    assert record is not None
    assert (record.first_seen, record.extractor, set(record.sources)) == (
        SEEN,
        "import",
        {"gazette", "harbour"},
    )


def test_it_is_no_news_unless_it_is_asked_for(archive: Archive) -> None:
    keep(archive, given())
    with archive.reading() as tx:
        assert articles.news_since(tx, 0, 10) == []
    keep(archive, given("https://gazette.example/2"), is_news=True)
    with archive.reading() as tx:
        [told] = articles.news_since(tx, 0, 10)
    assert told.url == "https://gazette.example/2"


def test_what_was_crawled_stays_as_it_was_read(archive: Archive) -> None:
    id_ = Newsroom(archive).publish(URL, "As the press wrote it.")
    assert keep(archive, given()) is Fate.KNOWN
    with archive.reading() as tx:
        record = articles.get(tx, id_)
    assert record is not None
    assert record.article.text == "As the press wrote it."


def test_what_was_removed_on_request_does_not_come_back(archive: Archive) -> None:
    Newsroom(archive).publish(URL)
    with archive.writing() as tx:
        removals.remove(tx, URL, "on request", NOW)
    assert keep(archive, given()) is Fate.REMOVED


def test_it_waits_for_the_index(archive: Archive) -> None:
    keep(archive, given())
    with archive.reading() as tx:
        assert tx.execute(select(func.count()).select_from(index_outbox)).scalar() == 1
