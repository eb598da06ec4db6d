"""How far a start page is followed."""

from crawler.spiders.trail import MAX_INDEXES, Trail
from presswatch.model import Link, LinkKind, Listing


def listing(*pages: str, kind: LinkKind = LinkKind.LISTING, links: int = 1) -> Listing:
    shown = tuple(Link(f"https://gazette.example/{place}", kind, place) for place in range(links))
    return Listing(kind, shown, pages)


def test_a_listing_is_followed_while_it_brings_new_links() -> None:
    trail = Trail(3, {"1"})
    assert trail.go_on(listing("2"), fresh=5) == "2"
    assert trail.go_on(listing("1", "3"), fresh=5) == "3"
    assert trail.go_on(listing("4"), fresh=5) is None, "three pages were read"


def test_a_page_without_news_ends_the_trail() -> None:
    assert Trail(3, {"1"}).go_on(listing("2"), fresh=0) is None


def test_a_circle_of_pages_ends() -> None:
    trail = Trail(50, {"1"})
    assert trail.go_on(listing("2"), fresh=1) == "2"
    assert trail.go_on(listing("1"), fresh=1) is None


def test_an_index_leads_to_its_sitemaps_best_first() -> None:
    trail = Trail(2, {"index"})
    assert trail.go_on(listing("news", "2026", "2025", kind=LinkKind.SITEMAP, links=0), fresh=0) == "news"
    assert trail.go_on(listing(kind=LinkKind.SITEMAP), fresh=9) == "2026"
    assert trail.go_on(listing(kind=LinkKind.SITEMAP), fresh=9) is None


def test_a_broken_sitemap_does_not_hide_the_next() -> None:
    trail = Trail(3, {"index"})
    trail.go_on(listing("news", "2026", kind=LinkKind.SITEMAP, links=0), fresh=0)
    assert trail.go_on(None, fresh=0) == "2026"


def test_indexes_of_indexes_end() -> None:
    trail = Trail(50, {"0"})
    steps = 0
    while trail.go_on(listing(f"{steps + 1}", kind=LinkKind.SITEMAP, links=0), fresh=0) is not None:
        steps += 1
    assert steps == MAX_INDEXES
