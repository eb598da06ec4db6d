"""What a result says by the facts of outlets: the countries and kinds that it is of, and its reach."""

from collections.abc import Sequence

from presswatch.outlet_facts import CHOSEN_FACTS, OutletFacts, by_reach, grouped
from presswatch.query.tree import Node
from presswatch.search import Count, Index


def outlet_facets(
    index: Index, tree: Node, outlets: Sequence[OutletFacts], size: int
) -> dict[str, tuple[Count, ...]]:
    """The `size` commonest countries and kinds of what matches; of what no file says a word, nothing."""
    found: dict[str, tuple[Count, ...]] = {}
    for field in CHOSEN_FACTS:
        if groups := grouped(outlets, field):
            counted = index.count_groups(tree, groups)
            commonest = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:size]
            found |= {field: tuple(Count(*one) for one in commonest)} if commonest else {}
    return found


def reach_of(index: Index, tree: Node, outlets: Sequence[OutletFacts]) -> int:
    """The sum of the reach of the outlets of all that matches, each time for each article."""
    groups = by_reach(outlets)
    counted = index.count_groups(tree, groups) if groups else {}
    return sum(int(reach) * articles for reach, articles in counted.items())
