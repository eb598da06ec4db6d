"""Which boxes of a page are not the article's own text, told by what pages commonly call them."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from crawler.extract.outline import HEADINGS, Box, Outline, Piece


def _whole(*words: str) -> str:
    return rf"(?:^|[\s_-])(?:{'|'.join(words)})(?=$|[\s_\d-])"


_WORDS = re.compile(
    "|".join(
        (
            _whole("nav", "navbar", "navigation", "menu", "breadcrumbs?", "footer", "side-?bar", "toolbar"),
            _whole("pagination", "skip-?link", "visually-hidden", "sr-only", "screen-reader-text", "tooltip", "modal"),
            r"caption|copyright|image-?meta|bildunterschrift|legende",
            _whole("credits?", "share", "sharing", "shares", "social", "social-?media", "follow(?:-\\w+)?"),
            _whole("bylines?", "authors?", "author-?\\w+", "autor", "autoren", "tags?", "tag-?list", "topics"),
            _whole("keywords?", "timestamp", "metadata", "(?:article|post|entry)-?meta", "meta", "pubdate"),
            _whole("date", "dateline", "date-?time", "reading-?time"),
            r"newsletter|subscri|recommend|related|read-?more|read-?also|more-?on|see-?also|video-fallback|inread",
            _whole("promo", "ad", "ads", "advert\\w*", "anzeige", "banner", "sponsor\\w*", "werbung", "cta", "sign-?up"),
            _whole("app-?download", "donat\\w*", "support-?us", "poll", "quiz", "survey", "cookie", "consent"),
            _whole("disclaimer", "login", "register", "identity-\\w+", "teasers?", "most-?read", "popular", "trending"),
            _whole("outbrain", "taboola", "recirc\\w*", "also", "next-?article", "more-?stories", "card", "player"),
            _whole("comments?", "comment-?list", "disqus", "respond", "kommentare?", "rating", "feedback"),
            _whole("twitter-tweet", "instagram-media", "fb-post", "embed", "infobox", "info-?box", "fact-?box"),
        )
    )
)
_TAGS = frozenset(
    ("nav", "footer", "aside", "figure", "figcaption", "form", "button", "label", "noscript", "dialog", "address")
)
# A box that holds this share of the page's running text is the article, whatever its name.
_MAJORITY = 0.4
_LONG_LINE, _LONG_LINE_CJK = 60, 25


def prose(piece: Piece) -> int:
    """How many characters of running text a piece holds: 0 for headings, links and short lines."""
    length = len(piece.text)
    if length < _LONG_LINE_CJK or piece.linked * 2 >= length or piece.box.tag in HEADINGS:
        return 0
    # Scripts without spaces say the same in far fewer characters.
    least = _LONG_LINE_CJK if piece.text[length // 2] > "\u2e80" or piece.text[length // 3] > "\u2e80" else _LONG_LINE
    return length - piece.linked if length >= least else 0


def cluttered(outline: Outline, weights: Sequence[int]) -> set[Box]:
    """The boxes that are not the article's text; `weights` are the pieces' `prose`."""
    sums = [0, *accumulate(weights)]
    known: dict[tuple[str, str], bool] = {}
    suspects: list[Box] = []
    held: Counter[tuple[str, str]] = Counter()
    for box in outline.boxes:
        name = (box.tag, box.words)
        if name not in known:
            known[name] = box.tag in _TAGS or bool(box.words and _WORDS.search(box.words))
        if known[name] or box.hidden:
            suspects.append(box)
            held[name] += sums[box.end] - sums[box.start]
    most = _MAJORITY * sums[-1]
    guilty = {box for box in suspects if held[box.tag, box.words] < most or not most}
    found: set[Box] = set()
    for box in outline.boxes:
        if box in guilty or (box.parent is not None and box.parent in found):
            found.add(box)
    return found
