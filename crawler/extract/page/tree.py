"""From a page's bytes to one lxml tree: its charset, and guards against pages made to exhaust a parser."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from presswatch.model import Page

# WHATWG Encoding Standard: what pages call these labels is a superset in practice.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "tis-620": "cp874",
}
_BOMS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(
    rb"<(?:meta\b|\?xml)[^>]{0,200}?\b(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.I
)
# libxml2 gives up at 2,048 levels; no page of the press comes near, and recursive code of others stays safe.
_DEEP_TAGS = re.compile(
    rb"</?(?!(?:html|head|body|title|meta|link|script|style|h1|h2|p|a|time|img)\b)[a-z][^<>]{0,2000}>", re.I
)
_MOST_TAGS = 60_000
# The first bytes of a character without its last, as `surrogateescape` shows them. In a charset of one byte a
# character it would be a letter alone, or a letter and a sign, in place of every accent on the page.
_HALF = re.compile(
    r"(?<![\udc80-\udcff])"
    r"(?:[\udce0-\udcf4][\udc80-\udcbf]{1,2}|(?<!\w)[\udcc2-\udcf4](?!\w))"
    r"(?![\udc80-\udcff])"
)
_BYTE = re.compile(r"[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed page. `flattened`: too deep or too many elements, so it was read without its inner tags."""

    root: HtmlElement
    flattened: bool = False


def decode(body: bytes, charset: str = "") -> str:
    """The text of a page. Believed in order: byte order mark, valid UTF-8, HTTP's `charset`, the page's.

    Never raises; what cannot be decoded becomes U+FFFD.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _META_CHARSET.search(body[:4096])
    names = [charset, declared[1].decode("ascii", "replace") if declared else ""]
    return _least_damaged(body, [codec for name in names if (codec := _codec(name))])


def _codec(name: str) -> str:
    try:
        codec = lookup(name.strip()).name
    except (LookupError, ValueError):
        return ""
    return _SUPERSETS.get(codec, codec)


def _least_damaged(body: bytes, declared: list[str]) -> str:
    """A declared charset is believed unless it damages much more than the others that are likely."""
    best, least = "", float("inf")
    for name in (*declared, "utf-8", "gb18030", "cp1252"):
        try:
            text = body.decode(name, "replace")
        except (LookupError, ValueError):  # codecs that are not text, such as rot13
            continue
        damage = text.count("\ufffd")
        if damage <= len(text) // 2_000 or (name == "utf-8" and name in declared and _is_proven(body)):
            return text
        if damage < least:
            best, least = text, damage
    return best


def _is_proven(body: bytes) -> bool:
    """Whether it is UTF-8 though not all of it is valid: some of it is more than ASCII and yet valid, which
    in another charset does not happen by chance, or all that is invalid are first halves of characters.

    Systems that cut texts by bytes leave half a character at the end of a paragraph, in every one of them.
    """
    text = body.decode("utf-8", "surrogateescape")
    if any(character > "\x7f" and not _BYTE.match(character) for character in text):
        return True
    return not _BYTE.search(_HALF.sub("", text))


def parse(page: Page) -> Tree | None:
    """The page's tree; None if there is no element in it."""
    body = decode(page.body, page.charset).replace("\x00", "").encode("utf-8", "replace")
    if body.count(b"<") > _MOST_TAGS:
        return _parse_flattened(body)
    parser = _parser()
    root = _root(body, parser)
    # Beyond its depth the parser gives up and keeps what it has, without an exception.
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log.filter_from_fatals()):
        return _parse_flattened(body)
    return None if root is None else Tree(root)


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
    return HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
        huge_tree=True,
    )


def _root(body: bytes, parser: HTMLParser) -> HtmlElement | None:
    try:
        root: HtmlElement = document_fromstring(body, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return root if len(root) else None
