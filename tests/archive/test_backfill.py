"""What a backfill keeps of an older page within its budget, and what it tells of the rest."""

from datetime import timedelta

import pytest

from presswatch.archive import backfill, frontier
from presswatch.model import Link, LinkKind, Listing
from support.newsroom import Newsroom, moment

PAGE = "https://gazette.example/sitemap.xml"


def test_links_beyond_the_budget_are_told(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "MOST_LINKS", 3)
    published = moment(newsroom.now - timedelta(days=1))
    shown = [Link(f"https://gazette.example/{n}", LinkKind.SITEMAP, n, "", published) for n in range(5)]
    run_id = newsroom.start_run()
    with newsroom.archive.writing() as tx:
        backfill.ask(tx, "gazette", [PAGE], newsroom.now - timedelta(days=30), newsroom.now)
        [claim] = frontier.claim_starts(tx, "gazette", [PAGE], run_id, newsroom.now)
        listing = Listing(LinkKind.SITEMAP, tuple(shown))
        backfill.keep_page(tx, claim, newsroom.fetched(PAGE), listing, newsroom.now, newsroom.follow)
        told = backfill.of(tx, "gazette")
    assert told is not None
    assert (told.found, told.ended) == (3, newsroom.now)
    assert told.left_out == (f"2 links of {PAGE}: 3 articles are the most to be found",)
