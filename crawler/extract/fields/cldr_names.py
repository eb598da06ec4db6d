"""What a language calls its months and the halves of its day, from the Unicode CLDR by way of Babel."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from babel.localedata import LocaleDataDict

# Day periods of CLDR by which an hour of a twelve-hour clock is one of the afternoon. At night it is before
# six, and from six on in the evening.
_AFTER_NOON = ("pm", "noon", "afternoon", "evening")
_NIGHT = ("night", "midnight")
# What is said beside what CLDR has or had, or on pages that do not say their language.
_MORE_PERIODS = (
    dict.fromkeys(("上午", "早上", "凌晨", "午前", "오전", "a"), "am")
    | dict.fromkeys(("中午", "下午", "晚上", "晚", "傍晚", "午後", "오후", "p"), "pm")
    | dict.fromkeys(("ಪೂರ್ವಾಹ್ನ", "म.पू", "முற்பகல்", "পূৰ্বাহ্ন"), "am")
    | dict.fromkeys(("ಅಪರಾಹ್ನ", "म.उ", "பிற்பகல்", "অপৰাহ্ন"), "pm")
)  # fmt: skip
# Languages that share a spelling of which a page's code may name another one.
_KIN = {"no": "nb", "sh": "sr-Latn", "iw": "he", "in": "id", "tl": "fil"} | dict.fromkeys(
    ("zh-tw", "zh-hk"), "zh-Hant"
)
# Prepositions that are written as one word with a name.
_PREFIXES = {"he": "[בלהמ]?"}
# Of names up to this length the letters may stand apart. From here on words have no spaces between them.
_SHORT, _CJK = 4, 0x2E80


class Names(NamedTuple):
    """What is found in small letters. `months`: number by plain name, and the pattern that finds one.
    `periods`: "am", "pm" or "night" by plain name, with patterns that find one at the beginning of what
    stands behind a clock, and at the end of what stands ahead of it.
    """

    months: Mapping[str, int]
    month: re.Pattern[str]
    periods: Mapping[str, str]
    behind: re.Pattern[str]
    ahead: re.Pattern[str]


def fold(text: str) -> str:
    """The form in which names are compared: compatibility forms, small letters, no marks of direction."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return folded.replace("\u200e", "").replace("\u200f", "").replace("\u2019", "'").replace("ʼ", "'")


def plain(name: str) -> str:
    """A name as a key: folded, without the dots and spaces of abbreviations."""
    return re.sub(r"[.\s]+", "", fold(name))


@cache
def names(language: str) -> Names:
    """The names of a language, by its code; of an unknown one, and beside each, those of English."""
    months: dict[str, int] = {}
    periods: dict[str, str] = {}
    patterns: dict[str, str] = {}
    for code in dict.fromkeys((language, "en")):
        _add(code, months, periods, patterns)
    period = _any_of(periods, patterns)
    return Names(
        months={plain(name): number for name, number in months.items()},
        month=re.compile(_any_of(months, patterns)),
        periods={plain(name): half for name, half in periods.items()},
        behind=re.compile(rf"\s{{0,2}}(?:{period})"),
        ahead=re.compile(rf"(?:{period})[.\s]{{0,2}}$"),
    )


def _add(code: str, months: dict[str, int], periods: dict[str, str], patterns: dict[str, str]) -> None:
    from babel import Locale, UnknownLocaleError  # slow to import, and not needed for ISO dates

    asked = _KIN.get(code.lower(), code)
    try:
        locale = Locale.parse(asked, sep="-" if "-" in asked else "_")
    except (UnknownLocaleError, ValueError):
        if "-" in asked:
            _add(asked.split("-")[0], months, periods, patterns)
        return
    said = _said_of(str(locale))
    for use in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in said["months"][use][width].items():
                months.setdefault(fold(name).strip(" ."), number)
            for kind, name in said["day_periods"].get(use, {}).get(width, {}).items():
                periods.setdefault(fold(name).strip(" ."), _half(kind))
    for kind, name in said["day_periods"].get("format", {}).get("narrow", {}).items():
        if len(name) > 1:
            periods.setdefault(fold(name).strip(" ."), _half(kind))
    for number, name in _regional_months(locale.language):
        months.setdefault(fold(name).strip(" ."), number)
    for name, half in _MORE_PERIODS.items():
        periods.setdefault(name, half)
    # Names that are a mere number say nothing: some languages count their months.
    for name in [name for name in months if not re.search(r"[^\W\d_]", name)]:
        del months[name]
    for name in months:
        if name not in patterns:
            prefix = _PREFIXES.get(locale.language, "")
            patterns[name] = _as_word(name, prefix, inflected=locale.language != "en")


def _regional_months(language: str) -> Iterator[tuple[int, str]]:
    """What the countries and scripts of a language call months otherwise: a page seldom says which it is of.

    Not those of English, whose 123 locales hold no other name.
    """
    from babel.localedata import locale_identifiers

    regions = [one for one in locale_identifiers() if one.startswith(f"{language}_")]
    for region in regions if language != "en" else ():
        named = _said_of(region)["months"]
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                yield from named[use][width].items()


def _said_of(locale: str) -> "LocaleDataDict":
    """What the CLDR says of a locale's months and halves of the day, in a copy of our own.

    Locales share what they inherit, and Babel writes what it works out for one of them over that: one without
    months of its own leaves the root's "M11" to those that are loaded after it, such as Arabic.
    """
    from babel.localedata import LocaleDataDict, load

    known = load(locale)
    return LocaleDataDict(deepcopy({part: known[part] for part in ("months", "day_periods")}))


def _half(kind: str) -> str:
    if kind.startswith(_NIGHT):
        return "night"
    return "pm" if kind.startswith(_AFTER_NOON) else "am"


def _any_of(known: Mapping[str, object], patterns: Mapping[str, str]) -> str:
    longest_first = sorted(known, key=len, reverse=True)
    return "|".join(patterns.get(name) or _as_word(name) for name in longest_first)


def _as_word(name: str, prefix: str = "", *, inflected: bool = False) -> str:
    """Finds a name as a word of its own; `inflected`, a long one also with an ending."""
    # Dots and spaces, as in "p. m.", are written or not.
    between = r"[.\s]{0,2}" if len(name) <= _SHORT else ""
    inner = between.join(r"\s{1,2}" if letter == " " else re.escape(letter) for letter in name)
    ending = r"[^\W\d_]{0,4}" if inflected and len(name) > _SHORT else ""
    return inner if ord(name[0]) > _CJK else rf"(?<![^\W\d_]){prefix}({inner}){ending}(?![^\W\d_])"
