"""A sample page read before anything is known of its site and then with what is, but parsed once.

That holds where one process reads both times, as it does for `sources add`: a tree stays in its process.
"""

from dataclasses import dataclass
from functools import lru_cache

from crawler.extract import Traits, read_sheet
from crawler.extract.page.site_facts import traits_of
from crawler.extract.page.tree import Tree, parse
from crawler.extract.start.site_probe import SiteMetadata, metadata_of
from presswatch.model import Article, Hints, NotArticle, Page, PageKind

# The trees of so many pages are kept, if these are no larger (bytes): a tree takes some ten times as much.
_KEPT, _LARGEST = 10, 1_000_000


@dataclass(frozen=True, slots=True)
class FirstReading:
    """What the page is, and where it is an article, what it tells and shows of its site."""

    seen: Article | NotArticle
    home: SiteMetadata | None = None
    shown: Traits | None = None


def read_first(page: Page, hints: Hints) -> FirstReading:
    """The page with its site's metadata and traits; without them where it is no article. Pure."""
    tree = _tree(page)
    if tree is None:
        return FirstReading(NotArticle(PageKind.EMPTY, "there is no element in the page"))
    # Before a source's selectors take anything out of the tree.
    home = metadata_of(tree.root, page)
    shown = traits_of(tree, page, hints)
    sheet = read_sheet(page, hints, tree=tree)
    if isinstance(sheet, NotArticle):
        return FirstReading(sheet)
    return FirstReading(sheet.whole, home, shown)


def read_again(page: Page, hints: Hints) -> Article | NotArticle:
    """The page as `read_article` reads it, with what is known of its site by now. Pure."""
    sheet = read_sheet(page, hints, tree=_tree(page))
    return sheet if isinstance(sheet, NotArticle) else sheet.whole


def _tree(page: Page) -> Tree | None:
    return parse(page) if len(page.body) > _LARGEST else kept_tree(page)


# Reading takes nothing out of a tree but what a source's selectors say, which go at the second reading, too.
kept_tree = lru_cache(maxsize=_KEPT)(parse)
