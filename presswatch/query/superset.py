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
            return tree if can_answer(tree) else _wider(tree, can_answer)


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


def _wider(leaf: Leaf, can_answer: CanAnswer) -> Node:
    match leaf:
        case Near():
            return conjunction(_any(leaf.field, group, can_answer) for group in leaf.groups)
        case NotNear():
            return _any(leaf.field, leaf.wanted, can_answer)
        case AtLeast():
            return _any(leaf.field, leaf.group, can_answer)
        case Spelled():
            return _side_by_side(Words(None, tuple(text.words(leaf.value))), can_answer)
        case Words():
            return _side_by_side(leaf, can_answer)
        case _:
            return All()


def _any(field: str | None, group: Group, can_answer: CanAnswer) -> Node:
    return disjunction(_side_by_side(Words(field, *part), can_answer) for part in group)


def _side_by_side(leaf: Words, can_answer: CanAnswer) -> Words:
    """The phrase, or its longest word, which most likely is the rarest."""
    whole = leaf.tokens[:-1] if leaf.prefix else leaf.tokens
    return leaf if can_answer(leaf) or not whole else Words(leaf.field, (max(whole, key=len),))
