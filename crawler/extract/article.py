"""From a fetched page to an article, or to what it is instead."""

from datetime import datetime

from crawler.extract.blocks import make_blocks
from crawler.extract.body import find_body
from crawler.extract.links import absolute
from crawler.extract.markup import Markup, first, gather, strings
from crawler.extract.outline import outline
from crawler.extract.related import read_related
from crawler.extract.text import squeeze
from crawler.extract.times import believable, read_time
from crawler.extract.titles import find_title
from crawler.extract.tree import parse
from presswatch.model import Article, Completeness, Hints, Moment, NotArticle, Page, PageKind

EXTRACTOR = "1"


def read(page: Page, hints: Hints) -> Article | NotArticle:
    """The article on this page with all its fields, or what the page is instead. Never raises."""
    tree = parse(page)
    if tree is None:
        return NotArticle(PageKind.EMPTY, "there is no element in the page")
    markup = gather(tree.root, page.final_url)
    headline = find_title(markup, hints.site_name)
    related = read_related(markup, hints.zone)
    published = _time(markup, hints.zone, page.fetched_at, ("datePublished",), ("article:published_time",))
    modified = _time(markup, hints.zone, page.fetched_at, ("dateModified",), ("article:modified_time",))
    page_outline = outline(tree.root)
    summaries = [*markup.metas.get("og:description", ()), *markup.metas.get("description", ())]
    summaries += strings([node.get("description") for node in markup.articles])
    body = find_body(page_outline, headline.forms, summaries)
    blocks = make_blocks(page_outline, body.pieces, headline.forms)
    if not blocks:
        return NotArticle(PageKind.EMPTY, "no text was found in the page")
    return Article(
        title=headline.full,
        title_cut=headline.cut,
        blocks=blocks,
        canonical_url=absolute(page.final_url, next(iter(markup.links.get("canonical", ())), ""))
        or page.final_url,
        authors=tuple(strings([node.get("author") for node in markup.articles[:1]])),
        published=published,
        modified=modified,
        language=(tree.root.get("lang") or hints.language)[:2].lower(),
        summary=markup.meta("og:description", "description"),
        related=related,
        completeness=Completeness.CUT if tree.flattened else Completeness.FULL,
    )


def _time(
    markup: Markup, zone: str, now: datetime, properties: tuple[str, ...], metas: tuple[str, ...]
) -> Moment | None:
    for raw, origin in (
        (first(markup.articles, *properties), f"json-ld {properties[0]}"),
        (markup.meta(*metas), f"meta {metas[0]}"),
        *((squeeze(time.get("datetime") or time.text), "time element") for time in markup.times),
    ):
        moment = read_time(raw, origin, zone)
        if moment and believable(moment, now):
            return moment
    return None
