"""What a search asks for that nothing has: a source that there is not, a name that no article bears."""

import difflib
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from presswatch.query import expression
from presswatch.query.tree import All, Exact, Node, OfOutlets, Words
from presswatch.query.wanted import wanted
from presswatch.search import FACETS
from presswatch.text.folding import fold
from presswatch.translatable import Translatable

if TYPE_CHECKING:
    from presswatch.search import Count, Index

# Among so many of the commonest values the nearest is looked for.
_VALUES = 1_000


def unknown_values(
    index: "Index", tree: Node, sources: Collection[str], *, is_empty: bool
) -> list[Translatable]:
    """Each as a sentence, with the nearest value that there is.

    `tree` is resolved, `sources` are the ids of those that are configured. A source is always looked for, all
    else where the search found nothing (`is_empty`). Raises UnavailableError.
    """
    return list(_said(index, tree, sources, is_empty=is_empty))


def _said(index: "Index", tree: Node, sources: Collection[str], *, is_empty: bool) -> Iterator[Translatable]:
    for leaf in dict.fromkeys(wanted(tree)):
        if isinstance(leaf, OfOutlets) and not leaf.sources:
            yield nothing_of_outlets(leaf)
        elif isinstance(leaf, Words) and leaf.field in FACETS and is_empty:
            if not index.documents(leaf, 1, "newest"):
                named = {fold(one.value): one.value for one in _values(index, leaf.field)}
                close = nearest(" ".join(leaf.tokens), named)
                yield _in_none(leaf, leaf.field, named.get(close, ""), _articles(index))
        elif isinstance(leaf, Exact) and not leaf.prefix:
            is_source = leaf.field == "source"
            if leaf.value in sources if is_source else not is_empty:
                continue
            if not index.documents(leaf, 1, "newest"):
                values = {one.value for one in _values(index, leaf.field)} | set(sources if is_source else ())
                yield unknown_value(leaf, values, _articles(index))


def nothing_of_outlets(leaf: OfOutlets) -> Translatable:
    """That no source has a fact that is asked for."""
    return Translatable(
        "%(clause)s cannot match: no source has %(field)s %(value)s",
        clause=expression(leaf),
        field=leaf.field,
        value=leaf.asked,
    )


def unknown_value(leaf: Exact, known: Collection[str], articles: int) -> Translatable:
    """That none of so many articles has this value, with what was perhaps meant of those that there are."""
    return _in_none(leaf, leaf.field, nearest(leaf.value, known), articles)


def _in_none(leaf: Exact | Words, field: str, close: str, articles: int) -> Translatable:
    if field == "source":
        said = Translatable("%(clause)s cannot match: there is no such source", clause=expression(leaf))
    else:
        said = Translatable(
            "%(clause)s is in none of %(number)s articles", clause=expression(leaf), number=articles
        )
    if close:
        meant = expression(Exact(field, close))
        return Translatable("%(said)s; did you mean %(clause)s?", said=said, clause=meant)
    return said


def nearest(value: str, known: Collection[str]) -> str:
    """The known value that is nearest to one that is not; "" where none is near."""
    close = difflib.get_close_matches(value, known, n=1)
    # Ids are written in part, too: `gazette` of gazette-example.
    begun = sorted(one for one in known if value and value in one)
    return close[0] if close else begun[0] if len(begun) == 1 else ""


def _values(index: "Index", field: str) -> "Collection[Count]":
    # An index without articles has no values of any field.
    return index.facets(All(), _VALUES, (field,)).get(field, ()) if field in FACETS else ()


def _articles(index: "Index") -> int:
    return index.search(All(), 1).total
