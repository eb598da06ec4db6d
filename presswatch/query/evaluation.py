"""What a tree means, said plainly: the reference that every engine is compared with.

Slow and simple on purpose. It also tells where in a text the matching words stand.
"""

from collections.abc import Iterable, Iterator, Sequence

from presswatch import text
from presswatch.model import Document
from presswatch.query.fields import DEFAULT_FIELDS, FIELDS
from presswatch.query.tree import (
    Acronym,
    All,
    And,
    Dates,
    Exact,
    Has,
    Near,
    Node,
    Not,
    Or,
    Range,
    Stem,
    Words,
)
from presswatch.text import acronyms, spellings
from presswatch.text.stems import stem

# Numbers of tokens: the first, and the one after the last.
TokenSpan = tuple[int, int]


def matches(tree: Node, document: Document) -> bool:
    """Whether the article matches. The tree must be resolved."""
    match tree:
        case All():
            return True
        case And():
            return all(matches(child, document) for child in tree.children)
        case Or():
            return any(matches(child, document) for child in tree.children)
        case Not():
            return not matches(tree.child, document)
        case Words(field=None, tokens=(token,)):
            found = words_anywhere(document)
            return any(word.startswith(token) for word in found) if tree.prefix else token in found
        case Words() | Near():
            fields = (tree.field,) if tree.field else DEFAULT_FIELDS
            values = (value for field in fields for value in values_of(document, field))
            return any(next(occurrences(tree, text.words(value)), None) for value in values)
        case Exact():
            return any(_is_value(tree, text.exact(value)) for value in values_of(document, tree.field))
        case Has():
            return tree.value in document.has
        case Range():
            return is_within(tree, document)
        case Stem():
            wanted = stem(tree.token, document.language)
            return any(stem(word, document.language) == wanted for word in words_anywhere(document))
        case Acronym():
            return tree.value in acronyms_anywhere(document)
        case Dates():
            raise ValueError("resolve the tree first: its dates depend on who asks")


def values_of(document: Document, field: str) -> tuple[str, ...]:
    """The values of an analysed or exact field."""
    value = getattr(document, field)
    return value if FIELDS[field].many else (value,)


def words_anywhere(document: Document) -> set[str]:
    """The tokens of title, summary and text, and other spellings of their words."""
    return tokens_anywhere(document) | spellings_anywhere(document)


def tokens_anywhere(document: Document) -> set[str]:
    """The tokens of title, summary and text alone."""
    return {word for name in DEFAULT_FIELDS for word in text.words(getattr(document, name))}


def acronyms_anywhere(document: Document) -> set[str]:
    """The acronyms and names with signs in title, summary and text."""
    return {token.text for name in DEFAULT_FIELDS for token in acronyms.in_text(getattr(document, name))}


def spellings_anywhere(document: Document) -> set[str]:
    """Other spellings of the words in title, summary and text."""
    values = (getattr(document, name) for name in DEFAULT_FIELDS)
    return {token.text for value in values for token in spellings.in_text(value, document.language)}


def _is_value(exact: Exact, value: str) -> bool:
    return value.startswith(exact.value) if exact.prefix else value == exact.value


def is_within(dates: Range, document: Document) -> bool:
    """Whether the article has that date and it lies in the range."""
    instant = getattr(document, dates.field)
    if instant is None:
        return False
    return (dates.low is None or dates.low <= instant) and (dates.high is None or instant < dates.high)


def occurrences(leaf: Words | Near | Stem, words: Sequence[str], language: str = "") -> Iterator[TokenSpan]:
    """Where in a value's tokens the words stand; for `Near`, each part wherever all are close enough.

    `language` is the article's, which stems depend on.
    """
    if isinstance(leaf, Near):
        yield from _near_occurrences(leaf, words)
    elif isinstance(leaf, Stem):
        wanted = stem(leaf.token, language)
        yield from ((at, at + 1) for at, word in enumerate(words) if stem(word, language) == wanted)
    else:
        yield from _runs(leaf.tokens, words, prefix=leaf.prefix)


def _runs(tokens: tuple[str, ...], words: Sequence[str], *, prefix: bool = False) -> Iterator[TokenSpan]:
    size = len(tokens)
    if prefix:
        for start in range(len(words) - size + 1):
            *whole, last = words[start : start + size]
            if last.startswith(tokens[-1]) and tuple(whole) == tokens[:-1]:
                yield start, start + size
        return
    start = -1
    for _ in range(words.count(tokens[0])):
        start = words.index(tokens[0], start + 1)
        if size == 1 or tuple(words[start : start + size]) == tokens:
            yield start, start + size


def _near_occurrences(near: Near, words: Sequence[str]) -> Iterator[TokenSpan]:
    spans = [list(_runs(part, words)) for part in near.parts]
    total = sum(map(len, near.parts))
    for start in sorted({span[0] for part in spans for span in part}):
        chosen = [next((span for span in part if span[0] >= start), None) for part in spans]
        close = [span for span in chosen if span is not None]
        if len(close) < len(spans):
            return
        if max(end for _, end in close) - start - total <= near.gaps:
            yield from close


def positive_leaves(tree: Node) -> Iterable[Words | Near | Stem | Acronym]:
    """The words and phrases that are looked for, not those that are excluded."""
    if isinstance(tree, And | Or):
        for child in tree.children:
            yield from positive_leaves(child)
    elif isinstance(tree, Words | Near | Stem | Acronym):
        yield tree
