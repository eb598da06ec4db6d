"""What a reading process does with an article: all that takes time, so that the crawler only writes."""

from crawler.extract import Sheet, read_sheet
from presswatch.archive.prepared import Prepared, prepare
from presswatch.model import Hints, NotArticle, Page


def read_and_prepare(page: Page, hints: Hints) -> tuple[Sheet, Prepared | None] | NotArticle:
    """The article on this page and what is kept of it, or what the page is instead. Never raises.

    Nothing is prepared (None) where the article goes on on another page.
    """
    sheet = read_sheet(page, hints)
    if isinstance(sheet, NotArticle):
        return sheet
    return sheet, None if sheet.article.next_page else prepare(page, sheet.whole)
