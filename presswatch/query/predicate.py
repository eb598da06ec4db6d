"""A tree as a function that tells whether an article matches.

It answers as `presswatch.query.evaluation.matches` does, many times as fast.
"""

from collections.abc import Callable, Iterable
from datetime import tzinfo

from presswatch import text
from presswatch.query.alternatives import Alternatives
from presswatch.query.dates import resolve_dates
from presswatch.query.evaluation import is_as_long, is_within
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.normal_form import of_sources
from presswatch.query.proximity import count_apart, group_places, lone_places, near_places
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import (
    Acronym,
    All,
    And,
    AtLeast,
    Dates,
    Exact,
    Group,
    Has,
    Ids,
    Length,
    Near,
    Node,
    Not,
    NotNear,
    OfOutlets,
    Or,
    Range,
    Spelled,
    Stem,
    Words,
    is_plain,
)
from presswatch.text.spelled import spelled
from presswatch.text.stems import stem

Predicate = Callable[[DocumentTerms], bool]

_FEW = 6


def predicate(tree: Node, zone: tzinfo) -> Predicate:
    """Dates are asked in `zone` when the article was first seen."""
    match tree:
        case And():
            return _all(tree, zone)
        case Or():
            return _any(tree, zone)
        case Not():
            inner = predicate(tree.child, zone)
            return lambda terms: not inner(terms)
        case Words():
            return _words(tree)
        case Near():
            return _near(tree)
        case NotNear():
            return _not_near(tree)
        case AtLeast():
            return _at_least(tree)
        case Spelled():
            return _spelled(tree)
        case Exact():
            return _exact(tree)
        case OfOutlets():
            return predicate(of_sources(tree), zone)
        case _:
            return _fact(tree, zone)


def by_effort(children: Iterable[Node]) -> list[Node]:
    """The cheap ones first."""
    effort = (
        *(All, Has, Ids, Length, Exact, OfOutlets, Range, Words, Stem, Acronym, Not, Dates, Spelled),
        *(Near, NotNear, AtLeast, Or, And),
    )
    return sorted(children, key=lambda child: effort.index(type(child)))


def _fact(tree: All | Has | Length | Range | Dates | Ids | Stem | Acronym, zone: tzinfo) -> Predicate:
    match tree:
        case All():
            return lambda _: True
        case Has():
            return lambda terms: tree.value in terms.document.has
        case Length():
            return lambda terms: is_as_long(tree, len(terms.lists("text")[0]))
        case Ids():
            return lambda terms: terms.document.id in tree.ids
        case Range():
            return lambda terms: is_within(tree, terms.document)
        case Dates():
            return lambda terms: is_within(
                resolve_dates(tree, terms.document.first_seen, zone), terms.document
            )
        case Acronym():
            return lambda terms: tree.value in terms.acronyms
        case Stem():
            return lambda terms: stem(tree.token, terms.document.language) in terms.stems


def _plain_words(children: tuple[Node, ...]) -> frozenset[str]:
    return frozenset(child.tokens[0] for child in children if is_plain(child))


def _all(tree: And, zone: tzinfo) -> Predicate:
    parts = tuple(predicate(child, zone) for child in by_effort(tree.children))

    # A loop, because `all` of a generator takes several times as long, and this is what runs most.
    def test(terms: DocumentTerms) -> bool:
        for part in parts:  # noqa: SIM110  # see above
            if not part(terms):
                return False
        return True

    return test


def _any(tree: Or, zone: tzinfo) -> Predicate:
    choice = _plain_words(tree.children)
    rest = by_effort(child for child in tree.children if not is_plain(child))
    tests = [(child, predicate(child, zone)) for child in rest]
    # To find some of a few takes longer than to ask all.
    asked = Alternatives(tests) if len(tests) > _FEW else None
    few = tuple(test for _child, test in tests)

    def test(terms: DocumentTerms) -> bool:
        if not choice.isdisjoint(terms.words):
            return True
        for other in asked.possible(terms) if asked else few:  # noqa: SIM110  # see _all
            if other(terms):
                return True
        return False

    return test


def _words(words: Words) -> Predicate:
    """A substring of the joined tokens: spaces are what separates tokens, and nothing else is in them."""
    field = words.field
    if is_plain(words):
        token = words.tokens[0]
        return lambda terms: token in terms.words
    whole = frozenset(words.tokens[:-1] if words.prefix else words.tokens)
    wanted = f" {' '.join(words.tokens)}{'' if words.prefix else ' '}"
    if field is None or field in DEFAULT_FIELDS:
        return lambda terms: whole <= terms.words and wanted in terms.joined(field)
    return lambda terms: wanted in terms.joined(field)


def _near(near: Near) -> Predicate:
    two_words = all(len(group) == 1 and len(group[0].tokens) == 1 for group in near.groups)
    two_words = two_words and len(near.groups) == 2 and not any(group[0].prefix for group in near.groups)
    plain = two_words and near.distance.gaps is not None and not near.distance.ordered
    test = _two_close(near) if plain else _all_close(near)
    present = [_has_one(near.field, group) for group in near.groups]
    return lambda terms: all(one(terms) for one in present) and test(terms)


def _has_one(field: str | None, group: Group) -> Predicate:
    """Whether the words of one of the parts can be there at all."""
    if field is not None and field not in DEFAULT_FIELDS:
        return lambda _: True
    needed = [frozenset(part.whole) for part in group]

    def test(terms: DocumentTerms) -> bool:
        for words in needed:  # noqa: SIM110  # see _all
            if words <= terms.words:
                return True
        return False

    return test


def _all_close(near: Near) -> Predicate:
    return lambda terms: any(
        any(near_places(near, line)) for line in terms.lines(near.field, near.distance.scope)
    )


def _not_near(near: NotNear) -> Predicate:
    present = _has_one(near.field, near.wanted)
    return lambda terms: (
        present(terms)
        and any(any(lone_places(near, line)) for line in terms.lines(near.field, near.distance.scope))
    )


def _at_least(leaf: AtLeast) -> Predicate:
    present = _has_one(leaf.field, leaf.group)

    def test(terms: DocumentTerms) -> bool:
        if not present(terms):
            return False
        found = (group_places(leaf.group, line) for line in terms.lines(leaf.field))
        return sum(map(count_apart, found)) >= leaf.count

    return test


def _spelled(leaf: Spelled) -> Predicate:
    needed = frozenset(text.words(leaf.value))
    return lambda terms: (
        needed <= terms.words
        and any(any(spelled(leaf.value, getattr(terms.document, name))) for name in DEFAULT_FIELDS)
    )


def _two_close(near: Near) -> Predicate:
    """The same for two single words, which most are, in a tenth of the time."""
    [one], [other] = (group[0].tokens for group in near.groups)
    gaps = near.distance.gaps
    assert gaps is not None
    return lambda terms: any(
        _are_close(one, other, gaps, value) for value in terms.joined(near.field).split("\n")
    )


def _are_close(one: str, other: str, gaps: int, value: str) -> bool:
    """Whether two tokens stand in tokens joined by spaces with at most so many others between them."""
    if f" {other} " not in value:
        return False
    mark = f" {one} "
    at = value.find(mark)
    while at >= 0:
        if other in value[at + len(mark) - 1 :].split(" ", gaps + 2)[1 : gaps + 2]:
            return True
        if other in value[: at + 1].rsplit(" ", gaps + 2)[-gaps - 2 : -1]:
            return True
        at = value.find(mark, at + 1)
    return False


def _exact(exact: Exact) -> Predicate:
    field, value = exact.field, exact.value
    if exact.prefix:
        return lambda terms: any(found.startswith(value) for found in terms.values(field))
    return lambda terms: value in terms.values(field)
