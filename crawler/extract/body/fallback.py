"""The slow ways to an article's text, paid for only where the quick ones disagree with what the page says of
itself.
"""

import re
from collections.abc import Sequence

from trafilatura import bare_extraction
from trafilatura.settings import Document

from crawler.extract.page.markup import Markup, strings
from crawler.extract.page.outline import Outline
from crawler.extract.page.text import key, squeeze
from crawler.extract.page.tree import parse, without_spans
from presswatch.model import Block, BlockKind, Page

_SHORT, _WORTH = 250, 400
_KINDS = {"head": BlockKind.HEADING, "quote": BlockKind.QUOTE, "item": BlockKind.LIST_ITEM}
_TAG = re.compile(r"<[^>]{1,200}>")
_MOST_BYTES, _MOST_TAGS = 2_000_000, 20_000


def declared_text(markup: Markup) -> tuple[str, ...]:
    """The paragraphs of JSON-LD's articleBody: a witness, not the truth, since it may be a teaser."""
    bodies = [text for node in markup.articles for text in _raw(node.get("articleBody"))]
    text = max(bodies, key=len, default="")
    lines = (squeeze(_TAG.sub(" ", line)) for line in re.split(r"\n+|</p>|<br\s*/?>", text))
    return tuple(line for line in lines if line)


def _raw(value: object) -> list[str]:
    return [value] if isinstance(value, str) else strings(value)


def is_doubtful(blocks: Sequence[Block], declared: Sequence[str]) -> bool:
    """Whether a text is so short, or so unlike the declared one, that a second look is worth its price."""
    length = sum(len(block.text) for block in blocks)
    if length < _SHORT:
        return True
    expected = sum(map(len, declared))
    return expected > _WORTH and _covered(declared, blocks) < 0.5


def fallback_text(
    page: Page, blocks: tuple[Block, ...], declared: Sequence[str], titles: Sequence[str]
) -> tuple[Block, ...]:
    """The best text among the quick one, trafilatura's with all its fallbacks, and the declared one.

    `titles` are the forms of the headline, which is no part of the text.
    """
    cheap = len(page.body) <= _MOST_BYTES and page.body.count(b"<") <= _MOST_TAGS
    titled = {key(title) for title in titles}
    slow = tuple(block for block in _slowly(page) if key(block.text) not in titled) if cheap else ()
    best = blocks
    for other in (slow, tuple(Block(BlockKind.PARAGRAPH, text) for text in declared)):
        longer = _length(other) > 1.5 * _length(best)
        fits = not declared or _covered(declared, other) > _covered(declared, best)
        if _length(other) >= _SHORT and longer and fits:
            best = other
    return best


def standing(outline: Outline, blocks: Sequence[Block]) -> tuple[int, ...]:
    """Where these blocks stand on the page: the pieces of the outline that say the same."""
    keys = {key(block.text) for block in blocks}
    return tuple(n for n, piece in enumerate(outline.pieces) if key(piece.text) in keys)


def _slowly(page: Page) -> tuple[Block, ...]:
    tree = parse(page)
    if tree is None or tree.flattened:
        return ()
    document = bare_extraction(without_spans(tree.root), include_comments=False)
    if not isinstance(document, Document) or document.body is None:
        return ()
    blocks: list[Block] = []
    for element in document.body:
        for part in element.iter("item") if element.tag == "list" else (element,):
            if text := squeeze(" ".join(part.itertext())):
                blocks.append(Block(_KINDS.get(part.tag, BlockKind.PARAGRAPH), text))
    # Its last resort is one block with everything that the page says, menus and all.
    return tuple(blocks) if len(blocks) > 1 else ()


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _covered(declared: Sequence[str], blocks: Sequence[Block]) -> float:
    """How much of the declared text stands in the blocks, by its pieces of 40 characters."""
    have = "".join(key(block.text) for block in blocks)
    wanted = "".join(map(key, declared))
    parts = [wanted[start : start + 40] for start in range(0, max(len(wanted) - 40, 1), 40)][:200]
    return sum(part in have for part in parts) / len(parts) if wanted else 1.0
