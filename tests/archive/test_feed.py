"""The outbox of the index, where there is much to index."""

from presswatch.archive import feed
from support.newsroom import Newsroom


def test_more_articles_than_one_statement_takes_are_announced(newsroom: Newsroom) -> None:
    made = newsroom.publish("https://gazette.example/a")
    with newsroom.archive.writing() as tx:
        feed.done(tx, feed.waiting(tx, 10))
        assert feed.backlog(tx).waiting == 0
        feed.announce(tx, [*(f"unknown-{number}" for number in range(40_000)), made])
        assert list(feed.waiting(tx, 10)) == [made]
