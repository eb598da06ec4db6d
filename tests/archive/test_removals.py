"""An article that somebody asked to be removed is gone everywhere and does not come back."""

from datetime import timedelta

from presswatch.archive import alerts, articles, feed, removals
from presswatch.archive.alerts import Body, Closed, Copy, WatchMatch
from presswatch.archive.articles import Outcome
from presswatch.archive.tables import digest_body, edge, revision
from presswatch.query import parse
from presswatch.search.embedded import EmbeddedIndex
from presswatch.search.indexing import index_step
from support.newsroom import NOW, Newsroom, story

URL = "https://gazette.example/a"


def remove(newsroom: Newsroom) -> None:
    with newsroom.archive.writing() as tx:
        assert removals.remove(tx, URL, "asked by the person", NOW) is not None


def test_nothing_of_it_stays_in_the_archive_or_in_search(newsroom: Newsroom) -> None:
    id_ = newsroom.publish(URL, "A ferry ran aground.")
    index = EmbeddedIndex(newsroom.archive.path.with_name("search.sqlite"))
    index_step(newsroom.archive, index, NOW)
    assert index.search(parse("ferry").tree, 5).total == 1
    remove(newsroom)
    assert index_step(newsroom.archive, index, NOW)
    assert index.search(parse("ferry").tree, 5).total == 0
    with newsroom.archive.reading() as tx:
        assert articles.get(tx, URL) is None
        assert not tx.execute(revision.select()).all()
        assert not tx.execute(edge.select().where(edge.c.to_url == URL)).all()
        assert feed.backlog(tx).waiting == 0
        [told] = removals.removals(tx)
    assert (told.article, told.reason, told.addresses) == (id_, "asked by the person", (URL,))


def test_it_does_not_come_back_by_another_address(newsroom: Newsroom) -> None:
    newsroom.publish(URL, "A ferry ran aground.")
    remove(newsroom)
    newsroom.now += timedelta(days=1)
    run_id = newsroom.start_run()
    newsroom.list_links(run_id, "https://gazette.example/", URL, "https://gazette.example/copy")
    outcomes = {
        newsroom.keep(claim, story(URL, "A ferry ran aground.")).outcome for claim in newsroom.claim(run_id)
    }
    assert outcomes == {Outcome.REMOVED}
    with newsroom.archive.reading() as tx:
        assert articles.get(tx, URL) is None


def test_a_mail_that_told_of_it_loses_its_text(newsroom: Newsroom) -> None:
    id_ = newsroom.publish(URL, "A ferry ran aground.")
    with newsroom.archive.writing() as tx:
        alerts.ensure_watches(tx, ["ferry"], NOW)
        alerts.keep_matches(tx, [WatchMatch("ferry", id_, 1, 1, late=False, passage="{}")], 1, NOW)
        [found] = alerts.open_matches(tx, "ferry")
        closed = Closed(1, "ferry", NOW, NOW + timedelta(hours=1), "", None, [found.id])
        copies = [
            Copy(f"{one}@x", f"<{one}@x>", Body(one, "UTC", "Ferry", "A ferry", "<p>A ferry"), "html")
            for one in ("en", "de")
        ]
        assert alerts.keep_digest(tx, closed, copies, NOW)
        mail = alerts.claim_delivery(tx, NOW + timedelta(hours=1))
        assert mail is not None
        alerts.keep_sent(tx, mail.id, "", NOW)
    remove(newsroom)
    with newsroom.archive.reading() as tx:
        bodies = tx.execute(digest_body.select()).all()
    assert len(bodies) == 2
    assert all("ferry" not in f"{row.subject} {row.text} {row.html}".lower() for row in bodies)
