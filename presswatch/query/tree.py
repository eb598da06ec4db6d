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

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


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


@dataclass(frozen=True, slots=True)
class Near:
    """Parts close to each other, in any order, within one value of the field: `"a b c"~5`, `a NEAR/5 b`.

    A part is one token or a run of tokens that stand side by side (`wi-fi`, a run of Chinese). There are at
    least two and all differ. It matches where one occurrence of each part can be chosen so that the span
    from the first to the last of their tokens has at most `gaps` tokens more than all parts have together.
    """

    field: str | None
    parts: tuple[tuple[str, ...], ...]
    gaps: int


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
class And:
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The article does not match `child`."""

    child: "Node"


Leaf: TypeAlias = All | Words | Near | Stem | Acronym | Exact | Has | Dates | Range
Node: TypeAlias = Leaf | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A query that was understood. `text` is as typed; `notices` tell the asker what was read differently."""

    text: str
    tree: Node
    notices: tuple[str, ...] = ()
