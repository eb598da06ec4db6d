"""A text as it is spelled: with its capitals, accents and signs."""

import re
from collections.abc import Iterator
from functools import lru_cache

from presswatch.text.tokenizer import tokens

Span = tuple[int, int]

# What an apostrophe or a hyphen is typed as says nothing about the spelling.
_APOSTROPHES, _HYPHENS = "'\u2019\u02bc\u2018", "-\u2010\u2011"
_ALIKE = {char: f"[{chars}]" for chars in (_APOSTROPHES, _HYPHENS) for char in chars}
# What makes it another name when it stands beside: C is not C++, AT not AT&T, who not @who.
_BEFORE, _AFTER = "&@", "&+#"
# Of a token that is looked at, so much on each side is enough to tell that it goes on.
_AROUND = 8


def spelled(value: str, text: str) -> Iterator[Span]:
    """Where `value` stands in `text` as it is (both in NFC), and not as a part of a longer word or name.

    White space is as good as other white space, and a straight apostrophe or hyphen as a typographic one.
    """
    for found in _pattern(value).finditer(text):
        start, end = found.span()
        if not (_is_inside_token(text, start) or _is_inside_token(text, end)):
            yield start, end


@lru_cache(maxsize=4096)
def _pattern(value: str) -> re.Pattern[str]:
    words = ("".join(_ALIKE.get(char, re.escape(char)) for char in word) for word in value.split())
    joined = r"\s+".join(words)
    return re.compile(rf"(?<![{_BEFORE}]){joined}(?![{_AFTER}])")


def _is_inside_token(text: str, at: int) -> bool:
    begin = max(0, at - _AROUND)
    return any(token.start < at - begin < token.end for token in tokens(text[begin : at + _AROUND]))
