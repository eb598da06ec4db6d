"""What a person's name is, and what only looks like one: roles, accounts, houses, words of the page."""

import re
from collections.abc import Collection, Iterable

from crawler.extract.fields.roles import is_job, is_place
from crawler.extract.page.outline import Outline
from crawler.extract.page.text import key, squeeze

BY = re.compile(
    r"^(?:by|von|vom|durch|par|por|di|da|de|door|av|af|aut(?:or|eur)(?:en|in|a|e)?|author|text|texte|texto|"
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
# "Doe, Jane; Roe, John", as libraries have it; agencies are in capitals.
_SURNAME_FIRST = re.compile(r"(?:(?<=;)|^)\s*([^\s,;]+),\s*([^,;]*[^\W\d_A-Z][^,;]*?)\s*(?=;|$)")
# What is left of "Jane Doe at 14:05" without the time.
_DANGLING = re.compile(r"\s(?:um|am|at|on|in|le|el|il|om|den|à|kl)$")
# "gazette.example", "jane[at]gazette.example".
_ADDRESS = re.compile(r"\S*\w\.(?:[a-z]{2,10}|[A-Z]{2,4})|(?i:.*\[at\].*)")
_TITLE = r"(?:Jr|Sr|M\.?\s?D|Ph\.?\s?D|Esq|MBE|OBE|I{2,3})(?=$|[\s.,;])"
_SPLIT = re.compile(
    r"\s*(?:[;；、/|·•\n]|\s(?:and|und|y|et|e|og|och|en|ve|i|и|with|mit|avec|con)\s|\s&\s|，|"
    rf",(?!\s*{_TITLE})\s*)\s*"
)
_TRAIL = re.compile(r"\s*(?:\([^)]*\)?|\[[^\]]*\]?|\s[-–—|](?:\s.*)?|@\S+|\S+@\S+)\s*$")
_NOT_NAME = re.compile(
    r"\d|https?:|www\.|[@#*{}<>=\\]|\b(?:uhr|updated?|published|comments?|share|newsletter|google|facebook|twitter)\b",
    re.I,
)
# What somebody calls himself on a site; it may hold digits.
_HANDLE = re.compile(r"[^\W\d_][\w-]{1,24}")
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
# An account of the house, not a person.
_ACCOUNT = re.compile(
    r"(?:(?:web|site|super)?-?(?:admin(?:istrator)?|master|user|editor)|editors?|root|developer|redaktion|"
    r"redacci[oó]n|r[ée]daction|redazione|redactie|redakcja|редакция|desk|newsdesk|news ?room|staff|"
    r"team|guest|[a-z]+admin|posted|published|written|(?:no )?author|super user|publisher|unknown|"
    r"an[oóô]nim[oae]s?|anonym\w*|"
    r"n/?a|none|null|test|wordpress|wp|red\.?)",
    re.I,
)
# A company's legal form: it owns the site, or made it. Two capitals may be somebody's initials.
_COMPANY = re.compile(r"\b(?i:gmbh|llc|ltd|inc|plc|s\.?r\.?l|d\.\s?o\.\s?o|s\.\s?r\.\s?o)\b|\seG$")
# A word by which a name is that of a house.
_HOUSE = re.compile(
    r"\b(?:news|media|press|broadcasting|newspapers?|magazine|times|herald|tribune|gazette|courier|journal|radio|"
    r"tv|television|channel|agency|agentur|agence|agencia|verlag|redaktion|redacci[oó]n|editorial|staff|desk|team|"
    r"bureau|correspondents?|reporters?|writers?|contributors?|editors?|corp|group|network|service|"
    r"university|institute|department|ministry|office|association|foundation|online|zeitung|haber|com|org|net|"
    # Press offices: associations, authorities, universities.
    r"e\.? ?v|\w*verb(?:and|ände)|bund|verein|stiftung|pressestelle|\w*ministerium|\w*universität|hochschule|"
    r"institut|fraktion|polizei|landratsamt|stadtverwaltung|ministerio|ayuntamiento|universidad|fundación|"
    r"ministère|mairie|université|fondation|ministero|comune di|università|fondazione)\b",
    re.I,
)
_ARTICLE = re.compile(r"(?:the|die|der|das|la|le|les|el|il)\s+", re.I)
# Who put a text into another language did not write it.
TRANSLATED = re.compile(
    r"(?:übersetz|translat|tradu|tradott|vertaald|oversatt|översatt|oversat|tłum|přelož|перев)", re.I
)
_WORD = re.compile(r"[^\W\d_]+")
# Letters of a house's name that a person's does not begin with by chance.
_LEAST_HOUSE = 10


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


def names_in(values: Iterable[str], *, handles: bool = False) -> list[str]:
    """The people named in some texts, each once, without \"By\", roles and initials in brackets. With
    `handles` what somebody calls himself is a name, too, though it holds digits.
    """
    names: dict[str, str] = {}
    for value in values:
        in_order = _SURNAME_FIRST.sub(r"\2 \1", value) if ";" in value else value
        for name in _people(in_order, handles=handles):
            names.setdefault(key(name), name)
    return list(names.values())


def without_by(text: str) -> str:
    """Without what says that a name follows, which may be said twice: "Text: By Jane Doe"."""
    return _JOB_BEFORE.sub("", BY.sub("", BY.sub("", text)))


def _people(text: str, *, handles: bool = False) -> list[str]:
    text = _OTHER_WORK.split(without_by(squeeze(text)))[0]
    text = _DANGLING.sub("", _TRAIL.sub("", text))
    if not text or TRANSLATED.match(text):
        return []
    if _NOT_NAME.search(text):
        return [text] if handles and _HANDLE.fullmatch(text) else []
    parts = [part for part in (_TRAIL.sub("", without_by(part)) for part in _SPLIT.split(text)) if part]
    if not parts:
        return []
    if len(parts) > 1 and is_place(parts[0]):
        del parts[0]
    return [part for n, part in enumerate(parts) if _is_name(part) and (n == 0 or _is_further_person(part))]


def _is_further_person(text: str) -> bool:
    """Whether what follows a comma is somebody, and not the first one's job or place."""
    return is_full_name(text) and not is_job(text) and not is_place(text)


def _is_name(text: str) -> bool:
    return 1 < len(text) <= 50 and len(text.split()) <= 6 and not any(mark in text for mark in ":：!?")


def is_person(text: str) -> bool:
    """Whether a line that nothing says to be a name is one. Chinese and Japanese names cannot be told from
    words.
    """
    return is_full_name(text) and not is_cjk(text) and not _NOT_SHOWN.search(text)


def is_cjk(text: str) -> bool:
    return "\u2e80" < text[:1] < "\uff00"


def is_full_name(text: str) -> bool:
    words = text.split()
    if is_cjk(text):
        return 2 <= len(text) <= 8 and not text.endswith(("记者", "社", "网", "报", "編集部", "新聞"))
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() or word in ("de", "van", "von", "der", "di", "da", "la", "al") for word in words
    )


def without_house(name: str, house: Collection[str]) -> str:
    """A full name without the house's behind it, or before it: "Jane Doe The Gazette Staff", "Gazette-Editor
    Jane Doe".
    """
    words = name.split()
    behind = " ".join(words[1:])
    if "-" in words[0] and is_full_name(behind) and is_house(words[0], house):
        return behind
    for n in range(2, len(words)):
        if any(len(own) >= _LEAST_HOUSE and key(" ".join(words[n:])).startswith(own) for own in house):
            return " ".join(words[: n - (words[n - 1].islower())])
    return name


def is_house(name: str, house: Collection[str]) -> bool:
    """Whether it is the house's name, alone or with more around it."""
    whole = key(name)
    if whole in house or key(_ARTICLE.sub("", name)) in house:
        return True
    return any(len(own) >= _LEAST_HOUSE and own in whole for own in house)


def is_somebody(name: str) -> bool:
    """Whether it is neither an account's name nor one by which a house is known."""
    return not (is_nobody(name) or _HOUSE.search(name))


def is_nobody(name: str) -> bool:
    """Whether it is an account, a company, or the address of a site or of a mailbox."""
    return bool(_ACCOUNT.fullmatch(name) or _ADDRESS.fullmatch(name) or _COMPANY.search(name))
