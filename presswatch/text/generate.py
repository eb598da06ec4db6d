"""Makes folding.json, the frozen table of what a token is. Run by hand: `python -m presswatch.text.generate`.

The table is kept in a file and not computed at import because Python, Java and SQLite each know another
version of Unicode: a newer Python must not give the same article other tokens than the index holds. It is
made by Python 3.11 (Unicode 14) with `opencc` 1.4.2 installed, whose tables say which characters of Chinese
and Japanese are the same ones written otherwise.
"""

import json
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

Span = tuple[int, int]

# Characters that vanish inside a word: soft hyphens, joiners, writing direction, variation selectors,
# fillers, and the marks that many writers leave out: those of Latin and Greek, the points of Hebrew, the
# vowel signs and stretching of Arabic, the dots below letters of India.
_VANISHING: tuple[Span, ...] = (
    (0x00AD, 0x00AD),
    (0x0300, 0x036F),
    (0x0591, 0x05BD),
    (0x05BF, 0x05BF),
    (0x05C1, 0x05C2),
    (0x05C4, 0x05C5),
    (0x05C7, 0x05C7),
    (0x0610, 0x061A),
    (0x061C, 0x061C),
    (0x0640, 0x0640),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06DC),
    (0x06DF, 0x06E4),
    (0x06E7, 0x06E8),
    (0x06EA, 0x06ED),
    (0x08D3, 0x08E1),
    (0x08E3, 0x08FF),
    (0x093C, 0x093C),
    (0x09BC, 0x09BC),
    (0x0A3C, 0x0A3C),
    (0x0ABC, 0x0ABC),
    (0x0B3C, 0x0B3C),
    (0x115F, 0x1160),
    (0x180B, 0x180F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x200C, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x20D0, 0x20FF),
    (0x3099, 0x309A),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0xFEFF, 0xFEFF),
    (0xFF9E, 0xFFA0),
    (0xE0100, 0xE01EF),
)

# The dots that vanish also where they are one character with their letter.
_NUKTAS = "\u093c\u09bc\u0a3c\u0abc\u0b3c"

# Chinese, Japanese and Korean characters, each a token of its own. The katakana middle dot is not among them.
_SINGLE: tuple[Span, ...] = (
    (0x1100, 0x115E),
    (0x1161, 0x11FF),
    (0x2F00, 0x2FD5),
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3031, 0x3035),
    (0x3038, 0x303C),
    (0x3041, 0x3096),
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),
    (0x30FC, 0x30FF),
    (0x3105, 0x312F),
    (0x3131, 0x3163),
    (0x3165, 0x318E),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97C),
    (0xAC00, 0xD7A3),
    (0xD7B0, 0xD7FB),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0xFFA1, 0xFFDC),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x2FA1F),
    (0x30000, 0x3134F),
)

# Scripts that put no space between words: Thai, Lao, Burmese, Khmer and extensions. What a reader sees as one
# character, a letter and what stands around it, is a token.
_CLUSTERED: tuple[Span, ...] = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
)
# Vowels of Thai and Lao that follow their consonant are letters to Unicode.
_FOLLOWING_VOWELS = "ะาำະາຳ"

# Letters to Unicode, apostrophes and accents to readers: "Hawaiʻi" and "Hawai'i" are the same words.
_APOSTROPHES: Span = (0x02B9, 0x02CF)

# Symbols that stand for letters: the units of the CJK compatibility block, as in "5㎞".
_UNITS: Span = (0x3371, 0x33DF)

# Syllables: their thousands of decomposed spellings are left to the composition (NFC) of what is indexed.
_HANGUL: Span = (0xAC00, 0xD7A3)

# Letters that no decomposition takes to their base. ё is here because Russian print writes е for it.
# Those of Arabic script fold as writers of Arabic, Persian and Urdu interchange them: alef with and without
# its signs, the two forms of ya, kaf and ha, and ta marbuta.
_LETTERS = {"ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŉ": "n", "ё": "е", "ȷ": "j"} | {
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ة": "ه",
    "ہ": "ه",
    "ۂ": "ه",
    "ۃ": "ه",
    "ۀ": "ه",
    "ە": "ه",
}  # fmt: skip

_WITH = re.compile(r"LATIN SMALL LETTER ([A-Z]{1,2}) WITH ")


def _within(code: int, spans: tuple[Span, ...]) -> bool:
    return any(low <= code <= high for low, high in spans)


def _is_vanishing(char: str) -> bool:
    return _within(ord(char), _VANISHING)


def _is_single(char: str) -> bool:
    return _within(ord(char), _SINGLE)


def _is_word(char: str) -> bool:
    code = ord(char)
    if _within(code, (*_SINGLE, *_VANISHING, _APOSTROPHES)):
        return False
    return unicodedata.category(char)[0] in "LNM" and not _is_clustered(char)


def _is_clustered(char: str) -> bool:
    """Whether it is part of what readers see as one character, where no space stands between words."""
    return _within(ord(char), _CLUSTERED) and unicodedata.category(char)[0] in "LM"


def _is_mark(char: str) -> bool:
    """Whether such a part follows a letter."""
    return unicodedata.category(char)[0] == "M" or char in _FOLLOWING_VOWELS


def _is_european(char: str) -> bool:
    """Whether a mark on this letter is a diacritic that folds."""
    return unicodedata.name(char, "").startswith(("LATIN", "GREEK"))


def _without_diacritics(text: str) -> str:
    kept: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(char):
            base = char
        elif base and (_is_european(base) or char in _NUKTAS) and _is_vanishing(char):
            continue
        kept.append(char)
    return "".join(kept)


def _base_letter(char: str) -> str:
    """ł to l, ø to o: letters whose name says that they are another with something added."""
    if char in _LETTERS:
        return _LETTERS[char]
    named = _WITH.match(unicodedata.name(char, ""))
    return named[1].lower() if named else char


def is_han(text: str) -> bool:
    """Whether it is one Chinese character."""
    return len(text) == 1 and unicodedata.name(text, "").startswith("CJK ")


def _plain_han(char: str) -> str:
    """A Chinese character as it is written in mainland China: from Taiwan's forms, and from Japan's.

    A form of Japan's that Chinese uses for another character (GB 2312 has it) stays.
    """
    to_simplified, to_old = _han_tables()
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        char = to_old.convert(char)
    return str(to_simplified.convert(char))


@cache
def _han_tables() -> tuple[Any, Any]:
    import opencc

    return opencc.OpenCC("t2s"), opencc.OpenCC("jp2t")


def _folded(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    text = _without_diacritics(unicodedata.normalize("NFKC", char)).casefold()
    text = "".join(_base_letter(part) for part in _without_diacritics(text))
    text = unicodedata.normalize("NFC", text)
    text = "".join(_LETTERS.get(part, part) for part in text)
    return "".join(part for part in text if not _is_vanishing(part)) or text


def rule(char: str) -> str | None:
    """What `char` becomes, None if it stays or is no part of any token."""
    if _is_vanishing(char):
        return ""
    folded = _folded(char)
    if _is_single(char) and is_han(folded):
        folded = _plain_han(folded)
    if folded == char or _is_clustered(char):
        return None
    if _is_single(char):
        return folded if len(folded) == 1 and _is_single(folded) else None
    if _is_word(char) or _within(ord(char), (_UNITS,)):
        return folded if folded and all(_is_word(part) for part in folded) else None
    return None


def _spellings(char: str) -> set[str]:
    """The longer spellings of a composed character that fold differently mark by mark."""
    step = unicodedata.decomposition(char)
    if not step or step.startswith("<") or _within(ord(char), (_HANGUL,)):
        return set()
    once = "".join(chr(int(code, 16)) for code in step.split())
    full = unicodedata.normalize("NFD", char)
    return {spelling for spelling in (once, full) if len(spelling) > 1}


def _halfwidth_kana() -> dict[str, str]:
    pairs = (chr(kana) + mark for kana in range(0xFF66, 0xFF9E) for mark in "ﾞﾟ")
    composed = {pair: unicodedata.normalize("NFKC", pair) for pair in pairs}
    return {pair: kana for pair, kana in composed.items() if len(kana) == 1}


def _spellings_of_am() -> dict[str, str]:
    """The vowel am of Thai and Lao, also typed as its two halves, with the tone between them or before."""
    spellings = {}
    for ring, vowel, am, tones in (("ํ", "า", "ำ", "่้๊๋"), ("ໍ", "າ", "ຳ", "່້໊໋")):
        spellings[ring + vowel] = am
        spellings |= {ring + tone + vowel: tone + am for tone in tones}
        spellings |= {tone + ring + vowel: tone + am for tone in tones}
    return spellings


def _apply(rules: dict[str, str], text: str) -> str:
    return "".join(rules.get(char, char) for char in text)


def _spans(chars: list[int]) -> list[Span]:
    spans: list[Span] = []
    for code in chars:
        if spans and spans[-1][1] == code - 1:
            spans[-1] = (spans[-1][0], code)
        else:
            spans.append((code, code))
    return spans


def table() -> dict[str, object]:
    """The rules (text as it stands to text as it is compared) and the kinds of character."""
    chars = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    rules = {char: folded for char in chars if (folded := rule(char)) is not None}
    longer: dict[str, str] = _halfwidth_kana() | _spellings_of_am()
    for char in chars:
        if _is_word(char) or _is_single(char) or _is_clustered(char):
            for spelling in _spellings(char):
                if _apply(rules, spelling) != rules.get(char, char):
                    longer[spelling] = rules.get(char, char)
    rules.update(longer)
    units = {char for char in rules if _within(ord(char[0]), (_UNITS,))}
    word = [ord(char) for char in chars if _is_word(char) or char in units]
    return {
        "unicode": unicodedata.unidata_version,
        "rules": dict(sorted(rules.items())),
        "word": _spans(word),
        "single": list(_SINGLE),
        "cluster": _spans([ord(char) for char in chars if _is_clustered(char) and not _is_mark(char)]),
        "mark": _spans([ord(char) for char in chars if _is_clustered(char) and _is_mark(char)]),
        "vanishing": list(_VANISHING),
    }


def _lines(part: object) -> str:
    """JSON with one rule a line, so that a change can be read as a diff."""
    if isinstance(part, dict):
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {_lines(part[key])}" for key in part) + "\n}"
    return json.dumps(part, separators=(",", ":"))


def main() -> None:
    path = Path(__file__).with_name("folding.json")
    path.write_text(_lines(table()) + "\n")
    sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
