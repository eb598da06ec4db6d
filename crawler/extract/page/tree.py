"""From a page's bytes to one lxml tree that holds what a browser shows, with guards against pages made to
exhaust a parser.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.extract.page.charset import decode
from presswatch.model import Page

# libxml2 gives up at 2,048 levels; no page of the press comes near, and recursive code of others stays safe.
_DEEP_TAGS = re.compile(
    rb"</?(?!(?:html|head|body|title|meta|link|script|style|h1|h2|p|a|time|img)\b)[a-z][^<>]{0,2000}>", re.I
)
_MOST_TAGS = 60_000
# libxml2 ends the document here and drops what follows; browsers go on with the body.
_HTML_END = re.compile(rb"</[hH][tT][mM][lL]\b[^>]*>")
# libxml2 compares each attribute of a tag with all before it.
_LONG_TAG = re.compile(rb"<([a-z][\w:-]*)(\s[^<>]{16000,})>", re.I)
_ATTRIBUTE = re.compile(rb"[^\s\"'<>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?")
_MOST_ATTRIBUTES = 500
# Elements whose text is not read. Where one of them holds what it cannot hold, browsers have closed it.
_MARKUP = (
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing"
    " menu meta nobr ol p pre ruby s small span strike strong sub sup table tt u ul var"
)
_PARTS_OF_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
_CLOSED_BY = {
    "svg": frozenset(_MARKUP.split()),
    "math": frozenset(_MARKUP.split()),
    "select": frozenset(f"input keygen select textarea {_PARTS_OF_TABLES}".split()),
    "template": frozenset(f"body {_PARTS_OF_TABLES}".split()),
    "object": frozenset(_PARTS_OF_TABLES.split()),
}
# In these they may hold it.
_HOLDS_HTML = {
    "svg": frozenset(("foreignobject", "desc", "title")),
    "math": frozenset(("annotation-xml", "mi", "mo", "mn", "ms", "mtext")),
}

_ALL_ALIKE = etree.ElementDefaultClassLookup(element=HtmlElement)


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed page. `flattened`: too deep or too many elements, so it was read without its inner tags."""

    root: HtmlElement
    flattened: bool = False


def parse(page: Page) -> Tree | None:
    """The page's tree; None if there is no element in it."""
    return parse_text(decode(page.body, page.charset))


def parse_text(text: str) -> Tree | None:
    """The tree of a page that is decoded; None if there is no element in it.

    Where libxml2 has lost text that a browser shows, the page is read by a parser that conforms to the HTML
    standard first.
    """
    body = _unended(text.replace("\x00", "").encode("utf-8", "replace"))
    body = _LONG_TAG.sub(_without_many_attributes, body)
    if body.count(b"<") > _MOST_TAGS:
        return _parse_flattened(body)
    tree = _parse_whole(body)
    if tree and not tree.flattened and (_has_swallowed(tree.root) or _has_foreign_text(body)):
        return _parse_whole(_conforming(body)) or tree
    return tree


def _parse_whole(body: bytes) -> Tree | None:
    parser = _parser()
    root = _root(body, parser)
    # Beyond its depth the parser gives up and keeps what it has, without an exception.
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log.filter_from_fatals()):
        return _parse_flattened(body)
    return None if root is None else Tree(root)


def _unended(body: bytes) -> bytes:
    """The page without the end tags of `html` that something follows."""
    ends = [end for tag in (b"</html", b"</HTML") if (end := body.find(tag)) >= 0]
    end = min(ends) if ends else body.lower().find(b"</html")
    return _HTML_END.sub(b"", body) if 0 <= end < len(body.rstrip()) - len(b"</html>") else body


def _without_many_attributes(tag: re.Match[bytes]) -> bytes:
    """A tag with its first attributes alone, if it has far more than any page needs."""
    found = [attribute[0] for attribute in islice(_ATTRIBUTE.finditer(tag[2]), _MOST_ATTRIBUTES + 1)]
    if len(found) <= _MOST_ATTRIBUTES:
        return tag[0]
    return b"<%s %s>" % (tag[1], b" ".join(found[:_MOST_ATTRIBUTES]))


def _has_swallowed(root: HtmlElement) -> bool:
    """Whether an element that is not read holds what in a browser stands behind it."""
    # A drawing's title is no page's: what follows it is markup again.
    if any("</svg" in (title.text or "").lower() for title in root.iter("title")):
        return True
    for silent in root.iter(*_CLOSED_BY):
        for element in silent.iter(*_CLOSED_BY[silent.tag]):
            holders = _HOLDS_HTML.get(silent.tag, frozenset())
            if element is not silent and not any(above.tag in holders for above in _up_to(element, silent)):
                return True
    return False


def _up_to(element: HtmlElement, top: HtmlElement) -> Iterator[HtmlElement]:
    for above in element.iterancestors():
        if above is top:
            return
        yield above


def _has_foreign_text(body: bytes) -> bool:
    """Whether a CDATA section stands in a drawing or a formula, where alone it is text."""
    within = {b"svg": False, b"math": False}
    for before in body.split(b"<![CDATA[")[:-1]:
        for tag in within:
            opened, closed = before.rfind(b"<" + tag), before.rfind(b"</" + tag)
            within[tag] = opened > closed or (within[tag] and opened == closed)
        if any(within.values()):
            return True
    return False


def _conforming(body: bytes) -> bytes:
    """The page as a parser that conforms to the HTML standard understands it, written out again."""
    from selectolax.lexbor import LexborHTMLParser

    return (LexborHTMLParser(body.decode()).html or "").encode()


def _parse_flattened(body: bytes) -> Tree | None:
    root = _root(_DEEP_TAGS.sub(b" ", body), _parser())
    return None if root is None else Tree(root, flattened=True)


def without_spans(root: HtmlElement) -> HtmlElement:
    """The tree with cells that span nothing: a few thousand that span 1,000 cost trafilatura minutes."""
    for cell in root.iter("td", "th"):
        cell.attrib.pop("rowspan", None)
        cell.attrib.pop("colspan", None)
    return root


def _parser() -> HTMLParser:
    parser = HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
        huge_tree=True,
    )
    # lxml would ask Python of each element whether it is a form or an input, which nobody here asks for.
    parser.set_element_class_lookup(_ALL_ALIKE)
    return parser


def _root(body: bytes, parser: HTMLParser) -> HtmlElement | None:
    try:
        root: HtmlElement = document_fromstring(body, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return root if len(root) else None
