"""What a tree means, said plainly: the reference that every engine is compared with.

Slow and simple on purpose.
"""

from collections.abc import Iterator

from presswatch import text
from presswatch.model import Document
from presswatch.query.fields import DEFAULT_FIELDS, FIELDS
from presswatch.query.proximity import Line, count_apart, group_places, lone_places, near_places, places
from presswatch.query.tree import (
    Acronym,
    All,
    And,
    AtLeast,
    Dates,
    Exact,
    Has,
    Ids,
    Length,
    Near,
    Node,
    Not,
    NotNear,
    OfOutlets,
    Or,
    Part,
    Range,
    Scope,
    Spelled,
    Stem,
    Words,
)
from presswatch.text import acronyms, spellings
from presswatch.text.sentences import paragraphs, sentences
from presswatch.text.spelled import spelled
from presswatch.text.stems import stem


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
        case Words():
            part = Part(tree.tokens, tree.prefix)
            return any(places(part, line) for line in _lines(tree.field, document))
        case Near():
            return any(any(near_places(tree, line)) for line in _together(tree, document))
        case NotNear():
            return any(any(lone_places(tree, line)) for line in _together(tree, document))
        case AtLeast():
            groups = (group_places(tree.group, line) for line in _lines(tree.field, document))
            return sum(map(count_apart, groups)) >= tree.count
        case Spelled():
            return any(any(spelled(tree.value, getattr(document, name))) for name in DEFAULT_FIELDS)
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
        case Length():
            return is_as_long(tree, document.words)
        case OfOutlets():
            return not set(tree.sources).isdisjoint(document.source)
        case Ids():
            return document.id in tree.ids
        case Dates():
            raise ValueError("resolve the tree first: its dates depend on who asks")


def values_of(document: Document, field: str) -> tuple[str, ...]:
    """The values of an analysed or exact field."""
    value = getattr(document, field)
    return value if FIELDS[field].many else (value,)


def _lines(field: str | None, document: Document) -> Iterator[Line]:
    """The tokens of each value of the field; None: of title, summary and text."""
    for name in (field,) if field else DEFAULT_FIELDS:
        for value in values_of(document, name):
            yield Line(text.words(value))


def _together(tree: Near | NotNear, document: Document) -> Iterator[Line]:
    """The tokens among which the words have to be close."""
    for name in (tree.field,) if tree.field else DEFAULT_FIELDS:
        for value in values_of(document, name):
            for start, end in scopes(value, tree.distance.scope, document.language):
                yield Line(text.words(value[start:end]))


def scopes(value: str, scope: Scope | None, language: str) -> Iterator[tuple[int, int]]:
    """The parts of a value that words have to stand in together: sentences, paragraphs or the whole."""
    match scope:
        case Scope.SENTENCE:
            return sentences(value, language)
        case Scope.PARAGRAPH:
            return paragraphs(value)
        case None:
            return iter([(0, len(value))])


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
    return {form for value in values for form in spellings.forms(value, document.language)}


def _is_value(exact: Exact, value: str) -> bool:
    return value.startswith(exact.value) if exact.prefix else value == exact.value


def is_as_long(length: Length, words: int) -> bool:
    """Whether a text of so many words is neither shorter nor longer."""
    return (length.low is None or words >= length.low) and (length.high is None or words <= length.high)


def is_within(dates: Range, document: Document) -> bool:
    """Whether the article has that date and it lies in the range."""
    instant = getattr(document, dates.field)
    if instant is None:
        return False
    return (dates.low is None or dates.low <= instant) and (dates.high is None or instant < dates.high)
