"""Which language a text is in: by its script, by common words, else by a statistical model."""

import re
from collections import Counter
from functools import cache
from typing import Any

# Longer texts are no better known, only slower.
_SAMPLE = 3_000
_SURE = 0.5
# Of letters in UTF-8: twenty of Latin, seven of Chinese.
_FEWEST_BYTES = 20
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


def language(text: str) -> str:
    """The two-letter code (ISO 639-1) of the text's language, empty when it is too short or mixed to tell."""
    sample = text[:_SAMPLE]
    letters = "".join(filter(str.isalpha, sample)).encode("utf-8", "surrogatepass")
    if len(letters) < _FEWEST_BYTES:
        return ""
    return _of_script(sample) or _of_common_words(sample) or _of_model(sample)


@cache
def codes_by_name() -> dict[str, str]:
    """The two-letter codes of languages by their English names in small letters: german, de."""
    from babel import Locale

    named = Locale("en").languages.items()
    return {name.lower(): code for code, name in named if len(code) == 2}


def is_written_otherwise(tag: str, text: str) -> bool:
    """Whether a text is mostly in a script that the language of this BCP 47 tag is not written in."""
    stated = tag.split("-")[0]
    for languages, script in _SCRIPTS.items():
        share = len(script.findall(text)) / max(len(text), 1)
        if languages == "ja" and share > 0.1:
            return stated != "ja"
        if share > 0.4:
            return stated not in languages.split() and stated != "ja"
    return False


def _of_script(text: str) -> str:
    for languages, script in _SCRIPTS.items():
        share = len(script.findall(text)) / max(len(text), 1)
        if " " not in languages and share > (0.05 if languages == "ja" else 0.3):
            return languages
    return ""


def _of_common_words(text: str) -> str:
    said = Counter(re.findall(r"[^\W\d_]+", text.lower()))
    counts = sorted(
        ((sum(said[word] for word in words.split()), name) for name, words in _COMMON.items()), reverse=True
    )
    return counts[0][1] if counts[0][0] >= 8 and counts[0][0] > 1.4 * counts[1][0] else ""


def _of_model(text: str) -> str:
    code, confidence = _identifier().classify(text)
    return _SAME.get(code, code) if confidence >= _SURE else ""


@cache
def _identifier() -> Any:
    # Imported here because the model takes a third of a second that most commands never need.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
