"""The people who wrote an article, without roles, agencies' addresses or "By"."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from urllib.parse import unquote

from lxml.html import HtmlElement

from crawler.extract import vocabulary as words
from crawler.extract.fields.byline import Byline
from crawler.extract.fields.names import (
    BY,
    TRANSLATED,
    CommonWords,
    is_cjk,
    is_full_name,
    is_house,
    is_nobody,
    is_person,
    is_somebody,
    names_in,
    without_house,
)
from crawler.extract.page.markup import Markup, Node, is_article_type, strings, types
from crawler.extract.page.outline import HEADINGS, Box, Outline, Piece, boxes_around
from crawler.extract.page.site_facts import place_of, within_line
from crawler.extract.page.text import key, squeeze
from crawler.extract.page.trace import trace_field
from presswatch.model import Entry

# Between the parts of a whole byline in one line.
_BARS = re.compile(r"\s*[|·•\n]\s*")
# A link to an author's other texts: "View all posts by Jane Doe". The first words are not a name's.
_ALL_POSTS = re.compile(
    r"^(?=(?:\S+\s+){0,3}(?!(?:von|van|der?|di|da|dos|la|al|el)\s)[^\W\d_A-Z]\w+\s)(?:\S+\s+){2,6}"
    r"(?:by|von|vom|par|por|di|de|door|av|af|przez)\s+(?=[A-Z])"
)
# What a credit or a caption begins with.
_CREDIT = re.compile(
    r"(?:photos?|photograph(?:s|er|ed by)?|pictures?|images?|illustrations?|graphics?|video|fotos?|foto[ás]|"
    r"bild(?:er)?|grafik|illustration|credits?|copyright|©|fotografía|imagen|immagine|cr[ée]dits?|zdjęcie|фото|写真|撮影|图|摄)"
    r"\b\s*(?:by|von|par|de|di|:|：|/)|fot\.",
    re.I,
)
_METAS = (
    *("author", "article:author", "articleauthor", "dcsext.author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "parsely-author", "cxenseparse:author"),
)
_NAMED = re.compile(rf"(?:^|[\s_-])(?:{words.AUTHORS}|{words.WRITERS})")
_CREDITS = re.compile(rf"credit|caption|photo|copyright|(?:^|[\s_-])(?:{words.SHARING}|{words.COMMENTS})")
_COMMENTS = re.compile(words.named(words.COMMENTS, words.COMMENT_PARTS, "reviews"))
# "Jane Doe | 05.04.2025", a whole byline in one line.
_DATED = re.compile(r"^([^|•·\d]{5,40}?)\s*[|•·,–-]\s*[^|•·]{0,20}\d{1,4}(?:[./-]| \w{3})")
_MARK = re.compile(
    r"(?:authors?|(?:^|[_-])(?:writers?|contributors?|reporters?|journalists?))(?:[_-]*(?:name|link|url))?$|"
    r"(?:^|[_-])by-?lines?[_-]*(?:names?|links?|authors?)$|^fn$|^user-?name$"
)
# "Posted on 3 May 2024 by Jane Doe", "von Olga": what follows the preposition, in a line that tells a date.
_BY_SOMEONE = re.compile(
    r"(?:^|\s)(?:by|von|durch|par|por|da|di|av|door|af|przez)\s+(\S+(?:\s+\S+){0,3}?(?:\s(?:and|und|y|et|e|og|och|en|i)\s\S+(?:\s+\S+){0,3}?)?)"
    r"(?=\s*$|\s*[|·•,–—]|\s+-\s|\s+(?:am|on|le|el|il|om|den|at|updated|in)\s|\s+\d)",
    re.I,
)
_DATE = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}")
_LABEL = re.compile(
    r"(?:by|von|par|por|di|door|av|af|(?:article |post |story )?author|autor(?:in|en|es|a)?|auteur|autore|"
    r"auteurs|text|written by)\s*:?",
    re.I,
)
_AUTHOR_PATH = re.compile(r"/(?:authors?|autor\w*|by|profile|people)/")
# What somebody's page is called in its address.
_OWN_PATH = re.compile(
    rf"/(?:{words.PEOPLE_PATHS}|{words.USER_PATHS}|staff|auteurs?|reporters?|journalist\w*|contributors?|writers?)/"
    r"([^/?#]+)/?(?:[?#]|$)"
)
_MOST = 12
# Pieces between the names of authors in one byline: their jobs, their pictures' texts.
_CLOSE = 4
# How far above a line a box may be called a byline, and how many lines such a box holds.
_HIGHEST, _FEW = 6, 8
# Of an element whose name says that an author stands in it: the name, and not a box around it.
_LONGEST = 80
# Of a line that nothing says to be a name: two or three words in letters, none of them in capitals alone.
_FULL_NAME = re.compile(
    r"[^\W\d_][^\W\d_'’.-]+(?:[ -][^\W\d_]\.?(?![^\W\d_]))?(?: [^\W\d_][^\W\d_'’-]+){1,2}"
)
_HEADS = re.compile(words.named("title", "head", "headline", "heading", "header"))
_BESIDE = 2
# Where names stand: between headline and text, behind the text, elsewhere.
_ABOVE, _BELOW, _AROUND = range(3)
_NO_NAME_IN = HEADINGS | {"li", "button", "label", "td", "th", "figcaption", "figure"}

# What it is worth that an origin names somebody, and which witness it is: what the page tells machines, what
# it shows around headline and text, the text itself, the feed.
_WORTH = {
    "json-ld": ("head", 16.0),
    "microdata": ("head", 15.0),
    "marked": ("page", 14.0),
    "place": ("page", 13.0),
    "meta": ("head", 12.0),
    "label": ("page", 11.0),
    "byline": ("page", 10.0),
    "marked apart": ("page", 9.5),
    "feed": ("feed", 9.0),
    "meta word": ("head", 8.0),
    "told": ("page", 7.0),
    "json-ld person": ("head", 6.0),
    "address": ("page", 5.0),
    "signature": ("text", 4.0),
    "alone": ("page", 3.0),
    "beside": ("page", 2.0),
}
# An account or an address, the house itself, an association or authority, a person.
_NOBODY, _HOUSE, _BODY, _PERSON = range(4)
# More than any origin says alone: two witnesses agree.
_SURE = max(worth for _, worth in _WORTH.values())


def find_authors(
    markup: Markup,
    outline: Outline,
    byline: Byline,
    site_names: Iterable[str],
    signed: str,
    common: CommonWords,
    entries: Sequence[Entry] = (),
    places: Collection[str] = (),
) -> tuple[str, ...]:
    """Names in the page's order. People go before the house; the house is named if nobody else is.

    `signed` is a name that stands alone at the text's beginning or end, `entries` what feeds say; `places`
    are the elements in which authors stand on other pages of the source (model.Facts).
    """
    house = {key(name) for name in site_names}
    declared = names_in(value for name in _METAS for value in markup.metas.get(name, ())[:1])
    marked = _marked(outline, byline)
    told = {
        "json-ld": names_in(_declared(markup)),
        "microdata": names_in(_microdata(markup)),
        "marked": names_in(marked.get(_ABOVE, ()), handles=True),
        "place": names_in(_placed(outline, byline, places), handles=True),
        "meta": [name for name in declared if " " in name or is_cjk(name)],
        "label": names_in([byline.author]),
        "byline": [
            name for name in names_in(_shown(outline, byline)) if is_person(name) and not common.has(name)
        ],
        "marked apart": names_in(marked.get(_BELOW, marked.get(_AROUND, ())), handles=True),
        "feed": names_in(name for entry in entries for name in entry.authors),
        # One word in a page's head is as often the house's account.
        "meta word": [name for name in declared if " " not in name and not is_cjk(name)],
        "told": [
            name
            for name in names_in(_told(outline, byline.pieces), handles=True)
            if (" " not in name or is_full_name(name)) and not common.has(name)
        ],
        "json-ld person": names_in(_person_beside(markup)),
        "address": names_in(_by_address(outline, byline), handles=True),
        "signature": names_in([signed]),
        "alone": [name for name in names_in(_alone(outline, byline)) if not common.has(name)],
    }
    # Ghost's word for those who wrote it too, elsewhere for those who helped: the byline tells.
    beside = set(map(key, (*told["marked"], *told["marked apart"], *told["byline"])))
    helpers = names_in(name for node in markup.articles for name in _resolved(node.get("contributor"), {}))
    if told["json-ld"]:
        told["json-ld"] += [name for name in helpers if key(name) in beside and name not in told["json-ld"]]
    if not any(map(is_somebody, chain(*told.values()))):
        # Asked last, as it looks at every element of the page.
        told["beside"] = names_in(_beside(markup))
    authors = believed(told, house)
    for origin, names in told.items():
        agrees = not authors.keys().isdisjoint(map(key, names))
        verdict = "it names whom the most is said for" if agrees else "more is said for others"
        trace_field("authors", origin, ", ".join(names), verdict, believed=agrees)
    return tuple(authors.values())


def believed(told: Mapping[str, Sequence[str]], house: Collection[str]) -> dict[str, str]:
    """The authors by their keys, from what each origin told: of the person for whom the most is said, the
    first origin that names him, with all whom it names, and those whom two more witnesses name. A house
    is named alone, and only if nobody else is.
    """
    names: dict[str, str] = {}
    people: dict[str, list[str]] = {}
    said = defaultdict[str, set[str]](set)
    for origin, told_names in told.items():
        found = [without_house(name, house) for name in told_names]
        people[origin] = list(dict.fromkeys(map(key, found)))
        for name in found:
            names.setdefault(key(name), name)
            said[key(name)].add(origin)
    worth = {known: _worth(names[known], origins, house) for known, origins in said.items()}
    most = max(worth.values(), default=(_NOBODY, 0.0))
    if most[0] == _NOBODY:
        return {}
    if most[0] == _HOUSE:
        known = max(worth, key=lambda one: worth[one])
        return {known: names[known]}
    chosen = next(those for those in people.values() if any(worth[known] == most for known in those))
    authors = [known for known in chosen if worth[known][0] > _HOUSE]
    authors += [known for known in worth if known not in authors and worth[known] > (_PERSON, _SURE)]
    return {known: _fuller(names[known], names.values()) for known in authors[:_MOST]}


def _worth(name: str, origins: Collection[str], house: Collection[str]) -> tuple[int, float]:
    """What somebody is, and how much is said for his having written the text: the most by each witness, in
    all. No sum for a house is as much as what one origin says for a person.
    """
    by_witness = defaultdict[str, float](float)
    for origin in origins:
        witness, worth = _WORTH[origin]
        by_witness[witness] = max(by_witness[witness], worth)
    kind = _HOUSE if is_house(name, house) else _NOBODY if is_nobody(name) else _BODY
    return _PERSON if kind == _BODY and is_somebody(name) else kind, sum(by_witness.values())


def _fuller(name: str, names: Iterable[str]) -> str:
    """The whole name where this is only its first word."""
    return name if " " in name else next((one for one in names if one.startswith(f"{name} ")), name)


def _declared(markup: Markup) -> list[str]:
    """The authors in JSON-LD, with references followed to the nodes that they mean."""
    by_id = {str(node["@id"]): node for node in markup.nodes if "@id" in node and _name_of(node)}
    for article in markup.articles:
        for field in ("author", "creator"):
            if names := _resolved(article.get(field), by_id):
                return names
    pages = (node for node in markup.nodes if any(kind.endswith("WebPage") for kind in types(node)))
    return next((names for page in pages if (names := _resolved(page.get("author"), by_id))), [])


def _person_beside(markup: Markup) -> list[str]:
    """The first person in JSON-LD, of whom nothing says that it is the author."""
    persons = (name for node in markup.nodes if "Person" in types(node) for name in _name_of(node))
    return [*islice(persons, 1)]


def _resolved(value: object, by_id: Mapping[str, Node]) -> list[str]:
    if isinstance(value, list):
        return [name for item in value[:_MOST] for name in _resolved(item, by_id)]
    if isinstance(value, dict):
        if "Role" in types(value):
            return _resolved(value.get("author") or value.get("creator"), by_id)
        return _name_of(value) or _name_of(by_id.get(str(value.get("@id")), {}))
    return strings(value)


def _name_of(node: Node) -> list[str]:
    """A person's name, or what it is put together from (https://schema.org/Person)."""
    if node.get("name"):
        return strings(node["name"])
    parts = [
        part for field in ("givenName", "additionalName", "familyName") for part in strings(node.get(field))
    ]
    return [" ".join(parts)] if parts else []


def _microdata(markup: Markup) -> list[str]:
    """Whom the first article's own `itemprop=author` names: not those of comments and reviews."""
    found = []
    own: HtmlElement | None = None
    for element in markup.marked:
        if "author" not in (element.get("itemprop") or "").split():
            continue
        scope = next((above for above in element.iterancestors() if above.get("itemscope") is not None), None)
        if scope is None or scope.get("itemprop") == "review":
            continue
        if not is_article_type(scope.get("itemtype") or ""):
            continue
        own = scope if own is None else own
        if scope is not own:
            continue
        inner = next(
            (one for one in element.iterfind(".//*[@itemprop]") if one.get("itemprop") == "name"), element
        )
        found += [squeeze(inner.get("content"))] if inner.get("content") else _parts_of(inner)
    return [name for name in found if len(name) < _LONGEST]


def _marked(outline: Outline, byline: Byline) -> dict[int, list[str]]:
    """The names that a link or an element is said to be an author by, and where: those between headline and
    text, else those behind the text, else those above the headline, else of links within the text.
    """
    taken: set[HtmlElement] = set()
    found: dict[int, list[tuple[int, str]]] = {}
    for n in byline.pieces:
        piece = outline.pieces[n]
        if n == byline.title or piece.box.hidden or _is_credit(piece):
            continue
        around = [box.element for box in boxes_around(piece.box, _FEW, _HIGHEST)]
        for element in (*reversed(around), *within_line(piece.box.element)):
            if not isinstance(element.tag, str) or not _is_mark(element):
                continue
            if element in taken or any(above in taken for above in element.iterancestors()):
                continue
            if any(_is_mark(one) and _parts_of(one) != [""] for one in element.iterdescendants("div", "p")):
                continue
            texts = [
                text for text in _parts_of(element) if len(text) < _LONGEST and names_in([text], handles=True)
            ]
            if texts and not _CREDIT.match(texts[0]):
                taken.add(element)
                where = _AROUND if n < byline.title else _ABOVE if n < byline.text_end else _BELOW
                found.setdefault(where, []).extend((n, text) for text in texts)
    if not found:
        within = range(byline.title, byline.text_end)
        return {
            _AROUND: [one.text for one in outline.anchors if one.at in within and "author" in one.rel.split()]
        }
    where = min(found)
    return {where: _side_by_side(found[where], outline)}


def _beside(markup: Markup) -> list[str]:
    """The persons in the only element of the page that says it holds authors, wherever it stands."""
    marked = [
        element
        for element in markup.root.iter("address", "div", "p", "section", "span", "ul")
        if _is_mark(element) and not any(_is_mark(one) or _is_comment(one) for one in element.iterancestors())
    ]
    if len(marked) != 1 or TRANSLATED.match(_text_of(marked[0])):
        return []
    bold = [_text_of(part) for part in marked[0].iterdescendants("a", "b", "strong")]
    return [text for text in bold or [_text_of(marked[0])] if names_in([text]) == [text] and is_person(text)]


def _placed(outline: Outline, byline: Byline, places: Collection[str]) -> list[str]:
    """Who stands in the byline where authors stand on other pages of the source."""
    found = []
    for n in byline.pieces if places else ():
        piece = outline.pieces[n]
        if n < byline.text_end and not piece.box.hidden and not _is_credit(piece):
            elements = (piece.box.element, *within_line(piece.box.element))
            found += [_text_of(element) for element in elements if place_of(element) in places]
    return [text for text in found if len(text) < _LONGEST]


def _side_by_side(marks: Sequence[tuple[int, str]], outline: Outline) -> list[str]:
    """The names of the first piece that has one, and of those that follow closely: who is named farther on
    wrote something else, a comment or another article.
    """
    names, last = [], marks[0][0]
    for n, text in marks:
        if n - last > _CLOSE or any(piece.box.tag in HEADINGS for piece in outline.pieces[last + 1 : n]):
            break
        names.append(text)
        last = n
    return names


def _is_comment(element: HtmlElement) -> bool:
    return bool(_COMMENTS.search((element.get("class") or "").lower()))


def _is_mark(element: HtmlElement) -> bool:
    names = (element.get("class") or "").lower()
    if _COMMENTS.search(names):
        return False
    if "author" in (element.get("rel") or "").lower().split():
        return True
    return any(_MARK.search(name) for name in names.split())


def _parts_of(element: HtmlElement) -> list[str]:
    """The persons in an element, if each stands in a link or a bold word of its own; else its text."""
    parts = [_text_of(part) for part in element.iterdescendants("a", "b", "strong")]
    people = [part for part in dict.fromkeys(parts) if names_in([part]) == [part] and is_person(part)]
    if len(people) > 1:
        return people
    whole = _text_of(element)
    if TRANSLATED.match(whole):
        return [whole]
    whole = _ALL_POSTS.sub("", whole)
    if _CREDIT.match(whole):
        return [whole]
    links = [text for part in element.iterdescendants("a") if (text := _text_of(part))]
    # A date beside the only link: the link is the name.
    return links if len(links) == 1 and not names_in([whole], handles=True) else [whole]


def _text_of(element: HtmlElement) -> str:
    """Its text, with a space where a name follows a word without one: `<span>By</span>Jane Doe`."""
    text = ""
    for part in element.itertext():
        glued = text[-1:].isalpha() and part[:1].isupper()
        text += f" {part}" if glued else part
    return squeeze(text)


def _shown(outline: Outline, byline: Byline) -> list[str]:
    """What the byline's lines call authors: links to authors above the text's end, boxes named so, lines that
    begin with "By", else links to authors behind the text.
    """
    near = byline.pieces
    lines = frozenset(near)
    linked = [
        (anchor.at, anchor.text)
        for anchor in outline.anchors
        if anchor.at in lines
        and _AUTHOR_PATH.search(anchor.href)
        and not _CREDITS.search(anchor.box.words)
        and not _is_quoted(anchor.box)
    ]
    if above := [text for at, text in linked if at < byline.text_end]:
        return above
    lines_shown = [outline.pieces[n] for n in near if not _is_credit(outline.pieces[n])]
    people_in = defaultdict[int, list[str]](list)
    for anchor in outline.anchors:
        if anchor.at in lines and is_person(anchor.text):
            people_in[anchor.at].append(anchor.text)
    named = [
        part
        for n in near
        if not _is_credit(piece := outline.pieces[n])
        and _is_named(piece)
        and not TRANSLATED.match(piece.text)
        for part in (people_in[n] or _BARS.split(piece.text)[:2])
    ]
    said = [_BARS.split(piece.text)[0] for piece in lines_shown if BY.match(piece.text)]
    lines_alone = [piece for piece in lines_shown if piece.box.tag not in HEADINGS]
    dated = [match[1] for piece in lines_alone if (match := _DATED.match(piece.text))]
    barred = [
        part
        for piece in lines_alone
        if len(piece.text) < 2 * _LONGEST and _DATE.search(piece.text)
        for part in re.split(r"\s+[|·•–-]\s+", piece.text)[1:]
    ]
    # The name below a label may have been taken for text.
    labelled = [
        after.text
        for n in near
        if _LABEL.fullmatch(outline.pieces[n].text)
        for after in outline.pieces[n + 1 : n + 2]
        if not _is_credit(after)
    ]
    shown = [text for text in (*labelled, *named, *said, *dated, *barred) if len(text) < _LONGEST]
    return shown or [text for _, text in linked]


def _alone(outline: Outline, byline: Byline) -> list[str]:
    """The person whose name is a line of its own between headline and text, right beside one with a date."""
    lines = [n for n in byline.pieces if byline.title < n < byline.text_end]
    dated = [
        n for n in lines if _DATE.search(outline.pieces[n].text) and len(outline.pieces[n].text) < _LONGEST
    ]
    for n in lines:
        piece = outline.pieces[n]
        text = piece.text.strip(" ,|·•")
        if piece.box.tag in _NO_NAME_IN or piece.box.hidden or _is_credit(piece):
            continue
        if any(0 < abs(n - m) <= _BESIDE for m in dated) and _FULL_NAME.fullmatch(text) and is_person(text):
            return [text]
    return []


def _told(outline: Outline, near: Sequence[int]) -> list[str]:
    """Whom a line with a date says something to be by; it may be one word."""
    lines = [outline.pieces[n] for n in near if len(outline.pieces[n].text) < 2 * _LONGEST]
    return [
        match[1]
        for piece in lines
        if _DATE.search(piece.text) and not _is_credit(piece)
        for match in _BY_SOMEONE.finditer(piece.text)
        if match[1][0].isupper() or (_is_named(piece) and len(match[1]) > 2)
        if piece.linked or not re.search(r"\d", match[1])
    ]


def _by_address(outline: Outline, byline: Byline) -> list[str]:
    """Who is linked in the byline's lines above the text under an address that says an author's or user's
    name, as the link does.
    """
    lines = frozenset(n for n in byline.pieces if n < byline.text_end)
    return [
        anchor.text
        for anchor in outline.anchors
        if anchor.at in lines
        and (found := _OWN_PATH.search(anchor.href))
        and len(name := key(anchor.text)) > 1
        and key(unquote(found[1])).startswith(name)
        and not _is_credit(outline.pieces[anchor.at])
        and not _is_quoted(anchor.box)
    ]


def _is_named(piece: Piece) -> bool:
    """Whether a box around it that holds little else is called a byline or an author."""
    return any(_NAMED.search(box.words) for box in boxes_around(piece.box, _FEW, _HIGHEST))


def _is_quoted(box: Box | None) -> bool:
    while box is not None:
        if box.tag == "blockquote":
            return True
        box = box.parent
    return False


def _is_credit(piece: Piece) -> bool:
    """Whether a line tells of a picture, or belongs to a tool or a comment, not of the text's author."""
    if _CREDIT.match(piece.text):
        return True
    box: Box | None = piece.box
    near = True
    while box is not None:
        if near and (box.tag in ("figure", "figcaption") or _CREDITS.search(box.words)):
            return True
        if _COMMENTS.search(box.words) or "Comment" in (box.element.get("itemtype") or ""):
            return True
        near, box = box is piece.box, box.parent
    return False


def signature(outline: Outline, chosen: Sequence[int], common: CommonWords) -> tuple[str, tuple[int, ...]]:
    """The author's name that stands alone at a text's beginning or end, if any, and the text's pieces without
    it.
    """
    if len(chosen) < 2:
        return "", tuple(chosen)
    first, last = chosen[0], chosen[-1]
    near = (*range(max(first - 1, 0), first + 3), last, *range(last + 1, last + 3))
    for n in (*near, *range(first + 3, first + 6), *range(last - 3, last)):
        piece = outline.pieces[n] if n < len(outline.pieces) else None
        if piece is not None and n not in near and not BY.match(piece.text):
            continue
        if (
            piece is None
            or len(piece.text) > 60
            or piece.box.tag in _NO_NAME_IN
            or piece.box.hidden
            or _is_credit(piece)
            or _is_quoted(piece.box)
            or _HEADS.search(piece.box.words)
            # A label in bold and what it says, or a link to something, unless it says "By".
            or (not BY.match(piece.text) and (piece.linked or 0 < piece.bold < 0.8 * len(piece.text)))
        ):
            continue
        names = names_in([piece.text.strip(" .()")])
        if (
            names
            and all(is_person(name) and not common.has(name) for name in names)
            and _only_names(piece.text, names)
        ):
            return piece.text, tuple(m for m in chosen if m != n)
    return "", tuple(chosen)


def _only_names(text: str, names: Sequence[str]) -> bool:
    return sum(map(len, names)) >= 0.7 * len(BY.sub("", text))
