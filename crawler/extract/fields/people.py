"""The people who wrote an article, without roles, agencies' addresses or "By"."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from urllib.parse import unquote

from lxml.html import HtmlElement

from crawler.extract import vocabulary as words
from crawler.extract.fields.byline import Byline
from crawler.extract.fields.roles import is_job, is_place
from crawler.extract.page.markup import Markup, Node, is_article_type, strings, types
from crawler.extract.page.outline import HEADINGS, Box, Outline, Piece, boxes_around
from crawler.extract.page.site_facts import place_of, within_line
from crawler.extract.page.text import key, squeeze
from crawler.extract.page.trace import trace_field
from presswatch.model import Entry

_BY = re.compile(
    r"^(?:by|von|vom|par|por|di|da|de|door|av|af|aut(?:or|eur)(?:en|in|a|e)?|author|text|texte|texto|"
    r"story|文|作者|记者|責任編輯|责任编辑|автор|yazar|oleh|przez|bởi|بقلم|words|interview)\b\s*[:：/]?\s*|"
    # "Written by", "Pressemitteilung von": what was done, or what it is.
    r"^(?:(?:ein |eine |a |an )?(?:written|posted|published|created|submitted|reported|story|words|text|"
    r"article|geschrieben|erstellt|eingestellt|veröffentlicht|verfasst|gepostet|beitrag|artikel|"
    r"pressemitteilung|kommentar|kolumne|gastbeitrag|reportage|analyse|essay|glosse|rezension|alles|mehr|"
    r"blog ?beitrag|blog ?post|"
    r"alle artikel|publi[ée]e?|écrit|rédigé|propos recueillis|escrito|"
    r"publicado|enviado|artículo|scritto|pubblicato|napisał|geplaatst|geschreven|opgesteld|skrevet|skriven|af)\s+(?:on\s+)?"
    r"(?:by|von|vom|par|por|da|di|door|av|af|przez))\b\s*:?\s*|"
    # "Analysis by", "Additional reporting by"; and where two elements stand side by side, "ByJane Doe".
    r"^(?:additional\s)?(?:analysis|opinion|review|report(?:ing)?|comment(?:ary)?|essay|interview|column|compiled)\s+"
    r"by\s+|^(?-i:By(?=[A-Z](?:[^\W\d_A-Z.]|\.)))",
    re.I,
)
# What is left of "Jane Doe at 14:05" without the time.
_DANGLING = re.compile(r"\s(?:um|am|at|on|in|le|el|il|om|den|à|kl)$")
# "gazette.example", "jane[at]gazette.example".
_ADDRESS = re.compile(r"\S*\w\.(?:[a-z]{2,10}|[A-Z]{2,4})|(?i:.*\[at\].*)")
_TITLE = r"(?:Jr|Sr|M\.?\s?D|Ph\.?\s?D|Esq|MBE|OBE|I{2,3})(?=$|[\s.,;])"
_SPLIT = re.compile(
    r"\s*(?:[;；、/|·•\n]|\s(?:and|und|y|et|e|og|och|en|ve|i|и|with|mit|avec|con)\s|\s&\s|，|"
    rf",(?!\s*{_TITLE})\s*)\s*"
)
# Between the parts of a whole byline in one line.
_BARS = re.compile(r"\s*[|·•\n]\s*")
_TRAIL = re.compile(r"\s*(?:\([^)]*\)?|\[[^\]]*\]?|\s[-–—|](?:\s.*)?|@\S+|\S+@\S+)\s*$")
_NOT_NAME = re.compile(
    r"\d|https?:|www\.|[@#*{}<>=\\]|\b(?:uhr|updated?|published|comments?|share|newsletter|google|facebook|twitter)\b",
    re.I,
)
# What somebody calls himself on a site; it may hold digits.
_HANDLE = re.compile(r"[^\W\d_][\w-]{1,24}")
# A link to an author's other texts: "View all posts by Jane Doe". The first words are not a name's.
_ALL_POSTS = re.compile(
    r"^(?=(?:\S+\s+){0,3}(?!(?:von|van|der?|di|da|dos|la|al|el)\s)[^\W\d_A-Z]\w+\s)(?:\S+\s+){2,6}"
    r"(?:by|von|vom|par|por|di|de|door|av|af|przez)\s+(?=[A-Z])"
)
# What follows an author's name in the same line, and tells of somebody else's work.
_OTHER_WORK = re.compile(
    r"\s+[([]?(?:fotos?|photos?|photograph\w*|pictures?|images?|illustration\w*|bild(?:er)?|grafik\w*|video|"
    r"fotograf\w+|über\w+|translat\w+|tradu\w+)\s*(?::|/|(?:by|von|vom|par|por|de|di|door|av|af)\s)",
    re.I,
)
# Chinese writes the job before the name without a space.
_JOB_BEFORE = re.compile(r"^(?:本报|本网)?(?:记者|記者|通讯员|作者|撰文|撰稿)\s*[:：]?\s*(?=[\u3400-\u9fff])")
# Words of the lines around a text that look like names but for their meaning.
_NOT_SHOWN = re.compile(
    r"\b(?:bild|fotos?|photos?|foto|image|credits?|quelle|source|getty|sie|ihre?n?|your?|the|this|our|jetzt|"
    r"mehr|alle|hier|teilen|copied|"
    r"meinung|read|more|click|follow|redaktion|staff|team|desk|haberler|news|nachrichten)\b",
    re.I,
)
# What a credit or a caption begins with.
_CREDIT = re.compile(
    r"(?:photos?|photograph(?:s|er|ed by)?|pictures?|images?|illustrations?|graphics?|video|fotos?|foto[ás]|"
    r"bild(?:er)?|grafik|illustration|credits?|copyright|©|fotografía|imagen|immagine|cr[ée]dits?|zdjęcie|фото|写真|撮影|图|摄)"
    r"\b\s*(?:by|von|par|de|di|:|：|/)",
    re.I,
)
# An account of the house, not a person.
_ACCOUNT = re.compile(
    r"(?:(?:web|site|super)?-?(?:admin(?:istrator)?|master|user|editor)|editors?|root|developer|redaktion|"
    r"redacci[oó]n|r[ée]daction|redazione|redactie|redakcja|редакция|desk|newsdesk|news ?room|staff|"
    r"team|guest|[a-z]+admin|posted|published|written|(?:no )?author|super user|publisher|unknown|anonymous|"
    r"n/?a|none|null|test|wordpress|wp|red)",
    re.I,
)
# A word by which a name is that of a house.
_HOUSE = re.compile(
    r"\b(?:news|media|press|broadcasting|newspapers?|magazine|times|herald|tribune|gazette|courier|journal|radio|"
    r"tv|television|channel|agency|agentur|agence|agencia|verlag|redaktion|redacci[oó]n|editorial|staff|desk|team|"
    r"bureau|correspondents?|reporters?|writers?|contributors?|editors?|gmbh|inc|ltd|llc|corp|group|network|service|"
    r"university|institute|department|ministry|office|association|foundation|online|zeitung|haber|com|org|net|"
    # Press offices: associations, authorities, universities.
    r"e\.? ?v|\w*verb(?:and|ände)|bund|verein|stiftung|pressestelle|\w*ministerium|\w*universität|hochschule|"
    r"institut|fraktion|polizei|landratsamt|stadtverwaltung|ministerio|ayuntamiento|universidad|fundación|"
    r"ministère|mairie|université|fondation|ministero|comune di|università|fondazione)\b",
    re.I,
)
_METAS = (
    *("author", "article:author", "articleauthor", "dcsext.author", "sailthru.author", "byl", "dc.creator"),
    *("dcterms.creator", "parsely-author", "cxenseparse:author"),
)
_NAMED = re.compile(rf"(?:^|[\s_-])(?:{words.AUTHORS}|{words.WRITERS})")
_CREDITS = re.compile(rf"credit|caption|photo|copyright|(?:^|[\s_-])(?:{words.SHARING}|{words.COMMENTS})")
_COMMENTS = re.compile(words.named(words.COMMENTS, words.COMMENT_PARTS))
# "Jane Doe | 05.04.2025", a whole byline in one line.
_DATED = re.compile(r"^([^|•·\d]{5,40}?)\s*[|•·,–-]\s*[^|•·]{0,20}\d{1,4}[./ -]")
_MARK = re.compile(
    r"(?:authors?|(?:^|[_-])(?:writers?|contributors?|reporters?|journalists?))(?:[_-]*(?:name|link|url))?$|"
    r"(?:^|[_-])by-?lines?[_-]*(?:names?|links?|authors?)$|^fn$|^user-?name$"
)
# "Posted on 3 May 2024 by Jane Doe", "von Olga": what follows the preposition, in a line that tells a date.
_BY_SOMEONE = re.compile(
    r"(?:^|\s)(?:by|von|par|por|da|di|av|door|af|przez)\s+(\S+(?:\s+\S+){0,3}?(?:\s(?:and|und|y|et|e|og|och|en|i)\s\S+(?:\s+\S+){0,3}?)?)"
    r"(?=\s*$|\s*[|·•,–—]|\s+-\s|\s+(?:am|on|le|el|il|om|den|at|updated|in)\s|\s+\d)",
    re.I,
)
_DATE = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}")
_LABEL = re.compile(
    r"(?:by|von|par|por|di|door|av|af|(?:article |post |story )?author|autor(?:in|en|es|a)?|auteur|autore|"
    r"auteurs|text|written by)\s*:?",
    re.I,
)
# Who put a text into another language did not write it.
_TRANSLATED = re.compile(
    r"(?:übersetz|translat|tradu|tradott|vertaald|oversatt|översatt|oversat|tłum|přelož|перев)", re.I
)
_WORD = re.compile(r"[^\W\d_]+")
_AUTHOR_PATH = re.compile(r"/(?:authors?|autor\w*|by|profile|people)/")
# What somebody's page is called in its address.
_OWN_PATH = re.compile(
    rf"/(?:{words.PEOPLE_PATHS}|{words.USER_PATHS}|staff|auteurs?|reporters?|journalist\w*|contributors?|writers?)/"
    r"([^/?#]+)/?(?:[?#]|$)"
)
_MOST = 12
# Pieces between the names of authors in one byline: their jobs, their pictures' texts.
_CLOSE = 4
# Letters of a house's name that a person's does not begin with by chance.
_LEAST_HOUSE = 10
# How far above a line a box may be called a byline, and how many lines such a box holds.
_HIGHEST, _FEW = 6, 8
# Of an element whose name says that an author stands in it: the name, and not a box around it.
_LONGEST = 80
# Of a line that nothing says to be a name: two or three words in letters, none of them in capitals alone.
_FULL_NAME = re.compile(
    r"[^\W\d_][^\W\d_'’.-]+(?:[ -][^\W\d_]\.?(?![^\W\d_]))?(?: [^\W\d_][^\W\d_'’-]+){1,2}"
)
_BESIDE = 2
_NO_NAME_IN = HEADINGS | {"li", "button", "label", "td", "th", "figcaption", "figure"}


class CommonWords:
    """The words that the page writes in small letters: a line made of such is no name."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._words: frozenset[str] | None = None

    def has(self, name: str) -> bool:
        """Whether a word of this name stands somewhere on the page without a capital letter."""
        if self._words is None:
            text = " ".join(piece.text for piece in self._outline.pieces)
            self._words = frozenset(word for word in _WORD.findall(text) if word[0].islower())
        return any(
            len(word) > 2 and word[0].isupper() and word.lower() in self._words
            for word in _WORD.findall(name)
        )


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
    told = {
        "json-ld": names_in(_declared(markup)),
        "microdata": names_in(_microdata(markup)),
        "marked": names_in(_marked(outline, byline), handles=True),
        "place": names_in(_placed(outline, byline, places), handles=True),
        "meta": [name for name in declared if " " in name or _is_cjk(name)],
        "label": names_in([byline.author]),
        "byline": [
            name
            for name in names_in(_shown(outline, byline.pieces))
            if _is_person(name) and not common.has(name)
        ],
        "feed": names_in(name for entry in entries for name in entry.authors),
        # One word in a page's head is as often the house's account.
        "meta word": [name for name in declared if " " not in name and not _is_cjk(name)],
        "told": [
            name
            for name in names_in(_told(outline, byline.pieces), handles=True)
            if (" " not in name or _is_full_name(name)) and not common.has(name)
        ],
        "json-ld person": names_in(_person_beside(markup)),
        "address": names_in(_by_address(outline, byline), handles=True),
        "signature": names_in([signed]),
        "alone": [name for name in names_in(_alone(outline, byline)) if not common.has(name)],
    }
    # Ghost's word for those who wrote it too, elsewhere for those who helped: the byline tells.
    beside = set(map(key, (*told["marked"], *told["byline"])))
    helpers = names_in(name for node in markup.articles for name in _resolved(node.get("contributor"), {}))
    if told["json-ld"]:
        told["json-ld"] += [name for name in helpers if key(name) in beside and name not in told["json-ld"]]
    people = {origin: _people_of(names, house) for origin, names in told.items()}
    named = {origin: [name for name in names if not _HOUSE.search(name)] for origin, names in people.items()}
    if not any(named.values()):
        # Asked last, as it looks at every element of the page.
        told["beside"] = names_in(_beside(markup))
        people["beside"] = _people_of(told["beside"], house)
        named["beside"] = [name for name in people["beside"] if not _HOUSE.search(name)]
    chosen = next((origin for origin, names in named.items() if names), "")
    chosen = chosen or next((origin for origin, names in people.items() if names), "")
    for origin, names in told.items():
        verdict = "the first that names people" if origin == chosen else "another is believed before it"
        verdict = verdict if people[origin] else "it names the house"
        trace_field("authors", origin, ", ".join(names), verdict, believed=origin == chosen)
    if chosen:
        return tuple(_fuller(name, people) for name in people[chosen][:_MOST])
    shown = (
        [name for name in names if key(name) in house or not _is_nobody(name)] for names in told.values()
    )
    return next((tuple(names[:1]) for names in shown if names), ())


def _people_of(names: Sequence[str], house: Collection[str]) -> list[str]:
    """Those of the names that are neither the house's nor an account's."""
    without = (_without_house(name, house) for name in names)
    return list(dict.fromkeys(name for name in without if not (_is_house(name, house) or _is_nobody(name))))


def _without_house(name: str, house: Collection[str]) -> str:
    """A full name without the house's behind it, or before it: "Jane Doe The Gazette Staff", "Gazette-Editor
    Jane Doe".
    """
    words = name.split()
    behind = " ".join(words[1:])
    if "-" in words[0] and _is_full_name(behind) and _is_house(words[0], house):
        return behind
    for n in range(2, len(words)):
        if any(len(own) >= _LEAST_HOUSE and key(" ".join(words[n:])).startswith(own) for own in house):
            return " ".join(words[: n - (words[n - 1].islower())])
    return name


def _is_house(name: str, house: Collection[str]) -> bool:
    """Whether it is the house's name, alone or with more behind it."""
    whole = key(name)
    return whole in house or any(len(own) >= _LEAST_HOUSE and whole.startswith(own) for own in house)


def _is_nobody(name: str) -> bool:
    """Whether it is an account, or the address of a site or of a mailbox."""
    return bool(_ACCOUNT.fullmatch(name) or _ADDRESS.fullmatch(name))


def _fuller(name: str, people: Mapping[str, Sequence[str]]) -> str:
    """The whole name where this is only its first word."""
    if " " in name:
        return name
    return next((one for names in people.values() for one in names if one.startswith(f"{name} ")), name)


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


def _marked(outline: Outline, byline: Byline) -> list[str]:
    """The names that a link or an element is said to be an author by: of those above the text or at its
    beginning, else of those behind it, else of the links within it.
    """
    taken: set[HtmlElement] = set()
    found: dict[bool, list[tuple[int, str]]] = {}
    for n in byline.pieces:
        piece = outline.pieces[n]
        if piece.box.hidden or _is_credit(piece):
            continue
        around = [box.element for box in boxes_around(piece.box, _FEW, _HIGHEST)]
        for element in (*reversed(around), *within_line(piece.box.element)):
            if not isinstance(element.tag, str) or not _is_mark(element):
                continue
            if element in taken or any(above in taken for above in element.iterancestors()):
                continue
            texts = [
                text for text in _parts_of(element) if len(text) < _LONGEST and names_in([text], handles=True)
            ]
            if texts and not _CREDIT.match(texts[0]):
                taken.add(element)
                found.setdefault(n >= byline.text_end, []).extend((n, text) for text in texts)
    if found:
        return _side_by_side(found[min(found)], outline)
    within = range(byline.title, byline.text_end)
    return [one.text for one in outline.anchors if one.at in within and "author" in one.rel.split()]


def _beside(markup: Markup) -> list[str]:
    """The persons in the only element of the page that says it holds authors, wherever it stands."""
    marked = [
        element
        for element in markup.root.iter("address", "div", "p", "section", "span", "ul")
        if _is_mark(element) and not any(map(_is_mark, element.iterancestors()))
    ]
    if len(marked) != 1 or _TRANSLATED.match(_text_of(marked[0])):
        return []
    bold = [_text_of(part) for part in marked[0].iterdescendants("a", "b", "strong")]
    return [text for text in bold or [_text_of(marked[0])] if names_in([text]) == [text] and _is_person(text)]


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
    people = [part for part in dict.fromkeys(parts) if names_in([part]) == [part] and _is_person(part)]
    if len(people) > 1:
        return people
    whole = _text_of(element)
    if _TRANSLATED.match(whole):
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


def _shown(outline: Outline, near: Sequence[int]) -> list[str]:
    """What the byline's lines call authors: links to authors, boxes named so, lines that begin with "By"."""
    lines = frozenset(near)
    linked = [
        anchor.text
        for anchor in outline.anchors
        if anchor.at in lines
        and _AUTHOR_PATH.search(anchor.href)
        and not _CREDITS.search(anchor.box.words)
        and not _is_quoted(anchor.box)
    ]
    if linked:
        return linked
    shown = [outline.pieces[n] for n in near if not _is_credit(outline.pieces[n])]
    people_in = defaultdict[int, list[str]](list)
    for anchor in outline.anchors:
        if anchor.at in lines and _is_person(anchor.text):
            people_in[anchor.at].append(anchor.text)
    named = [
        part
        for n in near
        if not _is_credit(piece := outline.pieces[n])
        and _is_named(piece)
        and not _TRANSLATED.match(piece.text)
        for part in (people_in[n] or _BARS.split(piece.text)[:2])
    ]
    said = [_BARS.split(piece.text)[0] for piece in shown if _BY.match(piece.text)]
    lines_alone = [piece for piece in shown if piece.box.tag not in HEADINGS]
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
    return [text for text in (*labelled, *named, *said, *dated, *barred) if len(text) < _LONGEST]


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
        if any(0 < abs(n - m) <= _BESIDE for m in dated) and _FULL_NAME.fullmatch(text) and _is_person(text):
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
        if match[1][0].isupper() or _is_named(piece)
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


def names_in(values: Iterable[str], *, handles: bool = False) -> list[str]:
    """The people named in some texts, each once, without \"By\", roles and initials in brackets. With
    `handles` what somebody calls himself is a name, too, though it holds digits.
    """
    names: dict[str, str] = {}
    for value in values:
        for name in _people(value, handles=handles):
            names.setdefault(key(name), name)
    return list(names.values())


def _without_by(text: str) -> str:
    """Without what says that a name follows, which may be said twice: "Text: By Jane Doe"."""
    return _JOB_BEFORE.sub("", _BY.sub("", _BY.sub("", text)))


def _people(text: str, *, handles: bool = False) -> list[str]:
    text = _OTHER_WORK.split(_without_by(squeeze(text)))[0]
    text = _DANGLING.sub("", _TRAIL.sub("", text))
    if not text or _TRANSLATED.match(text):
        return []
    if _NOT_NAME.search(text):
        return [text] if handles and _HANDLE.fullmatch(text) else []
    parts = [part for part in (_TRAIL.sub("", _without_by(part)) for part in _SPLIT.split(text)) if part]
    if not parts:
        return []
    return [part for n, part in enumerate(parts) if _is_name(part) and (n == 0 or _is_further_person(part))]


def _is_further_person(text: str) -> bool:
    """Whether what follows a comma is somebody, and not the first one's job or place."""
    return _is_full_name(text) and not is_job(text) and not is_place(text)


def _is_name(text: str) -> bool:
    return 1 < len(text) <= 50 and len(text.split()) <= 6 and not any(mark in text for mark in ":：!?")


def _is_person(text: str) -> bool:
    """Whether a line that nothing says to be a name is one. Chinese and Japanese names cannot be told from
    words.
    """
    return _is_full_name(text) and not _is_cjk(text) and not _NOT_SHOWN.search(text)


def _is_cjk(text: str) -> bool:
    return "\u2e80" < text[:1] < "\uff00"


def _is_full_name(text: str) -> bool:
    words = text.split()
    if _is_cjk(text):
        return 2 <= len(text) <= 8 and not text.endswith(("记者", "社", "网", "报", "編集部", "新聞"))
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() or word in ("de", "van", "von", "der", "di", "da", "la", "al") for word in words
    )


def signature(outline: Outline, chosen: Sequence[int], common: CommonWords) -> tuple[str, tuple[int, ...]]:
    """The author's name that stands alone at a text's beginning or end, if any, and the text's pieces without
    it.
    """
    if len(chosen) < 3:
        return "", tuple(chosen)
    first, last = chosen[0], chosen[-1]
    near = (*range(max(first - 1, 0), first + 3), last, *range(last + 1, last + 3))
    for n in (*near, *range(first + 3, first + 6), *range(last - 3, last)):
        piece = outline.pieces[n] if n < len(outline.pieces) else None
        if piece is not None and n not in near and not _BY.match(piece.text):
            continue
        if (
            piece is None
            or len(piece.text) > 60
            or piece.box.tag in _NO_NAME_IN
            or piece.box.hidden
            or _is_credit(piece)
            # A label in bold and what it says, or a link to something, unless it says "By".
            or (not _BY.match(piece.text) and (piece.linked or 0 < piece.bold < 0.8 * len(piece.text)))
        ):
            continue
        names = _people(piece.text.strip(" .()"))
        if (
            names
            and all(_is_person(name) and not common.has(name) for name in names)
            and _only_names(piece.text, names)
        ):
            return piece.text, tuple(m for m in chosen if m != n)
    return "", tuple(chosen)


def _only_names(text: str, names: Sequence[str]) -> bool:
    return sum(map(len, names)) >= 0.7 * len(_BY.sub("", text))
