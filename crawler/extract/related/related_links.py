"""The article's own links to related articles: headed blocks, cards between paragraphs, link-only paragraphs.

A heading beats what a box is called: "Latest" over a box of class "related" is not related.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from lxml.html import HtmlElement

from crawler.extract import vocabulary as words
from crawler.extract.page.links import absolute, is_headline, may_be_article
from crawler.extract.page.outline import HEADINGS, Anchor, Box, Outline
from crawler.extract.related.cards import card_time, card_title
from crawler.extract.related.headings import is_link_line, leads_to_related, promises_other, promises_related
from presswatch.model import Link, LinkKind, Moment

_NAMED = re.compile(
    rf"{words.RELATED}|also-read|read-?next|further-?reading|"
    r"(?:^|[\s_-])(?:inline-?(?:teaser|link|article|story)\w*|similar|verwandt\w*|relacionad\w*|correlat\w*|"
    r"connexe\w*)"
)
_NEVER = re.compile(
    words.named(
        words.NAVIGATION,
        words.NEWSLETTER,
        words.SUBSCRIPTION,
        words.SPONSORED,
        words.COMMENTS,
        words.SHARING,
        words.LINK_NETWORKS,
        words.LOGIN,
    )
)
_NEVER_UNHEADED = re.compile(
    words.named(
        words.FOOTER,
        words.TAGS,
        words.POPULAR,
        words.LATEST,
        words.AUTHORS,
        words.PODCAST,
        words.PROMOTION,
    )
)
# "(m/w/d)", which an offer of a job has to say.
_JOB = re.compile(r"\((?:[mwfdxhvi]|all genders)(?:\s?[/|*]\s?[mwfdxhvi])+\)", re.I)
_MOST = 30
_NEAR_END = 12
_HIGHEST, _NEAR = 10, 4
# A linked line that is longer is a headline rather than a heading.
_HEADING = 30


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an article's text is on its page: its pieces by index, in order, and the innermost box around
    them.
    """

    url: str
    base: str
    pieces: tuple[int, ...]
    lead: tuple[int, ...]
    box: Box | None
    title: int
    own: frozenset[str]


def find_related(
    outline: Outline, scene: Scene, zone: str, given: Sequence[HtmlElement] = ()
) -> tuple[Link, ...]:
    """The links in the page's order, one for each address, with the fuller of the titles and the time shown.

    `given` are the elements that a source's file names as the block, if it does.
    """
    if given:
        chosen = [anchor for anchor in _within(outline, given) if _address(anchor, scene)]
    else:
        chosen = [
            *_headed(outline, scene),
            *_alone(outline, scene),
            *_named(outline, scene),
            *_under_title(outline, scene),
        ]
    known = {id(anchor) for anchor in chosen}
    return _links(outline, [anchor for anchor in outline.anchors if id(anchor) in known], scene, zone)


def _within(outline: Outline, elements: Sequence[HtmlElement]) -> Iterator[Anchor]:
    for box in outline.boxes:
        if any(box.element is element for element in elements):
            yield from outline.anchors[box.first_anchor : box.end_anchor]


def _usable(anchor: Anchor, scene: Scene, headed: bool = False) -> str:
    """The anchor's address if it can be an article of this site, else empty."""
    if "sponsored" in anchor.rel or _JOB.search(anchor.text) or _never(anchor.box, headed):
        return ""
    url = _address(anchor, scene)
    if not url or url in scene.own or _same_number(url, scene.url):
        return ""
    text = anchor.text or anchor.label or anchor.image
    return url if may_be_article(url, scene.url, text, anywhere=headed) else ""


def _address(anchor: Anchor, scene: Scene) -> str:
    if anchor.url is None:
        anchor.url = absolute(scene.base, anchor.href)
    return anchor.url


def _same_number(url: str, own: str) -> bool:
    """Whether two addresses differ only in the words after the article's number."""
    folder, _, _ = url.rpartition("/")
    number = folder.rpartition("/")[2]
    return number.isdecimal() and len(number) in (5, 6, 7, 9, 10) and own.startswith(folder + "/")


def _never(box: Box | None, headed: bool) -> bool:
    """Whether a box around a link rules it out. A heading is believed before what a box is called."""
    for _ in range(6):
        if box is None:
            return False
        if box.tag == "nav" or (box.words and _NEVER.search(box.words)):
            return True
        headed = headed or bool(box.words and _NAMED.search(box.words))
        if not headed and (box.tag == "footer" or (box.words and _NEVER_UNHEADED.search(box.words))):
            return True
        box = box.parent
    return False


def _headed(outline: Outline, scene: Scene) -> Iterator[Anchor]:
    """The links under each heading that promises related articles."""
    text = frozenset(scene.pieces)
    for n, piece in enumerate(outline.pieces):
        if (
            not 2 < len(piece.text) <= 70
            or piece.linked * 2 > len(piece.text)
            or not promises_related(piece.text)
        ):
            continue
        if n in text and piece.text.endswith((".", "!", "。")):
            continue
        yield from _under(outline, scene, n)


def _under(outline: Outline, scene: Scene, heading: int) -> list[Anchor]:
    """The links in the smallest box around a heading that holds any after it, up to the next thing of another
    kind.
    """
    box: Box | None = outline.pieces[heading].box
    for _ in range(_HIGHEST):
        if box is None or box.tag in ("body", "html"):
            return []
        last = _end_of_block(outline, scene, heading, box.end)
        after = [
            anchor
            for anchor in outline.anchors[box.first_anchor : box.end_anchor]
            if heading < anchor.at <= last and anchor.at < box.end + (not anchor.text)
        ]
        usable = [anchor for anchor in after if _usable(anchor, scene, headed=True)]
        # Its one link may lead to a list of all; more that are no articles are what the heading means.
        if usable or len(after) > 1:
            near = after[0].at - heading <= _NEAR or not _holds_text(box, scene)
            return usable[:_MOST] if near else []
        box = box.parent
    return []


def _holds_text(box: Box, scene: Scene) -> bool:
    return bool(scene.pieces) and box.start <= scene.pieces[0] and scene.pieces[-1] < box.end


def _end_of_block(outline: Outline, scene: Scene, heading: int, end: int) -> int:
    """The piece after which a headed block is over: before the article's text goes on or another heading
    stands.
    """
    level = outline.pieces[heading].box.tag
    text = frozenset(scene.pieces)
    for n in range(heading + 1, end):
        piece = outline.pieces[n]
        unlinked = piece.linked * 2 < len(piece.text)
        if (unlinked and n in text) or promises_other(piece.text):
            return n - 1
        if (
            unlinked
            and piece.box.tag in HEADINGS
            and piece.box.tag <= level
            and not _inside_link_card(outline, n)
        ):
            return n - 1
    return end


def _inside_link_card(outline: Outline, n: int) -> bool:
    """Whether a heading without a link of its own is a card's title: its box holds a link and little else."""
    box = outline.pieces[n].box.parent
    return box is not None and box.end - box.start <= 6 and box.end_anchor > box.first_anchor


def _alone(outline: Outline, scene: Scene) -> Iterator[Anchor]:
    """Links between the paragraphs that are no part of a sentence: link-only paragraphs, cards, "Read more:"
    lines.
    """
    if not scene.pieces:
        return
    first, last = scene.pieces[len(scene.lead)], _end_of_cards(outline, scene)
    text = frozenset(scene.pieces)
    for position, anchor in enumerate(outline.anchors):
        if not first < anchor.at <= last:
            continue
        piece = outline.pieces[anchor.at]
        if anchor.at in text and not (
            leads_to_related(piece.text) and piece.linked * 2 > len(piece.text) - 30
        ):
            continue
        is_line = is_link_line(piece.text, piece.linked)
        alone = piece.linked > 0.7 * len(piece.text) or leads_to_related(piece.text) or is_line
        inside = scene.box is not None and scene.box.first_anchor <= position < scene.box.end_anchor
        led = leads_to_related(piece.text)
        if inside and alone and not _other_over(outline, anchor.at) and _usable(anchor, scene, headed=led):
            yield anchor


def _end_of_cards(outline: Outline, scene: Scene) -> int:
    """The last piece of the cards that follow the text in its own box without a heading."""
    last = scene.pieces[-1]
    end = min(scene.box.end if scene.box else 0, last + _NEAR_END)
    for n in range(last + 1, end):
        piece = outline.pieces[n]
        if piece.linked * 2 < len(piece.text) and (
            piece.box.tag in HEADINGS or piece.text.endswith((":", "："))
        ):
            return n - 1
    return max(end - 1, last)


def _named(outline: Outline, scene: Scene) -> Iterator[Anchor]:
    """Links in boxes called related or the like that have no heading of another kind."""
    named: dict[str, bool] = {}
    for box in outline.boxes:
        if not box.words or box.end_anchor == box.first_anchor:
            continue
        if box.words not in named:
            named[box.words] = bool(_NAMED.search(box.words))
        if not named[box.words]:
            continue
        if (
            box.end_anchor - box.first_anchor > 40
            or _headed_otherwise(outline, box)
            or _never(box, headed=False)
        ):
            continue
        yield from (
            anchor for anchor in outline.anchors[box.first_anchor : box.end_anchor] if _usable(anchor, scene)
        )


def _headed_otherwise(outline: Outline, box: Box) -> bool:
    """Whether the first unlinked lines of a box, or the line before it, promise something else."""
    above = outline.pieces[box.start - 1] if box.start else None
    if above is not None and above.box.tag in HEADINGS and promises_other(above.text):
        return True
    return any(
        promises_other(piece.text) for piece in outline.pieces[box.start : min(box.start + 3, box.end)]
    )


def _other_over(outline: Outline, n: int) -> bool:
    """Whether the nearest heading-like line above a piece promises something else."""
    for piece in reversed(outline.pieces[max(n - 8, 0) : n]):
        # A linked headline is of a story about jobs, say, and no heading over them.
        if piece.linked * 2 > len(piece.text) and len(piece.text) > _HEADING:
            continue
        if promises_other(piece.text):
            return True
        if piece.linked * 2 > len(piece.text):
            continue
        if len(piece.text) > 100 or promises_related(piece.text):
            return False
    return False


def _under_title(outline: Outline, scene: Scene) -> Iterator[Anchor]:
    """A linked sub-headline directly under the title."""
    first = scene.pieces[0] if scene.pieces else 0
    for anchor in outline.anchors:
        if scene.title < anchor.at < min(first, scene.title + 5):
            piece = outline.pieces[anchor.at]
            whole = piece.linked > 0.9 * len(piece.text) and is_headline(piece.text) and len(piece.text) > 35
            if whole and not _other_over(outline, anchor.at) and _usable(anchor, scene):
                yield anchor


def _links(outline: Outline, anchors: Sequence[Anchor], scene: Scene, zone: str) -> tuple[Link, ...]:
    links: dict[str, tuple[str, Moment | None]] = {}
    for anchor in anchors:
        url = _address(anchor, scene)
        title, moment = links.get(url, ("", None))
        shown = card_title(outline, anchor)
        fuller = shown if len(shown) > len(title) else title
        links[url] = (
            fuller,
            moment or card_time(outline, anchor, partial(_address, scene=scene), zone, "related block"),
        )
    return tuple(
        Link(url, LinkKind.RELATED, position, title, moment)
        for position, (url, (title, moment)) in enumerate(links.items())
    )
