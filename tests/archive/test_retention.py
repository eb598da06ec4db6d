"""What is older than the configuration says is let go of, and nothing else is."""

import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from presswatch.archive import Archive, alerts, articles, feed, frontier, known_urls, retention
from presswatch.archive.alerts import WatchMatch
from presswatch.archive.retention import Keep, Pruned
from presswatch.model import NotArticle, PageKind
from presswatch.query import parse
from presswatch.search.embedded import EmbeddedIndex
from presswatch.search.indexing import index_step, reconcile
from support.newsroom import HOUR, Newsroom, story
from support.newsroom import NOW as THEN
from support.revised import PAGE, add_revised_article
from support.stock import NOW

DAY = timedelta(days=1)
OLD_PAGES = Keep(old_pages=DAY)


def pages(archive: Archive) -> dict[tuple[str, int], tuple[bool, bool]]:
    """Whether each revision has its page and its further pages."""
    with archive.reading() as tx:
        rows = tx.exec_driver_sql("SELECT article, revision, body, more FROM revision")
        return {(row.article, row.revision): (row.body == PAGE, row.more == PAGE) for row in rows}


def test_pages_of_earlier_revisions_go_by_age_and_the_latest_stays(archive: Archive) -> None:
    with archive.writing() as tx:
        add_revised_article(tx)
    now = NOW + 3 * DAY
    would = retention.prune(archive, OLD_PAGES, now, dry_run=True)["old_pages"]
    assert would.rows == 1
    assert 1_900 < would.bytes <= 2_000
    assert pages(archive)["a", 1] == (True, True), "only told"
    assert retention.prune(archive, OLD_PAGES, now) == {"old_pages": would}
    assert pages(archive) == {("a", 1): (False, False), ("a", 2): (True, False), ("a", 3): (True, False)}
    assert retention.prune(archive, OLD_PAGES, now) == {"old_pages": Pruned()}
    assert retention.prune(archive, OLD_PAGES, NOW + 9 * DAY)["old_pages"].rows == 1
    assert pages(archive)["a", 3] == (True, False)


def test_pages_of_earlier_revisions_go_by_size_the_oldest_first(archive: Archive) -> None:
    with archive.writing() as tx:
        add_revised_article(tx, "a")
        add_revised_article(tx, "b")
    assert retention.prune(archive, Keep(old_pages_size=10_000), NOW) == {"old_pages": Pruned()}
    # Of each article one page of 1,000 bytes and, read a day before, one of 2,000.
    assert retention.prune(archive, Keep(old_pages_size=2_500), NOW)["old_pages"].rows == 2
    assert [key for key, (kept, _) in pages(archive).items() if not kept] == [("a", 1), ("b", 1)]
    assert retention.prune(archive, Keep(old_pages_size=0), NOW)["old_pages"].rows == 2
    assert [key for key, (kept, _) in pages(archive).items() if kept] == [("a", 3), ("b", 3)]


def test_nothing_is_pruned_unless_asked_for(archive: Archive) -> None:
    with archive.writing() as tx:
        add_revised_article(tx)
    assert retention.prune(archive, Keep(), NOW + 3_650 * DAY) == {}
    assert all(kept for kept, _ in pages(archive).values())


def test_a_prune_that_is_stopped_leaves_the_rest_for_the_next(archive: Archive) -> None:
    with archive.writing() as tx:
        add_revised_article(tx)
    pruned = retention.prune(archive, OLD_PAGES, NOW + 9 * DAY, stop=lambda: True)
    assert pruned == {"old_pages": Pruned()}
    assert pages(archive)["a", 1] == (True, True)


def test_revisions_between_the_first_and_the_latest_go(archive: Archive) -> None:
    with archive.writing() as tx:
        add_revised_article(tx)
    assert retention.prune(archive, Keep(old_revisions=DAY), NOW + 2 * DAY)["old_revisions"].rows == 0
    assert retention.prune(archive, Keep(old_revisions=DAY), NOW + 9 * DAY)["old_revisions"].rows == 1
    assert pages(archive).keys() == {("a", 1), ("a", 3)}


def test_links_that_no_page_shows_any_more_go_but_the_first_to_an_article(newsroom: Newsroom) -> None:
    newsroom.publish("https://gazette.example/a", "A ferry ran aground.")
    run_id = newsroom.start_run()
    newsroom.list_links(
        run_id, "https://gazette.example/old", "https://gazette.example/a", "https://gazette.example/tag"
    )
    newsroom.now += 10 * DAY
    newsroom.list_links(run_id, "https://gazette.example/new", "https://gazette.example/b")
    pruned = retention.prune(newsroom.archive, Keep(links=5 * DAY), newsroom.now)
    assert pruned["links"].rows == 2
    with newsroom.archive.reading() as tx:
        [shown] = known_urls.shown_by(tx, "https://gazette.example/a")
        assert shown.page == "https://gazette.example/"
        assert [one.page for one in known_urls.shown_by(tx, "https://gazette.example/b")]
        assert articles.path(tx, "https://gazette.example/a")


def test_addresses_go_that_hold_no_article_and_that_nothing_shows_or_waits_for(newsroom: Newsroom) -> None:
    newsroom.publish("https://gazette.example/a", "A ferry ran aground.")
    run_id = newsroom.start_run()
    gallery, waiting = "https://gazette.example/gallery", "https://gazette.example/waiting"
    newsroom.list_links(run_id, "https://gazette.example/", gallery, waiting)
    claims = {claim.url: claim for claim in newsroom.claim(run_id)}
    with newsroom.archive.writing() as tx:
        what = NotArticle(PageKind.GALLERY, "pictures")
        frontier.keep_rejected(tx, claims[gallery], newsroom.fetched(gallery), what, newsroom.now)
        frontier.release(tx, run_id)
    newsroom.now += 10 * DAY
    urls = Keep(urls=5 * DAY)
    assert known(newsroom) == {"a", "gallery", "waiting"}
    newsroom.list_links(run_id, "https://gazette.example/new", gallery)
    assert retention.prune(newsroom.archive, urls, newsroom.now)["urls"].rows == 0, "a page shows it still"
    newsroom.now += 10 * DAY
    assert retention.prune(newsroom.archive, urls, newsroom.now)["urls"].rows == 1
    assert known(newsroom) == {"a", "waiting"}
    newsroom.list_links(run_id, "https://gazette.example/newest", gallery)
    assert known(newsroom) == {"a", "gallery", "waiting"}, "shown again, it is met anew"


def known(newsroom: Newsroom) -> set[str]:
    names = ("a", "gallery", "waiting")
    with newsroom.archive.reading() as tx:
        return {name for name in names if known_urls.find(tx, f"https://gazette.example/{name}")}


def test_articles_go_from_archive_and_search_and_are_not_read_again(newsroom: Newsroom) -> None:
    index = EmbeddedIndex(newsroom.archive.path.with_name("search.sqlite"))
    old, url = newsroom.publish("https://gazette.example/a", "An old ferry."), "https://gazette.example/a"
    newsroom.now += 40 * DAY
    run_id = newsroom.start_run()
    newsroom.list_links(run_id, "https://gazette.example/", "https://gazette.example/b")
    for claim in newsroom.claim(run_id):
        newsroom.keep(claim, story(claim.url, "An old ferry." if claim.url == url else "A new ferry."))
    newsroom.finish_run(run_id)
    with newsroom.archive.writing() as tx:
        alerts.ensure_watches(tx, ["ferry"], THEN)
        alerts.keep_matches(tx, [WatchMatch("ferry", old, 1, 1, late=False, passage="{}")], 1, THEN)
    index_step(newsroom.archive, index, newsroom.now)
    by_age = Keep(articles=30 * DAY)
    assert retention.prune(newsroom.archive, by_age, newsroom.now)["articles"].rows == 0, "an alert is due"
    with newsroom.archive.writing() as tx:
        tx.exec_driver_sql("UPDATE match SET late = 1")
    assert retention.prune(newsroom.archive, by_age, newsroom.now)["articles"].rows == 1
    assert index_step(newsroom.archive, index, newsroom.now)
    assert index.search(parse("ferry").tree, 5).total == 1
    assert reconcile(newsroom.archive, index) == 0
    run_id = newsroom.start_run()
    newsroom.list_links(run_id, "https://gazette.example/archive", url)
    assert [claim.url for claim in newsroom.claim(run_id) if claim.url == url] == []
    with newsroom.archive.reading() as tx:
        assert articles.get(tx, url) is None
        assert feed.removed(tx, 5) == []


def test_an_article_that_is_being_read_stays(newsroom: Newsroom) -> None:
    newsroom.publish("https://gazette.example/a", "An old ferry.")
    newsroom.now += 2 * HOUR
    run_id = newsroom.start_run()
    [claim] = newsroom.claim(run_id)
    assert claim.article is not None
    newsroom.now += 40 * DAY
    pruned = retention.prune(newsroom.archive, Keep(articles=30 * DAY), newsroom.now)
    assert pruned["articles"].rows == 0


def prune(path: Path) -> None:
    with Archive.open(path) as archive:
        retention.prune(archive, OLD_PAGES, NOW + 9 * DAY)


def test_a_prune_that_is_killed_loses_nothing_else_and_is_made_whole_by_the_next(archive: Archive) -> None:
    made = [chr(0x4E00 + number) for number in range(2_000)]
    with archive.writing() as tx:
        for each in made:
            add_revised_article(tx, each)
    child = multiprocessing.get_context("spawn").Process(target=prune, args=(archive.path,))
    child.start()
    while pages(archive)[made[0], 1][0]:
        assert child.is_alive()
    child.kill()
    child.join()
    kept = pages(archive)
    assert kept.keys() == {(each, number) for each in made for number in (1, 2, 3)}
    assert all(kept[each, 3] == (True, False) for each in made)
    left = sum(kept[each, number][0] for each in made for number in (1, 2))
    assert retention.prune(archive, OLD_PAGES, NOW + 9 * DAY)["old_pages"].rows == left
    with archive.reading() as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_pages_are_pruned_in_several_transactions(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    with archive.writing() as tx:
        for made in "abcde":
            add_revised_article(tx, made)
    assert retention.prune(archive, OLD_PAGES, NOW + 9 * DAY)["old_pages"].rows == 10
    assert [key for key, (kept, _) in pages(archive).items() if kept] == [(made, 3) for made in "abcde"]
