"""From a fetched page to an article, or to what it is instead."""

from crawler.extract.about import declared_language, find_image, find_origin, find_section, find_tags
from crawler.extract.blocks import make_blocks
from crawler.extract.body import find_body
from crawler.extract.byline import find_byline
from crawler.extract.links import absolute
from crawler.extract.markup import first, gather, strings
from crawler.extract.outline import outline
from crawler.extract.people import find_authors
from crawler.extract.related import Scene, find_related
from crawler.extract.times import Clock, find_modified, find_published
from crawler.extract.titles import find_title, site_names
from crawler.extract.tree import parse
from presswatch.model import Article, Completeness, Hints, NotArticle, Page, PageKind

EXTRACTOR = "1"


def read(page: Page, hints: Hints) -> Article | NotArticle:
    """The article on this page with all its fields, or what the page is instead. Never raises."""
    tree = parse(page)
    if tree is None:
        return NotArticle(PageKind.EMPTY, "there is no element in the page")
    markup = gather(tree.root, page.final_url)
    pieces = outline(tree.root)
    headline = find_title(markup, hints.site_name)
    language = declared_language(markup) or hints.language
    summaries = [*markup.metas.get("og:description", ()), *markup.metas.get("description", ())]
    summaries += strings([node.get("description") for node in markup.articles])
    body = find_body(pieces, headline.forms, summaries)
    blocks = make_blocks(pieces, body.pieces, headline.forms)
    if not blocks:
        return NotArticle(PageKind.EMPTY, "no text was found in the page")
    canonical = absolute(page.final_url, next(iter(markup.links.get("canonical", ())), "")) or page.final_url
    byline = find_byline(pieces, body.pieces, headline.forms)
    own = absolute(page.final_url, page.final_url)
    scene = Scene(
        own, markup.base, body.pieces, body.lead, body.box, byline.title, frozenset((own, canonical))
    )
    clock = Clock(page.fetched_at, hints.zone, language)
    authors = find_authors(markup, pieces, byline.pieces, site_names(markup, hints.site_name), byline.author)
    return Article(
        title=headline.full,
        title_cut=headline.cut,
        blocks=blocks,
        canonical_url=absolute(page.final_url, next(iter(markup.links.get("canonical", ())), ""))
        or page.final_url,
        section=find_section(markup, pieces, byline.title),
        authors=authors,
        editor=byline.editor or first(markup.articles, "editor"),
        origin=find_origin(markup, byline.origin, authors, blocks[0].text, blocks[-1].text),
        published=find_published(markup, pieces, byline.pieces, clock),
        modified=find_modified(markup, pieces, byline.pieces, clock),
        language=language.split("-")[0].lower(),
        summary=next(iter(summaries), ""),
        image=find_image(markup, ()),
        tags=find_tags(markup),
        related=find_related(pieces, scene, hints.zone),
        completeness=Completeness.CUT if tree.flattened else Completeness.FULL,
    )
