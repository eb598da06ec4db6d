"""The one definition of a token, for articles and queries, whatever engine looks for them.

A token is a run of letters, digits and marks, folded; a Chinese, Japanese or Korean character is one alone,
and so is one of Thai, Lao, Burmese or Khmer with the vowels and tones around it.
"""

import re
from functools import cache
from itertools import islice
from typing import NamedTuple

from presswatch.text.folding import Memory, char_class, fold, table, token_pattern, token_spans

_ASCII = re.compile("[0-9A-Za-z]+")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")


class Token(NamedTuple):
    """A folded token and where it stands: `text[start:end]` of the original folds to it."""

    text: str
    start: int
    end: int


@cache
def _any_script(top: int) -> re.Pattern[str]:
    return re.compile(token_pattern(top))


def _pattern(text: str) -> re.Pattern[str]:
    """The pattern of the smallest alphabet that holds `text`.

    Python's `re` looks up a character of the first 65,536 in a bitmap but tries hundreds of spans one after
    the other for those beyond, and does so at every space.
    """
    if text.isascii():
        return _ASCII
    # Only characters beyond the first 65,536 take two units of UTF-16, and this tells in no time.
    has_any = len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)
    beyond = has_any and any(map(_is_token, set(_BEYOND.findall(text))))
    return _any_script(0x10FFFF if beyond else 0xFFFF)


@cache
def _is_token(char: str) -> bool:
    """Whether the character can be part of one: a rare Chinese character can, an emoji cannot."""
    return any(low <= ord(char) <= high for kind in token_spans() for low, high in kind)


_memory = Memory()


def tokens(text: str) -> list[Token]:
    """The tokens of `text` in their order."""
    return [Token(_memory[found[0]], *found.span()) for found in _pattern(text).finditer(text)]


def words(text: str) -> list[str]:
    """The same tokens without their places, several times as fast."""
    if text.isascii():
        return _ASCII.findall(text.lower())
    return list(map(_memory.__getitem__, _pattern(text).findall(text)))


def spans(text: str) -> list[tuple[int, int]]:
    """The places of the same tokens alone."""
    return [found.span() for found in _pattern(text).finditer(text)]


def beginning(text: str, count: int) -> str:
    """The text up to the end of so many tokens."""
    last = next(islice(_pattern(text).finditer(text), count - 1, None), None)
    return text if last is None else text[: last.end()]


def exact(value: str) -> str:
    """How a value of an exact field is compared: folded, with single spaces and none at its ends."""
    return " ".join(fold(value).split())


def is_single(token: str) -> bool:
    """Whether it is a character of a script that puts no space between words: nothing can follow in it."""
    return bool(_single().fullmatch(token))


@cache
def _single() -> re.Pattern[str]:
    single, cluster, mark = (char_class(table()[kind]) for kind in ("single", "cluster", "mark"))
    return re.compile(f"[{single}]|[{cluster}][{mark}]*")
