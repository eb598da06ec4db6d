"""What the entry of a feed says of its article, and whether the feed is the articles' own site's."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from lxml import etree, html

from crawler.extract.page.text import BLOCK_TAGS, squeeze
from presswatch.model import Link, Precision
from presswatch.publication import are_one_time
from presswatch.urls import same_site, site

_MOST, _LONGEST_NAME, _LONGEST_SUMMARY = 12, 80, 1_000
# Of a summary that is the whole article: enough to find its first paragraph in.
_READ = 4_000


def own(links: Iterable[Link], feed: str) -> tuple[Link, ...]:
    """The links of a list at the URL `feed`: mere links where they are not its own site's.

    Who collects others' articles is no witness of them. A feed that is served elsewhere leads to one site.
    The time at which the list was written is none of theirs.
    """
    links = tuple(links)
    # Days alone may well be one: an issue's, or today's news.
    told = [link.published for link in links if link.published]
    if are_one_time([moment.instant for moment in told if moment.precision is not Precision.DAY]):
        links = tuple(replace(link, published=None, modified=None) for link in links)
    if len({site(link.url) for link in links}) == 1 or not links:
        return links
    return tuple(link if same_site(feed, link.url) else _bare(link) for link in links)


def _bare(link: Link) -> Link:
    return Link(*(getattr(link, field.name) for field in fields(Link)))


def names(values: Any) -> tuple[str, ...]:
    """The texts in a list of texts or of objects with names, each once."""
    told = [value.get("name") if isinstance(value, dict) else value for value in _list(values)[:_MOST]]
    texts = (squeeze(value) for value in told if isinstance(value, str))
    return tuple(dict.fromkeys(text for text in texts if 0 < len(text) <= _LONGEST_NAME))


def categories(values: Any) -> tuple[str, ...]:
    """What the categories in feedparser's or a JSON Feed's form are called, each once."""
    told = [
        value.get("label") or value.get("term") if isinstance(value, dict) else value
        for value in _list(values)
    ]
    return names(told)


def first_paragraph(markup: Any) -> str:
    """The first paragraph of a summary in HTML or plain text; "" where it is longer than any summary."""
    if not isinstance(markup, str):
        return ""
    if "<" not in markup and "&" not in markup:
        text = squeeze(markup)
    else:
        try:
            root = html.fragment_fromstring(markup[:_READ], create_parent="div")
        except (etree.LxmlError, ValueError):
            return ""
        text = next((text for text in _paragraphs(root) if text), "")
    return text if len(text) <= _LONGEST_SUMMARY else ""


def _paragraphs(root: Any) -> Iterable[str]:
    """The texts between the beginnings and ends of blocks, in order."""
    run: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in BLOCK_TAGS or element.tag == "br":
            yield squeeze("".join(run))
            run = []
        run.append((element.text if event == "start" else element.tail) or "")
    yield squeeze("".join(run))


def _list(values: Any) -> Sequence[Any]:
    return values if isinstance(values, list) else [values] if values else []
