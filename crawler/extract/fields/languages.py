"""The language of a text: declared by its page, else detected."""

import re
from collections import Counter
from collections.abc import Sequence

from crawler.extract.page.markup import Markup, first
from crawler.extract.page.trace import trace_field
from presswatch.model import Block

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_]\w+)*")
# Languages by the script that no other of the press shares with them, or by the scripts that they are written
# in.
_SCRIPTS = {
    "ja": re.compile(r"[\u3041-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ar fa ur ps ckb ug": re.compile(r"[\u0620-\u064a]"),
    "ru uk bg sr mk be kk ky mn tg": re.compile(r"[\u0410-\u044f]"),
    "he yi": re.compile(r"[\u05d0-\u05ea]"),
    "el": re.compile(r"[\u0391-\u03c9]"),
    "hi mr ne": re.compile(r"[\u0905-\u0939]"),
    "th": re.compile(r"[\u0e01-\u0e2e]"),
}
# Small words that one language writes often and its neighbours do not.
_COMMON = {
    "en": "the of and to that was for with his is",
    "de": "der die und das ist nicht den mit von sich auf ein",
    "fr": "les des est dans une pour qui pas sur du au",
    "es": "los las del una por con para que está más",
    "it": "che della di il per gli non con sono dei",
    "pt": "não uma dos das para com os em pelo são",
    "nl": "het een van niet dat zijn op voor met aan",
    "sv": "och att det som för inte är på av till",
    "no": "og det som ikke på av til er jeg har",
    "da": "og det ikke på af til er jeg blev været",
    "fi": "ja on ei että oli mutta hän myös kun ovat",
    "pl": "się nie jest na że do jak przez od oraz",
    "cs": "se na je že která jsou nebo také podle však",
    "tr": "ve bir bu için ile da olarak daha çok olan",
    "vi": "của và không là được trong cho các với người",
    "id": "yang dan dengan untuk tidak dari dalam akan pada ini",
    "ro": "și este care pentru din nu cu sunt mai în",
    "hu": "az és hogy nem egy is volt meg már csak",
    "lt": "ir yra kad tai su bet buvo iš dėl apie",
}
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id"}


def find_language(markup: Markup, blocks: Sequence[Block], expected: str) -> str:
    """The BCP 47 tag of a text. What the page declares wins unless the text's script denies it.

    `expected` is the source's, believed where the page declares none. Empty if there is too little text to
    tell.
    """
    text = " ".join(block.text for block in blocks)[:3_000]
    chosen = ""
    for origin, told in (*(("page", tag) for tag in declared(markup)), ("source", expected)):
        denied = bool(told) and _denied(told, text)
        believed = bool(told) and not denied and not chosen
        verdict = "the first that the script allows" if believed else "another is believed before it"
        verdict = "the text is in another script" if denied else verdict
        trace_field("language", origin, told, verdict, believed=believed)
        chosen = told if believed else chosen
    if not chosen:
        chosen = _detected(text)
        trace_field("language", "text", chosen, "detected, as nothing that is declared can be", believed=True)
    return chosen


def declared(markup: Markup) -> list[str]:
    """The language tags that a page declares, language in lower case, the most telling first."""
    told = (
        markup.root.get("lang"),
        first(markup.articles, "inLanguage"),
        markup.meta("content-language", "og:locale"),
    )
    tags = [tag.strip().replace("_", "-") for tag in told if tag and _TAG.fullmatch(tag.strip())]
    return [tag[:3].rstrip("-").lower() + tag[3 if len(tag) > 2 and tag[2] != "-" else 2 :] for tag in tags]


def _denied(tag: str, text: str) -> bool:
    """Whether a text is for the most part in a script that its declared language is not written in."""
    language = tag.split("-")[0]
    for languages, script in _SCRIPTS.items():
        share = len(script.findall(text)) / max(len(text), 1)
        if languages == "ja" and share > 0.1:
            return language != "ja"
        if share > 0.4:
            return language not in languages.split() and language != "ja"
    return False


def _detected(text: str) -> str:
    for languages, script in _SCRIPTS.items():
        share = len(script.findall(text)) / max(len(text), 1)
        if " " not in languages and share > (0.05 if languages == "ja" else 0.3):
            return languages
    if len(text) < 50:
        return ""
    said = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    counts = sorted(
        ((sum(said[word] for word in words.split()), name) for name, words in _COMMON.items()), reverse=True
    )
    if counts[0][0] >= 8 and counts[0][0] > 1.4 * counts[1][0]:
        return counts[0][1]
    import py3langid  # its model takes half a second to load, and few texts need it

    found = str(py3langid.classify(text)[0])
    return _SAME.get(found, found)
