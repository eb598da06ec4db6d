"""How far a start page is followed: further pages of a listing or a feed, the sitemaps of an index."""

from collections import deque
from dataclasses import dataclass, field

from presswatch.model import LinkKind, Listing

# Pages without links of their own (indexes of sitemaps) that one start page may lead through.
MAX_INDEXES = 3


@dataclass(slots=True)
class ListingPagination:
    """The pages of one start page. `budget` is how many pages with links are read, the first included."""

    budget: int
    seen: set[str]
    waiting: deque[str] = field(default_factory=deque)
    indexes: int = 0
    kind: LinkKind = LinkKind.LISTING

    def next_page(self, listing: Listing | None, fresh: int) -> str | None:
        """The next page to read after one that was `listing` (None: unusable) and brought `fresh` new links.

        A listing leads to its next page while pages bring new links, an index to each of its sitemaps.
        """
        if listing is not None:
            self._add_pages(listing, fresh)
        if self.budget <= 0 or not self.waiting:
            return None
        return self.waiting.popleft()

    def page_after(self, listing: Listing) -> str | None:
        """The page to read after this one if it brings new links; None after an index, which is read anew."""
        if not listing.links or self.budget <= 1:
            return None
        return next((page for page in listing.pages if page not in self.seen), None)

    def _add_pages(self, listing: Listing, fresh: int) -> None:
        self.kind = listing.kind
        pages = [page for page in listing.pages if page not in self.seen]
        if listing.links:
            self.budget -= 1
            if not fresh:
                self.waiting.clear()
                return
        else:
            self.indexes += 1
            if self.indexes > MAX_INDEXES:
                return
        followed = pages if listing.kind is LinkKind.SITEMAP else pages[:1]
        self.seen.update(followed)
        self.waiting.extend(followed)
