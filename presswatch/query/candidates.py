"""Which of many watches are worth a look at an article, by the words and values it holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from enum import Enum, auto
from itertools import pairwise
from typing import NamedTuple

from presswatch import text
from presswatch.query.fields import DEFAULT_FIELDS, FIELDS, FieldKind
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import (
    Acronym,
    And,
    AtLeast,
    Exact,
    Group,
    Near,
    Node,
    NotNear,
    OfOutlets,
    Or,
    Spelled,
    Stem,
    Words,
    is_plain,
)
from presswatch.text import is_single
from presswatch.text.stems import languages, stem

# Guesses of the share of articles: with a word not seen yet, with a value, with a word of some beginning, and
# with two characters side by side of those that have both.
_UNSEEN = 0.001
_VALUE_SHARE = 0.05
_PREFIX_SHARE = 0.02
_PAIR_SHARE = 0.1

# The shelf of the stems of an article's words, which is none of `FIELDS`.
_STEMS = "stem"
# And that of its acronyms.
_ACRONYMS = "acronym"

_MEMORY_SIZE = 200_000


class Part(Enum):
    """What the `word` of a key is: a word or value, its beginning, or two single characters side by side."""

    WHOLE = auto()
    BEGINNING = auto()
    PAIR = auto()


Filing = tuple[str, Part]


class Key(NamedTuple):
    """Something that an article has: a word in a field (None: title, summary or text), a value, or a stem."""

    field: str | None
    word: str
    part: Part = Part.WHOLE


class Cover(NamedTuple):
    """Keys of which every matching article has at least one, and the share of articles that have one."""

    keys: frozenset[Key]
    share: float


class Need(NamedTuple):
    """The number of a clause that a query cannot do without, and what it takes."""

    clause: int
    cover: Cover


class Residual(NamedTuple):
    """Numbers of the clauses left to be asked of a candidate: `rest`, and before it `rarest` if not sure."""

    rarest: tuple[int, ...]
    rest: tuple[int, ...]


Hits = tuple[frozenset[int], frozenset[int]]


class _Shelf(dict[str, Hits | None]):
    """The numbers of queries that a word of one field calls up: those whose rarest need it meets, and those
    for which it may be a part of that.

    None for nothing. Worked out at first asking and remembered.
    """

    def __init__(self) -> None:
        super().__init__()
        self._filed: dict[Filing, list[int]] = defaultdict(list)
        self._sure: dict[Filing, list[int]] = defaultdict(list)
        self._lengths: set[int] = set()
        self.pairs: dict[str, list[int]] = defaultdict(list)

    def put(self, key: Key, tree: int, *, sure: bool) -> None:
        if key.part is Part.PAIR:
            self.pairs[key.word].append(tree)
        else:
            (self._sure if sure else self._filed)[key.word, key.part].append(tree)
        if key.part is Part.BEGINNING:
            self._lengths.add(len(key.word))

    def __missing__(self, word: str) -> Hits | None:
        keys = [(word, Part.WHOLE), *((word[:length], Part.BEGINNING) for length in self._lengths)]
        hits = _numbers(self._sure, keys), _numbers(self._filed, keys)
        if len(self) >= _MEMORY_SIZE:
            self.clear()
        self[word] = hits if any(hits) else None
        return self[word]


def _numbers(filed: Mapping[Filing, list[int]], keys: Iterable[Filing]) -> frozenset[int]:
    return frozenset(number for key in keys for number in filed.get(key, ()))


class CandidateIndex:
    """Files each query under the words of its rarest need, a clause that it cannot do without.

    A query is given as the clauses that it joins by AND. `shares` tells in which part of all articles a word
    stands, as far as is known. Needs that words alone meet are looked at here; `residual` has what is left to
    be asked of each query: its rarest need, where that is not surely met, and the rest.
    """

    def __init__(self, queries: Sequence[Sequence[Node]], shares: Mapping[str, float]) -> None:
        shelves: dict[str | None, _Shelf] = defaultdict(_Shelf)
        self._always: list[int] = []
        self._others: list[tuple[frozenset[str], ...]] = []
        self.residual: list[Residual] = []
        for number, clauses in enumerate(queries):
            needs = sorted(_needs(clauses, shares), key=lambda need: need.cover.share)
            rarest = needs[0] if needs else None
            self._others.append(tuple(_by_words_alone(needs[1:])))
            rest = (at for at, clause in enumerate(clauses) if not _is_covered_by_index(clause))
            if rarest is None:
                self._always.append(number)
                self.residual.append(Residual((), tuple(rest)))
                continue
            self.residual.append(Residual((rarest.clause,), tuple(at for at in rest if at != rarest.clause)))
            sure = set(_sufficient(clauses[rarest.clause]))
            for key in rarest.cover.keys:
                shelves[key.field].put(key, number, sure=key in sure)
        self._shelves = dict(shelves)

    def candidates(self, terms: DocumentTerms) -> tuple[list[int], list[int]]:
        """The numbers of queries whose rarest need is surely met, and of others where it can be.

        All that match are in one.
        """
        sure: set[int] = set()
        maybe = set(self._always)
        for field, shelf in self._shelves.items():
            hits = list(filter(None, map(shelf.__getitem__, _terms_of(terms, field))))
            sure.update(*(certain for certain, _ in hits))
            maybe.update(*(possible for _, possible in hits))
            if shelf.pairs and not terms.joined(field).isascii():
                for pair in shelf.pairs.keys() & _pairs(terms.lists(field)):
                    maybe.update(shelf.pairs[pair])
        maybe -= sure
        return self._not_ruled_out(sure, terms.words), self._not_ruled_out(maybe, terms.words)

    def _not_ruled_out(self, numbers: set[int], words: set[str]) -> list[int]:
        """Those that have a word of each of their other needs too."""
        left, others = [], self._others
        for number in numbers:
            for need in others[number]:
                if need.isdisjoint(words):
                    break
            else:
                left.append(number)
        return left


def _is_covered_by_index(child: Node) -> bool:
    """A word anywhere, or one of several."""
    return all(map(is_plain, child.children if isinstance(child, Or) else (child,)))


def _needs(clauses: Sequence[Node], shares: Mapping[str, float]) -> Iterator[Need]:
    for number, clause in enumerate(clauses):
        if (cover := _cover(clause, shares)) is not None:
            yield Need(number, cover)


def _by_words_alone(needs: Iterable[Need]) -> Iterator[frozenset[str]]:
    """The words of those of which an article has to have one in title, summary or text."""
    for need in needs:
        if all(map(_is_word, need.cover.keys)):
            yield frozenset(key.word for key in need.cover.keys)


def _is_word(key: Key) -> bool:
    """Whether `DocumentTerms.words` has the key's word if the article has the key."""
    return key.part is Part.WHOLE and (key.field is None or key.field in DEFAULT_FIELDS)


def _sufficient(tree: Node) -> Iterator[Key]:
    """Keys that alone make an article match a tree."""
    match tree:
        case Or():
            for child in tree.children:
                yield from _sufficient(child)
        case Words(tokens=(token,)):
            yield Key(tree.field, token, Part.BEGINNING if tree.prefix else Part.WHOLE)
        case Acronym():
            yield Key(_ACRONYMS, tree.value)
        case Exact(prefix=False):
            yield Key(tree.field, tree.value)
        case OfOutlets():
            yield from _sources(tree)


def _sources(tree: OfOutlets) -> Iterator[Key]:
    return (Key("source", text.exact(source)) for source in tree.sources)


def _terms_of(terms: DocumentTerms, field: str | None) -> Set[str]:
    if field in FIELDS and FIELDS[field].kind is FieldKind.EXACT:
        return terms.values(field)
    if field == _STEMS:
        return terms.stems
    if field == _ACRONYMS:
        return terms.acronyms
    return terms.words if field is None else {word for words in terms.lists(field) for word in words}


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
            return min((_of_group(tree.field, group, shares) for group in tree.groups), key=_share)
        case NotNear():
            return _of_group(tree.field, tree.wanted, shares)
        case AtLeast():
            return _of_group(tree.field, tree.group, shares)
        case Spelled():
            return _of_words(Words(None, tuple(text.words(tree.value))), shares)
        case Stem():
            # In whichever language the article is.
            stems = {tree.token, *(stem(tree.token, language) for language in languages())}
            return Cover(frozenset(Key(_STEMS, one) for one in stems), shares.get(tree.token, _UNSEEN))
        case Acronym():
            return Cover(frozenset({Key(_ACRONYMS, tree.value)}), _VALUE_SHARE)
        case Exact(prefix=False):
            return Cover(frozenset({Key(tree.field, tree.value)}), _VALUE_SHARE)
        case OfOutlets():
            return Cover(frozenset(_sources(tree)), _VALUE_SHARE * len(tree.sources))
        case _:
            return None


def _share(cover: Cover) -> float:
    return cover.share


def _of_group(field: str | None, group: Group, shares: Mapping[str, float]) -> Cover:
    parts = [_of_words(Words(field, *part), shares) for part in group]
    return Cover(frozenset().union(*(part.keys for part in parts)), sum(part.share for part in parts))


def _of_words(leaf: Words, shares: Mapping[str, float]) -> Cover:
    if leaf.prefix and len(leaf.tokens) == 1:
        return Cover(frozenset({Key(leaf.field, leaf.tokens[0], Part.BEGINNING)}), _PREFIX_SHARE)
    whole = leaf.tokens[:-1] if leaf.prefix else leaf.tokens
    # As `_pairs` has them: characters without vowels or tones around them.
    pairs = [one + two for one, two in pairwise(whole) if _is_character(one) and _is_character(two)]
    rarest = min(pairs or whole, key=lambda word: (shares.get(word, 0.0), -len(word)))
    share = min(shares.get(word, _UNSEEN) for word in whole)
    if pairs:
        return Cover(frozenset({Key(leaf.field, rarest, Part.PAIR)}), share * _PAIR_SHARE)
    return Cover(frozenset({Key(leaf.field, rarest)}), share)


def _is_character(token: str) -> bool:
    return len(token) == 1 and is_single(token)
