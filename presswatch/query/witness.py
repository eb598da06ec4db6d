"""Why an article matches: the clauses of a query that hold, and where."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from presswatch import text
from presswatch.model import Document
from presswatch.query.dates import resolve
from presswatch.query.evaluation import matches, scopes, values_of, words_anywhere
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.proximity import Line, TokenSpan, group_places, lone_places, near_places, places
from presswatch.query.tree import (
    Acronym,
    And,
    AtLeast,
    Exact,
    Near,
    Node,
    Not,
    NotNear,
    Or,
    Part,
    Scope,
    Spelled,
    Stem,
    Words,
)
from presswatch.text import acronyms, spellings
from presswatch.text.spelled import spelled
from presswatch.text.stems import stem
from presswatch.text.tokenizer import Token

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a clause holds: `spans` of one value of a field. Of an exact field the whole value."""

    field: str
    value: str
    spans: tuple[Span, ...]


_OfWords = Words | Near | NotNear | AtLeast | Stem | Acronym | Spelled

# Where one part of a query holds.
Places = tuple[Evidence, ...]


def witness(tree: Node, document: Document, zone: str = "UTC") -> tuple[Places, ...]:
    """For each part that a query joins by AND, where the article has it. Empty if it does not match.

    Of what OR joins all that hold are there and none that does not; of what is excluded, or is no word or
    value (a date, `has:`), nothing is. What is there is enough: an article with these places alone matches.
    Dates are asked in the IANA `zone` when the article was first seen.
    """
    parts = _Reader(document).parts(resolve(tree, document.first_seen, zone))
    return tuple(part for part in parts or () if part)


class _Reader:
    """Looks up clauses in one article."""

    def __init__(self, document: Document) -> None:
        self._document = document
        # Every word that a clause without a field of its own can be about.
        self._words = words_anywhere(document)
        self._sorted = sorted(self._words)
        self._tokens: dict[str, tuple[list[Token], Line]] = {}
        self._exact: dict[str, list[tuple[str, str]]] = {}
        self._otherwise: dict[str, dict[str, list[Token]]] = {}

    def parts(self, tree: Node) -> list[Places] | None:
        """Where each part of the tree holds; None where the tree does not."""
        match tree:
            case And():
                children = [self.parts(child) for child in tree.children]
                return None if None in children else [part for child in children for part in child or ()]
            case Or():
                return self._any(tree)
            case Not():
                return [] if self.parts(tree.child) is None else None
            case Words() | Near() | NotNear() | AtLeast() | Stem() | Acronym() | Spelled():
                found = self._of_words(tree) if self._can_hold(tree) else []
                return [tuple(found)] if found else None
            case Exact():
                found = self._of_value(tree)
                return [tuple(found)] if found else None
            case _:
                return [] if matches(tree, self._document) else None

    def _any(self, tree: Or) -> list[Places] | None:
        """The words that OR joins are one part, and what AND joins among them are parts of their own."""
        held = [(child, parts) for child in tree.children if (parts := self.parts(child)) is not None]
        alone = [part for child, parts in held if not isinstance(child, And) for part in parts]
        joined = [part for child, parts in held if isinstance(child, And) for part in parts]
        return [tuple(one for part in alone for one in part), *joined] if held else None

    def _can_hold(self, leaf: _OfWords) -> bool:
        """Whether the words are there at all, which of most clauses of a long query they are not."""
        match leaf:
            case Words():
                return self._has(leaf.field, Part(leaf.tokens, leaf.prefix))
            case Near():
                return all(any(self._has(leaf.field, part) for part in group) for group in leaf.groups)
            case NotNear():
                return any(self._has(leaf.field, part) for part in leaf.wanted)
            case AtLeast():
                return any(self._has(leaf.field, part) for part in leaf.group)
            case _:
                return True

    def _has(self, field: str | None, part: Part) -> bool:
        if field is not None and field not in DEFAULT_FIELDS:
            return True
        if not self._words.issuperset(part.whole):
            return False
        at = bisect_left(self._sorted, part.tokens[-1])
        return not part.prefix or (at < len(self._sorted) and self._sorted[at].startswith(part.tokens[-1]))

    def _of_words(self, leaf: _OfWords) -> list[Evidence]:
        field = None if isinstance(leaf, Stem | Acronym | Spelled) else leaf.field
        found: list[Evidence] = []
        for name in (field,) if field else DEFAULT_FIELDS:
            for value in values_of(self._document, name):
                if spans := tuple(sorted(set(self._spans(leaf, value)))):
                    # The opening is how the text begins.
                    opens = name == "opening"
                    found.append(
                        Evidence("text", self._document.text, spans)
                        if opens
                        else Evidence(name, value, spans)
                    )
        if isinstance(leaf, AtLeast):
            starts = sum(len({start for start, _ in one.spans}) for one in found)
            return found if starts >= leaf.count else []
        return found

    def _of_value(self, leaf: Exact) -> list[Evidence]:
        if leaf.field not in self._exact:
            values = values_of(self._document, leaf.field)
            self._exact[leaf.field] = [(value, text.exact(value)) for value in values]
        return [
            Evidence(leaf.field, value, ((0, len(value)),))
            for value, exact in self._exact[leaf.field]
            if (exact.startswith(leaf.value) if leaf.prefix else exact == leaf.value)
        ]

    def _spans(self, leaf: _OfWords, value: str) -> Iterator[Span]:
        match leaf:
            case Acronym():
                yield from ((one.start, one.end) for one in acronyms.in_text(value) if one.text == leaf.value)
            case Spelled():
                yield from spelled(leaf.value, value)
            case Stem():
                yield from self._of_stem(leaf, value)
            case Words():
                yield from self._in_text(value, lambda line: places(Part(leaf.tokens, leaf.prefix), line))
                if leaf.field is None and len(leaf.tokens) == 1:
                    yield from self._spelled_otherwise(leaf, value)
            case AtLeast():
                yield from self._in_text(value, lambda line: group_places(leaf.group, line))
            case Near():
                yield from self._in_text(value, lambda line: near_places(leaf, line), leaf.distance.scope)
            case NotNear():
                yield from self._in_text(value, lambda line: lone_places(leaf, line), leaf.distance.scope)

    def _in_text(
        self, value: str, find: Callable[[Line], Iterable[TokenSpan]], scope: Scope | None = None
    ) -> Iterator[Span]:
        for start, end in scopes(value, scope, self._document.language):
            tokens, line = self._read(value[start:end])
            for first, after in find(line):
                yield start + tokens[first].start, start + tokens[after - 1].end

    def _of_stem(self, leaf: Stem, value: str) -> Iterator[Span]:
        language = self._document.language
        wanted = stem(leaf.token, language)
        others = (token for tokens in self._others(value).values() for token in tokens)
        for token in [*self._read(value)[0], *others]:
            if stem(token.text, language) == wanted:
                yield token.start, token.end

    def _spelled_otherwise(self, leaf: Words, value: str) -> Iterator[Span]:
        [asked] = leaf.tokens
        others = self._others(value)
        spelled = [form for form in others if form.startswith(asked)] if leaf.prefix else [asked]
        for token in (token for form in spelled for token in others.get(form, ())):
            yield token.start, token.end

    def _read(self, value: str) -> tuple[list[Token], Line]:
        if value not in self._tokens:
            tokens = text.tokens(value)
            self._tokens[value] = tokens, Line([token.text for token in tokens])
        return self._tokens[value]

    def _others(self, value: str) -> dict[str, list[Token]]:
        """Other spellings of the words of a value, and where these stand."""
        if value not in self._otherwise:
            found: dict[str, list[Token]] = {}
            for token in spellings.in_text(value, self._document.language):
                found.setdefault(token.text, []).append(token)
            self._otherwise[value] = found
        return self._otherwise[value]
