"""What a link is called, and the time shown with it, in the card or line that it stands in."""

from collections.abc import Callable

from crawler.extract.fields.dates import read_time
from crawler.extract.page.outline import HEADINGS, Anchor, Box, Outline
from crawler.extract.page.text import squeeze
from presswatch.model import Moment

_LONGEST_TITLE, _LONGEST_LINE, _HIGHEST = 300, 100, 4


def card_title(outline: Outline, anchor: Anchor) -> str:
    """The fullest of a link's text (its heading, if it wraps a card), title attribute and picture's text."""
    inside = outline.pieces[anchor.at : anchor.end]
    headed = next((piece.text for piece in inside if piece.box.tag in HEADINGS), "")
    text = headed or (anchor.text if len(inside) < 2 else max((piece.text for piece in inside), key=len))
    candidates = [text, squeeze(anchor.label)] if text else [squeeze(anchor.label), anchor.image.strip()]
    return max(candidates, key=lambda candidate: len(candidate) if len(candidate) < _LONGEST_TITLE else 0)


def card_time(
    outline: Outline, anchor: Anchor, address: Callable[[Anchor], str], zone: str, origin: str
) -> Moment | None:
    """The time in the smallest box around a link with one and no other link; `address` tells links apart."""
    box: Box | None = anchor.box
    for _ in range(_HIGHEST):
        if box is None:
            return None
        inside = outline.anchors[box.first_anchor : box.end_anchor]
        if len(inside) > 6 or len({address(other) for other in inside}) > 1:
            return None
        if moment := _time_in(outline, box, zone, origin):
            return moment
        box = box.parent
    return None


def _time_in(outline: Outline, box: Box, zone: str, origin: str) -> Moment | None:
    for stamp in outline.stamps_in(box):
        if moment := read_time(stamp.value, origin, zone):
            return moment
    for piece in outline.pieces[box.start : box.end]:
        if len(piece.text) < _LONGEST_LINE and (moment := read_time(piece.text, origin, zone)):
            return moment
    return None
