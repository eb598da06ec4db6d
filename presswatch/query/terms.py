"""An article as the watches look at it: its tokens, prepared once for all of them."""

from collections.abc import Iterable, Iterator

from presswatch import text
from presswatch.model import Document
from presswatch.query.evaluation import acronyms_anywhere, scopes, spellings_anywhere, values_of
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.proximity import Line
from presswatch.query.tree import Scope
from presswatch.text.stems import stem


class DocumentTerms:
    """`words` are the different tokens of title, summary and text, and other spellings of them.

    Other fields are read when asked for.
    """

    __slots__ = (
        "_acronyms",
        "_joined",
        "_lines",
        "_lists",
        "_spellings",
        "_stems",
        "_values",
        "document",
        "words",
    )

    def __init__(self, document: Document) -> None:
        self.document = document
        self._values: dict[str, frozenset[str]] = {}
        self._lists = {name: [text.words(getattr(document, name))] for name in DEFAULT_FIELDS}
        self._joined: dict[str, str] = {}
        self._lines: dict[tuple[str | None, Scope | None], list[Line]] = {}
        self._stems: frozenset[str] | None = None
        self._acronyms: frozenset[str] | None = None
        self._spellings = spellings_anywhere(document)
        self.words: set[str] = self._spellings.union(
            *(words for lists in self._lists.values() for words in lists)
        )

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
            alone = [[spelling] for spelling in self._spellings] if field is None else []
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
