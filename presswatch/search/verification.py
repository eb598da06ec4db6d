"""What an engine cannot answer exactly is looked at article by article, up to a limit."""

from collections.abc import Callable, Iterator
from datetime import UTC

from presswatch.model import Document
from presswatch.query.normal_form import conjunction
from presswatch.query.predicate import predicate
from presswatch.query.superset import CanAnswer, superset
from presswatch.query.terms import DocumentTerms
from presswatch.query.tree import Ids, Node

# So many articles are looked at for one answer, the newest; docs/search.md states it.
MAX_CANDIDATES = 10_000

Scan = Callable[[Node], Iterator[Document]]


def answerable(tree: Node, can_answer: CanAnswer, scan: Scan) -> tuple[Node, bool]:
    """A tree that the engine answers as `tree` means, and whether it holds all that `tree` matches.

    `scan` gives every article that a tree matches, the newest first. Without the rest of more than
    `MAX_CANDIDATES` the answer is true of the newest ones alone.
    """
    wide = superset(tree, can_answer)
    if wide == tree:
        return tree, True
    test = predicate(tree, UTC)
    found: set[str] = set()
    for number, document in enumerate(scan(wide)):
        if number == MAX_CANDIDATES:
            return _only(wide, found), False
        if test(DocumentTerms(document)):
            found.add(document.id)
    return _only(wide, found), True


def verified(tree: Node, can_answer: CanAnswer, scan: Scan) -> Iterator[Document]:
    """Every article that matches, however many are to be looked at."""
    wide = superset(tree, can_answer)
    test = predicate(tree, UTC)
    return (document for document in scan(wide) if wide == tree or test(DocumentTerms(document)))


def _only(wide: Node, ids: set[str]) -> Node:
    # The wider tree says how well an article answers.
    return conjunction([wide, Ids(frozenset(ids))])
