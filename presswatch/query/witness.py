"""Why an article matches: the clauses of a query that hold, and where."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from presswatch import text
from presswatch.query.alternatives import Alternatives
from presswatch.query.evaluation import scopes, values_of
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.predicate import predicate
from presswatch.query.proximity import (
    Line,
    TokenSpan,
    count_apart,
    group_places,
    lone_places,
    near_places,
    places,
)
from presswatch.query.terms import DocumentTerms
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
from presswatch.text import acronyms
from presswatch.text.spelled import spelled
from presswatch.text.stems import stem

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


class EvidenceOf:
    """Where leaves hold in one article, each looked up once for all the queries that ask for it."""

    def __init__(self, terms: DocumentTerms) -> None:
        self.terms = terms
        self._known: dict[_OfWords | Exact, Places] = {}

    def leaf(self, leaf: _OfWords | Exact) -> Places:
        """Empty where it does not hold."""
        if leaf not in self._known:
            if isinstance(leaf, Exact):
                self._known[leaf] = tuple(_of_value(leaf, self.terms))
            else:
                held = _can_hold(leaf, self.terms)
                self._known[leaf] = tuple(_of_words(leaf, self.terms)) if held else ()
        return self._known[leaf]


# Where each part holds; None where the tree does not.
_Finder = Callable[[EvidenceOf], list[Places] | None]


class Witness:
    """Tells why articles match a tree, which is made ready once for all of them.

    Dates are asked in the IANA `zone` when the article was first seen.
    """

    def __init__(self, tree: Node, zone: str = "UTC") -> None:
        self._find = _finder(tree, ZoneInfo(zone))

    def of(self, article: EvidenceOf) -> tuple[Places, ...]:
        """For each part that the query joins by AND, where the article has it. Empty if it does not match.

        Of what OR joins all that hold are there and none that does not; of what is excluded, or is no word or
        value (a date, `has:`), nothing is. What is there is enough: an article with these places alone
        matches.
        """
        return tuple(part for part in self._find(article) or () if part)


def _finder(tree: Node, zone: tzinfo) -> _Finder:
    match tree:
        case And():
            return _all(tree, zone)
        case Or():
            return _any(tree, zone)
        case Not():
            excluded = predicate(tree.child, zone)
            return lambda article: None if excluded(article.terms) else []
        case Words() | Near() | NotNear() | AtLeast() | Stem() | Acronym() | Spelled() | Exact():
            return lambda article: [found] if (found := article.leaf(tree)) else None
        case _:
            holds = predicate(tree, zone)
            return lambda article: [] if holds(article.terms) else None


def _all(tree: And, zone: tzinfo) -> _Finder:
    finders = [_finder(child, zone) for child in tree.children]

    def find(article: EvidenceOf) -> list[Places] | None:
        parts: list[Places] = []
        for finder in finders:
            found = finder(article)
            if found is None:
                return None
            parts += found
        return parts

    return find


def _any(tree: Or, zone: tzinfo) -> _Finder:
    """The words that OR joins are one part, and what AND joins among them are parts of their own."""
    finders = [(_finder(child, zone), isinstance(child, And)) for child in tree.children]
    numbers = Alternatives((child, number) for number, child in enumerate(tree.children))

    def find(article: EvidenceOf) -> list[Places] | None:
        alone: list[Evidence] = []
        joined: list[Places] = []
        holds = False
        for number in sorted(set(numbers.possible(article.terms))):
            finder, is_joined = finders[number]
            parts = finder(article)
            if parts is None:
                continue
            holds = True
            if is_joined:
                joined += parts
            else:
                alone += [one for part in parts for one in part]
        return [tuple(alone), *joined] if holds else None

    return find


def _can_hold(leaf: _OfWords, terms: DocumentTerms) -> bool:
    match leaf:
        case Words():
            return terms.may_have(leaf.field, Part(leaf.tokens, leaf.prefix))
        case Near():
            return all(any(terms.may_have(leaf.field, part) for part in group) for group in leaf.groups)
        case NotNear():
            return any(terms.may_have(leaf.field, part) for part in leaf.wanted)
        case AtLeast():
            return any(terms.may_have(leaf.field, part) for part in leaf.group)
        case _:
            return True


def _of_words(leaf: _OfWords, terms: DocumentTerms) -> list[Evidence]:
    document = terms.document
    field = None if isinstance(leaf, Stem | Acronym | Spelled) else leaf.field
    found: list[Evidence] = []
    for name in (field,) if field else DEFAULT_FIELDS:
        for value in values_of(document, name):
            if spans := tuple(sorted(set(_spans(leaf, value, terms)))):
                # The opening is how the text begins.
                opens = name == "opening"
                found.append(
                    Evidence("text", document.text, spans) if opens else Evidence(name, value, spans)
                )
    if isinstance(leaf, AtLeast):
        places = sum(count_apart(one.spans) for one in found)
        return found if places >= leaf.count else []
    return found


def _of_value(leaf: Exact, terms: DocumentTerms) -> list[Evidence]:
    return [
        Evidence(leaf.field, value, ((0, len(value)),))
        for value in values_of(terms.document, leaf.field)
        if (text.exact(value).startswith(leaf.value) if leaf.prefix else text.exact(value) == leaf.value)
    ]


def _spans(leaf: _OfWords, value: str, terms: DocumentTerms) -> Iterator[Span]:
    match leaf:
        case Acronym():
            yield from ((one.start, one.end) for one in acronyms.in_text(value) if one.text == leaf.value)
        case Spelled():
            yield from spelled(leaf.value, value)
        case Stem():
            yield from _of_stem(leaf, value, terms)
        case Words():
            part = Part(leaf.tokens, leaf.prefix)
            yield from _in_text(terms, value, lambda line: places(part, line))
            if leaf.field is None and len(leaf.tokens) == 1:
                yield from _spelled_otherwise(leaf, value, terms)
        case AtLeast():
            yield from _in_text(terms, value, lambda line: group_places(leaf.group, line))
        case Near():
            yield from _in_text(terms, value, lambda line: near_places(leaf, line), leaf.distance.scope)
        case NotNear():
            yield from _in_text(terms, value, lambda line: lone_places(leaf, line), leaf.distance.scope)


def _in_text(
    terms: DocumentTerms,
    value: str,
    find: Callable[[Line], Iterable[TokenSpan]],
    scope: Scope | None = None,
) -> Iterator[Span]:
    for start, end in scopes(value, scope, terms.document.language):
        spans, line = terms.placed(value[start:end])
        for first, after in find(line):
            yield start + spans[first][0], start + spans[after - 1][1]


def _of_stem(leaf: Stem, value: str, terms: DocumentTerms) -> Iterator[Span]:
    language = terms.document.language
    wanted = stem(leaf.token, language)
    spans, line = terms.placed(value)
    for span, word in zip(spans, line.words, strict=True):
        if stem(word, language) == wanted:
            yield span
    for form, tokens in terms.spelled_otherwise(value).items():
        if stem(form, language) == wanted:
            yield from ((token.start, token.end) for token in tokens)


def _spelled_otherwise(leaf: Words, value: str, terms: DocumentTerms) -> Iterator[Span]:
    [asked] = leaf.tokens
    known = terms.spellings
    forms = [form for form in known if form.startswith(asked)] if leaf.prefix else known & {asked}
    if not forms:
        return
    others = terms.spelled_otherwise(value)
    for token in (token for form in forms for token in others.get(form, ())):
        yield token.start, token.end
