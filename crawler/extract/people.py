"""The people who wrote an article, without roles, agencies' addresses or "By"."""

import re
from collections.abc import Iterable, Mapping, Sequence

from crawler.extract.markup import Markup, Node, strings, types
from crawler.extract.outline import Outline
from crawler.extract.text import key, squeeze

_BY = re.compile(
    r"^(?:by|von|vom|par|por|di|da|de|door|av|af|autor(?:en|in|a)?|author|written by|text|texte|texto|story by|reported by|"
    r"文|作者|记者|автор|yazar|oleh|przez|bởi|بقلم|words|interview)\b\s*[:：/]?\s*",
    re.I,
)
_SPLIT = re.compile(
    r"\s*(?:[;；、/|·•\n]|\s(?:and|und|y|et|e|og|och|en|ve|i|и|with|mit|avec|con)\s|\s&\s|，|,(?!\s*(?:Jr|Sr|M\.?D|Ph))\s*)\s*"
)
_TRAIL = re.compile(r"\s*(?:\([^)]*\)?|\[[^\]]*\]?|\s[-–—|]\s.*|@\S+|\S+@\S+)\s*$")
_NOT_NAME = re.compile(
    r"\d|https?:|www\.|[@#{}<>=\\]|\b(?:uhr|updated?|published|comment|share|newsletter)\b", re.I
)
_METAS = (
    *("author", "article:author", "articleauthor", "dcsext.author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "parsely-author", "cxenseparse:author"),
)
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|authors?|author-?name|autor\w*|writers?|contributors?|reporter|journalist)"
)
_MOST = 12


def find_authors(
    markup: Markup, outline: Outline, near: Sequence[int], site_names: Iterable[str], signed: str
) -> tuple[str, ...]:
    """Names in the page's order. People go before the house; the house is named if nobody else is.

    `near` are the byline's pieces, `signed` an author that a label named.
    """
    house = {key(name) for name in site_names}
    told = (
        _names(_declared(markup)),
        _names(value for name in _METAS for value in markup.metas.get(name, ())[:1]),
        _names([signed] if signed else []),
        [name for name in _names(_shown(outline, near)) if _is_full_name(name)],
    )
    for names in told:
        if people := [name for name in names if key(name) not in house]:
            return tuple(people[:_MOST])
    return next((tuple(names[:1]) for names in told if names), ())


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
    return [text for text in (*named, *said) if len(text) < 80]


def _names(values: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for value in values:
        for name in _people(value):
            found.setdefault(key(name), name)
    return list(found.values())


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


def _is_full_name(text: str) -> bool:
    words = text.split()
    if "\u2e80" < text[0] < "\uffff" and not "\uff00" < text[0]:
        return 2 <= len(text) <= 8
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() or word in ("de", "van", "von", "der", "di", "da", "la", "al") for word in words
    )


def signature(outline: Outline, chosen: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """The author's name that stands alone over or under a text, if any, and the text's pieces without it."""
    for at in (0, 1, -1, -2):
        if len(chosen) > 4:
            text = outline.pieces[chosen[at]].text.strip(" .()")
            names = _people(text)
            if (
                len(text) <= 60
                and names
                and all(_is_full_name(name) for name in names)
                and _only_names(text, names)
            ):
                return text, (*chosen[:at], *chosen[at + 1 :]) if at + 1 else tuple(chosen[:-1])
    return "", tuple(chosen)


def _only_names(text: str, names: Sequence[str]) -> bool:
    return sum(map(len, names)) >= 0.7 * len(_BY.sub("", text))
