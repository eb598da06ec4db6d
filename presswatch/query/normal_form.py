"""Puts a tree into the one form that `presswatch.query.tree` promises."""

from collections.abc import Callable, Iterable

from presswatch.errors import QueryError
from presswatch.query.tree import And, Exact, Node, Not, Or
from presswatch.translatable import Translatable


def conjunction(children: Iterable[Node]) -> Node:
    """All of them. Needs at least one."""
    flat = tuple(_flat(children, And))
    return flat[0] if len(flat) == 1 else And(flat)


def disjunction(children: Iterable[Node]) -> Node:
    """Any of them. Needs at least one."""
    flat = tuple(_flat(children, Or))
    return flat[0] if len(flat) == 1 else Or(flat)


def negation(child: Node) -> Node:
    return child.child if isinstance(child, Not) else Not(child)


def with_values(tree: Node, field: str, of: Callable[[str], str]) -> Node:
    """The tree with `of` each whole value of an exact field in the value's place."""
    match tree:
        case Exact(prefix=False) if tree.field == field:
            return Exact(field, of(tree.value))
        case And():
            return conjunction(with_values(child, field, of) for child in tree.children)
        case Or():
            return disjunction(with_values(child, field, of) for child in tree.children)
        case Not():
            return Not(with_values(tree.child, field, of))
        case _:
            return tree


def _flat(children: Iterable[Node], kind: type[And] | type[Or]) -> Iterable[Node]:
    seen: set[Node] = set()
    for child in children:
        for part in child.children if isinstance(child, kind) else (child,):
            if part not in seen:
                seen.add(part)
                yield part


def check_positive(tree: Node) -> None:
    """Raises QueryError for a part that says only what must not be: it would match nearly every article."""
    if not _is_positive(tree):
        raise QueryError(
            Translatable(
                "the query, or one side of an OR in it, only excludes: say also what to find, or write * "
                "NOT … for everything else"
            )
        )


def _is_positive(node: Node) -> bool:
    if isinstance(node, Not):
        return False
    if isinstance(node, And):
        return any(not isinstance(child, Not) for child in node.children) and all(
            _is_positive(child.child if isinstance(child, Not) else child) for child in node.children
        )
    return all(_is_positive(child) for child in node.children) if isinstance(node, Or) else True
