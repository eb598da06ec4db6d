"""HTML listings: which of a page's links are its articles."""

from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.links import absolute
from crawler.extract.markup import gather
from crawler.extract.text import content, squeeze
from presswatch.model import Hints, Link, LinkKind, Listing, Page, Unreadable


def read_listing(root: HtmlElement, page: Page, hints: Hints) -> Listing | Unreadable:
    """The article links of an HTML page in document order."""
    markup = gather(root, page.final_url)
    host = urlsplit(page.final_url).netloc
    found: dict[str, Link] = {}
    for anchor in root.iter("a"):
        url = absolute(markup.base, anchor.get("href") or "")
        title = content(anchor) or squeeze(anchor.get("title"))
        if url and urlsplit(url).netloc == host and len(title) > 20 and url not in found:
            found[url] = Link(url, LinkKind.LISTING, len(found), title)
    if not found:
        return Unreadable("nothing on the page looks like a link to an article")
    following = [absolute(markup.base, href) for href in markup.links.get("next", ())]
    return Listing(
        LinkKind.LISTING, tuple(found.values()), tuple(filter(None, following)), markup.title, hints.language
    )
