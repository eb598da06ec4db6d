"""The articles of one story among the hits of a search, made one item."""

from collections.abc import Sequence
from dataclasses import dataclass

from presswatch.model import Document
from presswatch.query.normal_form import conjunction, disjunction
from presswatch.query.tree import Exact, Node
from presswatch.search import Hit, Index, Sort
from presswatch.web.search.search_address import SearchAddress

HITS = 20
# Of the stories of a page so many further articles are looked for.
_FURTHER = 100
# A page of further articles of stories that were shown before has no items: the next ones are looked at.
_ROUNDS = 4
_FEWEST = HITS // 2


@dataclass(frozen=True, slots=True)
class Item:
    """A hit, and the other articles of its story that match, in the order of the page."""

    hit: Hit
    others: tuple[Document, ...] = ()

    @property
    def further_sources(self) -> int:
        """How many sources have the story besides those of the hit."""
        found = {source for document in self.others for source in document.source[:1]}
        return len(found - set(self.hit.document.source))


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of items. `total` counts articles; `after` is where the next page begins, None at the end."""

    total: int
    items: tuple[Item, ...]
    after: str | None
    at_least: bool


def item_page(index: Index, tree: Node, asked: SearchAddress) -> ItemPage:
    """The items of the page that is asked for. Raises UnavailableError, QueryError, CursorError."""
    items: list[Item] = []
    after: str | None = asked.after
    for _round in range(_ROUNDS):
        found = index.search(tree, HITS, after or None, asked.sort)
        items += folded(index, tree, found.hits, asked.sort) if asked.folds else map(Item, found.hits)
        after = found.after
        if after is None or len(items) >= _FEWEST:
            break
    return ItemPage(found.total, tuple(items), after, found.at_least)


def folded(index: Index, tree: Node, hits: Sequence[Hit], sort: Sort) -> list[Item]:
    """The hits that come first of their story in the whole answer, each with the others that match."""
    stories = list(dict.fromkeys(hit.document.story for hit in hits if hit.document.story))
    if not stories:
        return list(map(Item, hits))
    of_these = conjunction([tree, disjunction(Exact("story", story) for story in stories)])
    members: dict[str, list[Document]] = {}
    for document in index.documents(of_these, _FURTHER, sort):
        members.setdefault(document.story, []).append(document)
    items = []
    for hit in hits:
        found = members.get(hit.document.story, [hit.document])
        if found[0].id == hit.document.id:
            items.append(Item(hit, tuple(found[1:])))
    return items
