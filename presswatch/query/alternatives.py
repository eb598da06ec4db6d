"""What OR joins, found by the words of an article instead of being asked one by one.

An agency's query has hundreds of names of which an article has two.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from presswatch import text
from presswatch.query.fields import DEFAULT_FIELDS
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import And, AtLeast, Group, Near, Node, NotNear, Or, Part, Spelled, Words

Kept = TypeVar("Kept")

# Parts of which an article has one, in title, summary or text.
Needed = frozenset[Part]


class Alternatives(Generic[Kept]):
    """Keeps something with each of many trees, and gives those back whose tree can hold for an article."""

    def __init__(self, kept: Iterable[tuple[Node, Kept]]) -> None:
        self._by_word: dict[str, list[Kept]] = defaultdict(list)
        self._by_beginning: dict[int, dict[str, list[Kept]]] = defaultdict(lambda: defaultdict(list))
        self._others: list[Kept] = []
        for tree, one in kept:
            needed = _needed(tree)
            if needed is None:
                self._others.append(one)
            for part in needed or ():
                if part.prefix:
                    self._by_beginning[len(part.tokens[0])][part.tokens[0]].append(one)
                else:
                    self._by_word[part.tokens[0]].append(one)
        self._words = frozenset(self._by_word)

    def possible(self, terms: DocumentTerms) -> Iterator[Kept]:
        """Those whose tree may hold; some perhaps more than once."""
        for word in self._words & terms.words:
            yield from self._by_word[word]
        for length, filed in self._by_beginning.items():
            for beginning in filed.keys() & terms.beginnings(length):
                yield from filed[beginning]
        yield from self._others


def _needed(tree: Node) -> Needed | None:
    """Single words or beginnings; None where nothing is needed that is quickly looked up."""
    match tree:
        case Words():
            return _of_group(tree.field, (Part(tree.tokens, tree.prefix),))
        case Near():
            return _fewest(_of_group(tree.field, group) for group in tree.groups)
        case NotNear():
            return _of_group(tree.field, tree.wanted)
        case AtLeast():
            return _of_group(tree.field, tree.group)
        case Spelled():
            return _of_group(None, (Part(tuple(text.words(tree.value))),))
        case And():
            return _fewest(map(_needed, tree.children))
        case Or():
            parts = [_needed(child) for child in tree.children]
            found = [part for part in parts if part is not None]
            return None if len(found) < len(parts) else frozenset().union(*found)
        case _:
            return None


def _fewest(needs: Iterable[Needed | None]) -> Needed | None:
    return min((need for need in needs if need is not None), key=len, default=None)


def _of_group(field: str | None, group: Group) -> Needed | None:
    if field is not None and field not in DEFAULT_FIELDS:
        return None
    # A long word is most likely a rare one.
    return frozenset(Part((max(part.whole, key=len),)) if part.whole else part for part in group)
