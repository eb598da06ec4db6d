"""An article as the watches look at it: its tokens, prepared once for all of them."""

from collections.abc import Iterable, Iterator

from presswatch import text
from presswatch.model import Document
from presswatch.query.evaluation import acronyms_anywhere, scopes, spellings_anywhere, values_of
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.proximity import Line
from presswatch.query.tree import Part, Scope
from presswatch.text import spellings
from presswatch.text.stems import stem
from presswatch.text.tokenizer import Token


class DocumentTerms:
    """`words` are the different tokens of title, summary and text, and other spellings of them.

    Other fields are read when asked for.
    """

    __slots__ = (
        "_acronyms",
        "_beginnings",
        "_joined",
        "_lines",
        "_lists",
        "_placed",
        "_spelled",
        "_stems",
        "_values",
        "document",
        "spellings",
        "words",
    )

    def __init__(self, document: Document) -> None:
        self.document = document
        self._values: dict[str, frozenset[str]] = {}
        self._lists = {name: [text.words(getattr(document, name))] for name in DEFAULT_FIELDS}
        self._joined: dict[str, str] = {}
        self._beginnings: dict[int, frozenset[str]] = {}
        self._placed: dict[str, tuple[list[tuple[int, int]], Line]] = {}
        self._spelled: dict[str, dict[str, list[Token]]] = {}
        self._lines: dict[tuple[str | None, Scope | None], list[Line]] = {}
        self._stems: frozenset[str] | None = None
        self._acronyms: frozenset[str] | None = None
        self.spellings = spellings_anywhere(document)
        self.words: set[str] = self.spellings.union(
            *(words for lists in self._lists.values() for words in lists)
        )

    def beginnings(self, length: int) -> frozenset[str]:
        """The first `length` characters of each of `words` that has so many."""
        if length not in self._beginnings:
            self._beginnings[length] = frozenset(word[:length] for word in self.words if len(word) >= length)
        return self._beginnings[length]

    def may_have(self, field: str | None, part: Part) -> bool:
        """Whether the words of a part are there at all, as most of those of a long query are not."""
        if field is not None and field not in DEFAULT_FIELDS:
            return True
        *whole, last = part.tokens
        has_last = last in self.beginnings(len(last)) if part.prefix else last in self.words
        return has_last and self.words.issuperset(whole)

    def lists(self, field: str | None) -> list[list[str]]:
        """The tokens of each of the field's values; None: of title, summary and text."""
        if field is None:
            return [words for name in DEFAULT_FIELDS for words in self._lists[name]]
        if field not in self._lists:
            self._lists[field] = [text.words(value) for value in values_of(self.document, field)]
        return self._lists[field]

    def lines(self, field: str | None, scope: Scope | None = None) -> list[Line]:
        """The same tokens and where they stand, with a scope by sentence or paragraph."""
        if (field, scope) not in self._lines:
            lists = self.lists(field) if scope is None else self._scoped(field, scope)
            self._lines[field, scope] = list(map(Line, lists))
        return self._lines[field, scope]

    def placed(self, value: str) -> tuple[list[tuple[int, int]], Line]:
        """The places of the tokens of a value, or of a part of one, and these tokens."""
        if value not in self._placed:
            self._placed[value] = text.spans(value), Line(text.words(value))
        return self._placed[value]

    def spelled_otherwise(self, value: str) -> dict[str, list[Token]]:
        """Other spellings of the words of a value, and where these stand."""
        if value not in self._spelled:
            found: dict[str, list[Token]] = {}
            for token in spellings.in_text(value, self.document.language):
                found.setdefault(token.text, []).append(token)
            self._spelled[value] = found
        return self._spelled[value]

    def _scoped(self, field: str | None, scope: Scope) -> Iterator[list[str]]:
        for name in DEFAULT_FIELDS if field is None else (field,):
            for value in values_of(self.document, name):
                for start, end in scopes(value, scope, self.document.language):
                    yield text.words(value[start:end])

    def joined(self, field: str | None) -> str:
        """The same tokens between single spaces, the values between line feeds: made for substring search.

        Of title, summary and text also the other spellings, each as a value.
        """
        name = field or ""
        if name not in self._joined:
            # A spelling stands alone: no phrase and no NEAR reaches it.
            alone = [[spelling] for spelling in self.spellings] if field is None else []
            self._joined[name] = _joined([*self.lists(field), *alone])
        return self._joined[name]

    @property
    def stems(self) -> frozenset[str]:
        """The stems of `words` by the rules of the article's language."""
        if self._stems is None:
            self._stems = frozenset(stem(word, self.document.language) for word in self.words)
        return self._stems

    @property
    def acronyms(self) -> frozenset[str]:
        """The acronyms and names with signs in title, summary and text."""
        if self._acronyms is None:
            self._acronyms = frozenset(acronyms_anywhere(self.document))
        return self._acronyms

    def values(self, field: str) -> frozenset[str]:
        """The values of an exact field."""
        if field not in self._values:
            self._values[field] = frozenset(map(text.exact, values_of(self.document, field)))
        return self._values[field]


def _joined(lists: Iterable[list[str]]) -> str:
    return "".join(f" {' '.join(words)} \n" for words in lists)
