"""How an index, whatever the engine, looks for other spellings of an article's words.

Beside its words an article is indexed with them, as values of the field `spelling`.
"""

from typing import TypeGuard

from presswatch.query.tree import Node, Words

FIELD = "spelling"


def is_spelled_otherwise(leaf: Node) -> TypeGuard[Words]:
    """Whether the leaf is met by another spelling of a word, too."""
    return isinstance(leaf, Words) and leaf.field is None and len(leaf.tokens) == 1
