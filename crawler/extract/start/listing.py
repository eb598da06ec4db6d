"""HTML listings: which of a page's links are its articles, and which leads to the next page."""

import re
from collections import Counter
from collections.abc import Sequence, Set

from lxml.html import HtmlElement

from crawler.extract import vocabulary as words
from crawler.extract.fields.languages import declared
from crawler.extract.kind.page_kind import wall
from crawler.extract.page.address_forms import has_form
from crawler.extract.page.links import absolute, is_headline, is_no_article, is_pdf, may_be_article
from crawler.extract.page.markup import Markup, gather
from crawler.extract.page.outline import Anchor, Box, Outline, outline
from crawler.extract.page.selectors import remove, select
from crawler.extract.page.text import content
from crawler.extract.related.cards import card_time, card_title
from crawler.extract.start.hubs import hub_of_html
from presswatch.model import Hints, Link, LinkKind, Listing, Page, Unreadable
from presswatch.urls import same_site

_NEXT = re.compile(
    r"(?:next(?: page)?|older(?: posts| entries)?|more|weiter|nächste(?: seite)?|ältere beiträge|suivante?|"
    r"page suivante|siguiente|próxim[ao]|successiv[ao]|avanti|volgende|neste|nästa|næste|seuraava|"
    r"następna|další|далее|следующая|вперед|sonraki|التالي|הבא|下一页|下页|下一頁|次へ|"
    r"次のページ|다음|trang sau|tiếp|selanjutnya)?\s*[›»>→]*$",
    re.I,
)
_NOT_LISTED = re.compile(
    words.named(
        words.NAVIGATION,
        words.SKIPPING,
        words.FOOTER,
        words.SPONSORED,
        words.COMMENTS,
        words.SHARING,
        words.TAGS,
        words.TAG_CLOUD,
        words.LOGIN,
        words.NEWSLETTER,
        words.CONSENT,
    )
)
# The number of a page in its address.
_PAGE = re.compile(
    r"[?&](?:page|paged|p|pg|pn|seite|pagina|sida)=(\d{1,4})(?!\d)|"
    r"(?:/(?:page|seite|pagina|p)[/-]?|(?:index|list)[_-])(\d{1,4})(?=/?$|\.\w{3,5}$)",
    re.I,
)
_MOST_LINKS, _FEW = 500, 3
# A card is hardly higher, and has hardly more links.
_HIGHEST, _MOST_BESIDE = 4, 12


def read_listing(root: HtmlElement, page: Page, hints: Hints) -> Listing | Unreadable:
    """The article links of an HTML page in its order, with the fullest title and the time shown for each."""
    remove(root, hints.selectors.remove)
    markup = gather(root, page.final_url)
    chosen = select(root, hints.selectors.links)
    pieces = outline(root)
    own = absolute(page.final_url, page.final_url) or page.final_url
    links = _chosen(chosen, markup) if chosen else _found(pieces, markup, own, hints)
    pdfs = () if chosen else _pdfs(pieces, markup, {link.url for link in links})
    if len(links) < _FEW and (refused := wall(page, markup, pieces, 0, [markup.title])):
        return Unreadable(f"the page is a {refused.kind.value}: {refused.reason}")
    if not links:
        documents = f"; it links {len(pdfs)} PDFs, which are not read" if pdfs else ""
        return Unreadable(f"nothing on the page looks like a link to an article{documents}")
    language = next(iter(declared(markup)), hints.language).split("-")[0]
    following = _following(root, markup, own, hints)
    missed = bool(hints.selectors.links) and not chosen
    hub = hub_of_html(map(dict, (link.attrib for link in root.iter("link"))), page.links, page.final_url)
    return Listing(LinkKind.LISTING, links, following, markup.title, language, pdfs, missed=missed, hub=hub)


def _chosen(elements: list[HtmlElement], markup: Markup) -> tuple[Link, ...]:
    """The links that a selector of the source's file means: the elements themselves, or the links within."""
    titles: dict[str, str] = {}
    for element in elements:
        for anchor in [element] if element.tag == "a" else element.iter("a"):
            url, title = absolute(markup.base, anchor.get("href") or ""), content(anchor)
            if url and len(title) >= len(titles.get(url, "")):
                titles[url] = title
    return tuple(Link(url, LinkKind.LISTING, n, title) for n, (url, title) in enumerate(titles.items()))[
        :_MOST_LINKS
    ]


def _found(pieces: Outline, markup: Markup, own: str, hints: Hints) -> tuple[Link, ...]:
    def address(anchor: Anchor) -> str:
        if anchor.url is None:
            anchor.url = absolute(markup.base, anchor.href)
        return anchor.url

    shown = [
        (anchor, title, address(anchor))
        for anchor in pieces.anchors
        if (title := card_title(pieces, anchor)) and not _elsewhere(anchor.box)
    ]
    forms = hints.facts.addresses
    sure = {
        url for _, title, url in shown if may_be_article(url, own, title) or _is_own_form(url, own, forms)
    }
    # Ids may be letters alone: what lies with several articles under a headline is one too.
    folders = Counter(url.rsplit("/", 1)[0] for url in sure)
    links: dict[str, Link] = {}
    for anchor, title, url in shown:
        if url not in sure and not (
            url and folders[url.rsplit("/", 1)[0]] >= _FEW and _is_beside(url, title)
        ):
            continue
        known = links.get(url)
        if known is None and len(links) >= _MOST_LINKS:
            break
        time = known.published if known else card_time(pieces, anchor, address, hints.zone, "listing")
        fuller = known.title if known and len(known.title) >= len(title) else title
        links[url] = Link(url, LinkKind.LISTING, known.position if known else len(links), fuller, time)
    return tuple(links.values())


def _pdfs(pieces: Outline, markup: Markup, articles: Set[str]) -> tuple[str, ...]:
    """The PDFs that a listing shows by themselves, not as another form of an article that it links."""
    shown: dict[str, None] = {}
    for anchor in pieces.anchors:
        url = absolute(markup.base, anchor.href) if ".pdf" in anchor.href.lower() else ""
        if not is_pdf(url) or len(shown) >= _MOST_LINKS or _elsewhere(anchor.box):
            continue
        if not _is_form_of_article(pieces, anchor.box, url, markup, articles):
            shown[url] = None
    return tuple(shown)


def _is_form_of_article(
    pieces: Outline, box: Box | None, pdf: str, markup: Markup, articles: Set[str]
) -> bool:
    """Whether a PDF is offered in the card of one article: the smallest box with an article decides."""
    for _ in range(_HIGHEST):
        if box is None:
            return False
        inside = pieces.anchors[box.first_anchor : box.end_anchor][:_MOST_BESIDE]
        beside = {absolute(markup.base, other.href) for other in inside} - {pdf}
        if beside & articles:
            return len(beside & articles) == 1 and not any(map(is_pdf, beside))
        box = box.parent
    return False


def _is_beside(url: str, title: str) -> bool:
    """Whether a link says a headline, and its address is one word that says nothing."""
    return is_headline(title) and re.fullmatch(r"[a-z]{8,}", url.rsplit("/", 1)[-1]) is not None


def _is_own_form(url: str, own: str, forms: Sequence[str]) -> bool:
    """Whether an address is like those of the source's articles, whatever a link to it says."""
    return url != own and has_form(url, forms) and same_site(url, own) and not is_no_article(url, own)


def _elsewhere(box: Box | None) -> bool:
    """Whether a link stands in navigation, advertising or the like."""
    for _ in range(7):
        if box is None:
            return False
        if box.tag in ("nav", "footer") or (box.words and _NOT_LISTED.search(box.words)):
            return True
        box = box.parent
    return False


def _following(root: HtmlElement, markup: Markup, own: str, hints: Hints) -> tuple[str, ...]:
    """The next page of a listing: told by the source, by rel=next, by what a link says, or by its number."""
    told = [element.get("href") or "" for element in select(root, hints.selectors.next_page)]
    told += markup.links.get("next", ())
    if not told:
        told = [anchor.get("href") or "" for anchor in root.iter("a") if _leads_on(anchor)]
    candidates = [absolute(markup.base, href) for href in told] or _numbered(root, markup, own)
    return tuple(dict.fromkeys(url for url in candidates if url and url != own and same_site(url, own)))[:1]


def _numbered(root: HtmlElement, markup: Markup, own: str) -> list[str]:
    """Where a link leads that is the number after this page's own (1, if its address has none)."""
    here = _PAGE.search(own)
    number = int(here[1] or here[2]) + 1 if here else 2
    below = f"{own.rstrip('/')}/{number}"
    numbered = []
    for anchor in root.iter("a"):
        if len(anchor) > 2 or content(anchor) != str(number):
            continue
        url = absolute(markup.base, anchor.get("href") or "")
        there = _PAGE.search(url)
        if url.rstrip("/") == below or (there and int(there[1] or there[2]) == number):
            numbered.append(url)
    return numbered


def _leads_on(anchor: HtmlElement) -> bool:
    if "next" in (anchor.get("rel") or "").lower().split():
        return True
    called = (
        f"{anchor.get('class') or ''} {anchor.get('aria-label') or ''} {anchor.get('title') or ''}".lower()
    )
    text = content(anchor) if len(anchor) < 4 else ""
    if len(text) > 25:
        return False
    if text and _NEXT.fullmatch(text) and text.lower() not in ("more", ">", "»", "›"):
        return True
    return (
        bool(re.search(r"(?:^|[\s_-])next(?=$|[\s_-])", called))
        and "prev" not in called
        and "slide" not in called
    )
