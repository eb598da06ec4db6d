"""Directories without articles are learnt and read only now and then."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from presswatch.archive import frontier
from presswatch.archive.directories import directories
from presswatch.archive.tables import url
from presswatch.model import NotArticle, PageKind
from support.newsroom import Newsroom, story

SITE = "https://gazette.example"
INDEX = NotArticle(PageKind.INDEX, "a list of links")


@pytest.mark.parametrize(
    ("address", "paths"),
    [
        ("/tags/ferry/", ["/tags/"]),
        ("/tags/ferry/page/2/", ["/tags/", "/tags/ferry/", "/tags/ferry/page/"]),
        ("/2026/11/20/ferry.html", ["/#/", "/#/#/", "/#/#/#/"]),
        ("/ferry-aground", []),
        ("/index.php?author=3", ["/index.php?author"]),
    ],
)
def test_the_directories_of_an_address(address: str, paths: list[str]) -> None:
    assert directories(SITE + address) == [("gazette.example", path) for path in paths]


def reject(newsroom: Newsroom, run: int, *addresses: str, what: NotArticle = INDEX) -> None:
    newsroom.list_links(run, f"{SITE}/", *addresses)
    for claim in newsroom.claim(run, limit=len(addresses)):
        with newsroom.archive.writing() as tx:
            frontier.keep_rejected(tx, claim, newsroom.fetched(claim.url), what, newsroom.now)


def tags(first: int, last: int) -> list[str]:
    return [f"{SITE}/tags/word{number}" for number in range(first, last)]


def test_a_directory_that_never_held_an_article_is_read_once_a_week(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    reject(newsroom, run, *tags(0, 5))
    newsroom.list_links(run, f"{SITE}/", *tags(5, 40), f"{SITE}/news/ferry")
    claimed = [claim.url for claim in newsroom.claim(run, limit=8, retries=0)]
    assert sorted(claimed) == [f"{SITE}/news/ferry", f"{SITE}/tags/word5"], "one of them is a probe"
    newsroom.list_links(run, f"{SITE}/", *tags(40, 42))
    assert newsroom.claim(run, retries=0) == []
    newsroom.now += timedelta(days=7)
    newsroom.list_links(run, f"{SITE}/", *tags(42, 44))
    assert len(newsroom.claim(run, retries=0)) == 1


def test_what_was_put_off_has_a_date_and_a_reason(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    reject(newsroom, run, *tags(0, 5))
    newsroom.list_links(run, f"{SITE}/", *tags(5, 8))
    newsroom.claim(run, retries=0)
    with newsroom.archive.reading() as tx:
        row = tx.execute(select(url).where(url.c.url == f"{SITE}/tags/word7")).one()
    assert row.next_fetch == newsroom.now + timedelta(days=30)
    assert row.reason.startswith("/tags/ never held an article")


def test_an_article_found_by_a_probe_readmits_the_others(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    reject(newsroom, run, *tags(0, 5))
    newsroom.list_links(run, f"{SITE}/", *tags(5, 9))
    [probe] = newsroom.claim(run, retries=0)
    newsroom.keep(probe, story(probe.url))
    assert {claim.url for claim in newsroom.claim(run, retries=0)} == set(tags(6, 9))


def test_a_directory_with_an_article_is_read_however_many_others_are_none(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/news/ferry")
    [claim] = newsroom.claim(run)
    newsroom.keep(claim, story(claim.url))
    reject(newsroom, run, *(f"{SITE}/news/gallery{number}" for number in range(20)))
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/news/quay", f"{SITE}/news/pier")
    assert len(newsroom.claim(run, retries=0)) == 2


def test_walls_and_errors_teach_nothing(newsroom: Newsroom) -> None:
    run = newsroom.start_run()
    wall = NotArticle(PageKind.CHALLENGE, "asks for a click")
    reject(newsroom, run, *(f"{SITE}/news/{number}x" for number in range(9)), what=wall)
    newsroom.list_links(run, f"{SITE}/", f"{SITE}/news/quay", f"{SITE}/news/pier")
    assert len(newsroom.claim(run, retries=0)) == 2
