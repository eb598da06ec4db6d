"""The article's own text, as blocks."""

import logging

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.settings import Document

from crawler.extract.text import squeeze
from presswatch.model import Block, BlockKind

# It reports every page without text as an error; we return that as a value.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_KINDS = {"head": BlockKind.HEADING, "quote": BlockKind.QUOTE, "item": BlockKind.LIST_ITEM}


def read_body(root: HtmlElement) -> tuple[Block, ...]:
    document = bare_extraction(root, fast=True, include_comments=False, include_tables=False)
    if not isinstance(document, Document) or document.body is None:
        return ()
    blocks: list[Block] = []
    for element in document.body:
        parts = element.iter("item") if element.tag == "list" else (element,)
        for part in parts:
            if text := squeeze(" ".join(part.itertext())):
                blocks.append(Block(_KINDS.get(part.tag, BlockKind.PARAGRAPH), text, "\ufffd" in text))
    return tuple(blocks)
