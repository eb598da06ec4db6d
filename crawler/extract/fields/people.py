"""The people who wrote an article, without roles, agencies' addresses or "By"."""

import re
from collections.abc import Iterable, Mapping, Sequence

from crawler.extract import vocabulary as words
from crawler.extract.page.markup import Markup, Node, strings, types
from crawler.extract.page.outline import HEADINGS, Outline
from crawler.extract.page.text import key, squeeze
from crawler.extract.page.trace import trace_field

_BY = re.compile(
    r"^(?:by|von|vom|par|por|di|da|de|door|av|af|autor(?:en|in|a)?|author|written by|text|texte|texto|"
    r"story by|reported by|"
    r"文|作者|记者|автор|yazar|oleh|przez|bởi|بقلم|words|interview)\b\s*[:：/]?\s*",
    re.I,
)
_SPLIT = re.compile(
    r"\s*(?:[;；、/|·•\n]|\s(?:and|und|y|et|e|og|och|en|ve|i|и|with|mit|avec|con)\s|\s&\s|，|,(?!\s*(?:Jr|Sr|"
    r"M\.?D|Ph))\s*)\s*"
)
_TRAIL = re.compile(r"\s*(?:\([^)]*\)?|\[[^\]]*\]?|\s[-–—|]\s.*|@\S+|\S+@\S+)\s*$")
_NOT_NAME = re.compile(
    r"\d|https?:|www\.|[@#{}<>=\\]|\b(?:uhr|updated?|published|comments?|share|newsletter)\b", re.I
)
# Words of the lines around a text that look like names but for their meaning.
_NOT_SHOWN = re.compile(
    r"\b(?:bild|fotos?|photos?|image|credits?|quelle|source|getty|sie|ihre?n?|your?|the|this|our|jetzt|mehr|"
    r"alle|hier|teilen|"
    r"meinung|read|more|click|follow|redaktion|staff|team|desk|haberler|news|nachrichten)\b",
    re.I,
)
_METAS = (
    *("author", "article:author", "articleauthor", "dcsext.author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "parsely-author", "cxenseparse:author"),
)
_NAMED = re.compile(rf"(?:^|[\s_-])(?:{words.AUTHORS}|{words.WRITERS})")
# "Jane Doe | 05.04.2025", a whole byline in one line.
_DATED = re.compile(r"^([^|•·\d]{5,40}?)\s*[|•·,–-]\s*[^|•·]{0,20}\d{1,4}[./ -]")
_MOST = 12


def find_authors(
    markup: Markup, outline: Outline, near: Sequence[int], site_names: Iterable[str], signed: str
) -> tuple[str, ...]:
    """Names in the page's order. People go before the house; the house is named if nobody else is.

    `near` are the byline's pieces, `signed` an author that a label named.
    """
    house = {key(name) for name in site_names}
    told = {
        "json-ld": names_in(_declared(markup)),
        "meta": names_in(value for name in _METAS for value in markup.metas.get(name, ())[:1]),
        "label": names_in([signed] if signed else []),
        "byline": [name for name in names_in(_shown(outline, near)) if _is_person(name)],
    }
    people = {origin: [name for name in names if key(name) not in house] for origin, names in told.items()}
    chosen = next((origin for origin, names in people.items() if names), "")
    for origin, names in told.items():
        verdict = "the first that names people" if origin == chosen else "another is believed before it"
        verdict = verdict if people[origin] else "it names the house"
        trace_field("authors", origin, ", ".join(names), verdict, believed=origin == chosen)
    if chosen:
        return tuple(people[chosen][:_MOST])
    return next((tuple(names[:1]) for names in told.values() if names), ())


def _declared(markup: Markup) -> list[str]:
    """The authors in JSON-LD, with references followed to the nodes that they mean."""
    by_id = {str(node["@id"]): node for node in markup.nodes if "@id" in node and node.get("name")}
    for article in markup.articles:
        for field in ("author", "creator"):
            if names := _resolved(article.get(field), by_id):
                return names
    return [name for node in markup.nodes if "Person" in types(node) for name in strings(node.get("name"))][
        :1
    ]


def _resolved(value: object, by_id: Mapping[str, Node]) -> list[str]:
    if isinstance(value, list):
        return [name for item in value[:_MOST] for name in _resolved(item, by_id)]
    if isinstance(value, dict):
        node = value if value.get("name") else by_id.get(str(value.get("@id")), {})
        return strings(node.get("name"))
    return strings(value)


def _shown(outline: Outline, near: Sequence[int]) -> list[str]:
    """What the byline's lines call authors: links to authors, boxes named so, lines that begin with "By"."""
    lines = frozenset(near)
    linked = [
        anchor.text
        for anchor in outline.anchors
        if anchor.at in lines
        and ("author" in anchor.rel or re.search(r"/(?:authors?|autor\w*|by|profile|people)/", anchor.href))
    ]
    if linked:
        return linked
    named = [
        outline.pieces[n].text
        for n in near
        if any(
            box is not None and _NAMED.search(box.words)
            for box in (outline.pieces[n].box, outline.pieces[n].box.parent)
        )
    ]
    said = [outline.pieces[n].text for n in near if _BY.match(outline.pieces[n].text)]
    dated = [match[1] for n in near if (match := _DATED.match(outline.pieces[n].text))]
    return [text for text in (*named, *said, *dated) if len(text) < 80]


def names_in(values: Iterable[str]) -> list[str]:
    """The people named in some texts, each once, without \"By\", roles and initials in brackets."""
    names: dict[str, str] = {}
    for value in values:
        for name in _people(value):
            names.setdefault(key(name), name)
    return list(names.values())


def _people(text: str) -> list[str]:
    text = _TRAIL.sub("", _BY.sub("", squeeze(text), count=1))
    if not text or _NOT_NAME.search(text):
        return []
    parts = [part for part in (_TRAIL.sub("", _BY.sub("", part)) for part in _SPLIT.split(text)) if part]
    if not parts:
        return []
    # What follows a comma may be a role or a place: only what looks like a full name is a person.
    return [part for n, part in enumerate(parts) if _is_name(part) and (n == 0 or _is_full_name(part))]


def _is_name(text: str) -> bool:
    return 1 < len(text) <= 50 and len(text.split()) <= 6


def _is_person(text: str) -> bool:
    """Whether a line that nothing says to be a name is one. Chinese and Japanese names cannot be told from
    words.
    """
    return _is_full_name(text) and not _is_cjk(text) and not _NOT_SHOWN.search(text)


def _is_cjk(text: str) -> bool:
    return "\u2e80" < text[0] < "\uff00"


def _is_full_name(text: str) -> bool:
    words = text.split()
    if _is_cjk(text):
        return 2 <= len(text) <= 8 and not text.endswith(("记者", "社", "网", "报", "編集部", "新聞"))
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() or word in ("de", "van", "von", "der", "di", "da", "la", "al") for word in words
    )


def signature(outline: Outline, chosen: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """The author's name that stands alone at a text's beginning or end, if any, and the text's pieces without
    it.
    """
    if len(chosen) < 3:
        return "", tuple(chosen)
    first, last = chosen[0], chosen[-1]
    for n in (*range(max(first - 1, 0), first + 3), last, *range(last + 1, last + 3)):
        piece = outline.pieces[n] if n < len(outline.pieces) else None
        if (
            piece is None
            or len(piece.text) > 60
            or piece.box.tag in HEADINGS
            or piece.linked
            or piece.box.hidden
        ):
            continue
        names = _people(piece.text.strip(" .()"))
        if (
            names
            and all(_is_full_name(name) and not _is_cjk(name) for name in names)
            and _only_names(piece.text, names)
        ):
            return piece.text, tuple(m for m in chosen if m != n)
    return "", tuple(chosen)


def _only_names(text: str, names: Sequence[str]) -> bool:
    return sum(map(len, names)) >= 0.7 * len(_BY.sub("", text))
