"""A sample page read before anything is known of its site, and parsed once for all that is asked of it."""

from dataclasses import dataclass

from crawler.extract import Traits, read_sheet
from crawler.extract.page.site_facts import traits_of
from crawler.extract.page.tree import parse
from crawler.extract.start.site_probe import SiteMetadata, metadata_of
from presswatch.model import Article, Hints, NotArticle, Page, PageKind


@dataclass(frozen=True, slots=True)
class FirstReading:
    """What the page is, and where it is an article, what it tells and shows of its site."""

    seen: Article | NotArticle
    home: SiteMetadata | None = None
    shown: Traits | None = None


def read_first(page: Page, hints: Hints) -> FirstReading:
    """The page with its site's metadata and traits; without them where it is no article. Pure."""
    tree = parse(page)
    if tree is None:
        return FirstReading(NotArticle(PageKind.EMPTY, "there is no element in the page"))
    # Before a source's selectors take anything out of the tree.
    home = metadata_of(tree.root, page)
    shown = traits_of(tree, page, hints)
    sheet = read_sheet(page, hints, tree=tree)
    if isinstance(sheet, NotArticle):
        return FirstReading(sheet)
    return FirstReading(sheet.whole, home, shown)
