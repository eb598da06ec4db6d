"""Acronyms and names with signs: words whose capitals or signs make them another word.

WHO is not "who", US not "us", C++ not "c", AT&T not "at t", and €5bn not $5bn. An article is indexed with
those that it has, folded, beside its words.
"""

import re
from collections.abc import Iterator

from presswatch.text.folding import fold
from presswatch.text.tokenizer import Token, tokens

# Longer ones are also written as words are (Nato, Unesco), and no other word is spelled like them.
_SHORTEST, _LONGEST = 2, 3
_DOTTED = re.compile(r"(?<![\w.])[^\W\d_](?:\.[^\W\d_]){1,2}(?:\.|(?!\w))")
# Each alternative begins with or soon has a sign: C++, C#, F#; AT&T, H & M; €5bn, $1.2m; .NET.
_SIGNED = re.compile(
    r"(?<![\w.&+#])[^\W_]{1,20}(?:\+\+|#)(?![\w+#])"
    r"|(?<![\w&])[^\W_]{1,20}(?:\s?&\s?[^\W_]{1,20})+(?![\w&])"
    r"|[$€£¥](?=\d)\d+(?:[.,]\d+)*[^\W\d_]*(?!\w)"
    r"|(?<![\w.])\.[A-Z][A-Za-z]{1,20}(?!\w)"
)
# Two letters side by side that are no small ones of Latin-1.
_MAYBE_CAPITALS = re.compile(r"[^\W\d_a-zß-öø-ÿ]{2}")
_SIGN = re.compile(r"[+#&$€£¥]|\.[A-Z]")
_SPACE = re.compile(r"\s")


def in_text(text: str) -> list[Token]:
    """Those in a text, folded, and where they stand: of "US firm AT&T" `us` and `at&t`."""
    found: list[Token] = []
    # Most texts have none, which is told many times as fast.
    if _MAYBE_CAPITALS.search(text):
        found += (token for token in tokens(text) if is_acronym(text[token.start : token.end]))
    found += _dotted(text)
    if _SIGN.search(text):
        found += (Token(_plain(sign[0]), *sign.span()) for sign in _SIGNED.finditer(text))
    return found


def of_word(word: str) -> str:
    """The word as it is indexed, if capitals or signs make it another word; else empty."""
    if is_acronym(word) or _SIGNED.fullmatch(word):
        return _plain(word)
    return ""


def of_dotted(word: str) -> str:
    """U.S. without its dots, as it is indexed; empty for what is no such acronym."""
    return next((token.text for token in _dotted(word) if token.end - token.start == len(word)), "")


def is_acronym(word: str) -> bool:
    """Whether these are two or three capitals."""
    return _SHORTEST <= len(word) <= _LONGEST and word.isalpha() and word.isupper()


def _dotted(text: str) -> Iterator[Token]:
    if "." not in text:
        return
    for found in _DOTTED.finditer(text):
        letters = found[0].replace(".", "")
        if is_acronym(letters):
            yield Token(fold(letters), *found.span())


def _plain(word: str) -> str:
    return fold(_SPACE.sub("", word))
