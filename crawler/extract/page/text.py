"""Small rules about pieces of a page's text that its readers share."""

import html
import re
import unicodedata
from functools import lru_cache

from lxml.html import HtmlElement, fragment_fromstring

_INVISIBLE = "\u200b\u2060\ufeff\u00ad"
_ENTITY = re.compile(
    r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|amp|quot|apos|lt|gt|nbsp|[lr][sd]quo|[nm]dash|hellip);", re.I
)
_INLINE_TAG = re.compile(r"</?(?:a|b|br|em|font|i|mark|small|span|strong|sub|sup|u|wbr)\b[^<>]{0,300}>", re.I)
_NOT_WORD = re.compile(r"[\W_]+")
_ASCII_KEY = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}
# The elements that stand apart from what is before and after them.
BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "label",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "noscript",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
# Parts of one line that are still words of their own.
_APART = BLOCK_TAGS | {"br", "time"}
_SILENT = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "button"))


def squeeze(text: str | None) -> str:
    """One line, single spaces, without zero-width characters and soft hyphens."""
    if not text:
        return ""
    if not text.isascii():
        for invisible in _INVISIBLE:
            if invisible in text:
                text = text.replace(invisible, "")
    return " ".join(text.split())


def resolved(text: str) -> str:
    """The text of a field that should hold no markup: entities, though escaped twice, and inline tags."""
    if "&" in text:
        text = html.unescape(text)
        if _ENTITY.search(text):
            text = html.unescape(text)
    return _INLINE_TAG.sub("", text) if "<" in text else text


# Several readers ask for the same pieces of a page.
@lru_cache(maxsize=2048)
def key(text: str) -> str:
    """What is equal for a reader: letters and digits only, compatibility forms and case folded."""
    if text.isascii():
        return text.translate(_ASCII_KEY)
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def is_dense(text: str) -> bool:
    """Whether a text is in a script without spaces, which says the same in less than half the characters."""
    return bool(text) and (text[len(text) // 2] > "\u2e80" or text[len(text) // 3] > "\u2e80")


def plain(markup: str) -> str:
    """The text that a reader sees of a piece of HTML, on one line."""
    if not ("<" in markup or "&" in markup):
        return squeeze(markup)
    return content(fragment_fromstring(markup, create_parent="div"))


def content(element: HtmlElement) -> str:
    """The text a reader sees within an element, on one line."""
    parts: list[str] = []
    _collect(element, parts, 0)
    return squeeze("".join(parts))


def _collect(element: HtmlElement, parts: list[str], depth: int) -> None:
    if element.tag in _SILENT or depth > 400:
        return
    apart = element.tag in _APART
    if apart:
        parts.append(" ")
    if element.text:
        parts.append(element.text)
    for child in element:
        if isinstance(child.tag, str):
            _collect(child, parts, depth + 1)
        if child.tail:
            parts.append(child.tail)
    if apart:
        parts.append(" ")
