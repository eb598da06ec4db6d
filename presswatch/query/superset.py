"""A tree that an engine can answer, and that holds all that another matches.

What an engine has no exact word for is left wider, and every article that it then gives is looked at by the
meaning itself (`presswatch.search.verification`).
"""

from collections.abc import Callable

from presswatch import text
from presswatch.query.normal_form import conjunction, disjunction
from presswatch.query.tree import All, And, AtLeast, Group, Leaf, Near, Node, Not, NotNear, Or, Spelled, Words

CanAnswer = Callable[[Leaf], bool]


def superset(tree: Node, can_answer: CanAnswer) -> Node:
    """A tree of leaves that the engine can answer, which matches whatever `tree` does.

    It is the tree itself where the engine can answer all of that.
    """
    match tree:
        case And():
            found = [superset(child, can_answer) for child in tree.children]
            needed = [child for child in found if not isinstance(child, All)]
            positive = any(not isinstance(child, Not) for child in needed)
            return conjunction(needed if positive else [All(), *needed])
        case Or():
            found = [superset(child, can_answer) for child in tree.children]
            return All() if All() in found else disjunction(found)
        case Not():
            excluded = _subset(tree.child, can_answer)
            return All() if excluded is None else Not(excluded)
        case _:
            return tree if can_answer(tree) else _wider(tree)


def _subset(tree: Node, can_answer: CanAnswer) -> Node | None:
    """A tree that matches nothing that `tree` does not; None for nothing at all."""
    match tree:
        case And():
            children = [_subset(child, can_answer) for child in tree.children]
            return None if None in children else conjunction(child for child in children if child)
        case Or():
            found = [part for child in tree.children if (part := _subset(child, can_answer)) is not None]
            return disjunction(found) if found else None
        case Not():
            excluded = superset(tree.child, can_answer)
            return None if isinstance(excluded, All) else Not(excluded)
        case _:
            return tree if can_answer(tree) else None


def _wider(leaf: Leaf) -> Node:
    match leaf:
        case Near():
            return conjunction(_any(leaf.field, group) for group in leaf.groups)
        case NotNear():
            return _any(leaf.field, leaf.wanted)
        case AtLeast():
            return _any(leaf.field, leaf.group)
        case Spelled():
            return Words(None, tuple(text.words(leaf.value)))
        case _:
            return All()


def _any(field: str | None, group: Group) -> Node:
    return disjunction(Words(field, *part) for part in group)
