"""Articles on several pages: where the next page is, and what it adds."""

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from crawler.extract.page.links import absolute
from crawler.extract.page.markup import Markup
from crawler.extract.page.text import content, key
from presswatch.model import Article
from presswatch.urls import is_home

MOST_PAGES = 10
_PARAMETER = re.compile(r"(?:page|paged|p|pg|seite|pagina)=([1-9]\d?)", re.I)
_PART = re.compile(r"/(?:(?:page|seite|pagina)[/-]?)?([1-9]\d?)(?:\.s?html?)?/?$", re.I)
# The same form may be another article's whose headline is alike: a link has to say that it leads on.
_SUFFIX = re.compile(r"[-_,]([1-9]\d?)(?=\.s?html?$)", re.I)
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?)$", re.I)
_LABEL = re.compile(r"[^\W\d]{0,12}\W{0,3}([1-9]\d?)", re.I)
_ENOUGH = 20


def next_page(markup: Markup, firsts: Iterable[str], number: int) -> str:
    """The address of the page after page `number` of the article whose first page has these addresses.

    Empty if there is none: a link to another article is not believed, whatever its rel says.
    """
    bare = {_bare(url) for url in firsts if url and not is_home(url)}
    wanted = number + 1
    for href, says_so in _candidates(markup, wanted):
        url = absolute(markup.base, href)
        for stem in _stems(url, wanted, suffixes=says_so):
            if not is_home(stem) and _bare(stem) in bare:
                return url
    return ""


def joined(before: Article, further: Article, url: str) -> Article | None:
    """The article with its further page, which stands under `url`; None if that adds nothing."""
    known = {key(block.text) for block in before.blocks} | {key(before.title)}
    added = tuple(block for block in further.blocks if key(block.text) not in known)
    if not any(len(block.text) >= _ENOUGH for block in added):
        return None
    pages = (*before.pages, url)
    own = {before.canonical_url, *before.other_urls, *pages, further.next_page}
    related = {link.url: link for link in (*further.related, *before.related) if link.url not in own}
    order = dict.fromkeys(link.url for link in (*before.related, *further.related) if link.url in related)
    return replace(
        before,
        blocks=before.blocks + added,
        related=tuple(replace(related[parameter], position=index) for index, parameter in enumerate(order)),
        pages=pages,
        next_page=further.next_page,
    )


def _candidates(markup: Markup, wanted: int) -> Iterable[tuple[str, bool]]:
    """Addresses the page links to, and whether the link says that it is the wanted page."""
    numbered = re.compile(rf"(?<!\d){wanted}(?!\d)").search
    for href in markup.links.get("next", ()):
        if numbered(href):
            yield href, True
    for anchor in markup.root.iter("a"):
        href = anchor.get("href") or ""
        # Most links have a number somewhere: a date, an id.
        if numbered(href):
            label = _LABEL.fullmatch(content(anchor)[:40])
            following = "next" in (anchor.get("rel") or "").lower().split()
            yield href, following or (label is not None and int(label[1]) == wanted)


def _stems(url: str, wanted: int, *, suffixes: bool) -> Iterable[str]:
    """The address without its page's number, for each way in which it may have one."""
    if not url:
        return
    parts = urlsplit(url)
    told = parts.query.split("&")
    for index, parameter in enumerate(told):
        if (match := _PARAMETER.fullmatch(parameter)) and int(match[1]) == wanted:
            yield urlunsplit(parts._replace(query="&".join(told[:index] + told[index + 1 :])))
    for form in (_PART, _SUFFIX) if suffixes else (_PART,):
        if (match := form.search(parts.path)) and int(match[1]) == wanted:
            path = parts.path[: match.start()] + parts.path[match.end() :]
            yield urlunsplit(parts._replace(path=path))


def _bare(url: str) -> str:
    """An address without what its first page may have and its others not."""
    parts = urlsplit(url)
    query = "&".join(sorted(parameter for parameter in parts.query.split("&") if not _is_first(parameter)))
    return urlunsplit(parts._replace(path=_EXTENSION.sub("", parts.path.rstrip("/")), query=query))


def _is_first(parameter: str) -> bool:
    match = _PARAMETER.fullmatch(parameter)
    return match is not None and match[1] == "1"
