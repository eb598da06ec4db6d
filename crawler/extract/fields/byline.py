"""The lines around an article's text that say who wrote it, when, and where it came from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract.fields.dates import read_time
from crawler.extract.fields.repair import mend
from crawler.extract.page.outline import Outline, Piece
from crawler.extract.page.text import key

_BEFORE_TITLE, _AFTER_TEXT = 4, 8
_LONGEST = 220
_STOP = r"(?=\s{2,}|\s*[|｜()（）\[\]【】;；]|\s+\S{2,12}?\s?[:：\ufffd]|\s*\d{4}[-/.年]|$)"
_LABELLED = {
    "editor": re.compile(
        r"(?:edit[eo]r(?:in)?|edited by|责任编辑|責任編輯|责编|編集|编辑|redaktion|redakteur(?:in)?|"
        rf"редактор|rédaction|redacción|a cura di)\s?[:：\ufffd]\s*(.{{1,40}}?){_STOP}",
        re.I,
    ),
    "origin": re.compile(
        r"(?:re)?(?:source|来源|來源|出典|quelle|fuente|fonte|источник|المصدر|kaynak|bron|kilde|"
        r"źródło)\s?[:：\ufffd]\s*"
        rf"(.{{1,40}}?){_STOP}",
        re.I,
    ),
    "author": re.compile(
        rf"(?:(?:作者|记者|文)\s?[:：/]|\b(?:autor(?:in|a|e)?|author|auteur)\s?:)\s*(.{{1,40}}?){_STOP}",
        re.I,
    ),
}
_UNKNOWN = frozenset(("未知", "unknown", "不详", "本站", "n/a", "none", "null", "unbekannt", "网络"))


_TOOLS = re.compile(
    r"font ?size|字号|字体|text size|schriftgröße|tamaño de letra|taille du texte|размер шрифта|文字サイズ",
    re.I,
)


# "By Jane Doe and John Roe on 3 May 2024 at 14:05 in Business": who and when in one line, and no sentence.
_SIGNED = re.compile(r"(?:by|von|par|por|di|door|av|af|przez)\s+\w.*\d{4}(?:.*[^.!?…])?", re.I)


@dataclass(frozen=True, slots=True)
class Byline:
    """`pieces` are the short lines near headline and text, in order, by index in the outline;
    `title` is where the headline above the text stands, `text_end` where the text has ended.
    """

    pieces: tuple[int, ...]
    title: int
    text_end: int
    editor: str
    origin: str
    author: str


def find_byline(outline: Outline, chosen: Sequence[int], titles: Sequence[str]) -> Byline:
    """The byline's lines before and after `chosen`, the article's pieces."""
    pieces = outline.pieces
    first, last = (chosen[0], chosen[-1]) if chosen else (len(pieces), len(pieces))
    title = _title_at(pieces, first, titles)
    taken = frozenset(chosen)
    near = [
        n
        for n in (*range(max(title - _BEFORE_TITLE, 0), first + 3), *range(last + 1, last + 1 + _AFTER_TEXT))
        if n < len(pieces)
        and len(pieces[n].text) <= _LONGEST
        and (n not in taken or is_byline(pieces[n].text) or is_time(pieces[n].text))
    ]
    texts = [pieces[n].text for n in near]
    labels = (_labelled(kind, texts) for kind in ("editor", "origin", "author"))
    return Byline(tuple(near), title, last + 1, *labels)


def is_byline(text: str) -> bool:
    """Whether a line among the paragraphs tells of editor, origin or the size of the font."""
    if len(text) > 160:
        return False
    labels = sum(bool(pattern.search(text)) for pattern in _LABELLED.values())
    if _SIGNED.fullmatch(text) and read_time(text, "", "UTC") is not None:
        return True
    return bool(_TOOLS.search(text)) or labels > 1 or (labels == 1 and len(text) < 45)


def is_time(text: str) -> bool:
    """Whether a line says nothing but a time."""
    return len(text) < 45 and text[-1] not in ".!?。" and read_time(text, "", "UTC") is not None


def _title_at(pieces: Sequence[Piece], first: int, titles: Sequence[str]) -> int:
    """Where the headline above the text stands; a little above the text if it is not found."""
    known = {key(title) for title in titles}
    begins = {begin for name in known if (begin := name[:30])}
    for n in range(first - 1, max(first - 60, -1), -1):
        if n < len(pieces) and len(pieces[n].text) < _LONGEST:
            shown = key(pieces[n].text)
            if any(begin in shown for begin in begins) and (
                pieces[n].box.tag in ("h1", "h2") or shown in known
            ):
                return n
    return max(first - 8, 0)


def _labelled(kind: str, texts: Sequence[str]) -> str:
    for text in texts:
        if match := _LABELLED[kind].search(text):
            value = mend(match[1]).strip(" \ufffd:：-—")
            return "" if value.casefold() in _UNKNOWN else value
    return ""
