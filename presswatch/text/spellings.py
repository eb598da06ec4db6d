"""Other spellings of the words in a text: what a reader takes for the same word and a token is not.

An article is indexed with the other spellings of its words beside them (`in_text`), and a word of a query
stands for its own too (`of_word`): cease-fire and ceasefire, Covid-19 and Covid19, O'Connor and OConnor,
Muenchen and München, 1,000 and 1000, رئيس and الرئيس. No rule may make a word out of two others: "she'll" is
not "shell", "10-12" is not 1012, and a French "l'une" is not "lune".
"""

import re
from collections.abc import Iterator, Set
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from presswatch.text.tokenizer import Token, words

_HYPHENS = "-\u2010\u2011\u05be"
_APOSTROPHES = "'\u2019\u02bc\u02bb\u2018\u05f3"
# Also between the letters of an acronym in Hebrew.
_GERSHAYIM = '"\u05f4\u201d'
_LETTER = rf"[^\W_{_APOSTROPHES}]"
_PART = re.compile(rf"{_LETTER}+")
# Each begins with what is rare, as a text is searched from left to right.
_BETWEEN = re.compile(
    rf"[{_HYPHENS}{_APOSTROPHES}](?<={_LETTER}.)(?={_LETTER})|"
    rf"[{_GERSHAYIM}](?<=[\u05d0-\u05ea].)(?=[\u05d0-\u05ea])"
)
# One word to its readers wherever the sign stands.
_SIGN_IS_A_LETTER = re.compile(r"[\u0400-\u052f\u05d0-\u05ea]+")

_CUT_SHORT = {"d", "em", "er", "ll", "m", "re", "s", "t", "ve"}

# What stands between thousands, by the language of the text.
_GROUPED = {
    ",": "en zh ja ko th he hi bn ur ar fa ms",
    ".": "de es it pt nl da no nb nn tr id el ro hr sr sl vi ca is",
    "\u00a0\u202f\u2009": "fr ru uk bg pl cs sk hu sv fi no nb nn et lv lt pt es de it nl da be kk",
    " ": "fr ru uk bg pl cs sk hu sv fi no nb nn et lv lt be kk",
    "'\u2019": "de fr it",
}
_GROUPING = r"[,. \u00a0\u202f\u2009'\u2019]"
_IS_GROUPED = re.compile(rf"{_GROUPING}(?<=\d.)(?=\d{{3}}(?!\w))")
_NUMBER = re.compile(rf"(?<![\w.,])\d{{1,3}}({_GROUPING})\d{{3}}(?:\1\d{{3}})*(?!\w|[.,]\d)")

# Letters that are written as two where a keyboard has none, and the languages that have them.
_SPELLED_OUT = {
    "ä": ("ae", "de fi sv et lb"),
    "ö": ("oe", "de fi sv et hu tr lb is"),
    "ü": ("ue", "de et hu tr lb"),
    "å": ("aa", "da no nb nn sv"),
    "ø": ("oe", "da no nb nn"),
    "đ": ("dj", "sr hr bs sl"),
}

# Before a consonant of its own row a nasal without vowel, or a chandrabindu, is also written as an anusvara.
_DEVANAGARI = re.compile(r"[\u0900-\u097f]+")
_NASAL = re.compile("ङ्(?=[कखगघ])|ञ्(?=[चछजझ])|ण्(?=[टठडढ])|न्(?=[तथदध])|म्(?=[पफबभ])|ँ")

_ARABIC = re.compile(r"[\u0621-\u064a]{3,}")
_ARABIC_ARTICLE = "ال"
_BEFORE_ARABIC = ("ال", "وال", "بال", "كال", "لل", "و", "ب", "ل")
_BEFORE_ARABIC_ARTICLE = ("و", "ب", "ك", "ف")
_HEBREW = re.compile(r"[\u05d0-\u05ea]{3,}")
_BEFORE_HEBREW = ("ה", "ו", "ב", "ל", "מ", "כ", "ש", "וה", "וב", "ול", "ומ", "וש", "שה", "כש", "מה")
# Japanese words of four signs or more are also written without the sign that makes their last vowel long.
_LONG_VOWEL = re.compile(r"[\u30a1-\u30fa\u30fc]{3,}\u30fc")


# Words of a text are met again and again.
_MEMORY_SIZE = 100_000


def in_text(text: str, language: str) -> list[Token]:
    """Other spellings of words in a text and where they stand. `language` is its ISO 639-1 code or ""."""
    others = (*_without_grouping(text, language), *_spelled_out(text, language), *_with_anusvara(text))
    return [*_joined(text), *others]


def forms(text: str, language: str) -> set[str]:
    """The same without their places, several times as fast."""
    found = {token.text for token in _joined(text)}
    found.update(token.text for token in _without_grouping(text, language))
    found.update(token.text for token in _with_anusvara(text))
    letters = None if text.isascii() else _spelled_out_in(language)
    if letters is not None and letters.search(text):
        spelled = map(_spelled, set(_PART.findall(text)))
        found.update(one.text for one in spelled if one is not None and language in one.languages)
    return found


def of_word(word: str) -> list[tuple[tuple[str, ...], str]]:
    """Other spellings of a word as it was typed: their tokens, and the languages of texts they hold for.

    The languages are separated by spaces, "" for all.
    """
    found: dict[tuple[tuple[str, ...], str], None] = {}
    parts = _PART.findall(word)
    is_chain = len(parts) > 1 and len(_BETWEEN.findall(word)) == len(parts) - 1
    if is_chain and not all(map(str.isdecimal, parts)):
        found[tuple(words("".join(parts))), ""] = None
    if re.fullmatch(r"\d{1,3}(?:[,.\u00a0\u202f'\u2019]\d{3})+", word):
        found[(re.sub(r"\D", "", word),), ""] = None
    found |= {((token.text,), ""): None for token in _with_anusvara(word)}
    if spelled := _spelled(word):
        found[(spelled.text,), " ".join(sorted(spelled.languages))] = None
    [token, *more] = words(word) or [""]
    if not more:
        found |= {((form,), ""): None for form in _with_prefixes(token)}
    if long := _LONG_VOWEL.fullmatch(word):
        found[tuple(words(long[0].rstrip("ー"))), ""] = None
    return list(found)


def _joined(text: str) -> Iterator[Token]:
    """Words that a hyphen or an apostrophe divides, as one; of a name with an 's also the name."""
    chains = _chains(text)
    if not chains:
        return
    alone = _words_alone(text, chains)
    for chain in chains:
        for run in _runs(text, chain, alone):
            yield from _as_one(run)
            if len(run) > 2 and run[-1][0] == "s":
                yield from _as_one(run[:-1])


def _chains(text: str) -> list[list[re.Match[str]]]:
    """The parts of each word that has signs inside. Signs are looked for first: few words have one."""
    chains: list[list[re.Match[str]]] = []
    for sign in _BETWEEN.finditer(text):
        right = _PART.match(text, sign.end())
        assert right is not None
        if chains and chains[-1][-1].end() == sign.start():
            chains[-1].append(right)
        else:
            left = _PART.match(text, _beginning(text, sign.start()))
            assert left is not None
            chains.append([left, right])
    return chains


def _beginning(text: str, at: int) -> int:
    """Where the word begins that has a letter before `at`."""
    while at and text[at - 1].isalnum() and text[at - 1] not in _APOSTROPHES:
        at -= 1
    return at


def _words_alone(text: str, chains: list[list[re.Match[str]]]) -> Set[str]:
    """The words that stand without a sign, where it matters."""
    if not any(sign in text for sign in _APOSTROPHES):
        return frozenset()
    pieces, at = [], 0
    for chain in chains:
        pieces.append(text[at : chain[0].start()])
        at = chain[-1].end()
    return frozenset(_PART.findall(" ".join([*pieces, text[at:]])))


def _runs(text: str, chain: list[re.Match[str]], alone: Set[str]) -> Iterator[list[re.Match[str]]]:
    """The longest parts of a chain that are one word each."""
    run = chain[:1]
    for left, right in pairwise(chain):
        if _are_one(text[left.end() : right.start()], left[0], right[0], alone):
            run.append(right)
        else:
            yield run
            run = [right]
    yield run


def _as_one(run: list[re.Match[str]]) -> Iterator[Token]:
    token = words("".join(part[0] for part in run)) if len(run) > 1 else []
    if len(token) == 1:
        yield Token(token[0], run[0].start(), run[-1].end())


def _are_one(sign: str, left: str, right: str, alone: Set[str]) -> bool:
    """Whether two parts are one word when the sign between them is left out."""
    if sign in _HYPHENS:
        return not (left[-1].isdecimal() and right[0].isdecimal())
    if _SIGN_IS_A_LETTER.fullmatch(left) and _SIGN_IS_A_LETTER.fullmatch(right):
        return True
    if sign not in _APOSTROPHES:
        return False
    if right == "s":
        # A name, unless the text has it without the s as well: McDonald's, but Prince William's.
        return left[0].isupper() and left not in alone and len(left) > 4
    if left[0].isupper() and len(left) > 2 and right.islower() and len(right) <= 3:
        # Qur'an and Hawai'i, but no verb that is cut short: didn't, they're.
        return right not in _CUT_SHORT
    # L'Oréal and O'Connor, but not an elision before a common word.
    return right[0].isupper() and len(left) <= 2


def _without_grouping(text: str, language: str) -> Iterator[Token]:
    for found in _NUMBER.finditer(text) if _IS_GROUPED.search(text) else ():
        if any(found[1] in signs and language in spoken.split() for signs, spoken in _GROUPED.items()):
            yield Token(re.sub(r"\D", "", found[0]), *found.span())


def _with_anusvara(text: str) -> Iterator[Token]:
    if text.isascii() or not _NASAL.search(text):
        return
    for found in _DEVANAGARI.finditer(text):
        token = words(_NASAL.sub("ं", found[0])) if _NASAL.search(found[0]) else []
        if len(token) == 1:
            yield Token(token[0], *found.span())


def _spelled_out(text: str, language: str) -> Iterator[Token]:
    letters = _spelled_out_in(language)
    if letters is None or text.isascii():
        return
    end = 0
    for letter in letters.finditer(text):
        found = _PART.match(text, _beginning(text, letter.start()))
        if found is None or found.start() < end:
            continue
        end = found.end()
        spelled = _spelled(found[0])
        if spelled is not None and language in spelled.languages:
            yield Token(spelled.text, *found.span())


@cache
def _spelled_out_in(language: str) -> re.Pattern[str] | None:
    """The letters that the language has and spells out; None where there are none."""
    letters = "".join(
        letter for letter, (_, languages) in _SPELLED_OUT.items() if language in languages.split()
    )
    return re.compile(f"[{letters}]", re.IGNORECASE) if letters else None


class _Spelled(NamedTuple):
    """A word with its umlauts and the like as two letters, and the languages that have them all."""

    text: str
    languages: frozenset[str]


@lru_cache(maxsize=_MEMORY_SIZE)
def _spelled(word: str) -> _Spelled | None:
    lower = word.lower()
    letters = set(lower) & _SPELLED_OUT.keys()
    if not letters:
        return None
    spoken = frozenset.intersection(*(frozenset(_SPELLED_OUT[letter][1].split()) for letter in letters))
    token = words("".join(_SPELLED_OUT.get(char, (char, ""))[0] for char in lower))
    return _Spelled(token[0], spoken) if spoken and len(token) == 1 else None


def _with_prefixes(token: str) -> list[str]:
    """What Arabic and Hebrew write as one word with the article, a conjunction or a preposition."""
    if _ARABIC.fullmatch(token):
        if token.startswith(_ARABIC_ARTICLE):
            # With the preposition li- the article loses its alif.
            without = token.removeprefix(_ARABIC_ARTICLE)
            return [*(prefix + token for prefix in _BEFORE_ARABIC_ARTICLE), f"لل{without}"]
        return [prefix + token for prefix in _BEFORE_ARABIC]
    if _HEBREW.fullmatch(token):
        return [prefix + token for prefix in _BEFORE_HEBREW]
    return []
