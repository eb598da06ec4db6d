"""A page as a reader meets it: its pieces of text in order, the boxes they stand in, and its links.

One walk over the tree yields what the readers of body, related links, byline and listing all look at.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from crawler.extract.page.text import BLOCK_TAGS, squeeze

_SILENT = frozenset(
    (
        "script",
        "style",
        "template",
        "svg",
        "iframe",
        "object",
        "head",
        "select",
        "textarea",
        "canvas",
        "math",
        "video",
    )
)
_NAMING = (
    "class",
    "id",
    "role",
    "itemprop",
    "data-testid",
    "data-component",
    "aria-label",
    "data-type",
    "data-qa",
)
# CSS modules and frameworks write `elementLead`: its parts are words too.
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BOLD = frozenset(("b", "strong"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Characters of a linked heading that is an article's, and not a section's. Of Chinese, Japanese and Korean
# one says as much as two of an alphabet.
_LEAST_HEADLINE = 15
_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


@dataclass(slots=True, eq=False)
class Box:
    """A block element. `words` are its class, id and the like in lower case; its pieces are `start` to `end`.

    `hidden`: it or a box around it is not shown.
    """

    tag: str
    words: str
    parent: "Box | None"
    element: HtmlElement
    start: int
    hidden: bool
    depth: int
    end: int = 0
    first_anchor: int = 0
    end_anchor: int = 0


@dataclass(slots=True, eq=False)
class Anchor:
    """A link. `at` is the piece that it begins in or, without text, that follows it; its pieces end before
    `end`, if it has whole ones. `box` is what it stands in; `url` is its
    address in normal form once that was asked for.
    """

    href: str
    text: str
    label: str
    rel: str
    at: int
    box: Box
    image: str = ""
    end: int = 0
    url: str | None = None


@dataclass(slots=True, eq=False)
class Piece:
    """A run of text between two block boundaries; `linked` of its characters stand in links."""

    text: str
    box: Box
    linked: int
    bold: int


@dataclass(slots=True, eq=False)
class Stamp:
    """A `<time>` element, before or in the piece `at`."""

    value: str
    text: str
    words: str
    at: int
    box: Box


@dataclass(slots=True)
class Outline:
    pieces: list[Piece] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def stamps_in(self, box: Box) -> list[Stamp]:
        """The `<time>` elements within a box."""
        first = bisect_left(self.stamps, box.start, key=lambda stamp: stamp.at)
        inside: list[Stamp] = []
        for stamp in self.stamps[first:]:
            if stamp.at >= box.end:
                break
            inside.append(stamp)
        return inside


def is_long_as_headline(text: str) -> bool:
    """Whether a heading is as long as those of articles are."""
    return len(text) >= _LEAST_HEADLINE or len(text) + len(_WIDE.findall(text)) >= _LEAST_HEADLINE


def is_in_heading(box: Box) -> bool:
    """Whether a box is a heading or stands right in one."""
    return box.tag in HEADINGS or (box.parent is not None and box.parent.tag in HEADINGS)


def is_heading(piece: Piece) -> bool:
    """Whether a piece stands in a heading, or is all that stands in one."""
    above = piece.box.parent
    if piece.box.tag in HEADINGS:
        return True
    return above is not None and above.tag in HEADINGS and above.end - above.start == 1


def boxes_around(box: Box, most: int, highest: int) -> Iterator[Box]:
    """The box and up to `highest` - 1 around it, outwards, as long as each holds at most `most` pieces."""
    above: Box | None = box
    for _ in range(highest):
        if above is None or above.end - above.start > most:
            return
        yield above
        above = above.parent


class _Walk:
    """The state of the walk: where it is, and the text since the last block boundary."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.box: Box | None = None
        self.run: list[str] = []
        self.linked = 0
        self.bold = 0
        self.in_bold = 0
        self.anchor: Anchor | None = None
        self.anchor_text: list[str] = []
        self.breaks = 0
        self.names: dict[str, str] = {"": ""}

    def text(self, text: str) -> None:
        self.run.append(text)
        if self.breaks and not text.isspace():
            self.breaks = 0
        if self.anchor is not None:
            self.anchor_text.append(text)
            self.linked += len(text.strip())
        if self.in_bold:
            self.bold += len(text.strip())

    def flush(self) -> None:
        if self.run:
            text = squeeze("".join(self.run))
            if text and self.box is not None:
                self.outline.pieces.append(Piece(text, self.box, min(self.linked, len(text)), self.bold))
            self.run = []
            if self.anchor is not None:
                self.anchor_text.append(" ")
        self.linked = self.bold = self.breaks = 0

    def open_box(self, element: HtmlElement, tag: str) -> None:
        self.flush()
        attributes = element.attrib
        raw = " ".join([attributes[name] for name in _NAMING if name in attributes]) if attributes else ""
        words = self.names.get(raw)
        if words is None:
            words = self.names[raw] = _words(raw)
        parent = self.box
        hidden = (parent is not None and parent.hidden) or _hidden(element)
        self.box = Box(
            tag, words, parent, element, len(self.outline.pieces), hidden, parent.depth + 1 if parent else 0
        )
        self.box.first_anchor = len(self.outline.anchors)
        self.outline.boxes.append(self.box)

    def close_box(self) -> None:
        self.flush()
        if self.box is not None:
            self.box.end = len(self.outline.pieces)
            self.box.end_anchor = len(self.outline.anchors)
            self.box = self.box.parent

    def open_anchor(self, element: HtmlElement) -> None:
        self.close_anchor()
        href = (element.get("href") or "").strip()
        if href and self.box is not None and href != "#" and href[:11].lower() != "javascript:":
            label = element.get("title") or element.get("aria-label") or ""
            rel = f"{element.get('rel') or ''} {element.get('class') or ''}".lower()
            self.anchor = Anchor(href, "", label, rel, len(self.outline.pieces), self.box)
            self.outline.anchors.append(self.anchor)

    def close_anchor(self) -> None:
        if self.anchor is not None:
            self.anchor.text = squeeze("".join(self.anchor_text))
            self.anchor.end = len(self.outline.pieces)
            self.anchor = None
        self.anchor_text = []

    def line_break(self) -> None:
        self.breaks += 1
        if self.breaks > 1:
            self.flush()
        else:
            self.run.append(" ")


def _words(raw: str) -> str:
    words = _CAMEL.sub("-", raw).lower()
    # WordPress and its themes write what a post is about into its class: that does not name the box.
    return "hentry" if "hentry" in words or "type-post" in words else words


def _hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    if style and "display" in style and "none" in style.replace(" ", "").partition("display:")[2][:5]:
        return True
    return element.get("hidden") is not None or element.get("aria-hidden") == "true"


def outline(root: HtmlElement) -> Outline:
    """The pieces, links, times and boxes of a page in document order."""
    walk = _Walk()
    walker = iterwalk(root, events=("start", "end"))
    # The hottest loop of reading: most elements are inline, need no call and only hand on their text.
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if tag in _SILENT or (tag == "nav" and "crumb" not in (element.get("class") or "").lower()):
                walker.skip_subtree()
                continue
            if tag in BLOCK_TAGS:
                walk.open_box(element, tag)
            elif tag in _OPENING:
                _OPENING[tag](walk, element)
            if text := element.text:
                walk.text(text)
        else:
            if tag in BLOCK_TAGS:
                if tag != "nav" or (walk.box is not None and walk.box.element is element):
                    walk.close_box()
            elif tag == "a":
                walk.close_anchor()
            elif tag in _BOLD:
                walk.in_bold -= 1
            if tail := element.tail:
                walk.text(tail)
    walk.flush()
    return walk.outline


def _open_bold(walk: _Walk, _: HtmlElement) -> None:
    walk.in_bold += 1


def _break_line(walk: _Walk, _: HtmlElement) -> None:
    walk.line_break()


def _stamp(walk: _Walk, element: HtmlElement) -> None:
    if walk.box is not None:
        words = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
        value, text = element.get("datetime") or "", squeeze(element.text_content())
        walk.outline.stamps.append(Stamp(value, text, words, len(walk.outline.pieces), walk.box))


def _abbreviated_stamp(walk: _Walk, element: HtmlElement) -> None:
    """A time as hAtom has it (microformats.org): in the title of an abbreviation called so."""
    words = (element.get("class") or "").lower().split()
    if walk.box is not None and not {"published", "updated"}.isdisjoint(words):
        value, text = (element.get("title") or "").strip(), squeeze(element.text_content())
        walk.outline.stamps.append(Stamp(value, text, " ".join(words), len(walk.outline.pieces), walk.box))


def _picture(walk: _Walk, element: HtmlElement) -> None:
    if walk.anchor is not None and not walk.anchor.image:
        walk.anchor.image = squeeze(element.get("alt")) or " "


_OPENING: dict[str, Callable[[_Walk, HtmlElement], None]] = {
    "a": _Walk.open_anchor,
    "b": _open_bold,
    "strong": _open_bold,
    "br": _break_line,
    "time": _stamp,
    "abbr": _abbreviated_stamp,
    "img": _picture,
}
