"""How far a start page is followed."""

from crawler.spiders.listing_pagination import MAX_INDEXES, ListingPagination
from presswatch.model import Link, LinkKind, Listing


def listing(*pages: str, kind: LinkKind = LinkKind.LISTING, links: int = 1) -> Listing:
    shown = tuple(Link(f"https://gazette.example/{place}", kind, place) for place in range(links))
    return Listing(kind, shown, pages)


def test_a_listing_is_followed_while_it_brings_new_links() -> None:
    pagination = ListingPagination(3, {"1"})
    assert pagination.next_page(listing("2"), fresh=5) == "2"
    assert pagination.next_page(listing("1", "3"), fresh=5) == "3"
    assert pagination.next_page(listing("4"), fresh=5) is None, "three pages were read"


def test_a_page_without_new_links_is_the_last() -> None:
    assert ListingPagination(3, {"1"}).next_page(listing("2"), fresh=0) is None


def test_a_circle_of_pages_ends() -> None:
    pagination = ListingPagination(50, {"1"})
    assert pagination.next_page(listing("2"), fresh=1) == "2"
    assert pagination.next_page(listing("1"), fresh=1) is None


def test_an_index_leads_to_its_sitemaps_best_first() -> None:
    pagination = ListingPagination(2, {"index"})
    assert (
        pagination.next_page(listing("news", "2026", "2025", kind=LinkKind.SITEMAP, links=0), fresh=0)
        == "news"
    )
    assert pagination.next_page(listing(kind=LinkKind.SITEMAP), fresh=9) == "2026"
    assert pagination.next_page(listing(kind=LinkKind.SITEMAP), fresh=9) is None


def test_a_broken_sitemap_does_not_hide_the_next() -> None:
    pagination = ListingPagination(3, {"index"})
    pagination.next_page(listing("news", "2026", kind=LinkKind.SITEMAP, links=0), fresh=0)
    assert pagination.next_page(None, fresh=0) == "2026"


def test_indexes_of_indexes_end() -> None:
    pagination = ListingPagination(50, {"0"})
    steps = 0
    while pagination.next_page(listing(f"{steps + 1}", kind=LinkKind.SITEMAP, links=0), fresh=0) is not None:
        steps += 1
    assert steps == MAX_INDEXES
