"""Which of many watches are worth a look at an article, by the words and values it holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from itertools import pairwise
from typing import NamedTuple

from presswatch.query.fields import FIELDS, FieldKind
from presswatch.query.tree import And, Exact, Near, Node, Or, Words
from presswatch.query.view import View
from presswatch.text import is_single

# Longer prefixes are filed under their first letters.
_PREFIX_LENGTHS = (2, 3, 4)
# Guesses of the share of articles: with a word not seen yet, with a value, with a word of some beginning, and
# with two characters side by side of those that have both.
_UNSEEN = 0.001
_VALUE_SHARE = 0.05
_PREFIX_SHARE = 0.02
_PAIR_SHARE = 0.1


class Key(NamedTuple):
    """Something that an article has: a word in a field (None: title, summary or text), or a value."""

    field: str | None
    word: str
    prefix: bool = False


class Cover(NamedTuple):
    """Keys of which every matching article has at least one, and the share of articles that have one."""

    keys: frozenset[Key]
    share: float


class Triggers:
    """Files each tree under the rarest words that it cannot do without.

    `share` tells in which part of all articles a word stands, as far as is known.
    """

    def __init__(self, trees: Mapping[str, Node], shares: Mapping[str, float]) -> None:
        self._filed: dict[tuple[str | None, bool], dict[str, list[str]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._always: list[str] = []
        for name, tree in trees.items():
            cover = _cover(tree, shares)
            if cover is None:
                self._always.append(name)
            for key in cover.keys if cover else ():
                self._filed[key.field, key.prefix][key.word].append(name)

    def candidates(self, view: View) -> set[str]:
        """The names of all trees that can match, and of some that do not."""
        found = set(self._always)
        for (field, prefix), filed in self._filed.items():
            words = _held(view, field)
            if prefix:
                words = {word[:length] for word in words for length in _PREFIX_LENGTHS}
            for word in filed.keys() & words:
                found.update(filed[word])
        return found


def _held(view: View, field: str | None) -> Set[str]:
    if field is not None and FIELDS[field].kind is FieldKind.EXACT:
        return view.values(field)
    words = view.words if field is None else {word for words in view.lists(field) for word in words}
    return words if view.joined(field).isascii() else words | _pairs(view.lists(field))


def _pairs(lists: Iterable[list[str]]) -> set[str]:
    """Neighbouring Chinese, Japanese and Korean characters, and whatever else is as short."""
    return {
        first + second
        for words in lists
        for first, second in pairwise(words)
        if len(first) == 1 == len(second)
    }


def _cover(tree: Node, shares: Mapping[str, float]) -> Cover | None:
    """None where no word or value is needed: such a tree is looked at for every article."""
    match tree:
        case And():
            covers = [cover for child in tree.children if (cover := _cover(child, shares)) is not None]
            return min(covers, key=lambda cover: cover.share, default=None)
        case Or():
            parts = [_cover(child, shares) for child in tree.children]
            found = [part for part in parts if part is not None]
            if len(found) < len(parts):
                return None
            return Cover(frozenset().union(*(part.keys for part in found)), sum(part.share for part in found))
        case Words():
            return _of_words(tree, shares)
        case Near():
            return min((_of_words(Words(tree.field, part), shares) for part in tree.parts), key=_share)
        case Exact(prefix=False):
            return Cover(frozenset({Key(tree.field, tree.value)}), _VALUE_SHARE)
        case _:
            return None


def _share(cover: Cover) -> float:
    return cover.share


def _of_words(words: Words, shares: Mapping[str, float]) -> Cover:
    if words.prefix and len(words.tokens) == 1:
        start = words.tokens[0][: _PREFIX_LENGTHS[-1]]
        return Cover(frozenset({Key(words.field, start, prefix=True)}), _PREFIX_SHARE)
    whole = words.tokens[:-1] if words.prefix else words.tokens
    pairs = [first + second for first, second in pairwise(whole) if is_single(first) and is_single(second)]
    rarest = min(pairs or whole, key=lambda word: (shares.get(word, 0.0), -len(word)))
    share = min((shares.get(word, _UNSEEN) for word in whole), default=_UNSEEN)
    return Cover(frozenset({Key(words.field, rarest)}), share * (_PAIR_SHARE if pairs else 1.0))
