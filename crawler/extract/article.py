"""From a fetched page to an article, or to what it is instead."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from crawler.extract.body.article_body import find_body, given_body
from crawler.extract.body.article_pagination import joined, next_page
from crawler.extract.body.blocks import captions, make_blocks
from crawler.extract.body.fallback import declared_text, fallback_text, is_doubtful
from crawler.extract.fields.about import find_image, find_origin, find_section, find_tags
from crawler.extract.fields.byline import find_byline
from crawler.extract.fields.canonical import find_canonical
from crawler.extract.fields.languages import find_language
from crawler.extract.fields.people import find_authors, names_in, signature
from crawler.extract.fields.repair import mend
from crawler.extract.fields.times import Clock, find_modified, find_published
from crawler.extract.fields.titles import find_title, site_names
from crawler.extract.kind.page_kind import unreadable, what_else
from crawler.extract.page.links import absolute
from crawler.extract.page.markup import Markup, first, gather, strings
from crawler.extract.page.outline import outline
from crawler.extract.page.selectors import remove, select, select_text
from crawler.extract.page.text import content
from crawler.extract.page.trace import TraceEntry, tracing
from crawler.extract.page.tree import parse
from crawler.extract.related.related_links import Scene, find_related
from presswatch.model import Article, Block, Completeness, Hints, NotArticle, Page, PageKind

_log = structlog.get_logger()

# Counts up whenever the same page may be read otherwise than before.
EXTRACTOR = "2"

_ENDS_OPEN = re.compile(r"(?:\.\.\.|…|\[…\])$")


def read_article(page: Page, hints: Hints) -> Article | NotArticle:
    """The article on this page with all its fields, or what the page is instead. Never raises."""
    try:
        return _read_all(page, hints)
    except Exception as error:  # one strange page must not cost the run; the reason is kept
        _log.exception("page could not be read", url=page.final_url)
        return NotArticle(PageKind.ERROR, f"the reader failed on it: {type(error).__name__}: {error}"[:300])


def read_article_traced(page: Page, hints: Hints) -> tuple[Article | NotArticle, tuple[TraceEntry, ...]]:
    """The same, with what was looked at for each field and why one witness won."""
    with tracing() as heard:
        return read_article(page, hints), tuple(heard)


def _read_all(page: Page, hints: Hints) -> Article | NotArticle:
    """The article joined from its pages, as far as it says where it goes on and they were fetched."""
    read_first = _read(page, hints, (), 1)
    if isinstance(read_first, NotArticle):
        return read_first
    article, complete = read_first
    own = absolute(page.final_url, page.final_url)
    for number, body in enumerate(page.more, start=2):
        if not (url := article.next_page):
            break
        sheet = replace(page, url=url, final_url=url, body=body, more=())
        further = _read(sheet, hints, (own, article.canonical_url), number)
        if isinstance(further, NotArticle):
            if further.kind is PageKind.EMPTY:
                article = replace(article, next_page="")
            break
        longer = joined(article, further[0], url)
        article = longer or replace(article, next_page="")
    completeness = complete(article.blocks)
    if article.next_page and completeness is Completeness.FULL:
        completeness = Completeness.PARTIAL
    return replace(article, completeness=completeness)


def _read(
    page: Page, hints: Hints, firsts: Sequence[str], number: int
) -> tuple[Article, Callable[[Sequence[Block]], Completeness]] | NotArticle:
    """One page, and what tells how complete the article is, given its text.

    It is page `number` of the article whose first page has the addresses `firsts`; none are its own.
    """
    if refused := unreadable(page):
        return refused
    tree = parse(page)
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
    # Looked for now, as the second witness of the text takes links out of the tree.
    goes_on = next_page(markup, firsts or (own, canonical), number)
    pieces = outline(tree.root)
    headline = find_title(markup, hints.site_name)
    summaries = _summaries(markup)
    body = given_body(pieces, text_boxes) or find_body(pieces, headline.forms, summaries)
    signed, text = signature(pieces, body.pieces)
    blocks = make_blocks(pieces, text, headline.forms)
    declared = declared_text(markup)
    if is_doubtful(blocks, declared):
        blocks = fallback_text(page, blocks, declared)
    if other := what_else(page, markup, pieces, blocks, headline.forms):
        return other
    if not blocks:
        return NotArticle(PageKind.EMPTY, "no text was found in the page")
    byline = find_byline(pieces, body.pieces, headline.forms)
    language = find_language(markup, blocks, hints.language)
    clock = Clock(page.fetched_at, hints.zone, language, hints.date_order)
    authors = find_authors(
        markup, pieces, byline.pieces, site_names(markup, hints.site_name), byline.author or signed
    )
    scene = Scene(
        own, markup.base, body.pieces, body.lead, body.box, byline.title, frozenset((own, canonical, *copies))
    )
    published = clock.read(said["published"], "selector") or find_published(
        markup, pieces, byline.pieces, clock
    )
    article = Article(
        title=mend(said["title"] or headline.full),
        title_cut=mend(headline.cut),
        blocks=blocks,
        canonical_url=canonical,
        section=find_section(markup, pieces, byline.title, headline.forms),
        authors=tuple(mend(author) for author in names_in(named) or authors),
        editor=byline.editor or first(markup.articles, "editor"),
        origin=find_origin(markup, byline.origin, authors, blocks[0].text, blocks[-1].text),
        published=published,
        modified=find_modified(markup, pieces, byline.pieces, clock),
        language=language.split("-")[0],
        summary=mend(next(iter(summaries), "")),
        image=find_image(markup, captions(pieces)),
        tags=find_tags(markup),
        related=find_related(pieces, scene, hints.zone, related_boxes),
        other_urls=copies,
        next_page=goes_on,
    )
    return article, partial(_completeness, markup, declared, tree.flattened)


def _summaries(markup: Markup) -> list[str]:
    told = [*markup.metas.get("og:description", ()), *markup.metas.get("description", ())]
    return told + strings([node.get("description") for node in markup.articles])


def _completeness(
    markup: Markup, declared: Sequence[str], flattened: bool, blocks: Sequence[Block]
) -> Completeness:
    length = sum(len(block.text) for block in blocks)
    words = first(markup.articles, "wordCount")
    missing = words.isdecimal() and int(words) > 2 * sum(len(block.text.split()) for block in blocks) + 50
    locked = any(str(node.get("isAccessibleForFree")).lower() == "false" for node in markup.articles)
    if flattened:
        return Completeness.CUT
    if locked and (missing or length < 1_500 or _ENDS_OPEN.search(blocks[-1].text)):
        return Completeness.PAYWALLED
    if missing or _ENDS_OPEN.search(blocks[-1].text) or sum(map(len, declared)) > 2 * length:
        return Completeness.PARTIAL
    return Completeness.FULL
