"""What a page says about itself in its markup, gathered in one walk over its tree."""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extract.page.text import squeeze

Node = Mapping[str, Any]

_MOST_JSON = 1_000_000
_MOST_NODES = 400
_MARKED = XPath("descendant::*[@itemprop or @property][not(self::meta)]")
_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")
_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|CreativeWork)$")
_CONTAINERS = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed", "review")


@dataclass(frozen=True, slots=True)
class Markup:
    """`url` is what answered, `base` what its links are relative to.

    `metas` holds the contents of `<meta>` by lower-case name, property or itemprop; `links` the hrefs of
    `<link>` by rel, those for other media by "copy" too. `marked` are the elements with `itemprop` or
    `property`, `<meta>` aside. `nodes` are the JSON-LD objects, `articles` those among them that are
    articles, the page's own first.
    """

    root: HtmlElement
    url: str
    base: str
    metas: Mapping[str, list[str]]
    links: Mapping[str, list[str]]
    title: str
    headings: tuple[HtmlElement, ...]
    times: tuple[HtmlElement, ...]
    marked: tuple[HtmlElement, ...]
    nodes: tuple[Node, ...]
    articles: tuple[Node, ...]

    def meta(self, *names: str) -> str:
        """The first non-empty content of these names, in their order."""
        return next((value for name in names for value in self.metas.get(name, ()) if value), "")


def gather(root: HtmlElement, url: str) -> Markup:
    metas: dict[str, list[str]] = defaultdict(list)
    links: dict[str, list[str]] = defaultdict(list)
    nodes: list[Node] = []
    headings: list[HtmlElement] = []
    times: list[HtmlElement] = []
    title, base = "", url
    for element in root.iter("meta", "link", "title", "base", "script", "h1", "time"):
        match element.tag:
            case "meta":
                _take_meta(element, metas)
            case "link":
                for rel in (element.get("rel") or "").lower().split():
                    links[rel].append((element.get("href") or "").strip())
                    if rel == "alternate" and element.get("media"):
                        links["copy"].append((element.get("href") or "").strip())
            case "title":
                title = title or squeeze(element.text_content())
            case "base":
                base = _join(url, element.get("href") or "")
            case "h1":
                headings.append(element)
            case "time":
                times.append(element)
            case _ if "ld+json" in (element.get("type") or "").lower():
                nodes.extend(_nodes(element.text or ""))
    articles = sorted(
        (node for node in nodes if _is_article(node)), key=lambda node: not _is_about(node, url)
    )
    return Markup(
        root,
        url,
        base,
        dict(metas),
        dict(links),
        title,
        tuple(headings),
        tuple(times),
        tuple(_MARKED(root)),
        tuple(nodes),
        tuple(articles),
    )


def _take_meta(element: HtmlElement, metas: dict[str, list[str]]) -> None:
    value = squeeze(element.get("content"))
    if value:
        for name in {
            (element.get(attribute) or "").strip().lower() for attribute in ("name", "property", "itemprop")
        }:
            if name:
                metas[name].append(value)


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return base


def _nodes(script: str) -> list[Node]:
    if len(script) > _MOST_JSON:
        return []
    return list(_walk(_loads(script)))[:_MOST_NODES]


def _loads(script: str) -> Any:
    script = (
        script.strip().removeprefix("<!--").removesuffix("-->").removeprefix("<![CDATA[").removesuffix("]]>")
    )
    for text in (script, _TRAILING_COMMA.sub("", script).rstrip("; \n"), html.unescape(script)):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _walk(value: Any, depth: int = 0) -> Iterator[Node]:
    """The objects that stand for the page or parts of it: not those it merely mentions or lists."""
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in _CONTAINERS:
            if isinstance(value.get(name), dict | list):
                yield from _walk(value[name], depth + 1)


def types(node: Node) -> tuple[str, ...]:
    """A JSON-LD node's types, without their vocabulary's address."""
    return tuple(kind.rsplit("/", 1)[-1] for kind in strings(node.get("@type")))


def strings(value: Any) -> list[str]:
    """The non-empty texts in a JSON-LD value that may be one or many, plain or objects with a name."""
    if isinstance(value, str):
        text = squeeze(html.unescape(value))
        return [text] if text else []
    if isinstance(value, dict):
        return strings(value.get("name") or value.get("@value") or value.get("url") or value.get("@id"))
    if isinstance(value, list):
        return [text for item in value[:200] for text in strings(item)]
    return []


def first(nodes: Iterable[Node], *names: str) -> str:
    """The first text found under one of these names, by name, then by node."""
    nodes = tuple(nodes)
    return next((text for name in names for node in nodes for text in strings(node.get(name))), "")


def is_article_type(kind: str) -> bool:
    """Whether a type of schema.org, with or without its vocabulary's address, is an article's."""
    return bool(_ARTICLE_TYPE.search(kind.strip()))


def _is_article(node: Node) -> bool:
    return any(map(is_article_type, types(node)))


def _is_about(node: Node, url: str) -> bool:
    slug = url.rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    return bool(slug) and any(
        slug in text for name in ("url", "@id", "mainEntityOfPage") for text in strings(node.get(name))
    )
