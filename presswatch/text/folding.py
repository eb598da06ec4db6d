"""Folding: what is left of a text when case, width, compatibility forms and diacritics do not count.

`folding.json` is the one table behind it (generate.py makes it). Each rule replaces what stands in the text;
where several fit, the longest does; what was replaced is not looked at again. Elasticsearch's `mapping`
char filter works the same way, so `elasticsearch_char_mappings` and `elasticsearch_token_pattern` are this
very analysis there.
"""

import json
import re
from functools import cache
from importlib.resources import files
from typing import TypedDict

_MEMORY_SIZE = 200_000
_JAVA_LEAF = 3


Span = tuple[int, int]


class Table(TypedDict):
    """Spans are pairs of code points, both included.

    A token is a run of characters in `word`, one in `single`, or one in `cluster` with those in `mark` behind
    it. Those in `vanishing` are no part of what is compared.
    """

    unicode: str
    rules: dict[str, str]
    word: list[Span]
    single: list[Span]
    cluster: list[Span]
    mark: list[Span]
    vanishing: list[Span]


@cache
def table() -> Table:
    """The table as the file has it."""
    content: Table = json.loads(files("presswatch.text").joinpath("folding.json").read_bytes())
    return content


def token_spans() -> tuple[list[Span], ...]:
    """The spans of all characters that can be part of a token."""
    content = table()
    return content["word"], content["single"], content["cluster"], content["mark"], content["vanishing"]


def char_class(*kinds: list[Span], top: int = 0x10FFFF) -> str:
    """The inside of a regular expression's brackets, for characters up to `top`."""
    spans = (span for kind in kinds for span in kind if span[0] <= top)
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in spans)


def token_pattern(top: int = 0x10FFFF) -> str:
    """A regular expression for one token in a text as it stands, with characters up to `top`.

    Characters that vanish belong to the token they follow.
    """
    word, single, cluster, mark, vanishing = (char_class(kind, top=top) for kind in token_spans())
    return f"[{word}][{word}{vanishing}]*|[{single}][{vanishing}]*|[{cluster}][{mark}{vanishing}]*"


@cache
def _rules() -> tuple[re.Pattern[str], dict[int, str]]:
    """What finds the few rules of more than one character, the longest first, and the rules of one each."""
    rules = table()["rules"]
    longer = sorted((key for key in rules if len(key) > 1), key=len, reverse=True)
    single = {ord(key): value for key, value in rules.items() if len(key) == 1}
    return re.compile(f"({'|'.join(map(re.escape, longer))})"), single


def fold(text: str) -> str:
    """`text` with every character folded: `fold("Kölner Straße") == "kolner strasse"`."""
    if text.isascii():
        return text.lower()
    longer, single = _rules()
    between, *rest = longer.split(text)
    folded = [between.translate(single)]
    for found, behind in zip(rest[::2], rest[1::2], strict=True):
        folded += (table()["rules"][found], behind.translate(single))
    return "".join(folded)


class Memory(dict[str, str]):
    """Words to what they fold to, remembered: texts repeat their words. Forgets all when it grows too big."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MEMORY_SIZE:
            self.clear()
        folded = fold(word)
        self[word] = folded
        return folded


def elasticsearch_char_mappings() -> list[str]:
    """The rules for a `mapping` char filter, which like `fold` takes the longest that fits, once."""
    return [f"{_java(key)} => {_java(value)}" for key, value in table()["rules"].items()]


def elasticsearch_token_pattern() -> str:
    """The Java expression of one token for a `pattern` tokenizer (group 0) behind that char filter."""
    content = table()
    word, single, cluster, mark = (
        _java_class(content[kind]) for kind in ("word", "single", "cluster", "mark")
    )
    return f"{word}+|{single}|{cluster}{mark}*"


def _java_class(spans: list[Span]) -> str:
    """A class as a tree of halves: Java tries the spans of a class one after the other, 600 at every space.

    `[a-z&&[…]]` looks into its second part only for what is in the first.
    """
    bounds = _java_span(spans[0][0], spans[-1][1])
    if len(spans) <= _JAVA_LEAF:
        return "[" + "".join(_java_span(low, high) for low, high in spans) + "]"
    half = len(spans) // 2
    return f"[{bounds}&&[{_java_class(spans[:half])}{_java_class(spans[half:])}]]"


def _java_span(low: int, high: int) -> str:
    return f"\\x{{{low:x}}}-\\x{{{high:x}}}"


def _java(text: str) -> str:
    """Java's escapes of UTF-16 for everything but letters and digits of ASCII."""
    if text.isascii() and text.isalnum():
        return text
    units = text.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
