"""What a query means, as a small tree that every engine compiles: the one fixed meaning of the language.

A tree is made by `presswatch.query.parse` and is always in this form, so that a compiler may rely on it:

- `And` and `Or` have at least two children and none of their own kind (they are flattened), in the order of
  the query.
- `And` has at least one child that is not a `Not`.
- No child of `Or` is a `Not`, the root is no `Not`, and no `Not` holds a `Not`.
- Tokens are what `presswatch.text.words` makes; exact values are what `presswatch.text.exact` makes.
- After `resolve` there is no `Dates`, only `Range`.

The newest revision of an article is searched (`presswatch.model.Document`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias, TypeGuard


@dataclass(frozen=True, slots=True)
class All:
    """Every article: `*`."""


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens that stand side by side, in this order, within one value of the field: a word or a phrase.

    `field` is an analysed field; None means title, summary or text (all tokens in the same one of them). A
    token alone in no field may also be another spelling of a word there (presswatch/text/spellings.py).
    With `prefix` the last token is only the beginning of a token: `clim*`, `wi-fi*`, `"climate chan*"`.
    """

    field: str | None
    tokens: tuple[str, ...]
    prefix: bool = False


class Part(NamedTuple):
    """A token or tokens side by side (`wi-fi`, a run of Chinese); with `prefix` the last is a beginning."""

    tokens: tuple[str, ...]
    prefix: bool = False

    @property
    def whole(self) -> tuple[str, ...]:
        """The tokens that are no beginnings."""
        return self.tokens[:-1] if self.prefix else self.tokens


# Parts of which any will do. There is at least one, and all differ.
Group: TypeAlias = tuple[Part, ...]


class Scope(StrEnum):
    """What words may have to stand in together."""

    SENTENCE = "s"
    PARAGRAPH = "p"


@dataclass(frozen=True, slots=True)
class Distance:
    """How close words have to be to each other: `NEAR/5`, `ONEAR/5`, `NEAR/s`.

    `gaps` is how many tokens the span from the first to the last of them may have beside their own; with a
    `scope` instead of it they stand in the same sentence or paragraph. When `ordered` each begins after the
    one before it in the query has ended.
    """

    gaps: int | None
    scope: Scope | None = None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """One part of each group close together within one value of the field: `"a b c"~5`, `(a OR b) NEAR/5 c`.

    There are at least two groups. It matches where a part of each, and one occurrence of each of these
    parts, can be chosen so that they are as close as `distance` says. The parts differ, unless ordered.
    """

    field: str | None
    groups: tuple[Group, ...]
    distance: Distance


@dataclass(frozen=True, slots=True)
class NotNear:
    """An occurrence of one of `wanted` with none of `unwanted` so close to it: `apple NOT NEAR/5 pie`."""

    field: str | None
    wanted: Group
    unwanted: Group
    distance: Distance


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`count` places, of all values together, where one of the group stands: `ATLEAST/3 (climate OR co2)`.

    Places that overlap are one.
    """

    field: str | None
    group: Group
    count: int


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text with its capitals, accents and signs, as `presswatch.text.spelled` finds it: `exact:"C++"`.

    It stands in title, summary or text.
    """

    value: str


@dataclass(frozen=True, slots=True)
class Stem:
    """A word of the same stem as `token` by the rules of the article's language: `stem:running`.

    It, or another spelling of it, may stand in title, summary or text.
    """

    token: str


@dataclass(frozen=True, slots=True)
class Acronym:
    """An acronym in capitals or a name with signs, folded (presswatch/text/acronyms.py): `US`, `C++`.

    It may stand in title, summary or text.
    """

    value: str


@dataclass(frozen=True, slots=True)
class Exact:
    """A value of an exact field is `value`, or begins with it when `prefix`: `tag:"climate change"`."""

    field: str
    value: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Has:
    """The article has this (one of `presswatch.query.fields.HAS`): `has:image`, and `author:*`."""

    value: str


@dataclass(frozen=True, slots=True)
class Length:
    """The text has `low` to `high` tokens, None is open: `words:>300`."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class When:
    """A date as written, before it is known when and where it is asked.

    `base` is None for `now`, else the wall clock or (when aware) the instant. `steps` are added to it in
    turn (amount, unit). `unit` is how much time it stands for: the whole year, day or second that holds the
    result. Units are Elasticsearch's: y M w d h m s.
    """

    base: datetime | None
    unit: str
    steps: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Dates:
    """A date field lies between two dates as written; None is open. See `resolve`."""

    field: str
    low: When | None
    high: When | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class Range:
    """A date field lies in `low <= value < high` (aware, UTC, whole seconds); None is open.

    An article without that date (only `published` can be missing) does not match.
    """

    field: str
    low: datetime | None
    high: datetime | None


@dataclass(frozen=True, slots=True)
class OfOutlets:
    """The article is of one of `sources`, those that have a fact now, which the query asks for as `asked`.

    `country:pt`: the field is `country`, and `asked` is `pt`. `resolve` makes it the sources themselves.
    """

    field: str
    asked: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ids:
    """One of these articles. No query says so: it stands for what was looked at one by one."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class And:
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The article does not match `child`."""

    child: "Node"


Proximity: TypeAlias = Near | NotNear | AtLeast
Leaf: TypeAlias = (
    All
    | Words
    | Proximity
    | Stem
    | Acronym
    | Spelled
    | Exact
    | Has
    | Length
    | Dates
    | Range
    | OfOutlets
    | Ids
)
Node: TypeAlias = Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood. `text` is as typed; `notices` tell the asker what was read differently."""

    text: str
    tree: Node
    notices: tuple[str, ...] = ()


def is_plain(node: Node) -> TypeGuard[Words]:
    """Whether it is one word, anywhere."""
    return isinstance(node, Words) and node.field is None and len(node.tokens) == 1 and not node.prefix


def leaves(tree: Node) -> Iterator[Leaf]:
    """Every leaf of a tree, in the order of the query."""
    match tree:
        case And() | Or():
            for child in tree.children:
                yield from leaves(child)
        case Not():
            yield from leaves(tree.child)
        case _:
            yield tree
