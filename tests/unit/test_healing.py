"""What is proposed for a source by what is seen: pure decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery.choice import Start
from crawler.discovery.healing import Seen, heal, replaced
from presswatch.archive.known_articles import KnownArticle
from presswatch.model import Link, LinkKind

SITE = "https://gazette.example"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KNOWN = [
    KnownArticle(
        frozenset({f"{SITE}/a-{n}"}), f"What the council decided of case {n}", NOW - n * timedelta(hours=1)
    )
    for n in range(20)
]
GONE = Seen(f"{SITE}/feed", reason="answered 404 Not Found")


def links(numbers: range, kind: LinkKind = LinkKind.FEED) -> tuple[Link, ...]:
    return tuple(Link(f"{SITE}/a-{n}", kind, n, f"What the council decided of case {n}") for n in numbers)


def feed(path: str, numbers: range) -> Start:
    return Start(SITE + path, LinkKind.FEED, "declared", links(numbers))


def listing(path: str, numbers: range) -> Seen:
    return Seen(SITE + path, LinkKind.LISTING, links(numbers, LinkKind.LISTING))


def test_a_feed_takes_the_place_of_one_that_is_gone_beside_a_listing_that_is_well() -> None:
    found = heal([listing("/news", range(20)), GONE], [feed("/rss", range(15))], KNOWN, SITE)
    assert found.start == (f"{SITE}/news", f"{SITE}/rss")
    assert found.broken == {GONE.url: GONE.reason}
    assert [(one.url, one.again) for one in found.evidence] == [(f"{SITE}/news", 20), (f"{SITE}/rss", 15)]


def test_two_feeds_take_the_place_of_one() -> None:
    odd = Start(f"{SITE}/odd", LinkKind.FEED, "declared", links(range(1, 20, 2)))
    even = Start(f"{SITE}/even", LinkKind.FEED, "declared", links(range(0, 20, 2)))
    assert heal([GONE], [odd], KNOWN, SITE).start == (), "half of it is not it"
    assert heal([GONE], [odd, even], KNOWN, SITE).start == (), "neither is shown to be its own"


def test_the_feed_of_another_site_is_not_proposed() -> None:
    other = Start("https://other.example/feed", LinkKind.FEED, "linked", links(range(20)))
    assert heal([GONE], [other], KNOWN, SITE).reason.startswith("nothing was found on the site")


def test_what_cannot_be_had_now_is_waited_for() -> None:
    away = Seen(f"{SITE}/feed", reason="answered 503", away=True)
    found = heal([away], [feed("/rss", range(20))], KNOWN, SITE)
    assert (found.start, found.reason) == ((), f"{away.url} cannot be had now; try again when it answers")


def test_too_few_articles_prove_nothing() -> None:
    found = heal([GONE], [feed("/rss", range(2))], KNOWN[:2], SITE)
    assert found.reason == "the archive has 2 articles of it, which is too few to judge by"


def test_a_selector_for_another_listing_keeps_new_listings_out() -> None:
    latest = Start(f"{SITE}/latest", LinkKind.LISTING, "section", links(range(20), LinkKind.LISTING))
    seen = [listing("/news", range(5)), GONE]
    assert heal(seen, [latest], KNOWN, SITE, selects=True).start == ()
    assert heal(seen, [latest], KNOWN, SITE).start == (f"{SITE}/news", latest.url)


def test_titles_that_several_articles_have_prove_nothing() -> None:
    same = [KnownArticle(one.addresses, "The weather of the week", one.time) for one in KNOWN]
    moved = tuple(Link(f"{SITE}/w/{n}", LinkKind.FEED, n, "The weather of the week") for n in range(20))
    offered = Start(f"{SITE}/rss", LinkKind.FEED, "declared", moved)
    assert heal([GONE], [offered], same, SITE).start == ()


@pytest.mark.parametrize(
    ("old", "new", "order"),
    [
        (["a", "b"], ["b", "c"], ["c", "b"]),
        (["a", "b", "c"], ["c"], ["c"]),
        (["a"], ["a", "d", "e"], ["a", "d", "e"]),
    ],
)
def test_what_is_new_comes_in_the_place_of_what_goes(
    old: list[str], new: list[str], order: list[str]
) -> None:
    assert replaced(old, new) == order
