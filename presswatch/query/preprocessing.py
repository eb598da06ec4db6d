"""Makes what people type digestible for the grammar, without moving any character.

Comments become spaces, typographic quotation marks plain ones, `!` and a dash before a word become `-`,
full-width signs plain ones, and characters that the grammar would stumble over inside addresses, times and
names like H & M are shielded: replaced by stand-ins that `unshielded` turns back.
"""

import re

from presswatch.errors import QueryError
from presswatch.translatable import Translatable

# Stand-ins from the private use area, which no token contains.
_SHIELDED = ":/~^()[]{}\"'+-\\<> "
_SHIELD = {ord(char): 0xE000 + number for number, char in enumerate(_SHIELDED)}
_UNSHIELD = {stand_in: char for char, stand_in in _SHIELD.items()}
# Those themselves, and what no database takes: control characters and halves of surrogate pairs.
_UNWANTED = re.compile("[\ue000-\ue1ff\ud800-\udfff\x00-\x08\x0e-\x1f\x7f]")

# From a full-width sign to its twin in ASCII.
_TO_ASCII = 0xFEE0
# The mark of an acronym in Hebrew, as keyboards have it.
_IN_HEBREW = '(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])'
_GERSHAYIM = "״"
_OPENS = r"(?<![^\s(:\[{!+-])"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?"
_PIECES = re.compile(
    rf"""
    (?P<escaped>\\.)
    | (?P<comment>/\*.*?\*/|(?<!\S)\#(?!\S)[^\n]*)
    | (?P<unclosed>/\*)
    | (?P<gershayim>{_IN_HEBREW})
    | (?P<quoted>"(?:[^"\\]|\\.|{_IN_HEBREW})*")
    | (?P<curly>[“”„‟«»＂][^“”„‟«»＂"]*[“”„‟«»＂])
    | (?<![\w:])(?:url|domain):(?P<address>[^\s"()\[\]<>][^\s"]*)
    | (?P<link>{_OPENS}https?://\S*)
    | (?P<time>{_TIME})
    | (?P<regex>{_OPENS}/(?:[^/\s\\]|\\.)+/(?=[\s)]|$))
    | (?P<bang>{_OPENS}!)
    | (?P<distance>{_OPENS}/(?:\d{{1,3}}|[sp])(?=\s))
    | (?P<slash>{_OPENS}/)
    | (?P<apostrophe>{_OPENS}'+)
    | (?P<parenthesis>[（）])
    | (?P<corner>[「『‹][^「『」』‹›"]*[」』›])
    | (?P<dash>{_OPENS}[–−－](?=[\w"“„(（]))
    | (?P<wide>(?<=[A-Za-z])：|＊|｜|(?<=["”])～)
    | (?P<company>\b(?P<one>[A-Z]{{1,2}})\ &\ [A-Z]{{1,2}}\b|\b(?P<twin>[A-Z]\w+)\ &\ (?P=twin)\b)
    """,
    re.VERBOSE | re.DOTALL,
)


def unshielded(text: str) -> str:
    """`text` with all stand-ins turned back into what was typed."""
    return text.translate(_UNSHIELD)


def preprocess(query: str) -> str:
    """The query as the grammar can read it, character for character in the same place.

    Raises QueryError for a regular expression and for an address without a field.
    """
    return _PIECES.sub(_piece, _UNWANTED.sub(" ", query))


def _piece(found: re.Match[str]) -> str:
    text = found[0]
    kind = "company" if found["company"] else found.lastgroup
    if kind == "link":
        raise QueryError(
            Translatable(
                '%(typed)s is an address: write url:"%(typed)s" for the article that lives there, or '
                '"%(typed)s" in quotation marks for text that mentions it',
                typed=text,
            ),
            found.start(),
        )
    if kind == "regex":
        raise QueryError(
            Translatable(
                "%(typed)s is a regular expression, which is not supported: list the words", typed=text
            ),
            found.start(),
        )
    if kind == "unclosed":
        raise QueryError(
            Translatable(
                "the comment at character %(number)s is never closed: */", number=str(found.start() + 1)
            ),
            found.start(),
        )
    if kind == "distance":
        raise QueryError(
            Translatable(
                "%(typed)s at character %(number)s: write NEAR%(typed)s for words that are near each other",
                typed=text,
                number=str(found.start() + 1),
            ),
            found.start(),
        )
    if kind == "comment":
        return " " * len(text)
    if kind == "address":
        return _address(found)
    if kind == "quoted":
        return re.sub(_IN_HEBREW, _GERSHAYIM, text)
    if kind in ("curly", "corner"):
        return f'"{text[1:-1]}"'
    if kind in ("time", "company"):
        return text.translate(_SHIELD)
    if kind == "wide":
        return chr(ord(text) - _TO_ASCII)
    plain = {
        "bang": "-",
        "dash": "-",
        "gershayim": _GERSHAYIM,
        "slash": " ",
        "apostrophe": "’" * len(text),
        "parenthesis": "(" if text == "（" else ")",
    }
    return plain.get(kind or "", text)


def _address(found: re.Match[str]) -> str:
    """An address, shielded. A closing parenthesis that it did not open is the query's."""
    value = found["address"]
    end = len(value)
    while value[:end].endswith(")") and value.count(")", 0, end) > value.count("(", 0, end):
        end -= 1
    field = found[0][: -len(value)]
    return field + value[:end].translate(_SHIELD) + value[end:]
