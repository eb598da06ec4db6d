"""A change of a source's tags: every article of it is announced to the index, and nothing else happens."""

from presswatch.archive import articles, source_tags
from presswatch.archive.tables import index_outbox
from presswatch.config import Config
from presswatch.model import Record
from scheduler.jobs import tag_step
from support.newsroom import Newsroom, source

SITE = "https://gazette.example"


def publish(newsroom: Newsroom, *names: str) -> None:
    """Articles that the index has got."""
    for name in names:
        newsroom.publish(f"{SITE}/{name}", name)
    with newsroom.archive.writing() as tx:
        tx.execute(index_outbox.delete())


def records(newsroom: Newsroom) -> list[Record]:
    with newsroom.archive.reading() as tx:
        return articles.since(tx, 0, 100)


def announced(newsroom: Newsroom) -> int:
    with newsroom.archive.reading() as tx:
        return len(tx.execute(index_outbox.select()).all())


def configuration(*tags: str, name: str = "The Gazette") -> Config:
    return Config(sources=(source("gazette", *tags, name=name),))


def test_changed_tags_give_every_article_a_new_number_and_are_no_news(newsroom: Newsroom) -> None:
    publish(newsroom, "a", "b", "c")
    before = {record.id: record for record in records(newsroom)}
    while tag_step(newsroom.archive, configuration("regional", "daily")):
        pass
    after = records(newsroom)
    assert [record.source_tags for record in after] == [("daily", "regional")] * 3
    assert announced(newsroom) == 3
    for record in after:
        old = before[record.id]
        assert record.seq > old.seq
        assert (record.revision, record.news_seq, record.revised) == (1, old.news_seq, old.revised)


def test_the_same_tags_in_another_order_change_nothing(newsroom: Newsroom) -> None:
    publish(newsroom, "a")
    while tag_step(newsroom.archive, configuration("regional", "daily")):
        pass
    seqs = [record.seq for record in records(newsroom)]
    assert tag_step(newsroom.archive, configuration("daily", "regional")) is False
    assert [record.seq for record in records(newsroom)] == seqs


def test_a_source_that_was_given_another_name_is_announced(newsroom: Newsroom) -> None:
    publish(newsroom, "a", "b")
    while tag_step(newsroom.archive, configuration()):
        pass
    assert {record.source_names for record in records(newsroom)} == {("The Gazette",)}
    with newsroom.archive.writing() as tx:
        tx.execute(index_outbox.delete())
    while tag_step(newsroom.archive, configuration(name="Gazette Online")):
        pass
    assert {record.source_names for record in records(newsroom)} == {("Gazette Online",)}
    assert announced(newsroom) == 2


def test_a_change_that_was_cut_short_goes_on_where_it_was(newsroom: Newsroom) -> None:
    publish(newsroom, "a", "b", "c")
    with newsroom.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette", "daily")])
        assert source_tags.retag(tx, 1) == 1
    assert announced(newsroom) == 1
    # Another process, which knows nothing but the archive.
    with newsroom.archive.reading() as tx:
        assert source_tags.stale(tx, [source("gazette", "daily")])
    with newsroom.archive.writing() as tx:
        assert source_tags.retag(tx, 10) == 2
    assert announced(newsroom) == 3
    with newsroom.archive.reading() as tx:
        assert not source_tags.stale(tx, [source("gazette", "daily")])


def test_tags_that_change_again_meanwhile_begin_with_the_first_article(newsroom: Newsroom) -> None:
    publish(newsroom, "a", "b")
    with newsroom.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette", "daily")])
        source_tags.retag(tx, 1)
        source_tags.keep(tx, [source("gazette", "weekly")])
        assert source_tags.retag(tx, 10) == 2
    assert {record.source_tags for record in records(newsroom)} == {("weekly",)}


def test_a_source_without_articles_has_none_to_wait_for(newsroom: Newsroom) -> None:
    newsroom.start_run()
    with newsroom.archive.writing() as tx:
        source_tags.keep(tx, [source("gazette", "daily")])
    assert tag_step(newsroom.archive, configuration("daily")) is False
    publish(newsroom, "a")
    [record] = records(newsroom)
    assert (record.source_tags, record.source_names) == (("daily",), ("The Gazette",))


def test_a_source_that_is_not_in_the_archive_yet_is_nothing_to_do(newsroom: Newsroom) -> None:
    assert tag_step(newsroom.archive, configuration("daily")) is False
