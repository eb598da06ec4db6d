"""What a query looks for, leaf by leaf, without what it excludes."""

from collections.abc import Iterator

from presswatch.query.tree import And, Exact, Leaf, Node, Not, Or, Words


def wanted(tree: Node) -> Iterator[Leaf]:
    """The leaves that are looked for, not those that are excluded."""
    match tree:
        case And() | Or():
            for child in tree.children:
                if not _is_spelling(child):
                    yield from wanted(child)
        case Not():
            return
        case _:
            yield tree


def _is_spelling(tree: Node) -> bool:
    """Whether it is a spelling that stands for a word in some languages alone: we added it, not the asker."""
    if not isinstance(tree, And) or len(tree.children) != 2:
        return False
    word, languages = tree.children
    spelt = languages.children if isinstance(languages, Or) else (languages,)
    return isinstance(word, Words) and all(
        isinstance(one, Exact) and one.field == "language" for one in spelt
    )
