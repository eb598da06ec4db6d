"""What a page says about itself in its markup, gathered in one walk over its tree."""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extract.page.text import key, resolved, squeeze

Node = Mapping[str, Any]

_MOST_JSON, _MOST_TO_REPAIR = 1_000_000, 200_000
_MOST_NODES = 400
_MARKED = XPath("descendant::*[@itemprop or @property][not(self::meta)]")
_BETWEEN_OBJECTS = re.compile(r"[\s,;]*")
_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Review|Recipe|CreativeWork)$")
# Of an address, a number that is an article's.
_NUMBER = re.compile(r"\d{5,}")
_CONTAINERS = ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed", "review")


@dataclass(frozen=True, slots=True)
class Markup:
    """`url` is what answered, `base` what its links are relative to.

    `metas` holds the contents of `<meta>` by lower-case name, property or itemprop; `links` the hrefs of
    `<link>` by rel, those for other media by "copy" too. `marked` are the elements with `itemprop` or
    `property`, `<meta>` aside. `nodes` are the JSON-LD objects, without articles and pages that stand
    elsewhere; `articles` those among them that are articles, the page's own first.
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
                title = title or squeeze(resolved(element.text_content()))
            case "base":
                base = _join(url, element.get("href") or "")
            case "h1":
                headings.append(element)
            case "time":
                times.append(element)
            case _ if "ld+json" in (element.get("type") or "").lower():
                nodes.extend(_nodes(element.text or ""))
    titles = [title, *metas.get("og:title", ()), *(squeeze(one.text_content()) for one in headings)]
    own = _Own.of([url, *links.get("canonical", ()), *metas.get("og:url", ())], titles)
    nodes = [node for node in nodes if not own.is_elsewhere(node)]
    articles = sorted((node for node in nodes if _is_article(node)), key=lambda node: not own.is_about(node))
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
    if value := squeeze(resolved(element.get("content") or "")):
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


def _loads(script: str) -> list[Any]:
    """What a script says: one value, several in a row, or what can be made of one with faults."""
    text = (
        script.strip().removeprefix("<!--").removesuffix("-->").removeprefix("<![CDATA[").removesuffix("]]>")
    )
    for written in (text, html.unescape(text)):
        try:
            return list(_values(written))
        except (ValueError, RecursionError):
            continue
    if len(text) > _MOST_TO_REPAIR or "{" not in text:
        return []
    from json_repair import loads  # slow to import, and seldom needed

    try:
        # With comments, bare quotes, commas too many, cut off: what browsers never read, nobody mends.
        return [loads(text, skip_json_loads=True)]
    except (ValueError, RecursionError):
        return []


def _values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(strict=False)
    begin = _BETWEEN_OBJECTS.match(text)
    at = begin.end() if begin else 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        yield value
        between = _BETWEEN_OBJECTS.match(text, end)
        at = between.end() if between else end


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
        text = squeeze(resolved(value))
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


@dataclass(frozen=True, slots=True)
class _Own:
    """By what a node is known to be about the page: its addresses' ends and numbers, and its titles' keys."""

    ends: frozenset[str]
    numbers: frozenset[str]
    titles: frozenset[str]

    @classmethod
    def of(cls, urls: Iterable[str], titles: Iterable[str]) -> "_Own":
        paths = [path for url in urls if (path := _path(url))]
        return cls(
            frozenset(path.rsplit("/", 1)[-1] for path in paths),
            frozenset(number for path in paths for number in _NUMBER.findall(path)),
            frozenset(map(key, titles)),
        )

    def is_about(self, node: Node) -> bool:
        """Whether a node's address is the page's."""
        return any(self._has(path) for path in _addresses(node))

    def is_elsewhere(self, node: Node) -> bool:
        """Whether a node is an article or a page at another address, with a headline that the page does not
        show.
        """
        if not (_is_article(node) or any(kind.endswith("WebPage") for kind in types(node))):
            return False
        paths = _addresses(node)
        if not paths or any(self._has(path) for path in paths):
            return False
        named = [
            named for name in ("headline", "name") for text in strings(node.get(name)) if (named := key(text))
        ]
        return bool(named) and not any(
            name in title or (title and title in name) for name in named for title in self.titles
        )

    def _has(self, path: str) -> bool:
        return path.rsplit("/", 1)[-1] in self.ends or not self.numbers.isdisjoint(_NUMBER.findall(path))


def _addresses(node: Node) -> list[str]:
    """The paths of the addresses at which a node says that it stands, without those of front pages."""
    page = node.get("mainEntityOfPage")
    told = [
        node.get("url"),
        node.get("@id"),
        *((page.get("@id"), page.get("url")) if isinstance(page, dict) else (page,)),
    ]
    return [path for url in told if isinstance(url, str) and "://" in url and (path := _path(url))]


def _path(url: str) -> str:
    try:
        return urlsplit(url.strip()).path.rstrip("/").lower()
    except ValueError:
        return ""
