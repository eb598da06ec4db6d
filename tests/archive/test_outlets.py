"""An outlet that only links to another one's article is none of it, in whatever order they come."""

from datetime import timedelta

from presswatch.archive import articles, feed, source_tags, today
from presswatch.archive.tables import index_outbox
from presswatch.config import Config
from presswatch.document import document
from presswatch.model import LinkKind, Record
from scheduler.jobs import tag_step
from support.newsroom import Newsroom, source, story

URL = "https://gazette.example/ferry"
GAZETTE, HERALD = source("gazette", "regional"), source("herald", "national", name="The Herald")


def configure(newsroom: Newsroom, *sources: str) -> None:
    """Both are configured, and have been for a while."""
    for one in sources:
        newsroom.finish_run(newsroom.start_run(one, f"https://{one}.example"))
    while tag_step(newsroom.archive, Config(sources=(GAZETTE, HERALD))):
        pass


def link_to(newsroom: Newsroom, by: str, *urls: str) -> None:
    """A source's feed shows these."""
    run_id = newsroom.start_run(by, f"https://{by}.example")
    newsroom.list_links(run_id, f"https://{by}.example/", *urls, kind=LinkKind.FEED)
    newsroom.finish_run(run_id)


def read(newsroom: Newsroom, by: str, url: str) -> str:
    """An article that a source's feed shows, and that it reads; its id."""
    run_id = newsroom.start_run(by, f"https://{by}.example")
    newsroom.list_links(run_id, f"https://{by}.example/", url, kind=LinkKind.FEED)
    [claim] = newsroom.claim(run_id)
    made = newsroom.keep(claim, story(url, "A ferry.")).id
    newsroom.finish_run(run_id)
    return made


def record(newsroom: Newsroom, id_: str) -> Record:
    with newsroom.archive.reading() as tx:
        found = articles.get(tx, id_)
    assert found is not None
    return found


def test_who_only_links_to_an_article_found_it_and_is_not_its_outlet(newsroom: Newsroom) -> None:
    configure(newsroom, "gazette", "herald")
    made = newsroom.publish(URL, "A ferry.")
    link_to(newsroom, "herald", URL)
    found = record(newsroom, made)
    assert (found.source, found.sources) == ("gazette", ("gazette",))
    assert found.found_by == ("gazette", "herald")
    assert (found.source_tags, found.source_names) == (("regional",), ("The Gazette",))
    with newsroom.archive.reading() as tx:
        [indexed] = feed.records(tx, [made])
    assert document(indexed).source == ("gazette",)
    assert document(indexed).tag == ("regional",)


def test_the_outlet_of_a_feed_that_another_serves_owns_what_stands_on_its_site(newsroom: Newsroom) -> None:
    served = GAZETTE.model_copy(
        update={"start": ("https://feeds.example/gazette",), "site": "https://gazette.example/"}
    )
    configure(newsroom, "gazette", "herald")
    made = read(newsroom, "herald", URL)
    newsroom.now += timedelta(minutes=1)
    link_to(newsroom, "gazette", URL)
    for given, outlets in (
        (served.model_copy(update={"site": ""}), ("herald", "gazette")),
        (served, ("gazette",)),
    ):
        while tag_step(newsroom.archive, Config(sources=(given, HERALD))):
            pass
        assert record(newsroom, made).sources == outlets


def test_an_article_that_another_read_first_is_its_outlet_s_when_that_shows_it(newsroom: Newsroom) -> None:
    configure(newsroom, "gazette", "herald")
    made = read(newsroom, "herald", URL)
    # Nobody whose site it is has shown it yet.
    assert record(newsroom, made).sources == ("herald",)
    newsroom.now += timedelta(minutes=1)
    link_to(newsroom, "gazette", URL)
    found = record(newsroom, made)
    assert (found.source, found.sources) == ("gazette", ("gazette",))
    assert found.found_by == ("herald", "gazette")
    with newsroom.archive.reading() as tx:
        assert [one.source for one in today.carried_since(tx, newsroom.now - timedelta(hours=1))] == [
            "gazette"
        ]


def test_after_an_upgrade_only_what_several_found_is_indexed_again(newsroom: Newsroom) -> None:
    alone = newsroom.publish("https://gazette.example/opera", "An opera.")
    shared = newsroom.publish(URL, "A ferry.")
    newsroom.now += timedelta(minutes=1)
    link_to(newsroom, "herald", URL)
    with newsroom.archive.writing() as tx:
        # As before: the archive knew their names and tags, and no hosts.
        for one in (GAZETTE, HERALD):
            source_tags.keep(tx, [one.model_copy(update={"start": ()})])
        while source_tags.retag(tx, 10):
            pass
        tx.execute(index_outbox.delete())
    assert record(newsroom, shared).sources == ("gazette", "herald")
    was = record(newsroom, alone).seq
    while tag_step(newsroom.archive, Config(sources=(GAZETTE, HERALD))):
        pass
    assert record(newsroom, shared).sources == ("gazette",)
    assert record(newsroom, alone).seq == was
    with newsroom.archive.reading() as tx:
        assert list(feed.waiting(tx, 10)) == [shared]


def test_a_source_that_moves_to_another_site_takes_its_articles_along(newsroom: Newsroom) -> None:
    configure(newsroom, "gazette", "herald")
    made = read(newsroom, "gazette", "https://moved.example/ferry")
    newsroom.now += timedelta(minutes=1)
    link_to(newsroom, "herald", "https://moved.example/ferry")
    assert record(newsroom, made).sources == ("gazette", "herald")
    moved = GAZETTE.model_copy(update={"start": ("https://moved.example/",)})
    while tag_step(newsroom.archive, Config(sources=(moved, HERALD))):
        pass
    assert record(newsroom, made).sources == ("gazette",)
