"""From a fetched page to an article, or to what it is instead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from crawler.extract.body.article_body import find_body, given_body
from crawler.extract.body.article_pagination import joined, next_page
from crawler.extract.body.blocks import captions, make_blocks
from crawler.extract.body.fallback import declared_text, fallback_text, is_doubtful, standing
from crawler.extract.fields.about import find_image, find_labels, find_origin, find_section, find_tags
from crawler.extract.fields.byline import find_byline
from crawler.extract.fields.canonical import find_canonical
from crawler.extract.fields.languages import find_language
from crawler.extract.fields.names import CommonWords, names_in
from crawler.extract.fields.people import find_authors, signature
from crawler.extract.fields.repair import mend
from crawler.extract.fields.times import Clock, find_modified, find_published
from crawler.extract.fields.titles import find_title, site_names
from crawler.extract.kind.page_kind import unreadable, what_else
from crawler.extract.page.links import absolute, may_be_article
from crawler.extract.page.markup import Markup, first, gather, strings
from crawler.extract.page.outline import Anchor, outline
from crawler.extract.page.selectors import remove, select, select_text
from crawler.extract.page.site_facts import keys_of, names_of_site
from crawler.extract.page.text import content, key, plain
from crawler.extract.page.trace import TraceEntry, tracing
from crawler.extract.page.tree import Tree, parse
from crawler.extract.related.related_links import Scene, find_related
from presswatch.model import Article, Block, Completeness, Facts, Hints, NotArticle, Page, PageKind

_log = structlog.get_logger()

# Counts up whenever the same page may be read otherwise than before.
# tests/unit/test_extractor_version.py fails if the sample press is read otherwise under the same version.
EXTRACTOR = "7"

_OPEN_ENDS = ("...", "…", "[…]")
_TAG = re.compile(r"</?(?:a|b|br|div|em|h\d|i|li|p|span|strong|ul)\b[^<>]*>", re.I)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of an article that may have several, or the pages joined so far.

    `addresses` are those of its first page; `expected` tells how complete the whole is.
    """

    article: Article
    addresses: tuple[str, ...]
    expected: "Expected"

    @property
    def whole(self) -> Article:
        """The article as far as it was read, with its completeness."""
        completeness = self.expected.completeness(self.article.blocks)
        if self.article.next_page and completeness is Completeness.FULL:
            completeness = Completeness.PARTIAL
        return replace(self.article, completeness=completeness)


@dataclass(frozen=True, slots=True)
class Expected:
    """What an article's first page says of its length: `words` (0: nothing), characters of `declared` text.

    `locked`: it is not accessible for free. `flattened`: the page was too deep or too large to be read whole.
    """

    words: int
    declared: int
    locked: bool
    flattened: bool

    def completeness(self, blocks: Sequence[Block]) -> Completeness:
        """How complete the text of these blocks is."""
        length = sum(len(block.text) for block in blocks)
        missing = self.words > 2 * sum(len(block.text.split()) for block in blocks) + 50
        if self.flattened:
            return Completeness.CUT
        if self.locked and (missing or length < 1_500 or blocks[-1].text.endswith(_OPEN_ENDS)):
            return Completeness.PAYWALLED
        if missing or blocks[-1].text.endswith(_OPEN_ENDS) or self.declared > 2 * length:
            return Completeness.PARTIAL
        return Completeness.FULL


def read_article(page: Page, hints: Hints) -> Article | NotArticle:
    """The article on this page and its `more` pages with all its fields, or what the page is instead.

    Never raises, whatever the bytes.
    """
    sheet = read_sheet(page, hints)
    if isinstance(sheet, NotArticle):
        return sheet
    for number, body in enumerate(page.more, start=2):
        if not (url := sheet.article.next_page):
            break
        further = read_sheet(next_sheet(page, url, body), hints, sheet.addresses, number)
        sheet = join(sheet, further, url)
        if sheet.article.next_page == url:
            break
    return sheet.whole


def read_article_traced(page: Page, hints: Hints) -> tuple[Article | NotArticle, tuple[TraceEntry, ...]]:
    """The same, with what was looked at for each field and why one of its values was believed."""
    with tracing() as entries:
        return read_article(page, hints), tuple(entries)


def read_sheet(
    page: Page, hints: Hints, addresses: tuple[str, ...] = (), number: int = 1, tree: Tree | None = None
) -> Sheet | NotArticle:
    """One page alone: the first of an article, or page `number` of the one whose first has these addresses.

    `tree` is the page's, where it was parsed already. Never raises, whatever the bytes.
    """
    try:
        return _read_sheet(page, hints, addresses, number, tree)
    except Exception as error:  # one strange page must not cost the run; the reason is kept
        _log.exception("page could not be read", url=page.final_url)
        return NotArticle(PageKind.ERROR, f"the reader failed on it: {type(error).__name__}: {error}"[:300])


def next_sheet(page: Page, url: str, body: bytes) -> Page:
    """A further page of the article on `page`, fetched from `url`."""
    return replace(page, url=url, final_url=url, body=body, more=())


def join(sheet: Sheet, further: Sheet | NotArticle, url: str) -> Sheet:
    """The article with its next page, which stands under `url`.

    A page that could not be read leaves the article as it is: it still goes on there.
    """
    if isinstance(further, NotArticle):
        is_over = further.kind is PageKind.EMPTY
        return replace(sheet, article=replace(sheet.article, next_page="")) if is_over else sheet
    longer = joined(sheet.article, further.article, url)
    return replace(sheet, article=longer or replace(sheet.article, next_page=""))


def _read_sheet(
    page: Page, hints: Hints, addresses: tuple[str, ...], number: int, tree: Tree | None
) -> Sheet | NotArticle:
    if refused := unreadable(page):
        return refused
    tree = tree or parse(page)
    if tree is None:
        return NotArticle(PageKind.EMPTY, "there is no element in the page")
    given = hints.selectors
    remove(tree.root, given.remove)
    said = {name: select_text(tree.root, getattr(given, name)) for name in ("title", "published")}
    named = [content(element) for element in select(tree.root, given.authors)]
    text_boxes, related_boxes = select(tree.root, given.body), select(tree.root, given.related)
    markup = gather(tree.root, page.final_url)
    canonical, copies = find_canonical(markup)
    own = absolute(page.final_url, page.final_url)
    addresses = addresses or (own, canonical)
    pieces = outline(tree.root)
    headline = find_title(markup, hints.site_name, hints.facts, page.entries)
    summaries = _summaries(markup, hints.facts)

    def leads_elsewhere(anchor: Anchor) -> bool:
        url = absolute(markup.base, anchor.href)
        is_own = url in (own, canonical, *copies) or key(anchor.text) == key(headline.full)
        return not is_own and may_be_article(url, own, anchor.text)

    body = given_body(pieces, text_boxes) or find_body(pieces, headline.forms, summaries, leads_elsewhere)
    common = CommonWords(pieces)
    at, (signed, text) = body.pieces, signature(pieces, body.pieces, common)
    blocks = make_blocks(pieces, text, headline.forms, hints.facts)
    declared = declared_text(markup)
    if is_doubtful(blocks, declared) and (
        other_text := fallback_text(page, blocks, declared, headline.forms)
    ):
        at = at if other_text == blocks else standing(pieces, other_text)
        blocks = other_text
    if other := what_else(page, markup, pieces, blocks, headline.forms, hints.facts.addresses):
        return other
    if not blocks:
        return NotArticle(PageKind.EMPTY, "no text was found in the page")
    byline = find_byline(pieces, at, headline.forms)
    language = find_language(markup, blocks, hints.language)
    clock = Clock(page.fetched_at, hints.zone, language, hints.date_order)
    names = (*site_names(markup, hints.site_name), *names_of_site(hints.facts))
    authors = find_authors(markup, pieces, byline, names, signed, common, page.entries, hints.facts.bylines)
    labels = find_labels(pieces, byline, page.entries, frozenset(map(key, (*names, *headline.forms))))
    section = find_section(markup, labels)
    scene = Scene(
        own, markup.base, body.pieces, body.lead, body.box, byline.title, frozenset((own, canonical, *copies))
    )
    modified = find_modified(markup, pieces, byline, clock, page.entries)
    published = clock.read(said["published"], "selector") or find_published(
        markup, pieces, byline, clock, [block.text for block in blocks[:3]], modified, page.entries
    )
    article = Article(
        title=mend(said["title"] or headline.full),
        title_cut=mend(headline.cut),
        blocks=blocks,
        canonical_url=canonical,
        section=section,
        authors=tuple(mend(author) for author in names_in(named) or authors),
        editor=byline.editor or first(markup.articles, "editor"),
        origin=find_origin(markup, byline.origin, authors, blocks[0].text, blocks[-1].text),
        published=published,
        modified=modified,
        language=language.split("-")[0],
        summary=mend(next(iter(summaries), "")),
        image=find_image(markup, captions(pieces)),
        tags=find_tags(markup, labels, section),
        related=find_related(pieces, scene, hints.zone, related_boxes),
        other_urls=copies,
        next_page=next_page(markup, addresses, number),
    )
    return Sheet(article, addresses, _expected(markup, declared, flattened=tree.flattened))


def _summaries(markup: Markup, facts: Facts) -> list[str]:
    told = [*markup.metas.get("og:description", ()), *markup.metas.get("description", ())]
    told += strings([node.get("description") for node in markup.articles])
    # Some systems put the markup of their editor there.
    told = [plain(text) if _TAG.search(text) else text for text in told]
    taglines = keys_of(facts.summaries)
    return [text for text in told if key(text) not in taglines] if taglines else told


def _expected(markup: Markup, declared: Sequence[str], *, flattened: bool) -> Expected:
    words = first(markup.articles, "wordCount")
    locked = any(str(node.get("isAccessibleForFree")).lower() == "false" for node in markup.articles)
    return Expected(int(words) if words.isdecimal() else 0, sum(map(len, declared)), locked, flattened)
